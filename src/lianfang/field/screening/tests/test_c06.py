"""Arrival and returnee register: its acceptance criteria, each by name. C06.1 stands with the town's list."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.screening.actions import NewVerification, match_everyone, verify_first
from lianfang.field.screening.models import Arrival
from lianfang.field.screening.queries import (
    count_arrivals,
    count_incomplete_cards,
    incomplete_cards,
    key_area_people,
    people_who_arrived,
)
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.intake.queries import counts
from lianfang.mandate.response.actions import Order, activate
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import sources_of
from lianfang.science.plan import load_shipped

BY, COUNTY, TOWN, VILLAGE = Actor("test"), "140931", "140931101", "140931101201"
EVENING = parse_datetime("2020-02-08T21:00:00+08:00")
STATES = ["done", "late", "overdue", "open"]
NUMBER = "990000199303133223"


def figures(as_of=EVENING):
    where = {"area_path": COUNTY, "as_of": as_of}
    told = count_arrivals(**where).registered, count_arrivals(**where).key_area
    lists = people_who_arrived(paths=[COUNTY], as_of=as_of).count(), key_area_people(**where).count()
    assert told == lists  # each figure opens its list
    return told


@pytest.mark.parametrize(
    ("contact", "as_of", "state", "late"),
    [("15:50", "18:00", "done", None), ("16:10", "18:00", "late", 10), (None, "18:00", "overdue", None)],
)
def test_c06_2_known_within_two_hours_late_by_ten_minutes_or_overdue(arrivals, contact, as_of, state, late):
    arrivals(
        [{"name": "张玉兰", "origin": "湖北武汉", "arrived_on": "2020-02-08", "reached_home": "14:00"}],
        at="2020-02-08T14:05:00+08:00",
    )
    person = Person.objects.get()
    if contact:
        at = parse_datetime(f"2020-02-08T{contact}:00+08:00")
        verify_first(by=BY, at=at, verifications=[NewVerification(uuid4(), person, at)])
    moment = parse_datetime(f"2020-02-08T{as_of}:00+08:00")
    listed = items(
        area_path=COUNTY, as_of=moment, duty="known-in-two-hours", states=["done", "late", "overdue", "open"]
    )
    assert [item.state for item in listed] == [state]
    if late:
        assert listed[0].done_at - listed[0].due_at == timedelta(minutes=late)
    (summary,) = [one for one in summaries(area_path=COUNTY, as_of=moment) if one.code == "known-in-two-hours"]
    assert (summary.overdue, summary.late) == (int(state == "overdue"), int(state == "late"))


def test_c06_3_a_new_key_area_matches_who_is_registered_already(arrivals):
    arrivals([{"name": "张玉兰", "origin": "山西平遥县"}, {"name": "李四", "origin": "大同市"}])
    assert figures() == (2, 0)
    plan = load_shipped("county-report-2020")
    pingyao = plan.key_areas[0].model_copy(update={"path": "140728"})
    wider = plan.model_copy(update={"key_areas": [*plan.key_areas, pingyao]})
    made = activate(by=BY, at=EVENING, plan=wider, order=Order(TOWN, EVENING.date()))
    match_everyone(activation=made, at=EVENING, within=made.area_path)
    assert figures() == (2, 1)
    watched = Enrolment.objects.filter(activation=made, observed=True).values_list("subject", flat=True)
    assert set(Person.objects.filter(uid__in=watched).values_list("name", flat=True)) == {"张玉兰"}
    assert Arrival.objects.count() == 2  # nobody was entered again


def test_c06_4_three_lists_make_one_card_with_three_sources(arrivals):
    row = {"name": "张玉兰", "document": NUMBER, "origin": "湖北武汉"}
    for moment in ("2020-02-08T14:00:00+08:00", "2020-02-08T15:00:00+08:00", "2020-02-08T16:00:00+08:00"):
        batch = arrivals([row], at=moment)
    assert counts(batch)["duplicate"] == 1
    assert len(sources_of(Person.objects.get())) == 3
    assert figures() == (1, 1)


def test_c06_4_three_cards_merged_by_hand_are_one_card_with_three_sources(arrivals):
    for name, moment in (("张玉兰", "14"), ("张玉蓝", "15"), ("张雨兰", "16")):
        arrivals([{"name": name}], at=f"2020-02-08T{moment}:00:00+08:00")
    kept, second, third = Person.objects.order_by("pk")
    for merged in (second, third):
        people.merge(by=BY, at=EVENING, kept=kept, merged=merged, reason="checkpoint, employer and herself")
    assert len(sources_of(kept)) == 3
    assert figures()[0] == 1


def test_c06_6_without_a_door_the_person_is_saved_and_the_card_is_incomplete(arrivals):
    arrivals([{"name": "张玉兰"}, {"name": "李四", "door": "12号"}])
    assert figures()[0] == 2
    assert count_incomplete_cards(area_path=COUNTY, as_of=EVENING) == 1
    assert [person.name for person in incomplete_cards(area_path=COUNTY, as_of=EVENING)] == ["张玉兰"]
