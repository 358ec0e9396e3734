"""Who is put on which pathway: by a dated stay, by a second list, by a plan that comes later; who is not."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.utils.dateparse import parse_datetime

from lianfang.field.observation.models import Reading
from lianfang.field.observation.queries import count_under_observation
from lianfang.field.screening.actions import NewArrival, match_everyone, register_arrivals, withdraw_arrival
from lianfang.field.screening.models import Arrival, Stay, Verification
from lianfang.field.screening.queries import count_arrivals
from lianfang.field.screening.rules import pathways_for
from lianfang.jobs import STEPS
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.models import Enrolment, Evidence, Obligation
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.intake import actions as intake
from lianfang.mandate.intake.models import StagedRow
from lianfang.mandate.intake.queries import counts
from lianfang.mandate.intake.records import record_batch
from lianfang.mandate.response.actions import Order, activate
from lianfang.mandate.response.models import Activation
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Document, Person, Source
from lianfang.science.plan import Facts, load_shipped
from lianfang.science.plan import Stay as PlanStay

BY, COUNTY = Actor("test"), "140931"
AT = parse_datetime("2020-02-08T18:00:00+08:00")
LATER = parse_datetime("2020-02-10T09:00:00+08:00")
NUMBER = "990000199303133223"
ZHANG = {"name": "张玉兰", "document": NUMBER, "door": "1号"}
DAY = date(2020, 2, 7)


def observed() -> set[str]:
    uids = Enrolment.objects.filter(observed=True, voided_at=None).values_list("subject", flat=True)
    return set(Person.objects.filter(uid__in=uids).values_list("name", flat=True))


def figures(as_of=LATER) -> tuple[int, int, int]:
    where = {"area_path": COUNTY, "as_of": as_of}
    return (
        count_arrivals(**where).registered,
        count_arrivals(**where).key_area,
        count_under_observation(**where),
    )


def outcomes(batch) -> dict[str, int]:
    return {name: number for name, number in counts(batch).items() if number and name != "rows"}


# --- facts and pathways ---


@pytest.mark.parametrize(
    ("path", "days_before", "admitted"),
    [
        ("42", 0, True),
        ("4201", 14, True),
        ("420103", 1, True),
        ("4201", 15, False),
        ("4201", -1, False),
        ("1402", 0, False),
        ("4", 0, False),
        ("", 0, False),
    ],
)
def test_a_stay_counts_in_its_days_and_in_its_area(path, days_before, admitted):
    stay = PlanStay(path, DAY - timedelta(days=days_before))
    found = pathways_for(load_shipped("county-report-2020"), Facts(stays=(stay,), arrived_on=DAY))
    assert ("key-area-arrival" in found) is admitted
    assert "registered" in found
    assert {"fever", "needs", "village"}.isdisjoint(found)


def test_without_a_day_of_arrival_no_stay_counts():
    plan = load_shipped("county-report-2020")
    assert pathways_for(plan, Facts(stays=(PlanStay("42", DAY),))) == ["registered"]


@pytest.mark.parametrize(
    ("origin", "watched"),
    [
        ("湖北武汉", True),
        ("湖北省", True),
        ("武汉市江汉区", True),
        ("湖北孝感", True),
        ("大同市", False),
        ("山西省大同市", False),
        ("山西大同云冈区", False),
        ("湖北路", False),
        ("", False),
    ],
)
def test_free_text_is_a_key_area_or_is_not(arrivals, origin, watched):
    arrivals([ZHANG | {"origin": origin}])
    assert (observed() == {"张玉兰"}) is watched
    assert Stay.objects.filter(path__startswith="42").exists() is watched


# --- a second list ---


def test_a_second_list_that_places_a_known_person_in_wuhan_enrols_that_person(arrivals):
    arrivals([ZHANG | {"origin": "大同市"}])
    assert (observed(), figures()) == (set(), (1, 0, 0))
    batch = arrivals([ZHANG | {"origin": "湖北武汉"}], at="2020-02-09T09:00:00+08:00")
    assert (outcomes(batch), observed(), figures()) == ({"duplicate": 1}, {"张玉兰"}, (1, 1, 1))


def test_before_the_second_list_was_there_nobody_knew(arrivals):
    arrivals([ZHANG | {"origin": "大同市"}])
    arrivals([ZHANG | {"origin": "湖北武汉"}], at="2020-02-09T09:00:00+08:00")
    assert figures(parse_datetime("2020-02-09T08:59:59+08:00")) == (1, 0, 0)


@pytest.mark.parametrize("origin", ["湖北武汉", "武汉市", "湖北省", "", "某地"])
def test_a_second_mention_that_tells_nothing_new_is_no_new_arrival(arrivals, origin):
    """The same day and place, the province only, or no place at all."""
    arrivals([ZHANG | {"origin": "湖北武汉"}])
    before = figures(), Obligation.objects.count()
    arrivals([ZHANG | {"origin": origin}], at="2020-02-09T09:00:00+08:00")
    assert (Arrival.objects.count(), Person.objects.count(), Source.objects.count()) == (1, 1, 2)
    assert (figures(), Obligation.objects.count()) == before


@pytest.mark.parametrize("told", [{"origin": "湖北武汉"}, {"arrived_on": "2020-02-06"}])
def test_another_place_or_another_day_is_a_new_arrival(arrivals, told):
    arrivals([ZHANG | {"origin": "大同市"}])
    arrivals([ZHANG | {"origin": "大同市"} | told], at="2020-02-09T09:00:00+08:00")
    assert (Arrival.objects.count(), Person.objects.count(), figures()[0]) == (2, 1, 1)


def test_two_rows_of_one_file_that_differ_in_place_count_both(arrivals):
    batch = arrivals([ZHANG | {"origin": "大同市"}, ZHANG | {"origin": "湖北武汉"}])
    assert (outcomes(batch), observed()) == ({"accepted": 1, "duplicate": 1}, {"张玉兰"})


def test_who_returns_from_a_key_area_again_is_observed_from_the_later_day(arrivals):
    arrivals([ZHANG | {"origin": "湖北武汉"}])
    arrivals([ZHANG | {"origin": "湖北武汉", "arrived_on": "2020-02-14"}], at="2020-02-15T09:00:00+08:00")
    last = max(Enrolment.objects.filter(observed=True, closed_at=None).values_list("last_day", flat=True))
    assert last == date(2020, 2, 28)


def test_fever_of_a_known_person_in_a_second_list_is_not_lost(arrivals):
    arrivals([ZHANG])
    arrivals([ZHANG | {"temperature": 38.5}], at="2020-02-09T09:00:00+08:00")
    (row,) = summaries(area_path=COUNTY, as_of=LATER, duty="fever-referral")
    assert row.due == 1


def test_an_hour_that_only_the_second_list_knows_starts_the_clock(arrivals):
    told = ZHANG | {"origin": "湖北武汉", "arrived_on": "2020-02-09"}
    arrivals([told], at="2020-02-09T14:05:00+08:00")
    arrivals([told | {"reached_home": "14:00"}], at="2020-02-09T14:10:00+08:00")
    (row,) = summaries(area_path=COUNTY, as_of=LATER, duty="known-in-two-hours")
    assert (row.due, row.untimed) == (1, 0)


# --- held rows ---


@pytest.fixture
def held(arrivals):
    """A row without document that may be 张玉兰, known from 大同; it tells of Wuhan and of 36.5 °C."""
    arrivals([ZHANG | {"origin": "大同市", "phone": "13900000001"}])
    row = {"name": "张玉兰", "phone": "13900000001", "origin": "湖北武汉", "door": "1号", "temperature": 36.5}
    batch = arrivals([row], at="2020-02-08T19:00:00+08:00")
    return StagedRow.objects.get(batch=batch, outcome="review")


def test_a_held_row_enrols_nobody_until_it_is_decided(held):
    assert (observed(), Person.objects.count()) == (set(), 1)


def test_a_held_row_decided_as_the_same_person_enrols_by_what_it_says(held):
    intake.decide(by=BY, at=LATER, row=held, decision="same")
    assert observed() == {"张玉兰"}


def test_a_held_row_decided_as_another_person_makes_a_card_and_is_undone(held):
    before = figures(LATER + timedelta(hours=2))
    intake.decide(by=BY, at=LATER, row=held, decision="other")
    assert (Person.objects.count(), figures()[1:]) == (2, (1, 1))
    held.refresh_from_db()
    intake.undo_decision(by=BY, at=LATER + timedelta(hours=1), row=held)
    assert figures(LATER + timedelta(hours=2)) == before
    after = {item.name for item in items(area_path=COUNTY, as_of=LATER + timedelta(hours=2), duty="temperature")}
    assert after == set()


def test_a_temperature_of_a_held_row_is_of_the_lists_moment(held):
    """Decided two days later it must not close the slot of the day of the decision."""
    intake.decide(by=BY, at=LATER, row=held, decision="other")
    reading = Reading.objects.get()
    assert (reading.at, reading.registered_at) == (parse_datetime("2020-02-08T19:00:00+08:00"), LATER)
    done = items(area_path=COUNTY, as_of=LATER + timedelta(hours=1), duty="temperature", states=["done", "late"])
    assert done == []


def test_a_held_row_with_a_known_document_under_another_name_can_be_another_person(arrivals):
    """A number typed wrong names somebody else: the card is made without it; the number stays."""
    arrivals([ZHANG])
    batch = arrivals([ZHANG | {"name": "李建国", "door": "9号"}], at="2020-02-09T09:00:00+08:00")
    row = StagedRow.objects.get(batch=batch)
    assert (row.outcome, row.candidates[0]["reasons"]) == ("review", ["same_document", "other_name"])
    intake.decide(by=BY, at=LATER, row=row, decision="other")
    assert (Person.objects.count(), Document.objects.count()) == (2, 1)
    assert Document.objects.get().person.name == "张玉兰"


def test_who_was_released_stays_so_when_another_return_turns_out_to_be_somebody_elses(county):
    person = Person.objects.create(
        uid=uuid4(), name="王", pinyin="wang", initials="w", area_path="140931101201", registered_at=AT
    )
    told = [
        NewArrival(uuid4(), person.uid, day, origin_path=origin)
        for day, origin in ((DAY, "4201"), (DAY - timedelta(days=1), "1401"))
    ]
    register_arrivals(at=AT, arrivals=told, people={person.uid: person})
    running = Enrolment.objects.filter(subject=person.uid, closed_at=None, voided_at=None)
    assert running.filter(observed=True).count() == 1
    duties.close(enrolments=running.all(), at=LATER, reason="released")
    withdraw_arrival(uid=told[1].uid, at=LATER + timedelta(hours=1))
    assert not running.exists()


# --- plans that come later ---


def order(start: date, at: datetime) -> Activation:
    return activate(by=BY, at=at, plan=load_shipped("county-report-2020"), order=Order("140932", start))


def elsewhere(at=AT) -> Person:
    """Somebody from Wuhan in a county without a plan."""
    person = Person.objects.create(
        uid=uuid4(), name="王", pinyin="wang", initials="w", area_path="140932101201", registered_at=at
    )
    new = NewArrival(uuid4(), person.uid, DAY, origin_text="武汉", origin_path="4201")
    register_arrivals(at=at, arrivals=[new], people={person.uid: person})
    return person


def test_a_plan_that_comes_later_finds_who_was_there_and_owes_nothing_before(county):
    elsewhere()
    assert not Enrolment.objects.filter(subject_kind="person").exists()
    made = order(date(2020, 2, 9), LATER)
    assert match_everyone(activation=made, at=LATER, within=made.area_path) == 3
    assert match_everyone(activation=made, at=LATER, within=made.area_path) == 0
    owed = Obligation.objects.filter(enrolment__activation=made, enrolment__subject_kind="person")
    assert min(owed.exclude(due_at=None).values_list("due_at", flat=True)) > LATER
    rows = {row.code: row.carried for row in summaries(area_path="140932", as_of=LATER)}
    assert rows["temperature"] == 0


def test_who_was_observed_long_enough_before_the_plan_is_not_observed_again(county):
    elsewhere()
    late = parse_datetime("2020-03-10T09:00:00+08:00")
    made = order(date(2020, 3, 10), late)
    match_everyone(activation=made, at=late, within=made.area_path)
    assert count_under_observation(area_path="140932", as_of=late + timedelta(minutes=1)) == 0
    due = {row.code: row.due for row in summaries(area_path="140932", as_of=late + timedelta(hours=1))}
    assert due.get("temperature", 0) == due.get("team", 0) == 0


def test_who_is_registered_between_the_order_and_its_first_day_is_found_on_that_day(county):
    made = order(date(2020, 2, 12), AT)
    match_everyone(activation=made, at=AT, within=made.area_path)
    elsewhere(AT + timedelta(hours=1))
    for step in STEPS.values():
        step(at=parse_datetime("2020-02-12T08:00:00+08:00"))
    assert Enrolment.objects.filter(activation=made, observed=True).count() == 1


# --- first verification, withdrawing, the log ---


def test_who_was_not_reached_is_not_verified(arrivals):
    arrivals(
        [ZHANG | {"origin": "武汉", "arrived_on": "2020-02-09", "reached_home": "14:00"}],
        at="2020-02-09T14:05:00+08:00",
    )
    line = {"id": str(uuid4()), "kind": "first_verification", "document": NUMBER, "outcome": "not_reached"}
    record_batch(by=BY, at=LATER, lines=[line | {"at": "2020-02-09T15:00:00+08:00"}])
    assert Verification.objects.get().outcome == "not_reached"
    (item,) = items(area_path=COUNTY, as_of=LATER, duty="known-in-two-hours")
    assert item.state == "overdue"


def test_arrivals_without_their_enrolments_are_not_kept(county):
    person = elsewhere()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE duties_enrolment ADD CONSTRAINT closed CHECK (false) NOT VALID")
    new = NewArrival(uuid4(), person.uid, DAY, origin_path="4201")
    Person.objects.update(area_path="140931101201")
    person.refresh_from_db()
    with pytest.raises(IntegrityError, match="closed"):
        register_arrivals(at=AT, arrivals=[new], people={person.uid: person})
    assert (Arrival.objects.count(), Evidence.objects.count()) == (1, 0)
