"""The township's own list, read as it is: what a correct import must find stands in town-returnees.key.json."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.screening.models import Arrival
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.intake import actions
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.queries import counts
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

LISTS = Path(__file__).parents[5] / "tests" / "data" / "lists"
KEY = json.loads((LISTS / "town-returnees.key.json").read_text())
AT = parse_datetime("2020-02-08T18:00:00+08:00")
BY = Actor("test")


def bring(at=AT) -> Batch:
    content = (LISTS / "town-returnees.xlsx").read_bytes()
    file = actions.NewFile("arrivals", "140931101", "town-returnees.xlsx", content)
    batch = actions.check(batch=actions.receive(by=BY, at=at, file=file))
    return actions.commit(by=BY, batch=batch, now=at)


def people_now() -> int:
    return Person.objects.filter(withdrawn_at__isnull=True).count()


def numbers(batch, **condition) -> list[int]:
    return sorted(StagedRow.objects.filter(batch=batch, **condition).values_list("number", flat=True))


@pytest.fixture
def batch(town, db):
    return town


def test_town_list_adds_up(batch):
    assert counts(batch) == {"rows": 2121, "accepted": 2053, "duplicate": 27, "review": 14, "rejected": 27}


@pytest.mark.parametrize("rule", ["id_damaged", "id_check", "no_name", "no_village", "bad_date"])
def test_town_list_rejects_by_the_sheets_own_row_numbers(batch, rule):
    assert numbers(batch, outcome="rejected", rules__contains=rule) == KEY["rows"][rule]


def test_town_list_holds_who_may_be_somebody_known_and_never_an_infant(batch):
    assert numbers(batch, outcome="review") == KEY["rows"]["review"]
    assert all(row.candidates[0]["reasons"] for row in StagedRow.objects.filter(batch=batch, outcome="review"))


def test_town_list_counts_repeats_on_either_row_of_a_pair(batch):
    repeats = numbers(batch, outcome="duplicate")
    assert len(repeats) == len(KEY["rows"]["duplicate"]) == 27


def test_town_list_makes_cards_arrivals_and_observations(batch):
    assert people_now() == Arrival.objects.count() == 2053
    assert Enrolment.objects.filter(observed=True).count() == 65
    assert Person.objects.filter(household__isnull=True).count() == KEY["incomplete_no_door"]


def test_second_import_changes_no_figure(batch):
    before = summaries(area_path="140931", as_of=AT)
    second = bring()
    assert counts(second) == {"rows": 2121, "accepted": 0, "duplicate": 2094, "review": 0, "rejected": 27}
    assert (people_now(), Arrival.objects.count()) == (2053, 2053)
    assert summaries(area_path="140931", as_of=AT) == before


def test_decisions_on_held_rows_are_reversible(batch):
    held = list(StagedRow.objects.filter(batch=batch, outcome="review"))
    for row in held[:-1]:
        actions.decide(by=BY, at=AT, row=row, decision="same")
    assert people_now() == 2053
    actions.decide(by=BY, at=AT, row=held[-1], decision="other")
    assert people_now() == 2054
    actions.undo_decision(by=BY, at=AT, row=held[-1])
    assert people_now() == 2053


def test_duties_of_the_day_after(batch):
    as_of = parse_datetime("2020-02-09T21:00:00+08:00")
    due = {row.code: row.due for row in summaries(area_path="140931", as_of=as_of)}
    expected = {"temperature": 130, "report": 65, "call": 65, "team": 325, "notice": 2053, "zero-report": 12}
    assert {code: due.get(code) for code in expected} == expected


def test_list_temperatures_close_the_slot_of_the_list(batch):
    (temperature,) = summaries(area_path="140931", as_of=AT, duty="temperature")
    assert (temperature.due, temperature.done) == (65, 65)


def test_hour_of_reaching_home_unknown_stands_outside_the_percentage(batch):
    as_of = parse_datetime("2020-02-09T21:00:00+08:00")
    (known,) = summaries(area_path="140931", as_of=as_of, duty="known-in-two-hours")
    assert (known.due, known.untimed, known.share.percent) == (0, 65, None)


def test_every_gap_has_an_owner(batch):
    as_of = parse_datetime("2020-02-09T21:00:00+08:00")
    owners = Counter(item.owner for item in items(area_path="140931", as_of=as_of, duty="zero-report"))
    assert len(owners) == 12
    assert "" not in owners
    assert date(2020, 2, 9) in {item.day for item in items(area_path="140931", as_of=as_of, duty="temperature")}
