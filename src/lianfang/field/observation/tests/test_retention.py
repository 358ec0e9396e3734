"""Identity goes after the plan's period, with a log; what a village is asked to record is counted and shown."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from lianfang.field.observation.actions import NewReading, erase_identities, record_readings
from lianfang.field.observation.models import Erasure, Reading
from lianfang.field.observation.queries.burden import burden
from lianfang.mandate.duties.actions import close_ended, generate_due
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Document, Person, Phone

TOWN, VILLAGE, COUNTY = "140931101", "140931101201", "140931"
ASSUMED = {"zh": "试验用", "en": "for the test"}
KEEP = {"originals_days": {"value": 30, "assumed": ASSUMED}, "observation_days": {"value": 60, "assumed": ASSUMED}}


def at(day):
    return parse_datetime(f"2020-{day}T09:00:00+08:00")


@pytest.fixture
def ended(plan_in_town, arrivals):
    """张玉兰, whose observation ended on 21 February; 李建国, who came on 10 April."""
    plan_in_town(retention=KEEP)
    card = {"origin": "湖北武汉", "door": "1号", "phone": "13900001234"}
    arrivals([card | {"name": "张玉兰", "document": "990000195501011042"}])
    woman = Person.objects.get()
    note = NewReading(uuid4(), woman, "call", at("02-10"), note="女儿张小妹接电话")
    record_readings(by=Actor("grid"), at=at("02-10"), readings=[note])
    for day in ("02-22", "04-10"):
        generate_due(at=at(day))
        close_ended(at=at(day))
    arrivals([card | {"name": "李建国", "arrived_on": "2020-04-10", "door": "2号"}], at="2020-04-10T18:00:00+08:00")
    return woman


def test_c29_4_identity_goes_after_the_retention_period_with_a_log(ended):
    assert erase_identities(at=at("04-21")) == 0  # 60 days after 21 February
    assert erase_identities(at=at("04-22")) == 1
    assert erase_identities(at=at("04-23")) == 0
    ended.refresh_from_db()
    assert ended.name == f"#{str(ended.uid)[:8]}"
    assert (ended.pinyin, ended.initials, ended.birth_date, ended.household) == ("", "", None, None)
    assert not Document.objects.filter(person=ended).exists()
    assert not Phone.objects.filter(person=ended).exists()
    assert Reading.objects.get(person=ended).note == ""
    log = Erasure.objects.get()
    assert (log.person, log.ended_on.isoformat(), log.retention_days) == (ended, "2020-02-21", 60)
    event = Event.objects.get(action="identities.erased")
    assert event.data == {"people": 1, "days": 60, "plan": "county-report-2020"}


def test_c29_4_who_is_under_observation_keeps_the_card(ended):
    erase_identities(at=at("04-22"))
    other = Person.objects.exclude(pk=ended.pk).get()
    assert other.name == "李建国"
    assert Phone.objects.filter(person=other).exists()


def test_a_plan_that_sets_no_period_erases_nobody(plan_in_town, arrivals):
    plan_in_town()
    arrivals([{"name": "张玉兰", "origin": "湖北武汉", "door": "1号"}])
    close_ended(at=at("06-01"))
    assert erase_identities(at=at("12-31")) == 0


def test_c29_5_the_different_records_demanded_of_a_village_are_computed_and_shown(client, account, people, clock):
    now = clock("2020-02-09T10:00:00+08:00")
    generate_due(at=now)
    found = burden(TOWN, now, length=12)
    # temperature, call or visit, symptoms or visit, zero report
    assert (found[VILLAGE].forms, found[VILLAGE].records) == (4, 2 * (2 + 1 + 1) + 1)
    client.force_login(account("township_officer", TOWN))
    page = client.get(f"{reverse('observation:today')}?area={TOWN}")
    (row,) = [one for one in page.context["areas"] if one.path == VILLAGE]
    assert (row.forms, row.records) == (4, 9)
    assert "每日 9 条" in page.content.decode()
