import json
from datetime import date

import pytest

from lianfang.science.plan import calendar, load_shipped, shipped


@pytest.mark.parametrize("code", ["county-report-2020", "baode-2020"])
@pytest.mark.parametrize(
    ("anchor", "first", "last", "ends_at"),
    [
        ("2020-02-05", "2020-02-06", "2020-02-19", "2020-02-20T00:00:00+08:00"),
        ("2020-02-15", "2020-02-16", "2020-02-29", "2020-03-01T00:00:00+08:00"),
        ("2019-12-31", "2020-01-01", "2020-01-14", "2020-01-15T00:00:00+08:00"),
    ],
)
def test_dates_of_a_key_area_arrival(code, anchor, first, last, ends_at):
    found = calendar(load_shipped(code), "key-area-arrival", date.fromisoformat(anchor), "en").as_json()
    assert (found["first_day"], found["last_day"], found["ends_at"]) == (first, last, ends_at)
    assert (found["days"][0]["day"], found["days"][-1]["day"]) == (1, 14)
    assert (found["days"][0]["date"], found["days"][-1]["date"]) == (first, last)


def test_each_day_of_the_county_report_has_its_slots():
    found = calendar(load_shipped("county-report-2020"), "key-area-arrival", date(2020, 2, 5), "zh-hans")
    slots = [(duty.duty, duty.name, duty.start, duty.end) for duty in found.days[0].duties]
    assert slots == [
        ("temperature", "上午", "06:00", "12:00"),
        ("temperature", "下午", "14:00", "20:00"),
        ("report", "全天", "00:00", "24:00"),
        ("call", "当日", "08:00", "20:00"),
        ("health-check", "当日", "00:00", "24:00"),
    ]
    assert all(day.duties == found.days[0].duties for day in found.days)


def test_team_places_are_owed_once_for_each_role():
    found = calendar(load_shipped("county-report-2020"), "key-area-arrival", date(2020, 2, 5), "en")
    team, review = found.once
    assert (team.duty, team.start, team.within, len(team.roles)) == ("team", "registration", "1d", 5)
    assert (review.duty, review.start, review.within) == ("release-review", "last_day", "1d")


@pytest.mark.parametrize("code", list(shipped()))
@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_calendar_works_for_every_pathway_of_every_plan(code, lang):
    plan = load_shipped(code)
    for pathway in plan.pathways.values():
        found = calendar(plan, pathway.code, date(2020, 2, 5), lang)
        days = pathway.period.days.value if pathway.period else 1
        slots = sum(len(duty.slots) for duty in plan.duties_of(pathway))
        assert [len(day.duties) for day in found.days] == [slots] * days
        assert len(found.once) + len({duty.duty for duty in found.days[0].duties}) == len(pathway.duties)
        assert json.loads(json.dumps(found.as_json()))["pathway"] == pathway.code


def test_measles_contacts_are_asked_for_21_days_after_the_last_exposure():
    found = calendar(load_shipped("measles-contacts"), "contact", date(2026, 3, 1), "en")
    assert (found.anchor_kind, found.first_day, found.last_day) == (
        "last_exposure",
        date(2026, 3, 2),
        date(2026, 3, 22),
    )


def test_calendar_lists_only_what_is_assumed_in_its_pathway():
    found = calendar(load_shipped("baode-2020"), "key-area-arrival", date(2020, 2, 5), "en")
    paths = [path for path, _ in found.assumed]
    assert "pathways.key-area-arrival.period" in paths
    assert "pathways.key-area-arrival.period.days" not in paths
    assert "duties.fever-referral.within" not in paths


def test_pathway_without_period_has_no_end():
    found = calendar(load_shipped("county-report-2020"), "village", date(2020, 2, 9), "en").as_json()
    assert (found["first_day"], found["last_day"], found["ends_at"]) == ("2020-02-09", None, None)
    assert [day["duties"][0]["to"] for day in found["days"]] == ["17:00"]


def test_end_follows_the_zone():
    found = calendar(load_shipped("baode-2020"), "key-area-arrival", date(2020, 2, 5), "en", tz="Europe/London")
    assert found.ends_at.isoformat() == "2020-02-20T00:00:00+00:00"


def test_calendar_is_plain_json():
    found = calendar(load_shipped("baode-2020"), "fever", date(2020, 2, 5), "zh-hans").as_json()
    assert json.loads(json.dumps(found)) == found


def test_unknown_pathway_is_refused():
    plan = load_shipped("baode-2020")
    with pytest.raises(KeyError):
        calendar(plan, "village", date(2020, 2, 5), "en")
