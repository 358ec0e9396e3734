"""A page asks the database at most twelve times, its frame included; those that still ask more are named."""

from uuid import uuid4

import matrix
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from test_permissions import rules

from lianfang.field.observation.models import Alert
from lianfang.field.screening.models import Arrival
from lianfang.mandate.duties.models import Enrolment, Obligation, TeamMember
from lianfang.mandate.intake.models import Batch
from lianfang.mandate.intake.records import record_batch
from lianfang.mandate.orders.models import Notice
from lianfang.registry.people.models import Household, Person

LIMIT = 12
NOW = parse_datetime("2020-02-08T20:00:00+08:00")
# Not walked, each for its reason.
NOT_SHOWN = {
    "home": "leads on to the first page of whoever works",
    "mfa_reauthenticate": "of an account with a second factor; these have none",
    "mfa_deactivate_totp": "of an account with a second factor; these have none",
    "mfa_view_recovery_codes": "of an account with a second factor; these have none",
    "declarations:entry": "no unit declares here",
    "declarations:ledger": "no unit declares here",
    "homes:group": "no group of homes is made here",
    "observation:paper": "no list on paper is made here",
    "orders:certificate": "nobody is released here",
    "orders:certificate_file": "nobody is released here",
    "organisation:body": "no body is made here",
    "oversight:emergency": "nobody asks for access in an emergency here",
    "people:pair": "no pair of cards is made here",
    "planning:order": "no order about a plan is made here",
    "planning:people": "no order about a plan is made here",
    "planning:plan": "held to 14 by the tests of the plans",
    "planning:propose": "no order about a plan is made here",
    "screening:handover": "nobody is handed over here",
    "screening:progress": "no list is sent down here",
    "screening:results": "no list is sent down here",
}
# As measured: too many, to come down and never to go up. What each of them asks has not been gone through yet.
STILL_MORE = {
    "duties:person": 14,
    "observation:alert": 14,
    "observation:course": 13,
    "observation:household": 16,
    "observation:list": 16,
    "observation:person": 20,
    "observation:today": 16,
    "orders:file": 16,
    "orders:notice": 16,
    "organisation:chart": 15,
    "screening:list": 14,
    "screening:person": 14,
}


@pytest.fixture
def objects(town, db, monkeypatch):
    """What each kind of parameter stands for: a person of the town with a notice, an alert, a need and a team."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    person = Person.objects.get(uid=Enrolment.objects.filter(observed=True).earliest("pk").subject)
    told = {"person": str(person.uid), "at": NOW.isoformat()}
    health = {"given_by": "self", "channel": "phone"}
    lines = [
        {"id": str(uuid4()), "kind": "notice_issued", **told},
        {"id": str(uuid4()), "kind": "temperature", "value": 38.4, **health, **told},
        {"id": str(uuid4()), "kind": "need", "value": "food", **told},
        {"id": str(uuid4()), "kind": "team_member", "slot": "grid_worker", "name": "甲", **told},
    ]
    assert record_batch(by=matrix.BY, at=NOW, lines=lines).faults == []
    return {
        "person": {"uid": person.uid},
        "household": {"uid": Household.objects.get(pk=person.household_id).uid},
        "batch": {"uid": Batch.objects.get().uid},
        "notice": {"uid": Notice.objects.get(person=person).uid},
        "obligation": {"obligation": Obligation.objects.filter(subject=person.uid).earliest("pk").pk},
        "alert": {"uid": Alert.objects.get(person=person).uid},
        "member": {"record": TeamMember.objects.earliest("pk").record},
        "arrival": {"arrival": Arrival.objects.filter(person=person).latest("pk").uid},
        "list": {"kind": "arrivals"},
    }


def _pages(objects):
    """(name, URL) of every page that the town can show."""
    for name, wanted, kind, method, rule in rules():
        if method == "get" and rule is not None and name not in NOT_SHOWN:
            values = objects[kind] if kind and wanted else {}
            yield name, reverse(name, kwargs={key: values[key] for key in wanted})


def _questions(asked):
    return [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))]


def _ask(user, url):
    """The answer and its number of questions; a part of a card comes only to the page that it is a part of."""
    for headers in ({}, {"HX-Request": "true"}):
        with CaptureQueriesContext(connection) as asked:
            status = user.get(url, headers=headers).status_code
        if status == 200:
            break
    return status, len(_questions(asked.captured_queries))


def test_pages_ask_at_most_twelve_times_or_their_own_number(objects, client, account):
    """By an officer, a village's head and an administrator, in a process that remembers names and plans already."""
    village = Person.objects.get(uid=objects["person"]["uid"]).area_path
    objects["worker"] = {"number": account("grid_worker", village).pk}
    posts = [("county_officer", matrix.COUNTY), ("village_head", village), ("administrator", matrix.COUNTY)]
    most, pages = {}, set()
    for post in posts:
        user = matrix.enter(type(client)(), account(*post))
        _ask(user, reverse("planning:list"))
        for name, url in _pages(objects):
            pages.add(name)
            status, often = _ask(user, url)
            if status == 200:
                most[name] = max(most.get(name, 0), often)
    assert pages - set(most) == set(), "shown to none of the three"
    assert {name: often for name, often in most.items() if often > LIMIT} == STILL_MORE


def test_the_frame_of_a_page_asks_twice(objects, client, account):
    """For the session, and for the account with its posts, the installation and the stamp; the rest is remembered."""
    user = matrix.enter(client, account("township_officer", matrix.TOWN))
    for most in (4, 2):
        with CaptureQueriesContext(connection) as asked:
            assert user.get(reverse("web:help")).status_code == 200
        assert len(asked) <= most
