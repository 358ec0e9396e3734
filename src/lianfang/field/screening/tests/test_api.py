"""Arrivals and hand-overs over HTTP: the same matching as a list, one owner at any time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.registry.tokens.actions import NewToken, make

TOWN, VILLAGE, OTHER = "140931101", "140931101201", "140931101202"


@pytest.fixture
def caller(account):
    def made(role, area):
        now = timezone.now()
        new = NewToken(account(role, area), "test", role, area, now + timedelta(days=1))
        return Client(headers={"Authorization": f"Bearer {make(by=Actor('test'), at=now, new=new)[1]}"})

    return made


def post(client, path, **body):
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def test_arrivals_are_judged_as_a_list_is_and_sent_twice_make_one_card(county, caller):
    client = caller("township_officer", TOWN)
    rows = [
        {"name": "张玉兰", "village": "东沟村", "arrived_on": "2020-02-07", "phone": "13900000000"},
        {"name": "", "village": "东沟村", "arrived_on": "2020-02-07"},
    ]
    first, again = (post(client, "arrivals", area=TOWN, rows=rows) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert [row["outcome"] for row in first.json()["rows"]] == ["accepted", "rejected"]
    assert first.json()["rows"][1]["faults"][0]["rule"] == "no_name"
    assert [row["outcome"] for row in again.json()["rows"]] == ["duplicate", "rejected"]
    assert Person.objects.count() == 1
    found = client.get("/api/v1/persons", {"q": "张玉兰"}).json()
    assert (found["count"], "13900000000" in str(found)) == (1, False)


def test_a_person_sent_and_accepted_belongs_to_the_other_village(arrivals, caller):
    arrivals([{"name": "张玉兰"}])
    person = Person.objects.get()
    here, there = caller("village_head", VILLAGE), caller("village_head", OTHER)
    told = {"id": str(uuid4()), "to": OTHER, "reason": "moved"}
    sent = post(here, f"persons/{person.uid}/handover", **told)
    assert (sent.status_code, sent.json()["state"]) == (201, "sent")
    assert post(here, f"persons/{person.uid}/handover", **told).json()["uid"] == sent.json()["uid"]
    uid = sent.json()["uid"]
    assert post(here, f"handovers/{uid}/accept", village=OTHER).status_code == 403
    assert post(there, f"handovers/{uid}/accept", village=VILLAGE).status_code == 404
    assert post(there, f"handovers/{uid}/accept", village=OTHER).json()["state"] == "accepted"
    assert post(there, f"handovers/{uid}/reject", reason="late").status_code == 409
    person.refresh_from_db()
    assert person.area_path == OTHER
    assert here.get(f"/api/v1/persons/{person.uid}").status_code == 404
    assert there.get(f"/api/v1/persons/{person.uid}").json()["area"] == OTHER


def test_a_person_of_another_village_cannot_be_sent(arrivals, caller):
    arrivals([{"name": "张玉兰"}])
    path = f"persons/{Person.objects.get().uid}/handover"
    answer = post(caller("village_head", OTHER), path, id=str(uuid4()), to=OTHER, reason="x")
    assert answer.status_code == 404
