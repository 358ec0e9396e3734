"""The log: one row for an act, in the same transaction, taken back with it."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils.dateparse import parse_datetime

from lianfang.registry.accounts import actions as accounts
from lianfang.registry.accounts.models import Account
from lianfang.registry.audit.actions import record
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import SYSTEM, Actor
from lianfang.registry.people.actions import log_reading, register
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import NewPerson
from lianfang.registry.places.actions import AreaRow, import_areas

AT, BY = parse_datetime("2020-02-08T09:00:00+08:00"), Actor("grid-1", 7)
VILLAGE = "140931101201"


class _TakenBack(Exception):
    pass


@pytest.fixture
def person(db):
    uid = uuid4()
    return register(at=AT, people=[NewPerson(uid=uid, name="张玉兰", area_path=VILLAGE)])[uid]


@pytest.fixture
def worker(db):
    return accounts.open_account(by=BY, at=AT, username="w", display_name="w", password="correct horse")


ACTS: dict[str, Callable] = {
    "areas.imported": lambda _person, _worker: import_areas(
        by=BY, at=AT, rows=[AreaRow(2, VILLAGE, "东沟村", "", "village")]
    ),
    "account.opened": lambda _person, _worker: accounts.open_account(
        by=BY, at=AT, username="x", display_name="x", password=None
    ),
    "account.password_set": lambda _person, worker: accounts.set_password(
        by=BY, at=AT, account=worker, password="battery staple"
    ),
    "appointment.made": lambda _person, worker: accounts.appoint(
        by=BY, at=AT, account=worker, role="grid_worker", area_path=VILLAGE
    ),
    "person.opened": lambda person, _worker: log_reading(by=BY, at=AT, person=person),
    "person.identified": lambda person, _worker: log_reading(
        by=BY, at=AT, person=person, in_full=True, purpose="to arrange a visit"
    ),
}


@pytest.mark.parametrize("action", ACTS)
def test_each_act_leaves_one_row_that_says_who_and_when(action, person, worker):
    known = set(Event.objects.values_list("pk", flat=True))
    ACTS[action](person, worker)
    logged = Event.objects.exclude(pk__in=known).get()
    assert (logged.action, logged.actor, logged.actor_id, logged.at) == (action, "grid-1", 7, AT)


def _done_and_taken_back(act: Callable, person: Person, worker: Account) -> None:
    act(person, worker)
    raise _TakenBack


@pytest.mark.parametrize("action", ACTS)
def test_what_is_taken_back_leaves_no_row(action, person, worker):
    before = Event.objects.count(), Account.objects.count()
    with pytest.raises(_TakenBack), transaction.atomic():
        _done_and_taken_back(ACTS[action], person, worker)
    assert (Event.objects.count(), Account.objects.count()) == before


@pytest.mark.parametrize("action", ACTS)
def test_without_its_row_in_the_log_an_act_is_not_done(action, person, worker):
    before = Account.objects.count(), list(Account.objects.values_list("password", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT closed CHECK (false) NOT VALID")
    with pytest.raises(Exception, match="closed"):
        ACTS[action](person, worker)
    assert (Account.objects.count(), list(Account.objects.values_list("password", flat=True))) == before


def test_opening_a_page_names_the_person_by_uid_and_the_village(person):
    log_reading(by=BY, at=AT, person=person)
    logged = Event.objects.get(action="person.opened")
    assert (logged.subject, logged.subject_kind, logged.area_path) == (person.uid, "person", VILLAGE)
    assert person.name not in str(logged.data) + logged.purpose


def test_the_log_outlives_whom_it_speaks_of(person):
    log_reading(by=BY, at=AT, person=person)
    Person.objects.all().delete()
    assert Event.objects.filter(subject=person.uid).count() == 1


@pytest.mark.django_db
def test_the_system_is_no_account():
    assert record(by=SYSTEM, action="tested", at=AT).actor_id is None
