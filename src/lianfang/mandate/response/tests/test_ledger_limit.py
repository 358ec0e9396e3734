"""A plan that says how long a check of the household ledger counts says it to the registry."""

from datetime import date, timedelta

from django.utils.dateparse import parse_datetime

from lianfang.mandate.response.actions import Order, activate
from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes.queries import limits
from lianfang.science.plan import from_json, load_shipped, to_json

COUNTY = "140932"
AT = parse_datetime("2020-02-07T09:00:00+08:00")


def test_the_limit_of_the_plan_holds_from_its_first_day_on(installation):
    told = to_json(load_shipped("county-report-2020"))
    told["ledger"] = {"fresh_days": {"value": 30, "assumed": {"zh": "暂定", "en": "for the time being"}}}
    plan = from_json(told)
    activate(by=Actor("test"), at=AT, plan=plan, order=Order(COUNTY, date(2020, 2, 8)))
    assert limits(COUNTY, AT) == []
    (limit,) = limits(COUNTY, AT + timedelta(days=1))
    assert (limit.path, limit.days, limit.basis) == (COUNTY, 30, plan.title.zh)


def test_a_plan_that_says_nothing_sets_no_limit_and_keeps_its_version(county):
    assert limits("140931", AT + timedelta(days=9)) == []
    assert "ledger" not in to_json(load_shipped("county-report-2020"))
