"""条款对照: what carries each clause exists, and its figures are those of the gap list."""

import json
import re

import pytest
from django.core.management import call_command
from django.utils.dateparse import parse_datetime

from lianfang.command.planning.queries import trace
from lianfang.command.planning.wording import is_known
from lianfang.science.plan import Carrier, clauses_of, load_shipped, shipped

COUNTY = "140931"
AS_OF = parse_datetime("2020-02-09T21:00:00+08:00")

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", list(shipped()))
def test_a_clause_names_only_duties_pages_reports_and_orders_that_exist(code):
    plan = load_shipped(code)
    unknown = [
        (clause.id, str(carrier))
        for clause in clauses_of(code).values()
        for carrier in clause.carried_by
        if not is_known(carrier, plan)
    ]
    assert unknown == []


@pytest.mark.parametrize("kind", ["duty", "page", "report", "order"])
def test_what_does_not_exist_is_found_out(kind):
    assert not is_known(Carrier(kind, "no-such-thing"), load_shipped("baode-2020"))


def test_the_trace_of_the_plan_in_force_counts_like_the_gap_list(town):
    found = trace(area_path=COUNTY, as_of=AS_OF)
    by_id = {one.clause.id: one for one in found.clauses}
    assert (len(found.clauses), found.carried + found.not_yet) == (75, 75)
    notice = by_id["XX-1.1.2.7"]
    (duty,) = notice.duties
    assert (notice.due, notice.done, notice.gap) == (duty.due, duty.done, duty.outstanding)
    assert notice.due > 0
    assert (by_id["XX-2.2.1"].due, by_id["XX-2.2.1"].clause.carried) == (None, False)


def test_the_command_prints_the_agreed_document(town, capsys):
    call_command("clauses", "--area", COUNTY, "--as-of", AS_OF.isoformat(), "--json")
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"plan", "clauses", "carried", "not_yet"}
    assert (told["plan"], len(told["clauses"])) == ("county-report-2020", 75)
    assert {frozenset(one) for one in told["clauses"]} == {
        frozenset({"id", "title", "carried_by", "due", "done", "gap"})
    }
    assert told["carried"] + told["not_yet"] == 75
    assert told["carried"] == sum(bool(one["carried_by"]) for one in told["clauses"])


def test_the_clause_page_links_each_gap_to_its_list_and_filters(town, account, client):
    client.force_login(account("county_officer", COUNTY))
    url = f"/plans/clauses/?as_of={AS_OF.isoformat().replace('+', '%2B')}"
    text = client.get(url).content.decode()
    assert re.search(r'href="/gaps/\?area=140931[^"]*duty=notice"', text)
    assert "尚未" in text
    only = client.get(f"{url}&show=not_yet").content.decode()
    assert ("XX-2.2.1" in only, "XX-1.1.2.7" in only) == (True, False)
    assert client.get(f"{url}&show=nonsense").status_code == 404
