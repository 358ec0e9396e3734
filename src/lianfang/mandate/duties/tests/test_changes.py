"""Changes under running duties: extension, moves, merged cards, another plan. Nothing is lost, nothing doubled."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db.models import Count
from django.utils.dateparse import parse_datetime

from lianfang.jobs import tick
from lianfang.mandate.duties import actions
from lianfang.mandate.duties.models import Enrolment, Evidence, Excuse, Obligation, TeamMember
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.duties.rules import NewEnrolment, NewEvidence
from lianfang.mandate.response.actions import Order, activate
from lianfang.mandate.response.models import Activation
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.science.plan import load_shipped

BY, COUNTY, VILLAGE, OTHER = Actor("test"), "140931", "140931101201", "140931101202"
DAY = date(2020, 2, 8)
AT = parse_datetime("2020-02-09T09:00:00+08:00")
LATER = parse_datetime("2020-02-12T10:00:00+08:00")
ALL = ["done", "late", "overdue", "open", "excused", "untimed", "untimed_done"]


def enrol(activation, *pathways, subject=None, path=VILLAGE, at=AT, anchor=DAY) -> list[Enrolment]:
    who = subject or uuid4()
    joining = [NewEnrolment("person", who, code, path, anchor) for code in pathways or ("key-area-arrival",)]
    return actions.enrol(activation=activation, at=at, joining=joining)


def owed(as_of, path=COUNTY, subject=None) -> list[tuple[str, date, str]]:
    """What the day asks for: (duty, day, slot), each as often as it is owed."""
    found = items(area_path=path, as_of=as_of, states=ALL, subjects=[subject] if subject else None, earlier=False)
    return sorted((item.code, item.day, item.slot) for item in found if item.subject_kind == "person")


def place(enrolment, slot="grid_worker", name="王") -> TeamMember:
    return TeamMember(enrolment=enrolment, slot=slot, name=name, record=uuid4(), since=AT, registered_at=AT)


# --- extension ---


def test_an_extension_goes_on_to_its_new_last_day_and_owes_no_slot_twice(county):
    (first,) = enrol(county)
    tick(LATER)
    before = owed(LATER)
    longer = actions.extend(by=BY, at=LATER, enrolment=first, last_day=date(2020, 2, 25), reason="positive test")
    assert owed(LATER + timedelta(minutes=1)) == before
    first.refresh_from_db()
    assert (first.closed_at, first.closed_reason) == (LATER, "extended")
    assert (longer.first_day, longer.last_day, longer.origin_id) == (first.first_day, date(2020, 2, 25), first.pk)
    for day in range(13, 29):
        tick(parse_datetime(f"2020-02-{day}T08:00:00+08:00"))
    counting = [row for row in Obligation.objects.filter(duty__code="temperature") if counts(row)]
    days = [(row.day, row.slot) for row in counting]
    assert len(days) == len(set(days)) == 2 * 17
    assert max(day for day, _slot in days) == date(2020, 2, 25)
    assert Event.objects.get(action="enrolment.extended").purpose == "positive test"


def counts(row: Obligation) -> bool:
    return row.enrolment.closed_at is None or row.opens_at < row.enrolment.closed_at


def test_past_obligations_keep_their_enrolment_and_the_team_goes_on(county):
    (first,) = enrol(county)
    actions.fill_places(by=BY, at=AT, places=[place(first)])
    longer = actions.extend(by=BY, at=LATER, enrolment=first, last_day=date(2020, 2, 25), reason="positive test")
    assert list(longer.team.values_list("slot", flat=True)) == ["grid_worker"]
    (row,) = summaries(area_path=COUNTY, as_of=LATER, duty="team")
    assert (row.due, row.done) == (5, 1)
    assert not longer.obligations.filter(duty__code="team").exists()


def test_the_report_of_the_day_of_extension_waits_for_both_halves(county):
    (first,) = enrol(county)
    tick(LATER)
    morning = LATER - timedelta(hours=3)
    actions.add_evidence(at=morning, evidence=[NewEvidence(uuid4(), first.subject, "temperature", morning)])
    actions.extend(by=BY, at=LATER, enrolment=first, last_day=date(2020, 2, 25), reason="positive test")
    evening = parse_datetime("2020-02-12T19:00:00+08:00")
    assert [row.done for row in summaries(area_path=COUNTY, as_of=evening, duty="report")] == [0]
    actions.add_evidence(at=evening, evidence=[NewEvidence(uuid4(), first.subject, "temperature", evening)])
    assert [row.done for row in summaries(area_path=COUNTY, as_of=evening, duty="report")] == [1]


@pytest.mark.parametrize(
    ("pathway", "last_day", "rule"),
    [
        ("key-area-arrival", date(2020, 2, 22), "not_longer"),
        ("key-area-arrival", date(2020, 2, 21), "not_longer"),
        ("registered", date(2020, 2, 25), "no_last_day"),
    ],
)
def test_an_extension_to_an_earlier_day_is_refused(county, pathway, last_day, rule):
    (first,) = enrol(county, pathway)
    with pytest.raises(actions.CannotExtend) as refused:
        actions.extend(by=BY, at=LATER, enrolment=first, last_day=last_day, reason="r")
    assert refused.value.rule == rule


def test_an_observation_that_has_ended_is_not_extended(county):
    (first,) = enrol(county)
    actions.close(enrolments=[first], at=LATER, reason="released")
    with pytest.raises(actions.CannotExtend, match="not_running"):
        actions.extend(by=BY, at=LATER, enrolment=first, last_day=date(2020, 2, 25), reason="r")


def test_another_return_owes_no_slot_twice_and_leaves_no_day_out(county):
    (first,) = enrol(county)
    tick(LATER)
    before = owed(LATER)
    enrol(county, subject=first.subject, at=LATER, anchor=LATER.date())
    assert owed(LATER + timedelta(minutes=1)) == before
    next_day = LATER + timedelta(days=1)
    tick(next_day)
    assert [row.due for row in summaries(area_path=COUNTY, as_of=next_day, duty="temperature")] == [2]


# --- moves ---


def test_who_moves_owes_the_rest_in_the_new_area_and_the_past_where_it_was(county):
    (first,) = enrol(county)
    tick(LATER)
    assert actions.move_subject(by=BY, at=LATER, subject=first.subject, area_path=OTHER) == []
    first.refresh_from_db()
    assert (first.area_path, first.closed_at) == (OTHER, None)
    rows = Obligation.objects.filter(enrolment=first)
    assert {row.area_path for row in rows if row.due_at and row.due_at <= LATER} == {VILLAGE}
    assert {row.area_path for row in rows if not row.due_at or row.due_at > LATER} == {OTHER}
    assert Event.objects.get(action="enrolments.moved").data == {"moved": [first.pk], "ended": []}


def test_where_another_plan_governs_the_old_enrolments_end_and_are_returned(county):
    (first,) = enrol(county)
    order = Order("140932", DAY)
    activate(by=BY, at=AT, plan=load_shipped("county-report-2020"), order=order)
    (ended,) = actions.move_subject(by=BY, at=LATER, subject=first.subject, area_path="140932101201")
    first.refresh_from_db()
    assert (ended.pk, first.closed_at, first.closed_reason) == (first.pk, LATER, "moved")
    assert not items(area_path="140932", as_of=LATER + timedelta(days=1), subjects=[first.subject], earlier=False)


# --- two cards, one person ---


def test_merged_subjects_owe_once_and_what_either_did_counts(county):
    (mine,) = enrol(county)
    (other,) = enrol(county)
    morning = LATER - timedelta(hours=2)
    tick(LATER)
    actions.add_evidence(at=morning, evidence=[NewEvidence(uuid4(), other.subject, "temperature", morning)])
    actions.merge_subjects(at=LATER, kept=mine.subject, merged=other.subject)
    evening = LATER + timedelta(hours=11)
    (row,) = summaries(area_path=COUNTY, as_of=evening, duty="temperature")
    assert (row.due, row.done) == (2, 1)
    assert not Obligation.objects.filter(subject=other.subject).exists()


def test_of_two_observations_the_longer_goes_on_and_takes_the_team(county):
    (mine,) = enrol(county)
    (other,) = enrol(county, anchor=DAY + timedelta(days=1))
    actions.fill_places(by=BY, at=AT, places=[place(mine), place(other, "village_cadre", "李")])
    actions.merge_subjects(at=LATER, kept=mine.subject, merged=other.subject)
    (running,) = Enrolment.objects.filter(subject=mine.subject, closed_at=None, voided_at=None)
    assert (running.pk, running.last_day) == (other.pk, date(2020, 2, 23))
    assert sorted(running.team.values_list("slot", flat=True)) == ["grid_worker", "village_cadre"]


def everything() -> dict[str, list]:
    return {
        "enrolments": list(Enrolment.objects.order_by("pk").values_list("pk", "subject", "cause", "voided_at")),
        "obligations": list(Obligation.objects.order_by("pk").values_list("pk", "subject")),
        "evidence": list(Evidence.objects.order_by("pk").values_list("pk", "subject", "about")),
        "team": list(TeamMember.objects.order_by("pk").values_list("pk", "enrolment")),
    }


def test_undoing_a_merge_gives_back_every_record(county):
    mine, *_more = enrol(county, "key-area-arrival", "registered")
    (other, *_more) = enrol(county, "key-area-arrival", "arrival-check", anchor=DAY + timedelta(days=1))
    actions.fill_places(by=BY, at=AT, places=[place(mine), place(other, "village_cadre", "李")])
    for subject in (mine.subject, other.subject):
        new = NewEvidence(uuid4(), subject, "notice_served", AT, about=subject)
        actions.add_evidence(at=AT, evidence=[new])
    before = everything()
    moved = actions.merge_subjects(at=LATER, kept=mine.subject, merged=other.subject)
    after = everything()
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    actions.undo_merge(at=LATER, moved=moved)
    undone = everything()
    kept = {row[0] for row in before["obligations"]}
    undone["obligations"] = [row for row in undone["obligations"] if row[0] in kept]
    assert undone == before


# --- excuses taken back ---


def test_a_withdrawn_excuse_makes_the_obligation_owed_again(county):
    enrol(county)
    call = Obligation.objects.get(duty__code="call", day=AT.date())
    made = actions.excuse(by=BY, at=AT, obligation=call, reason="in hospital")
    for _again in range(2):
        actions.withdraw_excuse(by=Actor("chief"), at=AT + timedelta(hours=1), excuse=made, reason="came home")
    (row,) = summaries(area_path=COUNTY, as_of=AT + timedelta(hours=12), duty="call")
    assert (row.overdue, row.excused) == (1, 0)
    kept = Excuse.objects.get()
    assert (kept.withdrawn_by, kept.withdrawn_reason) == ("chief", "came home")
    assert Event.objects.filter(action="obligation.excuse_withdrawn").count() == 1


# --- another plan ---


@pytest.fixture
def other_plan(county) -> Activation:
    """baode-2020 takes over on 12 February: what the old plan had running is handed over."""
    Activation.objects.filter(pk=county.pk).update(ends_on=LATER.date())
    return activate(by=BY, at=AT, plan=load_shipped("baode-2020"), order=Order(COUNTY, LATER.date()))


def test_a_transfer_does_what_its_preview_said(county, other_plan):
    for _person in range(3):
        enrol(county, "registered", "key-area-arrival")
    enrol(county, anchor=DAY - timedelta(days=9))
    told = actions.preview_transfer(old=county, new=other_plan, at=LATER)
    assert not Enrolment.objects.filter(activation=other_plan).exists()
    done = actions.transfer(by=BY, at=LATER, old=county, new=other_plan)
    assert done == told
    running = Enrolment.objects.filter(closed_at__isnull=True, voided_at__isnull=True)
    assert not running.filter(activation=county).exists()
    people = running.filter(activation=other_plan, subject_kind="person")
    assert people.aggregate(n=Count("pk"), who=Count("subject", distinct=True)) == {
        "n": told.enrolments,
        "who": told.persons,
    }
    assert told.areas == 12


def test_past_obligations_keep_their_plan_version_and_nothing_is_doubled(county, other_plan):
    (first,) = enrol(county)
    for day in (9, 10, 11):
        tick(parse_datetime(f"2020-02-{day:02}T08:00:00+08:00"))
    actions.transfer(by=BY, at=LATER, old=county, new=other_plan)
    tick(LATER)
    for day in (12, 13):
        evening = parse_datetime(f"2020-02-{day}T20:30:00+08:00")
        tick(evening)
        (row,) = summaries(area_path=COUNTY, as_of=evening, duty="temperature")
        assert row.due == 2
    versions = {row.day: row.duty.plan_version.code for row in counting(first.subject)}
    assert {day: code for day, code in versions.items() if day < LATER.date()} == dict.fromkeys(
        [date(2020, 2, 9), date(2020, 2, 10), date(2020, 2, 11)], "county-report-2020"
    )
    assert versions[date(2020, 2, 13)] == "baode-2020"


def counting(subject) -> list[Obligation]:
    rows = Obligation.objects.filter(subject=subject, duty__code="temperature").select_related("duty__plan_version")
    return [row for row in rows.order_by("day", "opens_at") if counts(row)]


def test_villages_report_once_on_the_day_of_the_change(county, other_plan):
    tick(LATER - timedelta(days=1))
    actions.transfer(by=BY, at=LATER, old=county, new=other_plan)
    tick(LATER)
    found = items(area_path=COUNTY, as_of=LATER, states=ALL, earlier=False)
    villages = [item.area_path for item in found if item.subject_kind == "area" and item.day == LATER.date()]
    assert len(villages) == len(set(villages))
