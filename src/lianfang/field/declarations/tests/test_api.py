"""Declarations over HTTP: the same acts as on the pages, within the token's area."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from lianfang.field.declarations import actions
from lianfang.field.declarations.models import Declaration
from lianfang.registry.audit.rules import Actor
from lianfang.registry.organisation import actions as organisation
from lianfang.registry.people.models import Person
from lianfang.registry.tokens.actions import NewToken, make

BY, TOWN, VILLAGE, OTHER_TOWN = Actor("test"), "140931101", "140931101201", "140931102"


@pytest.fixture
def caller(account):
    def made(role, area):
        now = timezone.now()
        new = NewToken(account(role, area), "test", role, area, now + timedelta(days=1))
        return Client(headers={"Authorization": f"Bearer {make(by=BY, at=now, new=new)[1]}"})

    return made


@pytest.fixture
def asked(county):
    """Two of a unit's staff, asked an hour ago."""
    at = timezone.now() - timedelta(hours=1)
    unit = organisation.establish(by=BY, at=at, area_path=TOWN, kind="member_unit", name="交通运输局")
    staff = [actions.NewStaff(uuid4(), unit, name, phone=f"1390000000{n}") for n, name in enumerate(("张一", "张二"))]
    actions.ask(by=BY, at=at, staff=[(new, actions.Listed(uuid4())) for new in staff])
    return staff


def post(client, path, **body):
    return client.post(f"/api/v1/declarations/{path}", body, content_type="application/json")


def test_the_rate_the_ledger_an_answer_and_a_village(asked, caller):
    client = caller("township_officer", TOWN)
    (unit,) = client.get("/api/v1/declarations/units").json()["items"]
    assert (unit["asked"], unit["answered"], unit["missing"]) == (2, 0, 2)
    ledger = client.get("/api/v1/declarations", {"show": "missing"}).json()
    assert (ledger["count"], "13900000000" in str(ledger)) == (2, False)
    sent = {"id": str(uuid4()), "travelled": True, "origin": "山西大同", "returned_on": "2020-02-07"}
    told, again = (post(client, f"{asked[0].uid}/answer", **sent) for _ in range(2))
    assert (told.status_code, again.status_code, told.json()["state"]) == (200, 200, "submitted")
    assert post(client, f"{asked[0].uid}/answer", **sent | {"id": str(uuid4())}).status_code == 409
    placed = post(client, f"{asked[0].uid}/village", village=VILLAGE)
    assert (placed.status_code, placed.json()["person"]) == (200, str(Person.objects.get().uid))
    assert post(client, f"{asked[0].uid}/village", village=VILLAGE).status_code == 409


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"travelled": True}, "origin"),
        ({"travelled": True, "origin": "没有这个地方", "returned_on": "2020-02-07"}, "origin"),
        ({"travelled": True, "origin": "山西大同", "returned_on": "2099-02-07"}, "returned_on"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_by_its_field(asked, caller, told, field):
    answer = post(caller("township_officer", TOWN), f"{asked[0].uid}/answer", id=str(uuid4()), **told)
    assert answer.status_code == 422
    assert field in {one["field"] for one in answer.json()["faults"]}
    assert not Declaration.objects.exclude(submitted_at=None).exists()


def test_another_area_neither_sees_nor_answers(asked, caller):
    elsewhere = caller("township_officer", OTHER_TOWN)
    assert elsewhere.get("/api/v1/declarations").json()["count"] == 0
    assert elsewhere.get("/api/v1/declarations/units").json()["count"] == 0
    told = {"id": str(uuid4()), "travelled": False}
    assert post(elsewhere, f"{asked[0].uid}/answer", **told).status_code == 404
    assert post(elsewhere, f"{asked[0].uid}/village", village=VILLAGE).status_code == 404
