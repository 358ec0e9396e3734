"""Figures where there is little or nothing to count."""

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.insight.situation.queries import figures, trend

AT = parse_datetime("2020-02-09T14:30:00+08:00")
COUNTY, TOWN = "140931", "140931101"


def test_without_a_plan_nothing_is_established_and_nothing_is_invented(installation):
    told = figures(area_path=COUNTY, as_of=AT)
    assert told["registered_arrivals"].value == 0
    assert told["villages_silent"].value is None
    assert not any(code.startswith("done_") for code in told)


def test_silent_villages_are_counted_of_those_that_owe_a_report(county):
    silent = figures(area_path=TOWN, as_of=AT)["villages_silent"]
    assert (silent.value, silent.numerator, silent.denominator) == (12, 12, 12)


def test_new_persons_are_told_from_those_of_the_day_before(arrivals):
    arrivals([{"name": "张玉兰"}], at="2020-02-08T18:00:00+08:00")
    arrivals([{"name": "李建国"}, {"name": "赵春梅"}], at="2020-02-09T10:00:00+08:00")
    days = trend(area_path=TOWN, as_of=AT, days=3)
    assert days.registered == [0, 0, 3]
    assert days.joined == [0, 0, 3]
    assert trend(area_path=TOWN, as_of=parse_datetime("2020-02-09T19:00:00+08:00"), days=2).joined == [1, 2]


@pytest.mark.parametrize("days", [2, 14])
def test_trend_asks_as_often_for_many_days_as_for_few(arrivals, django_assert_num_queries, days):
    arrivals([{"name": "张玉兰", "origin": "湖北武汉"}])
    with django_assert_num_queries(5):
        trend(area_path=TOWN, as_of=AT, days=days)
