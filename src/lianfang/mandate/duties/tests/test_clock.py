"""Two hours from reaching home: on time, ten minutes late, overdue; and who is not on the clock."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.mandate.duties.actions import escalate
from lianfang.mandate.duties.models import EscalationStep
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.intake.records import record_batch
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

BY = Actor("test")
COUNTY = "140931"


def moment(clock: str):
    return parse_datetime(f"2020-02-09T{clock}:00+08:00")


@pytest.fixture
def person(arrivals):
    """Reported home at 14:00 on 9 February, registered at 14:05, from Wuhan."""
    arrivals(
        [
            {
                "name": "张玉兰",
                "origin": "湖北武汉",
                "arrived_on": "2020-02-09",
                "reached_home": "14:00",
                "door": "12号",
            }
        ],
        at="2020-02-09T14:05:00+08:00",
    )
    return Person.objects.get(name="张玉兰")


def verify(person, clock: str) -> None:
    line = {
        "id": str(uuid4()),
        "kind": "first_verification",
        "person": str(person.uid),
        "at": moment(clock).isoformat(),
    }
    assert record_batch(by=BY, at=moment(clock), lines=[line]).stored == 1


def known(as_of):
    (row,) = summaries(area_path=COUNTY, as_of=as_of, duty="known-in-two-hours")
    return row


def test_first_verification_within_two_hours_is_on_time(person):
    verify(person, "15:50")
    row = known(moment("18:00"))
    assert (row.due, row.done, row.late, row.overdue) == (1, 1, 0, 0)


def test_first_verification_after_two_hours_is_late_by_ten_minutes(person):
    verify(person, "16:10")
    row = known(moment("18:00"))
    assert (row.done, row.late) == (1, 1)
    (item,) = items(area_path=COUNTY, as_of=moment("18:00"), duty="known-in-two-hours", states=["late"])
    assert item.done_at - item.due_at == timedelta(minutes=10)


@pytest.mark.parametrize(("clock", "level"), [("16:30", "worker"), ("18:00", "village"), ("20:30", "township")])
def test_no_first_verification_climbs_from_the_village_upwards(person, clock, level):
    (item,) = items(area_path=COUNTY, as_of=moment(clock), duty="known-in-two-hours")
    assert (item.state, item.level) == ("overdue", level)
    assert item.owner == "东沟村 负责人（空缺）"


def test_no_first_verification_reaches_the_county_next_day(person):
    as_of = parse_datetime("2020-02-10T05:00:00+08:00")
    (item,) = items(area_path=COUNTY, as_of=as_of, duty="known-in-two-hours")
    assert item.level == "county"


def test_each_step_of_the_ladder_is_logged_once(person):
    for _again in range(2):
        escalate(at=moment("20:30"))
    steps = EscalationStep.objects.filter(obligation__duty__code="known-in-two-hours")
    assert sorted(steps.values_list("level", flat=True)) == ["township", "village"]


def test_before_two_hours_the_duty_is_open(person):
    row = known(moment("15:00"))
    assert (row.open, row.overdue) == (1, 0)


@pytest.mark.parametrize(
    "told",
    [
        {"arrived_on": "2020-02-09"},
        {"arrived_on": "2020-02-07", "reached_home": "14:00"},
    ],
    ids=["hour unknown", "before the plan was in force"],
)
def test_clock_that_cannot_start_is_listed_outside_the_percentage(arrivals, told):
    arrivals([{"name": "李建国", "origin": "武汉", "door": "27号", **told}], at="2020-02-09T14:05:00+08:00")
    row = known(moment("18:00"))
    assert (row.due, row.untimed, row.share.percent) == (0, 1, None)


def test_who_does_not_come_from_a_key_area_is_on_no_clock(arrivals):
    arrivals([{"name": "李建国", "origin": "山西省大同市", "reached_home": "14:00"}])
    assert summaries(area_path=COUNTY, as_of=moment("18:00"), duty="known-in-two-hours") == []


@pytest.mark.parametrize(
    "told",
    [
        {"arrived_on": "2020-02-09", "reached_home": "14:00"},
        {"arrived_on": "2020-02-09", "reached_home": "2020-02-09 14:00"},
        {"arrived_on": "2020-02-08", "reached_home": "2020-02-09 14:00"},
        {"arrived_on": "2020-02-08", "reached_home": "2月9日 下午2点"},
        {"arrived_on": "2020-02-09 14:00"},
        {"arrived_on": None, "reached_home": "2020-02-09 14:00"},
    ],
)
def test_the_hour_of_reaching_home_however_it_is_written(arrivals, told):
    arrivals([{"name": "张玉兰", "origin": "湖北武汉", "door": "1号"} | told], at="2020-02-09T14:05:00+08:00")
    (item,) = items(area_path=COUNTY, as_of=moment("15:00"), duty="known-in-two-hours")
    assert item.due_at == moment("16:00")
