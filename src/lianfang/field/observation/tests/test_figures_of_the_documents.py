"""C10: the figures that the documents report, counted from the same records as every list."""

from datetime import date, timedelta
from uuid import uuid4

from django.utils.dateparse import parse_datetime

from lianfang.field.observation.actions import NewReading, record_readings
from lianfang.mandate.duties.actions import enrol, generate_due
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.duties.rules import NewEnrolment
from lianfang.mandate.orders.actions import NewDelivery, deliver, issue
from lianfang.mandate.response.actions import Order, activate
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.science.plan import load_shipped

BY, TOWN, VILLAGE = Actor("test"), "140931101", "140931101201"
MORNING, EVENING = (parse_datetime(f"2020-02-09T{clock}:00+08:00") for clock in ("09:00", "15:00"))
NIGHT = parse_datetime("2020-02-09T23:00:00+08:00")


def duty(code, as_of=NIGHT):
    (found,) = summaries(area_path=TOWN, as_of=as_of, duty=code)
    return found


def test_c10_1_completeness_is_93_1_percent_and_the_nine_missing_slots_are_named(town):
    generate_due(at=MORNING)
    observed = Enrolment.objects.filter(observed=True).values("subject")
    people = list(Person.objects.filter(uid__in=observed).order_by("pk"))
    readings = [
        NewReading(uuid4(), person, "temperature", moment, celsius=36.5)
        for moment in (MORNING, EVENING)
        for person in people
    ]
    record_readings(by=BY, at=NIGHT, readings=readings[:121])
    found = duty("temperature")
    assert (len(people), found.due, found.done, found.share.percent) == (65, 130, 121, 93.1)
    missing = items(area_path=TOWN, as_of=NIGHT, duty="temperature", states=["overdue"])
    assert sorted((item.name, item.slot) for item in missing) == sorted((one.name, "evening") for one in people[-9:])


def test_c10_2_the_one_two_three_method_asks_946_temperatures_and_1419_visits_a_day(county):
    at = parse_datetime("2020-02-08T10:00:00+08:00")
    made = activate(by=BY, at=at, plan=load_shipped("bailin-2020"), order=Order(TOWN, date(2020, 2, 8)))
    people = Person.objects.bulk_create(
        Person(uid=uuid4(), name=f"甲{n}", pinyin="jia", initials="j", area_path=VILLAGE, registered_at=at)
        for n in range(473)
    )
    joining = [NewEnrolment("person", one.uid, "wuhan-returnee", VILLAGE, date(2020, 2, 8)) for one in people]
    enrol(activation=made, at=at, joining=joining)
    assert (duty("temperature").due, duty("visit").due) == (946, 1419)


def test_c10_3_coverage_counts_served_notices_and_names_the_twelve_without(town):
    people = list(Person.objects.order_by("pk"))
    at = MORNING - timedelta(minutes=5)
    issue(by=BY, at=at, people=people, happened={person.uid: (uuid4(), at) for person in people})
    assert duty("notice").done == 0  # all 2,053 are printed, none is served
    deliver(by=BY, at=MORNING, deliveries=[NewDelivery(uuid4(), one, "served", MORNING) for one in people[:2041]])
    found = duty("notice")
    assert (found.due, found.done, found.share.percent) == (2053, 2041, 99.4)
    left = items(area_path=TOWN, as_of=NIGHT, duty="notice")
    assert {item.subject for item in left} == {person.uid for person in people[2041:]}
    assert len(left) == 12
