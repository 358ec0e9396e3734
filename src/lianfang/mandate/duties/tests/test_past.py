"""What is counted of past hours is what the list of the hour holds, whatever came or changed later."""

from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import connection

from lianfang.jobs import tick
from lianfang.mandate.duties import actions
from lianfang.mandate.duties.actions import past
from lianfang.mandate.duties.models import Enrolment, Evidence, Excuse, Obligation, PastChange, PastCount
from lianfang.mandate.duties.past import derived, full_hour, past_counts
from lianfang.mandate.duties.queries import items
from lianfang.mandate.duties.rules import NewEnrolment, NewEvidence
from lianfang.mandate.duties.tests.test_kept import BY, COUNTY, START, VILLAGES, History


def wrong(hours: list[datetime]) -> list[tuple]:
    """Where what is read of past hours is not what the list of the hour holds."""
    found = []
    for path in (COUNTY, *VILLAGES):
        told = past_counts(area_path=path, hours=hours)
        slow = derived(path, hours)
        found += [(path, hour, one, slow[hour]) for hour, one in zip(hours, told, strict=True) if one != slow[hour]]
    return found


def hours_before(now: datetime, count: int) -> list[datetime]:
    return [full_hour(now) - timedelta(hours=back) for back in range(1, count + 1)]


def count_all(now: datetime) -> None:
    while actions.count_past(at=now):
        pass


@pytest.mark.parametrize("seed", range(8))
def test_past_hours_are_read_as_their_lists_tell_on_random_histories(county, seed):
    chance = Random(seed)  # noqa: S311  made-up data
    history = History(county, chance)
    for _ in range(20):
        history.act()
    count_all(history.now)
    for _ in range(3):
        for _ in range(8):
            history.act()
            late_record(history)
        assert wrong(hours_before(history.now, 60)) == []
        tick(history.now)
        assert wrong(hours_before(history.now, 60)) == []
    assert PastCount.objects.exclude(area_path="").exists()


def late_record(history: History) -> None:
    """Somebody's record of days ago, which was known then: as a list brings it that a transaction wrote for long."""
    if history.chance.random() < 0.3:
        then = history.now - timedelta(hours=history.chance.randrange(1, 60))
        new = NewEvidence(uuid4(), history.chance.choice(history.subjects), "temperature", then)
        actions.add_evidence(at=then, evidence=[new])


def test_the_hour_tells_as_many_as_its_list_has(county):
    history = History(county, Random(3))  # noqa: S311  made-up data
    for _ in range(40):
        history.act()
    tick(history.now)
    for hour in hours_before(history.now, 30)[::7]:
        listed = items(area_path=COUNTY, as_of=hour)
        overdue = [item for item in listed if item.state == "overdue"]
        assert past_counts(area_path=COUNTY, hours=[hour]) == [(len(overdue), len(listed))]


def test_merged_cards_and_their_undo_change_hours_that_are_counted(county):
    history = History(county, Random(5))  # noqa: S311  made-up data
    for _ in range(40):
        history.act()
    count_all(history.now)
    hours = hours_before(history.now, 100)
    before = past_counts(area_path=COUNTY, hours=hours)
    merged = actions.merge_subjects(at=history.now, kept=history.subjects[0], merged=history.subjects[1])
    assert wrong(hours) == []
    tick(history.now)
    assert past_counts(area_path=COUNTY, hours=hours) != before
    assert wrong(hours) == []
    actions.undo_merge(at=history.now, moved=merged)
    assert wrong(hours) == []
    tick(history.now)
    assert wrong(hours) == []


def test_what_a_trend_asks_now_is_counted_first_after_a_pause(county):
    now = START + timedelta(days=20, hours=9, minutes=30)
    full = full_hour(now)
    hours = past.missing_hours(now)
    assert hours[:15] == [full - timedelta(days=days) for days in range(15)]
    assert sorted(hours) == [full - timedelta(hours=back) for back in reversed(range(15 * 24))]
    actions.count_past(at=now)
    assert past.missing_hours(now) == hours[3:]
    assert past.missing_hours(now + timedelta(hours=1))[0] == full + timedelta(hours=1)


def test_a_counted_hour_is_read_without_the_rows(county, django_assert_num_queries):
    history = History(county, Random(1))  # noqa: S311  made-up data
    for _ in range(15):
        history.act()
    count_all(history.now)
    hours = hours_before(history.now, 14)
    PastCount.objects.filter(at=hours[0], area_path="").update(area_path=VILLAGES[0] + "001", overdue=0, outstanding=7)
    PastCount.objects.filter(at=hours[1], area_path="").update(overdue=0)
    with django_assert_num_queries(3):  # the first is not counted: whether it can be derived, and what it holds
        past_counts(area_path=COUNTY, hours=hours)
    with django_assert_num_queries(1):
        past_counts(area_path=COUNTY, hours=hours[1:])


# --- what a transaction wrote that ended after the hour was counted ---------------------------------------


def enrol_late(history, then):
    history.subjects.append(uuid4())
    new = NewEnrolment("person", history.subjects[-1], "key-area-arrival", VILLAGES[0], then.date(), then)
    actions.enrol(activation=history.activation, at=then, joining=[new])


def undone(then) -> Obligation:
    """Of somebody's open duties one that was there and had been overdue."""
    own = Obligation.objects.filter(duty__completes="", done_at=None, excused=False, ended_at=None)
    return own.filter(enrolment__subject_kind="person", due_at__lt=then, known_at__lt=then).order_by("pk").last()


def record_late(_history, then):
    owed = undone(then)
    at = owed.due_at - timedelta(minutes=1)
    actions.add_evidence(
        at=then, evidence=[NewEvidence(uuid4(), owed.subject, owed.duty.evidence[0], at, slot=owed.slot)]
    )


def withdraw_late(_history, then):
    early = Evidence.objects.filter(registered_at__lt=then)
    actions.withdraw_records(records=early.values_list("record", flat=True), at=then)


def excuse_late(_history, then):
    actions.excuse(by=BY, at=then, obligation=undone(then), reason="in hospital")


def unexcuse_late(_history, then):
    (made,) = Excuse.objects.filter(reason="earlier")
    actions.withdraw_excuse(by=BY, at=then, excuse=made, reason="came home")


def void_late(_history, then):
    Enrolment.objects.filter(pk=undone(then).enrolment_id).update(voided_at=then)


def close_late(_history, then):
    running = Enrolment.objects.filter(subject_kind="person", closed_at=None, voided_at=None)
    assert running.update(closed_at=then, closed_reason="released") > 0


def move_late(_history, then):
    owed = undone(then)
    Obligation.objects.filter(pk=owed.pk).update(area_path=next(path for path in VILLAGES if path != owed.area_path))


def delete_late(_history, then):
    owed = undone(then)
    owed.steps.all().delete()
    owed.delete()


LATE = [
    enrol_late,
    record_late,
    withdraw_late,
    excuse_late,
    unexcuse_late,
    void_late,
    close_late,
    move_late,
    delete_late,
]


def four_days(county) -> History:
    """Six under observation; for every other of them the temperatures of the mornings were taken."""
    history = History(county, Random(7))  # noqa: S311  made-up data
    for place, subject in enumerate(history.subjects):
        new = NewEnrolment("person", subject, "key-area-arrival", VILLAGES[place % 3], history.now.date())
        actions.enrol(activation=county, at=history.now, joining=[new])
    for _day in range(4):
        history.now += timedelta(days=1)
        told = [NewEvidence(uuid4(), subject, "temperature", history.now) for subject in history.subjects[::2]]
        actions.add_evidence(at=history.now, evidence=told)
        tick(history.now)
    return history


@pytest.mark.parametrize("act", LATE)
def test_what_ends_after_its_hour_was_counted_is_told_of_the_hour(county, act):
    history = four_days(county)
    then = history.now - timedelta(hours=30)
    actions.excuse(by=BY, at=then - timedelta(hours=9), obligation=undone(then), reason="earlier")
    count_all(history.now)
    hours = hours_before(history.now, 40)
    before = {path: past_counts(area_path=path, hours=hours) for path in VILLAGES}
    act(history, then)
    assert {path: past_counts(area_path=path, hours=hours) for path in VILLAGES} != before
    assert wrong(hours) == []
    actions.count_past(at=history.now)
    assert not PastChange.objects.exists()
    assert wrong(hours) == []


def test_a_tick_leaves_no_change_untold_and_forgets_what_no_trend_reads(county):
    history = History(county, Random(2))  # noqa: S311  made-up data
    for _ in range(15):
        history.act()
    history.join()
    old = history.now - timedelta(days=16)
    PastCount.objects.create(at=full_hour(old), area_path="", overdue=0, outstanding=0)
    Enrolment.objects.update(voided_at=history.now)
    assert PastChange.objects.exists()
    tick(history.now)
    assert not PastChange.objects.exists()
    assert not PastCount.objects.filter(at__lt=history.now - timedelta(days=15)).exists()
    assert PastCount.objects.filter(at=full_hour(history.now - timedelta(minutes=5)), area_path="").exists()


def test_what_is_too_much_for_a_tick_waits_and_is_derived_meanwhile(county, monkeypatch):
    history = four_days(county)
    count_all(history.now)
    hours = hours_before(history.now, 60)
    monkeypatch.setattr(past, "_MENDED", 50)
    voided = Enrolment.objects.filter(subject_kind="person")
    assert voided.update(voided_at=history.now - timedelta(hours=40)) > 0
    waiting = []
    while PastChange.objects.exists():
        waiting.append(PastChange.objects.count())
        assert wrong(hours) == []
        actions.count_past(at=history.now)
    assert waiting == [3, 2, 1]
    assert wrong(hours) == []


def test_a_change_of_very_much_makes_its_hours_be_counted_anew(county, monkeypatch):
    history = four_days(county)
    count_all(history.now)
    monkeypatch.setattr(past, "_MANY", 3)
    counted = PastCount.objects.filter(area_path="").count()
    assert Obligation.objects.filter(area_path=VILLAGES[0]).update(area_path=VILLAGES[1]) > 0
    actions.count_past(at=history.now)
    assert 0 < PastCount.objects.filter(area_path="").count() < counted
    assert wrong(hours_before(history.now, 60)) == []


def test_what_the_database_writes_of_now_names_no_area(county):
    """A record of this hour touches hours that are hardly counted: nobody looks up whose it is."""
    history = History(county, Random(6))  # noqa: S311  made-up data
    history.join()
    PastChange.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now = cursor.fetchone()[0]
    subject = Enrolment.objects.filter(subject_kind="person").first().subject
    actions.add_evidence(at=now, evidence=[NewEvidence(uuid4(), subject, "temperature", now) for _ in range(3)])
    assert list(PastChange.objects.values_list("area_path", "since")) == [("", now)]


def test_an_hour_that_would_take_too_long_to_derive_is_told_as_not_counted(county, monkeypatch):
    history = History(county, Random(5))  # noqa: S311  made-up data
    for _ in range(40):
        history.act()
    hours = hours_before(history.now, 30)
    count_all(history.now)
    PastCount.objects.filter(at=hours[4]).delete()
    PastChange.objects.create(area_path=VILLAGES[0] + "001", since=hours[9])
    exact = past_counts(area_path=COUNTY, hours=hours)
    assert None not in exact
    monkeypatch.setattr("lianfang.mandate.duties.past._MOST_ROWS", 0)
    told = past_counts(area_path=COUNTY, hours=hours)
    assert told[:10] == [None] * 10  # hours after the change, and the one that nobody counted
    assert told[10:] == exact[10:]
    PastChange.objects.all().delete()
    count_all(history.now)
    assert past_counts(area_path=COUNTY, hours=hours) == exact
