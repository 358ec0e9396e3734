"""The engine's acts: enrolling, evidence, teams, excuses, ticks; and whose duties a village sees."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection
from django.utils.dateparse import parse_datetime

from lianfang.jobs import STEPS, tick
from lianfang.mandate.duties import actions
from lianfang.mandate.duties.models import Enrolment, EscalationStep, Evidence, Excuse, Obligation, TeamMember
from lianfang.mandate.duties.queries import by_area, items, summaries
from lianfang.mandate.duties.rules import NewEnrolment, NewEvidence, Share, minutes_late
from lianfang.mandate.response.actions import Order, activate
from lianfang.mandate.response.models import Activation
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.models import Area
from lianfang.science.plan import load_shipped

BY, COUNTY, VILLAGE, OTHER = Actor("test"), "140931", "140931101201", "140931101202"
AT = parse_datetime("2020-02-09T09:00:00+08:00")
DAY = date(2020, 2, 8)
ALL = ["done", "late", "overdue", "open", "excused", "untimed", "untimed_done"]


def enrol(activation, pathway="key-area-arrival", subject=None, path=VILLAGE, at=AT, anchor=DAY):
    new = NewEnrolment("person", subject or uuid4(), pathway, path, anchor)
    return actions.enrol(activation=activation, at=at, joining=[new])


def member(enrolment, slot="grid_worker", name="王", at=AT) -> TeamMember:
    return TeamMember(enrolment=enrolment, slot=slot, name=name, record=uuid4(), since=at, registered_at=at)


def row(duty: str, as_of, path=COUNTY):
    return next(iter(summaries(area_path=path, as_of=as_of, duty=duty)), None)


def log_closed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT closed CHECK (false) NOT VALID")


# --- enrolling ---


def test_who_is_on_a_pathway_already_is_left_alone(county):
    subject = uuid4()
    assert len(enrol(county, subject=subject)) == 1
    before = Obligation.objects.count()
    for anchor in (DAY, DAY - timedelta(days=1)):
        assert enrol(county, subject=subject, anchor=anchor) == []
    assert Obligation.objects.count() == before


def test_a_longer_observation_follows_the_one_that_runs(county):
    subject, later = uuid4(), AT + timedelta(days=3)
    (first,) = enrol(county, subject=subject)
    (second,) = enrol(county, subject=subject, at=later, anchor=DAY + timedelta(days=3))
    first.refresh_from_db()
    assert (first.closed_at, second.last_day) == (later, first.last_day + timedelta(days=3))


def test_twice_in_one_call_is_once(county):
    new = NewEnrolment("person", uuid4(), "registered", VILLAGE, DAY)
    assert len(actions.enrol(activation=county, at=AT, joining=[new, new])) == 1


def test_nobody_to_enrol_is_no_trouble(county):
    assert actions.enrol(activation=county, at=AT, joining=[]) == []


def test_every_village_is_put_on_the_list_once(county):
    assert actions.enrol_areas(activation=county) == 0
    assert Enrolment.objects.filter(subject_kind="area").count() == Area.objects.reporting_units().count() == 12


def test_a_village_under_a_plan_of_its_own_owes_one_report_only(county):
    """The nearest plan governs: who reports under it does not report under the county's as well."""
    start = date(2020, 2, 9)
    town = activate(by=BY, at=AT, plan=load_shipped("county-report-2020"), order=Order("140931101", start))
    actions.enrol_areas(activation=town)
    actions.generate_due(at=AT)
    owed = [item for item in items(area_path=VILLAGE, as_of=AT, states=ALL) if item.code == "zero-report"]
    assert len([item for item in owed if item.day == start]) == 1


# --- evidence ---


def test_evidence_known_already_changes_nothing(county):
    new = NewEvidence(uuid4(), uuid4(), "call", AT)
    for _again in range(2):
        actions.add_evidence(at=AT, evidence=[new])
    assert Evidence.objects.count() == 1


def test_evidence_of_another_cause_closes_nothing(county):
    (first,), (second,) = [
        actions.enrol(
            activation=county,
            at=AT,
            joining=[NewEnrolment("person", UUID(int=1), "needs", VILLAGE, DAY, AT, cause=UUID(int=cause))],
        )
        for cause in (2, 3)
    ]
    new = NewEvidence(uuid4(), UUID(int=1), "need_met", AT + timedelta(minutes=5), about=first.cause)
    actions.add_evidence(at=AT + timedelta(minutes=5), evidence=[new])
    (left,) = items(area_path=COUNTY, as_of=AT + timedelta(hours=1), duty="need-met")
    assert left.cause == second.cause


def test_evidence_withdrawn_opens_the_duty_again_and_the_past_keeps_it(county):
    (enrolment,) = enrol(county)
    new = NewEvidence(uuid4(), enrolment.subject, "call", AT)
    actions.add_evidence(at=AT, evidence=[new])
    actions.withdraw_records(records=[new.record], at=AT + timedelta(hours=2))
    done = [row("call", AT + timedelta(hours=hours)).done for hours in (1, 2, 3)]
    assert done == [1, 0, 0]


def test_a_withdrawn_subject_owes_nothing_from_then_on(county):
    (enrolment,) = enrol(county)
    actions.withdraw_subject(subject=enrolment.subject, at=AT + timedelta(hours=2))
    assert row("call", AT + timedelta(hours=1)).due == 1
    assert row("call", AT + timedelta(hours=2)) is None


# --- teams ---


def test_a_place_is_filled_once_and_nobody_fills_two(county):
    (enrolment,) = enrol(county)
    actions.fill_places(by=BY, at=AT, places=[member(enrolment)])
    for place in (member(enrolment, name="李"), member(enrolment, slot="village_cadre")):
        with pytest.raises(actions.PlaceTaken):
            actions.fill_places(by=BY, at=AT, places=[place])
    assert (TeamMember.objects.count(), row("team", AT).done) == (1, 1)


def test_two_for_one_place_in_one_call_fill_none(county):
    (enrolment,) = enrol(county)
    with pytest.raises(actions.PlaceTaken):
        actions.fill_places(by=BY, at=AT, places=[member(enrolment), member(enrolment, name="李")])
    assert (TeamMember.objects.count(), Evidence.objects.count()) == (0, 0)


def test_a_member_owns_what_the_plan_gives_the_place(county):
    (enrolment,) = enrol(county)
    actions.fill_places(by=BY, at=AT, places=[member(enrolment, "group_cadre", "赵组长")])
    (item,) = [one for one in items(area_path=COUNTY, as_of=AT, duty="call") if not one.earlier]
    assert (item.owner, item.owner_vacant) == ("赵组长", False)


def test_without_a_team_the_villages_head_owns_then_the_post(county, account):
    enrol(county)
    (vacant, *_rest) = items(area_path=COUNTY, as_of=AT, duty="call")
    assert (vacant.owner, vacant.owner_vacant) == ("东沟村 负责人（空缺）", True)
    account("village_head", VILLAGE, "head")
    (held, *_rest) = items(area_path=COUNTY, as_of=AT, duty="call")
    assert (held.owner, held.owner_vacant) == ("head", False)


# --- excuses ---


@pytest.fixture
def owed(county) -> Obligation:
    enrol(county)
    return Obligation.objects.get(duty__code="call", day=date(2020, 2, 9))


def test_an_excuse_takes_a_duty_from_the_overdue_and_stays_visible(owed):
    evening = parse_datetime("2020-02-09T21:00:00+08:00")
    assert row("call", evening).overdue == 1
    actions.excuse(by=BY, at=AT, obligation=owed, reason="in hospital")
    after = row("call", evening)
    assert (after.due, after.overdue, after.excused) == (1, 0, 1)
    assert Event.objects.get(action="obligation.excused").subject == owed.subject


def test_a_second_excuse_is_refused_while_one_is_in_force(owed):
    actions.excuse(by=BY, at=AT, obligation=owed, reason="in hospital")
    with pytest.raises(IntegrityError, match="duties_excuse_one_in_force"):
        actions.excuse(by=BY, at=AT, obligation=owed, reason="again")
    assert Event.objects.filter(action="obligation.excused").count() == 1


def test_an_excuse_or_a_team_without_its_row_in_the_log_is_not_kept(owed):
    log_closed()
    with pytest.raises(IntegrityError, match="closed"):
        actions.excuse(by=BY, at=AT, obligation=owed, reason="in hospital")
    with pytest.raises(IntegrityError, match="closed"):
        actions.fill_places(by=BY, at=AT, places=[member(owed.enrolment)])
    assert (Excuse.objects.count(), TeamMember.objects.count(), Evidence.objects.count()) == (0, 0, 0)


# --- ticks ---


def test_a_tick_repeated_makes_nothing_and_one_after_days_makes_all(county):
    enrol(county)
    later = AT + timedelta(days=4)
    first, second = tick(later), tick(later)
    assert (first["generated"] > 0, second["generated"], second["escalated"], second["ended"]) == (
        True,
        0,
        0,
        0,
    )
    days = Obligation.objects.filter(duty__code="call").values_list("day", flat=True)
    assert sorted(days) == [date(2020, 2, 9) + timedelta(days=n) for n in range(6)]


def test_an_observation_ends_by_itself_and_its_last_day_is_owed_whole(county):
    (enrolment,) = enrol(county)
    last = parse_datetime("2020-02-22T23:59:59+08:00")
    tick(last)
    assert Enrolment.objects.get(pk=enrolment.pk).closed_at is None
    assert row("temperature", last).due == 2
    tick(last + timedelta(hours=1))
    closed = Enrolment.objects.get(pk=enrolment.pk)
    assert (closed.closed_at, closed.closed_reason) == (last + timedelta(seconds=1), "days_done")
    after = row("temperature", last + timedelta(hours=1))
    assert (after.due, after.carried > 0) == (0, True)


def test_late_ticks_close_at_the_end_of_the_last_day_not_when_they_ran(county):
    (enrolment,) = enrol(county)
    tick(parse_datetime("2020-03-05T12:00:00+08:00"))
    closed = Enrolment.objects.get(pk=enrolment.pk).closed_at
    assert closed == parse_datetime("2020-02-23T00:00:00+08:00")


def test_each_step_of_a_ladder_is_logged_at_the_moment_it_was_reached(county):
    enrol(county)
    for _again in range(2):
        actions.escalate(at=parse_datetime("2020-02-10T12:00:00+08:00"))
    steps = EscalationStep.objects.filter(obligation__duty__code="call", obligation__day=date(2020, 2, 9))
    reached = {step.level: step.reached_at for step in steps}
    evening = parse_datetime("2020-02-09T20:00:00+08:00")
    hours = {"village": 1, "township": 4, "county": 12}
    assert reached == {level: evening + timedelta(hours=after) for level, after in hours.items()}


def test_a_plan_that_begins_later_owes_nothing_before(county):
    start = date(2020, 2, 12)
    made = activate(by=BY, at=AT, plan=load_shipped("county-report-2020"), order=Order("140932", start))
    Area.objects.create(
        code="140932101201", path="140932101201", uid=uuid4(), name="某村", pinyin="mou", kind="village"
    )
    for day in range(9, 14):
        for step in STEPS.values():
            step(at=parse_datetime(f"2020-02-{day:02}T08:00:00+08:00"))
    days = Obligation.objects.filter(enrolment__activation=made).values_list("day", flat=True)
    assert min(days) == start


def test_a_plan_that_has_ended_owes_nothing_after(county):
    Activation.objects.update(ends_on=date(2020, 2, 12))
    tick(parse_datetime("2020-02-15T08:00:00+08:00"))
    days = Obligation.objects.filter(duty__code="zero-report").values_list("day", flat=True)
    assert max(days) < date(2020, 2, 12)


# --- what a village sees ---


def test_a_village_sees_its_own_duties_only(county):
    enrol(county)
    enrol(county, path=OTHER)
    for path in (VILLAGE, OTHER):
        assert {item.area_path for item in items(area_path=path, as_of=AT, states=ALL)} == {path}
        assert {count.path for count in by_area(area_path=path, as_of=AT, length=12)} == {path}
        assert row("call", AT, path).due == 1
    assert row("call", AT).due == 2


@pytest.mark.parametrize("path", ["14093110120_", "%", "_", "1409311012%2", "140931101201%' OR '1'='1"])
def test_signs_of_a_pattern_reach_no_other_village(county, path):
    """Paths are checked before they come here; should one slip through, it must not widen what is shown."""
    enrol(county)
    assert items(area_path=path, as_of=AT, states=ALL) == []


def test_duties_of_nobody_are_none(county):
    assert (items(area_path="99", as_of=AT), summaries(area_path="99", as_of=AT)) == ([], [])
    assert items(area_path=COUNTY, as_of=AT, subjects=[]) == []


# --- pure facts ---


@pytest.mark.parametrize(
    ("done", "due", "percent"),
    [(0, 0, None), (0, 5, 0.0), (125, 130, 96.2), (1999, 2000, 99.9), (7, 7, 100.0)],
)
def test_a_share_has_no_percentage_of_nothing_and_never_rounds_up_to_all(done, due, percent):
    assert Share(done, due).percent == percent


@pytest.mark.parametrize(("seconds", "minutes"), [(-60, 0), (0, 0), (59, 0), (60, 1), (3599, 59)])
def test_minutes_late_are_whole_minutes_past(seconds, minutes):
    assert minutes_late(AT, AT + timedelta(seconds=seconds)) == minutes
    assert minutes_late(None, AT) == 0


def test_a_question_about_a_far_future_makes_the_duties_of_the_present_only(county):
    actions.catch_up(as_of=parse_datetime("2199-01-01T00:00:00+08:00"), now=AT)
    days = Obligation.objects.values_list("day", flat=True)
    assert max(days) == AT.date() + timedelta(days=1)
