"""The course of an observation: unsuitable homes, orders by two, early and due release, loss, call-backs."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils.dateparse import parse_datetime

from lianfang.field.observation.actions import (
    CannotCall,
    NewAssessment,
    NewDifficulty,
    NewReading,
    answer_callback,
    assess_home,
    close_alert,
    draw_callbacks,
    mark_lost,
    record_difficulty,
    record_readings,
    release_ready,
)
from lianfang.field.observation.models import Alert, Callback, Draw, Loss, Need
from lianfang.field.observation.queries.checks import agreement
from lianfang.field.observation.queries.releasing import due_for_release, review_rows
from lianfang.field.observation.rules import read_row_code, row_code, wilson
from lianfang.field.screening.actions import NewVerification, verify_first
from lianfang.mandate.duties.actions import generate_due
from lianfang.mandate.duties.models import Enrolment, Evidence, Obligation
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.orders.actions import (
    CannotOrder,
    NewOrder,
    convert,
    decide,
    issue,
    propose,
    release,
    withdraw_from_monitoring,
)
from lianfang.mandate.orders.actions.releases import NotVoluntary
from lianfang.mandate.orders.models import PersonOrder, Release
from lianfang.mandate.orders.queries import letter, needed_kind
from lianfang.mandate.orders.queries.rulings import placements
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

DOCTOR, TOWN_OFFICER, TOWN = Actor("doctor"), Actor("town"), "140931101"
ASSUMED = {"zh": "试验用", "en": "for the test"}
HOME = {
    "home": {
        "requires": ["single_room", "own_toilet"],
        "otherwise": "centralised",
        "assumed": ASSUMED,
    }
}


def at(day, clock="09:00"):
    return parse_datetime(f"2020-{day}T{clock}:00+08:00")


@pytest.fixture
def watched(plan_in_town, arrivals):
    """watched(**plan) → (person, enrolment) of 张玉兰, who arrived on 1 March 2020 under the amended plan."""

    def begin(names=("张玉兰",), **plan):
        plan_in_town(day="2020-03-01", **plan)
        arrivals(
            [
                {"name": name, "origin": "湖北武汉", "door": f"{n}号", "arrived_on": "2020-03-01"}
                for n, name in enumerate(names, 1)
            ],
            at="2020-03-01T18:00:00+08:00",
        )
        return Person.objects.get(name=names[0]), running()[0]

    return begin


def running():
    return list(Enrolment.objects.filter(observed=True, closed_at__isnull=True).order_by("pk"))


def order(kind, last_day, **told):
    usual = {"uid": uuid4(), "reason": "医生意见：已排除", "first_day": date(2020, 3, 2)}
    return NewOrder(kind=kind, last_day=last_day, **usual | told)


def test_c10_7_an_unsuitable_home_brings_a_placement_order_the_same_moment(watched):
    person, enrolment = watched(pathway=HOME)
    new = NewAssessment(uuid4(), person, ["single_room", "own_toilet"], ["single_room"], at("03-02"))
    assess_home(by=DOCTOR, at=at("03-02"), new=new)
    (made,) = PersonOrder.objects.all()
    assert (made.kind, made.state, made.proposed_at, made.last_day) == (
        "centralised_placement",
        "proposed",
        at("03-02"),
        enrolment.last_day,
    )
    assert "某县疫情防控督查情况" in made.basis
    assert placements([person.uid], at("03-03")) == {}
    decide(by=TOWN_OFFICER, at=at("03-02", "10:00"), order=made, approve=True)
    assert placements([person.uid], at("03-03"))[person.uid] == made
    assert placements([person.uid], at("03-16")) == {}


def noticed(person, moment):
    """The notice that the person is given at the moment."""
    return issue(by=DOCTOR, at=moment, people=[person], happened={person.uid: (uuid4(), moment)})[0]


def test_an_approved_placement_ends_the_observation_at_home_and_goes_on_elsewhere(watched):
    person, home = watched(pathway=HOME)
    here = noticed(person, at("03-02", "08:00"))
    assess_home(by=DOCTOR, at=at("03-02"), new=NewAssessment(uuid4(), person, HOME["home"]["requires"],
                                                             ["single_room"], at("03-02")))  # fmt: skip
    decide(by=TOWN_OFFICER, at=at("03-02", "10:00"), order=PersonOrder.objects.get(), approve=True)
    home.refresh_from_db()
    assert (home.closed_at, home.closed_reason) == (at("03-02", "10:00"), "place_changed")
    (there,) = running()
    assert (there.place, there.first_day, there.last_day) == ("centralised", home.first_day, home.last_day)
    assert there.origin == home
    slots = Obligation.objects.filter(duty__code="temperature", day=date(2020, 3, 2), ended_at__isnull=True)
    assert sorted(slots.values_list("slot", flat=True)) == ["evening", "morning"]
    # the notice of the home does not fit any more; the new one names the place and says nothing of staying at home
    assert needed_kind(person, at("03-02", "11:00")) == "home_observation"
    made = noticed(person, at("03-02", "11:00"))
    assert made.pk != here.pk
    assert letter(made, at=at("03-02", "11:00"), lang="zh").place == "centralised"
    assert letter(here, at=at("03-02", "11:00"), lang="zh").place == "home"


def test_a_suitable_home_brings_no_order_and_a_second_look_none_twice(watched):
    person, _enrolment = watched(pathway=HOME)
    asked = ["single_room", "own_toilet"]
    assess_home(by=DOCTOR, at=at("03-02"), new=NewAssessment(uuid4(), person, asked, [], at("03-02")))
    assert not PersonOrder.objects.exists()
    for _ in range(2):
        assess_home(by=DOCTOR, at=at("03-02"), new=NewAssessment(uuid4(), person, asked, asked, at("03-02")))
    assert PersonOrder.objects.count() == 1


def test_c29_1_a_restriction_without_basis_reason_or_end_cannot_be_made(watched):
    _person, enrolment = watched()
    for told, rule in (
        ({"basis": " "}, "no_basis"),
        ({"reason": ""}, "no_reason"),
        ({"last_day": None}, "no_last_day"),
        ({"last_day": date(2020, 3, 15)}, "not_later"),
    ):
        new = order(**{"kind": "extension", "last_day": date(2020, 3, 20)} | told)
        with pytest.raises(CannotOrder, match=rule):
            propose(by=DOCTOR, at=at("03-10"), enrolment=enrolment, new=new)
    assert not PersonOrder.objects.exists()


def test_c10_4_release_review_opens_on_day_14_and_before_it_needs_a_reason_and_an_approver(watched):
    person, enrolment = watched()
    assert (enrolment.anchor_on, enrolment.last_day) == (date(2020, 3, 1), date(2020, 3, 15))
    assert not due_for_release(TOWN, at("03-14", "23:59")).exists()
    assert due_for_release(TOWN, at("03-15", "00:01")).get() == enrolment  # day 14, counted from day 0 on 1 March
    assert release(by=DOCTOR, at=at("03-10"), enrolments=[enrolment.pk]) == 0
    made = propose(by=DOCTOR, at=at("03-10"), enrolment=enrolment, new=order("early_release", date(2020, 3, 10)))
    with pytest.raises(CannotOrder, match="same_person"):
        decide(by=DOCTOR, at=at("03-10"), order=made, approve=True)
    assert running() == [enrolment]
    decide(by=TOWN_OFFICER, at=at("03-10", "11:00"), order=made, approve=True)
    ended = Release.objects.get()
    assert (ended.kind, ended.reason, ended.decided_by, ended.approved_by) == (
        "early",
        "医生意见：已排除",
        "doctor",
        "town",
    )
    assert (running(), ended.last_day, ended.person) == ([], date(2020, 3, 10), person)


def test_release_on_the_last_day_ends_at_midnight_and_is_made_once(watched):
    _person, enrolment = watched()
    assert release_ready(by=TOWN_OFFICER, at=at("03-15"), area_path=TOWN) == (1, 0)
    assert release_ready(by=TOWN_OFFICER, at=at("03-15"), area_path=TOWN) == (0, 0)
    made = Release.objects.get()
    assert (made.kind, made.ends_at) == ("completed", at("03-16", "00:00"))
    assert running() == [enrolment]  # the evening's temperature is still asked; the day ends it by itself


def test_an_open_alert_waits_for_a_doctors_word_and_missed_slots_hold_nobody_back(watched):
    person, _enrolment = watched(("张玉兰", "李建国"))
    record_readings(
        by=DOCTOR, at=at("03-14"), readings=[NewReading(uuid4(), person, "temperature", at("03-14"), celsius=38)]
    )
    generate_due(at=at("03-15"))
    rows = {row.person.name: row for row in review_rows(list(due_for_release(TOWN, at("03-15"))), at("03-15"))}
    assert (rows["张玉兰"].alerts, rows["张玉兰"].is_ready, rows["李建国"].is_ready) == (1, False, True)
    assert rows["李建国"].missed == 52  # two temperatures, a call and a check on each of 13 days
    assert release_ready(by=TOWN_OFFICER, at=at("03-15"), area_path=TOWN) == (1, 1)
    close_alert(by=DOCTOR, at=at("03-15"), alert=Alert.objects.get(), outcome="other_cause")
    assert release_ready(by=TOWN_OFFICER, at=at("03-15", "10:00"), area_path=TOWN) == (1, 0)
    assert sorted(Release.objects.values_list("number", flat=True)) == [1, 2]


def test_an_extension_needs_two_and_keeps_the_days_before(watched):
    _person, enrolment = watched()
    made = propose(by=DOCTOR, at=at("03-10"), enrolment=enrolment, new=order("extension", date(2020, 3, 20)))
    decide(by=TOWN_OFFICER, at=at("03-10", "11:00"), order=made, approve=True)
    (longer,) = running()
    assert (longer.last_day, longer.subject) == (date(2020, 3, 20), enrolment.subject)
    assert not due_for_release(TOWN, at("03-15")).exists()
    with pytest.raises(CannotOrder, match="decided"):
        decide(by=TOWN_OFFICER, at=at("03-11"), order=made, approve=False)


def test_an_order_declined_changes_nothing(watched):
    _person, enrolment = watched()
    made = propose(by=DOCTOR, at=at("03-10"), enrolment=enrolment, new=order("early_release", date(2020, 3, 10)))
    decide(by=TOWN_OFFICER, at=at("03-10"), order=made, approve=False, note="再观察")
    assert (running(), PersonOrder.objects.get().state) == ([enrolment], "declined")


def test_a_conversion_ends_the_observation_and_opens_what_the_plan_says(watched):
    _person, enrolment = watched(conversions={"suspected": "fever"})
    cause = uuid4()
    for _ in range(2):
        convert(by=DOCTOR, at=at("03-05"), enrolment=enrolment, into="suspected", reason="检查结果", uid=cause)
    opened = Enrolment.objects.get(cause=cause)
    assert (opened.pathway, running(), Release.objects.get().kind) == ("fever", [], "suspected")
    enrolment.refresh_from_db()
    assert enrolment.closed_reason == "suspected"


def test_whoever_monitors_of_their_own_will_may_stop_at_any_time(watched):
    _person, enrolment = watched(pathway={"compulsion": "voluntary"})
    assert withdraw_from_monitoring(by=DOCTOR, at=at("03-05"), enrolment=enrolment) == 1
    assert (running(), Release.objects.get().kind) == ([], "withdrew")


def test_an_ordered_observation_is_not_ended_by_a_wish(watched):
    _person, enrolment = watched()
    with pytest.raises(NotVoluntary):
        withdraw_from_monitoring(by=DOCTOR, at=at("03-05"), enrolment=enrolment)


def test_c10_6_after_the_set_days_without_contact_a_person_is_lost_until_found(watched):
    person, _enrolment = watched(("张玉兰", "李建国"), lost={"missed_days": {"value": 3, "assumed": ASSUMED}})
    other = Person.objects.get(name="李建国")
    contact(other, at("03-02"))
    assert mark_lost(at=at("03-04", "23:00")) == 0
    assert mark_lost(at=at("03-05", "00:30")) == 1
    assert mark_lost(at=at("03-05", "01:00")) == 0
    lost = Loss.objects.get()
    assert (lost.person, lost.since) == (person, date(2020, 3, 2))
    assert Event.objects.filter(action="observations.lost").count() == 1
    contact(person, at("03-05", "08:00"))
    lost.refresh_from_db()
    assert lost.found_at == at("03-05", "08:00")
    assert mark_lost(at=at("03-06", "00:30")) == 1  # 李建国, last reached on 2 March


def contact(person, moment, reached=True, by=DOCTOR):
    new = NewReading(uuid4(), person, "call", moment, reached=reached)
    record_readings(by=by, at=moment, readings=[new])
    return new.uid


def test_a_call_that_reached_nobody_is_no_contact(watched):
    person, _enrolment = watched(lost={"missed_days": {"value": 3, "assumed": ASSUMED}})
    for day in ("03-02", "03-03", "03-04"):
        contact(person, at(day), reached=False)
    assert mark_lost(at=at("03-05", "00:30")) == 1


def test_a_difficulty_opens_needs_with_their_clock_and_nothing_else(watched):
    person, enrolment = watched()
    new = NewDifficulty(uuid4(), person, "food", at("03-05"), helps=("food", "medicine"), note="米面已吃完")
    for _ in range(2):
        record_difficulty(by=DOCTOR, at=at("03-05"), new=new)
    assert sorted(Need.objects.values_list("category", flat=True)) == ["food", "medicine"]
    for duty in ("need-met", "need-medicine"):
        (owed,) = summaries(area_path=TOWN, as_of=at("03-05", "10:00"), duty=duty)
        assert (owed.due, owed.open, running()) == (1, 1, [enrolment])
        assert all(one.due_at for one in items(area_path=TOWN, as_of=at("03-05", "10:00"), duty=duty))


def test_a_daily_sample_is_drawn_once_and_can_be_drawn_again_from_its_seed(watched):
    person, _enrolment = watched(callbacks={"share_percent": {"value": 20, "assumed": ASSUMED}})
    for minute in range(11):
        contact(person, at("03-03") + timedelta(minutes=minute))
    contact(person, at("03-03", "12:00"), reached=False)
    assert draw_callbacks(at=at("03-04")) == 3
    assert draw_callbacks(at=at("03-04", "10:00")) == 0
    draw = Draw.objects.get(day=date(2020, 3, 3), population__gt=0)  # the county above draws from nobody
    assert draw.population == 11
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM observation_reading WHERE reached ORDER BY md5(%s || uid::text) LIMIT 3", [draw.seed]
        )
        again = {row[0] for row in cursor.fetchall()}
    assert set(draw.callbacks.values_list("reading_id", flat=True)) == again


def test_the_agreement_rate_has_its_numerator_denominator_and_interval(watched):
    person, _enrolment = watched(callbacks={"share_percent": {"value": 100, "assumed": ASSUMED}})
    for minute in range(10):
        contact(person, at("03-03") + timedelta(minutes=minute))
    draw_callbacks(at=at("03-04"))
    calls = list(Callback.objects.order_by("pk"))
    for n, call in enumerate(calls):
        outcome = "confirmed" if n < 8 else "differs" if n < 9 else "not_reached"
        answer_callback(by=TOWN_OFFICER, at=at("03-04"), callback=call, outcome=outcome)
    found = agreement(TOWN, at("03-04", "12:00"))
    assert (found.confirmed, found.answered, found.not_reached, found.waiting) == (8, 9, 1, 0)
    low, high = found.interval
    assert (round(low, 4), round(high, 4)) == (0.5650, 0.9801)


def test_who_made_a_record_does_not_check_it(watched):
    person, _enrolment = watched(callbacks={"share_percent": {"value": 100, "assumed": ASSUMED}})
    contact(person, at("03-03"), by=TOWN_OFFICER)
    draw_callbacks(at=at("03-04"))
    with pytest.raises(CannotCall, match="own_record"):
        answer_callback(by=TOWN_OFFICER, at=at("03-04"), callback=Callback.objects.get(), outcome="confirmed")


@pytest.mark.parametrize(("successes", "trials", "expected"), [(0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0))])
def test_the_interval_is_wilsons(successes, trials, expected):
    assert tuple(round(limit, 4) for limit in wilson(successes, trials)) == expected
    assert wilson(0, 0) is None


def test_a_row_code_catches_one_wrong_digit_and_two_swapped():
    for number, row in ((1, 1), (27, 14), (40961, 120)):
        code = row_code(number, row)
        assert read_row_code(f" {code.lower()} ") == (number, row)
        head, tail = code.split("-")
        for place in range(3):
            for digit in "0123456789":
                slip = tail[:place] + digit + tail[place + 1 :]
                assert (read_row_code(f"{head}-{slip}") is None) == (slip != tail)
    assert read_row_code("1-021" + row_code(1, 12)[-1]) is None
    assert [read_row_code(text) for text in ("", "12", "a-001C", "1-C", "²-001C")] == [None] * 5


LOST = {"missed_days": {"value": 3, "assumed": ASSUMED}}


def test_days_without_contact_count_from_the_registration_of_who_was_registered_late(watched, arrivals):
    watched(lost=LOST)
    late = {"name": "王五", "origin": "湖北武汉", "door": "9号", "arrived_on": "2020-03-01"}
    arrivals([late], at="2020-03-04T18:00:00+08:00")
    mark_lost(at=at("03-06", "23:00"))
    assert not Loss.objects.filter(person__name="王五").exists()
    mark_lost(at=at("03-07", "00:30"))
    assert Loss.objects.get(person__name="王五").since == date(2020, 3, 4)


def test_who_is_found_out_about_by_any_record_is_lost_no_longer(watched):
    person, _enrolment = watched(lost=LOST)
    assert mark_lost(at=at("03-05", "00:30")) == 1
    verify_first(by=DOCTOR, at=at("03-05", "09:00"), verifications=[NewVerification(uuid4(), person, at("03-05"))])
    mark_lost(at=at("03-05", "10:00"))
    assert Loss.objects.get().found_at == at("03-05", "09:00")


def test_who_is_through_is_not_lost_before_the_tick_has_ended_it(watched):
    watched(lost=LOST)
    assert mark_lost(at=at("03-16", "00:30")) == 0
    assert mark_lost(at=at("03-15", "23:30")) == 1


def test_what_was_said_when_called_back_stays_and_who_was_not_reached_is_called_again(watched):
    person, _enrolment = watched(callbacks={"share_percent": {"value": 100, "assumed": ASSUMED}})
    contact(person, at("03-03"))
    draw_callbacks(at=at("03-04"))
    call = Callback.objects.get()
    for outcome in ("not_reached", "confirmed"):
        answer_callback(by=TOWN_OFFICER, at=at("03-04"), callback=call, outcome=outcome)
    with pytest.raises(CannotCall, match="answered"):
        answer_callback(by=TOWN_OFFICER, at=at("03-05"), callback=call, outcome="differs")
    call.refresh_from_db()
    assert call.outcome == "confirmed"


def test_a_certificate_is_numbered_once_and_its_review_is_done_with_it(watched):
    person, enrolment = watched()
    assert [release(by=TOWN_OFFICER, at=at("03-15"), enrolments=[enrolment.pk]) for _again in range(2)] == [1, 0]
    made = Release.objects.get()
    told = Evidence.objects.get(kind="release_review")
    assert (told.record, told.subject, told.at) == (made.uid, person.uid, at("03-15"))
