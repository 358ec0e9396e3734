"""Contacts of a case: from a list, dated, matched like arrivals, and taken back."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.screening import handover
from lianfang.field.screening.actions import match_late
from lianfang.field.screening.contacts import NewExposure, register_exposures, withdraw_exposure
from lianfang.field.screening.models import Exposure
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.intake import actions as intake
from lianfang.mandate.intake.models import StagedRow
from lianfang.mandate.response.actions import Order, activate
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people_actions
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import NewPerson
from lianfang.registry.places.models import Installation
from lianfang.science.plan import load_shipped

TOWN, VILLAGE, OTHER = "140931101", "140931101201", "140931101202"
DAY = date(2020, 2, 10)
AT = parse_datetime("2020-02-10T10:00:00+08:00")
BY = Actor("test")
LIST = """姓名,身份证号,电话,村,门牌号,末次接触日期,接触场所
接触甲,,13800000001,东沟村,3号,2020-02-08,学校
接触乙,,13800000002,东沟村,5号,2020-02-09,同乘
接触丙,,13800000003,东沟村,7号,2020-02-30,学校
接触丁,,13800000004,东沟村,9号,2020-02-11,学校
接触戊,,13800000005,东沟村,11号,,学校
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def measles(county):
    """The county without its exercise: measles contacts are monitored by a live plan."""
    Installation.objects.update(exercise=False)
    order = Order("140931101", DAY, "县疾控判定书第1号", "second")
    return activate(by=Actor("first"), at=AT, plan=load_shipped("measles-contacts"), order=order)


def imported(text, at=AT):
    file = intake.NewFile("contacts", TOWN, "接触者.csv", text.encode())
    batch = intake.check(batch=intake.receive(by=BY, at=at, file=file))
    return intake.commit(by=BY, batch=batch, now=at)


def told(exposed_on, person=None, at=AT):
    if person is None:
        people_actions.register(at=at, people=[NewPerson(uid=uuid4(), name="接触者", area_path=VILLAGE)])
        person = Person.objects.order_by("pk").last()
    new = NewExposure(uuid4(), person.uid, exposed_on, "学校")
    register_exposures(at=at, exposures=[new], people={person.uid: person})
    return person, new


def running(**asked):
    found = Enrolment.objects.filter(subject_kind="person", closed_at__isnull=True, voided_at__isnull=True, **asked)
    return list(found.order_by("pk"))


def test_a_list_of_contacts_is_taken_in_and_every_bad_row_says_why(measles):
    batch = imported(LIST)
    outcomes = list(StagedRow.objects.filter(batch=batch).order_by("number").values_list("outcome", flat=True))
    assert outcomes == ["accepted", "accepted", "rejected", "rejected", "rejected"]
    exposures = Exposure.objects.order_by("exposed_on")
    assert [(one.person.name, one.exposed_on, one.setting) for one in exposures] == [
        ("接触甲", date(2020, 2, 8), "学校"),
        ("接触乙", date(2020, 2, 9), "同乘"),
    ]
    assert [row.pathway for row in running()] == ["contact", "contact"]
    assert {row.last_day for row in running()} == {date(2020, 2, 29), date(2020, 3, 1)}


def test_the_same_list_again_makes_no_second_exposure(measles):
    imported(LIST)
    imported(LIST, at=AT + timedelta(hours=2))
    assert (Exposure.objects.count(), Person.objects.count(), len(running())) == (2, 2, 2)


@pytest.mark.parametrize(("days", "found"), [(0, 1), (21, 1), (22, 0)])
def test_an_exposure_counts_for_as_long_as_the_plan_looks_back(measles, days, found):
    told(DAY - timedelta(days=days))
    assert len(running()) == found


def test_a_later_exposure_lasts_longer_and_an_earlier_one_changes_nothing(measles):
    person, _first = told(DAY - timedelta(days=5))
    told(DAY - timedelta(days=2), person)
    told(DAY - timedelta(days=9), person)
    (row,) = running()
    assert row.last_day == DAY - timedelta(days=2) + timedelta(days=21)


def test_an_exposure_taken_back_gives_back_what_the_others_say(measles):
    person, _first = told(DAY - timedelta(days=5))
    _person, second = told(DAY - timedelta(days=2), person)
    withdraw_exposure(uid=second.uid, at=AT + timedelta(hours=1))
    (row,) = running()
    assert row.last_day == DAY - timedelta(days=5) + timedelta(days=21)
    withdraw_exposure(uid=second.uid, at=AT + timedelta(hours=2))
    assert running() == [row]


def test_who_is_told_of_between_the_order_and_its_first_day_is_matched_on_that_day(county):
    Installation.objects.update(exercise=False)
    order = Order(TOWN, DAY + timedelta(days=1), "县疾控判定书第1号", "second")
    activate(by=Actor("first"), at=AT, plan=load_shipped("measles-contacts"), order=order)
    told(DAY, at=AT + timedelta(hours=1))
    assert running(pathway="contact") == []
    match_late(at=AT + timedelta(days=1))
    assert [row.pathway for row in running(activation__area_path=TOWN)] == ["contact"]


def test_a_contact_is_no_arrival(county):
    """The county's plan asks for stays, not for exposures: a contact gets the notice of everybody, no observation."""
    told(DAY - timedelta(days=1))
    assert running() == []


def test_a_list_of_contacts_is_taken_back_whole(measles):
    batch = imported(LIST)
    intake.undo_import(by=BY, at=AT + timedelta(hours=1), batch=batch)
    assert not Exposure.objects.filter(withdrawn_at__isnull=True).exists()
    assert running() == []


def observed(person):
    running = Enrolment.objects.filter(subject=person.uid, closed_at=None, voided_at=None, observed=True)
    return list(running.values_list("activation", "area_path", "anchor_on"))


@pytest.fixture
def next_village(measles):
    """A village with a plan of its own."""
    order = Order(OTHER, DAY, "县疾控判定书第2号", "second")
    return activate(by=Actor("first"), at=AT, plan=load_shipped("measles-contacts"), order=order)


def test_a_contact_who_is_handed_over_to_another_plans_area_is_a_contact_there(measles, next_village):
    person, _new = told(DAY - timedelta(days=1))
    offer = handover.send(by=BY, at=AT, uid=uuid4(), person=person, to_path=OTHER, reason="moved")
    handover.accept(by=BY, at=AT + timedelta(hours=1), handover=offer, village=OTHER)
    assert observed(person) == [(next_village.pk, OTHER, DAY - timedelta(days=1))]
    assert Exposure.objects.get().area_path == OTHER


def test_a_contact_of_another_plans_area_who_is_merged_stays_a_contact_until_told_apart(measles, next_village):
    contact, _new = told(DAY - timedelta(days=1))
    people_actions.register(at=AT, people=[NewPerson(uid=uuid4(), name="接触者", area_path=OTHER)])
    kept = Person.objects.order_by("pk").last()
    made = people_actions.merge(by=BY, at=AT + timedelta(hours=1), kept=kept, merged=contact, reason="one person")
    assert observed(kept) == [(next_village.pk, OTHER, DAY - timedelta(days=1))]
    people_actions.undo_merge(by=BY, at=AT + timedelta(hours=2), merge=made)
    assert observed(kept) == []
    assert observed(contact) == [(measles.pk, VILLAGE, DAY - timedelta(days=1))]
