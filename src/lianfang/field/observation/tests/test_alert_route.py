"""An alert's route: each stage with its moment; what nobody received is overdue and climbs."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.observation.actions import NewReading, close_alert, receive_alert, record_readings
from lianfang.field.observation.models import Alert
from lianfang.field.observation.queries.alerts import route_of
from lianfang.mandate.duties.actions import escalate
from lianfang.mandate.duties.models import EscalationStep
from lianfang.mandate.duties.queries import items
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

TOWNSHIP, COUNTY = Actor("town"), Actor("county")


def at(clock):
    return parse_datetime(f"2020-02-09T{clock}:00+08:00")


@pytest.fixture
def person(plan_in_town, arrivals, clock_duty):
    """张玉兰 under a plan that gives the township and the county half an hour each, and names a dry cough."""
    plan_in_town(
        alerts={
            "fever": {
                "title": {"zh": "发热", "en": "Fever"},
                "when": {"temperature_at_least": "fever_c", "symptoms": ["dry_cough"]},
                "pathway": "fever",
            }
        },
        pathways={
            "fever": {
                "title": {"zh": "发热人员", "en": "Fever"},
                "subject": "person",
                "admit": {"raised": "fever"},
                "duties": ["fever-referral", "told-township", "told-county"],
            }
        },
        duties={
            "told-township": clock_duty("alert_received_township", within="30m"),
            "told-county": clock_duty("alert_received_county", within="30m", owner="county_officer"),
        },
    )
    arrivals([{"name": "张玉兰", "origin": "湖北武汉", "door": "1号"}])
    return Person.objects.get()


def tell(person, clock, kind="symptoms", **told):
    new = NewReading(uuid4(), person, kind, at(clock), **told)
    record_readings(by=Actor("grid"), at=at(clock), readings=[new])


def test_c10_5_the_route_shows_fifteen_and_fifteen_minutes(person):
    tell(person, "09:10", symptoms=("dry_cough",))
    alert = Alert.objects.get()
    receive_alert(by=TOWNSHIP, at=at("09:25"), alert=alert, level="township")
    receive_alert(by=COUNTY, at=at("09:40"), alert=alert, level="county")
    route = route_of(alert, as_of=at("09:41"))
    assert [(stage.code, stage.minutes) for stage in route.stages[:3]] == [
        ("entered", None),
        ("township", 15),
        ("county", 15),
    ]
    assert [stage.code for stage in route.stages if not stage.done] == ["care", "outcome"]


def test_c10_5_an_alert_that_the_county_does_not_receive_is_overdue_and_escalated(person):
    tell(person, "09:10", symptoms=("dry_cough",))
    alert = Alert.objects.get()
    receive_alert(by=TOWNSHIP, at=at("09:25"), alert=alert, level="township")
    late = at("10:45")
    (owed,) = items(area_path=person.area_path, as_of=late, duty="told-county", states=["overdue"])
    assert (owed.age_minutes, owed.level) == (65, "township")
    assert route_of(alert, as_of=late).stages[2].overdue_minutes == 65
    assert escalate(at=late) >= 1
    assert EscalationStep.objects.filter(obligation=owed.id, level="township").exists()
    assert items(area_path=person.area_path, as_of=late, duty="told-township", states=["overdue"]) == []


def test_a_symptom_that_the_plan_does_not_name_raises_no_alert(person):
    tell(person, "09:10", symptoms=("headache",))
    assert not Alert.objects.exists()


def test_fever_and_cough_of_one_contact_are_one_alert(person):
    moment = at("09:10")
    readings = [
        NewReading(uuid4(), person, "temperature", moment, celsius=38),
        NewReading(uuid4(), person, "symptoms", moment, symptoms=("dry_cough",)),
    ]
    record_readings(by=TOWNSHIP, at=moment, readings=readings)
    assert Alert.objects.count() == 1


def test_the_first_to_receive_stands_and_an_outcome_closes_the_route(person):
    tell(person, "09:10", symptoms=("dry_cough",))
    alert = Alert.objects.get()
    first = receive_alert(by=TOWNSHIP, at=at("09:25"), alert=alert, level="township")
    assert receive_alert(by=COUNTY, at=at("09:50"), alert=alert, level="township") == first
    close_alert(by=COUNTY, at=at("11:00"), alert=alert, outcome="well")
    route = route_of(alert, as_of=at("11:00") + timedelta(minutes=1))
    assert route.stages[-1].done
    assert route.is_closed
