"""What is measured, said and needed: who gave it and how, the threshold to the tenth, care, needs."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection
from django.utils.dateparse import parse_datetime

from lianfang.field.observation.actions import (
    NewNeed,
    NewReading,
    arrange_care,
    ask_for,
    meet_need,
    record_readings,
)
from lianfang.field.observation.models import CHANNELS, GIVEN_BY, Alert, Need, Reading, Referral
from lianfang.field.observation.queries import count_fever_alerts
from lianfang.mandate.duties.models import Enrolment, Evidence
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.intake.records import record_batch
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

BY, COUNTY = Actor("test"), "140931"
AT = parse_datetime("2020-02-09T09:00:00+08:00")
LATER = AT + timedelta(hours=1)


@pytest.fixture
def people(arrivals):
    """One under observation, one from elsewhere."""
    arrivals(
        [
            {"name": "张玉兰", "origin": "湖北武汉", "door": "1号"},
            {"name": "李建国", "origin": "大同市", "door": "2号"},
        ]
    )
    return {person.name: person for person in Person.objects.all()}


@pytest.fixture
def watched(people):
    return people["张玉兰"]


def measure(person, celsius, at=AT, **told) -> UUID:
    new = NewReading(uuid4(), person, "temperature", at, celsius=Decimal(str(celsius)), **told)
    record_readings(by=BY, at=at, readings=[new])
    return new.uid


def send(person, kind, at=AT, **told):
    line = {"id": str(uuid4()), "kind": kind, "person": str(person.uid), "at": at.isoformat(), **told}
    return record_batch(by=BY, at=at, lines=[line])


def counts(duty: str, as_of=LATER) -> tuple[int, int]:
    """(due, done); (0, 0) where nobody owes it."""
    rows = summaries(area_path=COUNTY, as_of=as_of, duty=duty)
    return (rows[0].due, rows[0].done) if rows else (0, 0)


@pytest.mark.parametrize(
    ("celsius", "fever"),
    [(37.2, False), ("37.29", False), (37.3, True), (37.4, True), (42, True), (36.0, False)],
)
def test_fever_begins_exactly_at_the_plans_threshold(watched, celsius, fever):
    record = send(watched, "temperature", value=float(celsius) if celsius != "37.29" else 37.2)
    assert record.stored == 1
    assert Alert.objects.exists() is fever
    assert counts("fever-referral") == ((1, 0) if fever else (0, 0))


@pytest.mark.parametrize(("told", "kept"), [("37.3", "37.3"), (37.30, "37.3"), ("37.34", "37.3"), (37, "37.0")])
def test_a_temperature_is_kept_to_the_tenth(watched, told, kept):
    assert send(watched, "temperature", value=told).stored == 1
    assert Reading.objects.get().celsius == Decimal(kept)


@pytest.mark.parametrize("name", ["张玉兰", "李建国"])
def test_fever_counts_under_observation_or_not(people, name):
    measure(people[name], 38.1)
    (item,) = items(area_path=COUNTY, as_of=LATER, duty="fever-referral")
    assert (item.name, item.state, item.due_at) == (name, "open", AT + timedelta(hours=2))
    assert count_fever_alerts(area_path=COUNTY, as_of=LATER) == 1


def test_fever_without_care_in_time_is_overdue_and_never_stops_the_rest(watched):
    measure(watched, 38.1)
    (item,) = items(area_path=COUNTY, as_of=AT + timedelta(hours=3), duty="fever-referral")
    assert (item.state, item.age_minutes) == ("overdue", 60)
    assert send(watched, "temperature", at=LATER, value=38.2).stored == 1
    assert send(watched, "need", at=LATER, value="care").stored == 1


def test_arranging_care_closes_the_referral_and_keeps_the_alert(watched):
    measure(watched, 38.1)
    arrange_care(by=BY, at=AT + timedelta(minutes=30), alert=Alert.objects.get(), note="")
    assert counts("fever-referral") == (1, 1)
    assert count_fever_alerts(area_path=COUNTY, as_of=LATER) == 1


def test_care_for_one_fever_is_not_care_for_the_next(watched):
    first = measure(watched, 38.1)
    measure(watched, 38.3, at=AT + timedelta(minutes=10))
    arrange_care(by=BY, at=AT + timedelta(minutes=20), alert=Alert.objects.get(reading__uid=first), note="")
    assert counts("fever-referral") == (2, 1)


def test_the_same_care_sent_twice_is_kept_once(watched):
    measure(watched, 38.1)
    uid = uuid4()
    made = [arrange_care(by=BY, at=LATER, alert=Alert.objects.get(), note="", uid=uid) for _ in range(2)]
    assert made[0] == made[1]
    assert (Referral.objects.count(), Event.objects.filter(action="alert.care_arranged").count()) == (1, 1)


def test_a_temperature_belongs_to_one_person(people):
    measure(people["张玉兰"], 36.5)
    found = {item.name for item in items(area_path=COUNTY, as_of=LATER, duty="temperature", states=["done"])}
    assert found == {"张玉兰"}


@pytest.mark.parametrize("given_by", GIVEN_BY)
@pytest.mark.parametrize("channel", CHANNELS)
def test_who_gave_it_and_by_which_channel_is_kept(watched, given_by, channel):
    send(watched, "temperature", value=36.5, given_by=given_by, channel=channel)
    reading = Reading.objects.get()
    assert (reading.given_by, reading.channel, reading.by) == (given_by, channel, "test")


@pytest.mark.parametrize("told", [{"given_by": "neighbour"}, {"channel": "rumour"}, {"given_by": None}, {"channel": 3}])
def test_an_unknown_giver_or_channel_is_refused(watched, told):
    outcome = send(watched, "temperature", value=36.5, **told)
    assert ([fault.field for fault in outcome.faults], Reading.objects.count()) == (list(told), 0)


@pytest.mark.parametrize("kind", ["call", "visit"])
@pytest.mark.parametrize(("told", "closed"), [({}, 1), ({"reached": True}, 1), ({"reached": False}, 0)])
def test_who_was_not_reached_was_not_asked(watched, kind, told, closed):
    assert send(watched, kind, **told).stored == 1
    assert counts("call")[1] == closed
    assert Reading.objects.count() == 1


@pytest.mark.parametrize("reached", ["no", "false", 0, 1, "", [], {}])
def test_reached_is_yes_or_no_and_nothing_else_closes_a_call(watched, reached):
    outcome = send(watched, "call", reached=reached)
    assert [fault.field for fault in outcome.faults] == ["reached"]
    assert counts("call")[1] == 0


def test_unreachable_is_no_breach(watched):
    send(watched, "call", reached=False)
    found = items(area_path=COUNTY, as_of=LATER, duty="call")
    assert [item.state for item in found if not item.earlier] == ["open"]
    assert not Alert.objects.exists()


@pytest.mark.parametrize("symptoms", [[], ["cough"], ["fever", "fatigue"]])
def test_symptoms_are_a_list_and_an_empty_one_says_none(watched, symptoms):
    assert send(watched, "symptoms", value=symptoms).stored == 1
    assert Reading.objects.get().symptoms == symptoms


def test_a_need_opens_a_duty_of_the_village_and_closes_when_met(people):
    person = people["李建国"]
    assert send(person, "need", value="medicine", note="降压药").stored == 1
    (item,) = items(area_path=COUNTY, as_of=LATER, duty="need-medicine")
    assert (item.name, item.owner, item.state) == ("李建国", "东沟村 负责人（空缺）", "open")
    meet_need(by=BY, at=LATER, need=Need.objects.get(), note="")
    assert counts("need-medicine") == (1, 1)
    assert items(area_path=COUNTY, as_of=LATER, duty="need-medicine") == []


def test_each_need_is_met_by_itself(watched):
    for value in ("food", "other"):
        send(watched, "need", value=value)
    meet_need(by=BY, at=LATER, need=Need.objects.get(category="food"), note="")
    assert counts("need-met") == (2, 1)


@pytest.mark.parametrize(
    ("category", "duty", "hours"),
    [("food", "need-met", 24), ("other", "need-met", 24), ("medicine", "need-medicine", 12), ("care", "need-care", 2)],
)
def test_a_need_runs_on_the_clock_of_its_category(watched, category, duty, hours):
    send(watched, "need", value=category)
    (item,) = [item for item in items(area_path=COUNTY, as_of=LATER) if item.code.startswith("need-")]
    assert (item.code, item.due_at - item.opens_at) == (duty, timedelta(hours=hours))


def test_meeting_a_need_twice_changes_nothing(watched):
    send(watched, "need", value="food")
    first = meet_need(by=BY, at=AT + timedelta(minutes=5), need=Need.objects.get(), note="a")
    second = meet_need(by=Actor("other"), at=LATER, need=Need.objects.get(), note="b")
    assert (second.met_at, second.met_by, second.met_note) == (first.met_at, "test", "a")
    assert Event.objects.filter(action="need.met").count() == 1


def test_a_fever_or_a_need_is_on_no_other_pathway(watched):
    before = set(Enrolment.objects.values_list("pk", flat=True))
    measure(watched, 38.1)
    ask_for(by=BY, at=AT, needs=[NewNeed(uuid4(), watched, "food", AT)])
    new = Enrolment.objects.exclude(pk__in=before)
    assert sorted(new.values_list("pathway", flat=True)) == ["fever", "needs"]
    assert not new.filter(observed=True).exists()


@pytest.mark.parametrize(("at", "state"), [("05:59", 0), ("06:00", 1), ("11:59", 1), ("13:59", 1)])
def test_a_reading_belongs_to_the_last_slot_begun(watched, at, state):
    moment = parse_datetime(f"2020-02-09T{at}:00+08:00")
    measure(watched, 36.5, at=moment)
    found = items(area_path=COUNTY, as_of=moment + timedelta(hours=9), duty="temperature", states=["done", "late"])
    assert [item.slot for item in found if not item.earlier and item.day.day == 9] == ["morning"] * state


def test_a_reading_that_arrives_late_counts_from_when_it_arrived(watched):
    new = NewReading(uuid4(), watched, "temperature", AT, celsius=Decimal("38.0"))
    record_readings(by=BY, at=AT + timedelta(hours=5), readings=[new])
    assert count_fever_alerts(area_path=COUNTY, as_of=AT + timedelta(hours=4)) == 0
    assert count_fever_alerts(area_path=COUNTY, as_of=AT + timedelta(hours=5)) == 1


ACTS = {
    "reading": lambda person: measure(person, 38.1),
    "need": lambda person: ask_for(by=BY, at=AT, needs=[NewNeed(uuid4(), person, "food", AT)]),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_act_and_its_row_in_the_log_stand_or_fall_together(watched, act):
    before = Evidence.objects.count(), Enrolment.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT closed CHECK (false) NOT VALID")
    with pytest.raises(IntegrityError, match="closed"):
        ACTS[act](watched)
    assert (Reading.objects.count(), Alert.objects.count(), Need.objects.count()) == (0, 0, 0)
    assert (Evidence.objects.count(), Enrolment.objects.count()) == before
