"""Who is under observation and who has fever, at a moment."""

from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.observation.actions import NewReading, record_readings
from lianfang.field.observation.models import Alert
from lianfang.field.observation.queries import (
    count_fever_alerts,
    count_new,
    count_released,
    count_under_observation,
)
from lianfang.mandate.duties.actions import close_ended, generate_due, withdraw_subject
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.actions import withdraw

COUNTY, VILLAGE, BY = "140931", "140931101201", Actor("test")


def at(text):
    return parse_datetime(f"2020-02-{text}:00+08:00")


def counts(count, *moments, area_path=COUNTY):
    return [count(area_path=area_path, as_of=at(moment)) for moment in moments]


def test_observation_counts_from_registration_to_the_end_of_the_last_day(people):
    moments = ("08T17:59", "08T18:00", "21T23:59", "22T00:00")
    assert counts(count_under_observation, *moments) == [0, 3, 3, 0]


@pytest.mark.parametrize(("area", "expected"), [(COUNTY, 3), (VILLAGE, 2), ("140932", 0)])
def test_area_counts_its_own(people, area, expected):
    assert counts(count_under_observation, "09T12:00", area_path=area) == [expected]


def test_new_ones_are_of_the_local_day(people):
    assert counts(count_new, "08T17:59", "08T23:59", "09T00:00") == [0, 3, 0]


@pytest.mark.parametrize("ticked", [False, True])
def test_release_is_counted_on_the_day_it_begins_with_or_without_a_tick(people, ticked):
    if ticked:
        generate_due(at=at("22T00:01"))
        assert close_ended(at=at("22T00:01")) == 3
    assert counts(count_released, "21T23:59", "22T09:00", "23T00:00") == [0, 3, 0]


def test_person_whose_days_were_over_when_registered_never_counts(arrivals, clock):
    arrivals([{"name": "王迟", "origin": "湖北武汉", "arrived_on": "2020-01-20"}])
    assert counts(count_new, "08T20:00") == counts(count_released, "08T20:00") == [0]
    assert counts(count_under_observation, "08T20:00") == [0]


def take_back(person, moment):
    withdraw(person=person, at=moment)
    withdraw_subject(subject=person.uid, at=moment)


def test_card_taken_back_counts_until_then(people):
    take_back(people["李建国"], at("09T12:00"))
    assert counts(count_under_observation, "09T11:59", "09T12:00") == [3, 2]


def fever(uid, person, moment, celsius="38.0"):
    reading = NewReading(uid, person, "temperature", moment, celsius=celsius)
    record_readings(by=BY, at=moment, readings=[reading])


@pytest.fixture
def two_fevers(people):
    for moment in ("09T08:00", "09T15:00"):
        fever(uuid4(), people["李建国"], at(moment))


def test_person_with_fever_twice_counts_once(two_fevers):
    assert Alert.objects.count() == 2
    assert counts(count_fever_alerts, "09T07:59", "09T08:00", "09T23:00") == [0, 1, 1]


def test_fever_of_a_card_taken_back_counts_until_then(two_fevers, people):
    take_back(people["李建国"], at("09T20:00"))
    assert counts(count_fever_alerts, "09T19:59", "09T20:00") == [1, 0]
