"""Rows that may be somebody known: what a decision writes, what taking it back leaves, and what repeats tell."""

from datetime import date, timedelta

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.observation.models import Alert, Reading
from lianfang.field.screening.models import Arrival, Stay
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.intake import actions
from lianfang.mandate.intake.importing import importers
from lianfang.mandate.intake.queries import content_of, counts, row_in
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person, Source
from lianfang.science.identity.documents import check_character

BY, LATER = Actor("test"), parse_datetime("2020-02-12T10:00:00+08:00")
LIST_AT = parse_datetime("2020-02-08T18:00:00+08:00")
CHAIN = [
    {"name": "王小明", "phone": "13800000001", "door": "1号"},
    {"name": "王晓明", "phone": "13800000001", "door": "2号"},
    {"name": "王小鸣", "phone": "13800000009", "door": "2号"},
]


def document(serial: int) -> str:
    stem = f"99000019900101{serial:03d}"
    return stem + check_character(stem)


KNOWN = {"name": "王小明", "document": document(1), "phone": "13800000001", "origin": "山西省太原市"}


@pytest.fixture
def held(arrivals):
    """A known man; a row without document, same sound and phone, back from Wuhan with fever."""
    arrivals([KNOWN])
    told = {"name": "王晓明", "phone": "13800000001", "origin": "湖北武汉", "temperature": 38.5}
    (row,) = arrivals([told | {"arrived_on": "2020-02-08"}]).rows.filter(outcome="review")
    return row


def decide(row, decision):
    return actions.decide(by=BY, at=LATER, row=row, decision=decision)


def observed() -> int:
    return Enrolment.objects.filter(observed=True, voided_at__isnull=True).count()


def test_same_adds_what_the_row_says_to_the_card(held):
    assert (observed(), Reading.objects.count()) == (0, 0)
    decide(held, "same")
    assert Person.objects.filter(withdrawn_at__isnull=True).count() == 1
    assert Stay.objects.filter(path__startswith="42").count() == 1
    assert (observed(), Alert.objects.filter(withdrawn_at__isnull=True).count()) == (1, 1)


def test_a_reading_of_a_decided_row_is_of_the_moment_of_its_list(held):
    decide(held, "other")
    reading = Reading.objects.get()
    assert (reading.at, reading.registered_at) == (LIST_AT, LATER)


@pytest.mark.parametrize("decision", ["same", "other"])
def test_undoing_a_decision_leaves_what_was_there(held, decision):
    actions.undo_decision(by=BY, at=LATER, row=decide(held, decision))
    assert Person.objects.filter(withdrawn_at__isnull=True).count() == 1
    assert Arrival.objects.filter(withdrawn_at__isnull=True).count() == 1
    assert Reading.objects.filter(withdrawn_at__isnull=True, person__withdrawn_at__isnull=True).count() == 0
    left = Enrolment.objects.filter(subject_kind="person", voided_at__isnull=True)
    assert [enrolment.pathway for enrolment in left] == ["registered"]


def test_a_decision_can_be_taken_again_after_undoing(held):
    row = actions.undo_decision(by=BY, at=LATER, row=decide(held, "same"))
    actions.decide(by=BY, at=parse_datetime("2020-02-13T10:00:00+08:00"), row=row, decision="same")
    assert observed() == 1


def test_deciding_twice_is_refused(held):
    decide(held, "same")
    with pytest.raises(actions.NotDecidable):
        decide(held, "other")


def test_held_rows_in_a_chain_lead_to_the_card_that_is_made(arrivals):
    rows = list(arrivals(CHAIN).rows.order_by("pk"))
    assert [row.outcome for row in rows] == ["accepted", "review", "review"]
    assert {row.person for row in rows} == {rows[0].person}
    for row in rows[1:]:
        decide(row, "same")
    assert counts(arrivals(CHAIN))["duplicate"] == 3


def test_another_person_under_a_known_document_gets_a_card_without_it(arrivals):
    arrivals([KNOWN])
    (row,) = arrivals([{"name": "李大海", "document": document(1)}]).rows.filter(outcome="review")
    assert row.candidates[0]["reasons"] == ["same_document", "other_name"]
    made = decide(row, "other")
    assert Person.objects.get(uid=made.person).documents.count() == 0


def test_a_held_row_again_is_a_duplicate(arrivals):
    arrivals([KNOWN])
    rows = [{"name": "李大海", "document": document(1)}]
    assert counts(arrivals(rows))["review"] == 1
    assert counts(arrivals(rows))["duplicate"] == 1


def test_fever_of_a_known_person_in_a_later_list_raises_an_alert(arrivals):
    arrivals([KNOWN | {"temperature": 36.5}])
    batch = arrivals([KNOWN | {"temperature": 38.9}], at="2020-02-09T09:00:00+08:00")
    assert counts(batch)["duplicate"] == 1
    assert Alert.objects.count() == 1


def test_checking_a_committed_list_again_changes_nothing(arrivals):
    batch = arrivals([KNOWN])
    assert actions.check(batch=batch).state == "committed"


def test_a_door_that_became_a_date_is_pointed_out(arrivals):
    batch = arrivals([KNOWN | {"door": date(2020, 3, 2)}])
    assert "text_became_date" in batch.rows.get().rules


def test_reaching_home_after_the_list_was_given_leaves_the_hour_unknown(arrivals):
    batch = arrivals([KNOWN | {"arrived_on": "2020-02-08", "reached_home": "23:30"}])
    assert (batch.rows.get().outcome, Arrival.objects.get().reached_home_at) == ("accepted", None)


def test_columns_that_mean_nothing_to_us_are_kept(county):
    content = "姓名,村,返乡日期,工作单位\n王小明,东沟村,2020-02-07,某厂\n".encode()
    file = actions.NewFile("arrivals", "140931101", "a.csv", content)
    batch = actions.check(batch=actions.receive(by=BY, at=LIST_AT, file=file))
    actions.commit(by=BY, batch=batch, now=LIST_AT)
    assert row_in(batch.rows.get()).extra == {"工作单位": "某厂"}


class Broken:
    fields = ()

    def judge(self, rows, origin):
        raise RuntimeError("a fault of the program")


def test_a_list_that_cannot_be_worked_off_does_not_hold_up_the_next(county, monkeypatch):
    first, second = (
        actions.receive(by=BY, at=LIST_AT, file=actions.NewFile(kind, "140931101", "a.csv", content))
        for kind, content in [("broken", b"x"), ("arrivals", "姓名,村,返乡日期\n王小明,东沟村,2020-02-07\n".encode())]
    )
    monkeypatch.setitem(importers(), "broken", Broken())
    actions.work_off(now=LIST_AT)
    for batch in (first, second):
        batch.refresh_from_db()
    assert (first.state, second.state) == ("failed", "checked")


def test_after_the_plans_days_the_file_is_gone_and_what_its_rows_said(held):
    batch = held.batch
    after = parse_datetime("2020-04-01T00:00:00+08:00")
    assert actions.purge_originals(at=after) == 2
    batch.refresh_from_db()
    assert (batch.original_sealed, counts(batch)["review"]) == (None, 1)
    first = type(batch).objects.order_by("pk").first()
    assert [content_of(row).raw for row in first.rows.all()] == [{}]
    assert content_of(batch.rows.get()).raw["name"] == "王晓明"  # it waits for a decision
    assert actions.purge_originals(at=after) == 0


TWIN = {"name": "王晓明", "phone": "13800000001", "origin": "湖北武汉", "arrived_on": "2020-02-08"}


@pytest.fixture
def twins(arrivals):
    """A known man, and two equal rows that may be him: the first is held, the second waits with it."""
    arrivals([KNOWN])
    batch = arrivals([TWIN, TWIN])
    assert counts(batch) == {"rows": 2, "accepted": 0, "duplicate": 1, "review": 1, "rejected": 0}
    return batch.rows.get(outcome="review")


def sources() -> int:
    return Source.objects.filter(withdrawn_at__isnull=True, person__withdrawn_at__isnull=True).count()


def test_a_repeat_of_a_held_row_writes_nothing_before_the_decision(twins):
    assert (Arrival.objects.count(), observed(), sources()) == (1, 0, 1)


@pytest.mark.parametrize(("decision", "cards"), [("same", 1), ("other", 2)])
def test_a_repeat_of_a_held_row_follows_its_decision_and_its_undoing(twins, decision, cards):
    row = decide(twins, decision)
    assert (Person.objects.filter(withdrawn_at__isnull=True).count(), observed(), sources()) == (cards, 1, 3)
    actions.undo_decision(by=BY, at=LATER, row=row)
    assert (Person.objects.filter(withdrawn_at__isnull=True).count(), observed(), sources()) == (1, 0, 1)


def test_undoing_gives_back_the_observation_that_ran_before(arrivals):
    """A longer observation by mistake must not stay when the mistake is undone."""
    arrivals([KNOWN | {"origin": "湖北武汉"}])
    (row,) = arrivals([TWIN]).rows.filter(outcome="review")
    running = Enrolment.objects.filter(observed=True, closed_at__isnull=True, voided_at__isnull=True)
    before = running.get().last_day
    row = decide(row, "same")
    assert running.get().last_day == before + timedelta(days=1)
    actions.undo_decision(by=BY, at=LATER, row=row)
    assert running.get().last_day == before


def test_a_card_that_a_decision_made_goes_with_its_list(held):
    decide(held, "other")
    assert Person.objects.filter(withdrawn_at__isnull=True).count() == 2
    undone = actions.undo_import(by=BY, at=LATER, batch=held.batch)
    assert undone.still_used == []
    (left,) = Person.objects.filter(withdrawn_at__isnull=True)
    assert left.name == KNOWN["name"]
