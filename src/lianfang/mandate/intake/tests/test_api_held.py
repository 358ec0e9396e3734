"""A list that may be cut off, over HTTP: it says so, is not imported, and names the call that goes on."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lianfang.mandate.intake import actions
from lianfang.mandate.intake.models import Batch
from lianfang.mandate.intake.rules.problems import FileFault
from lianfang.registry.audit.rules import Actor
from lianfang.registry.tokens.actions import NewToken, make

TOWN = "140931101"


@pytest.fixture
def client(account):
    now = timezone.now()
    new = NewToken(account("township_officer", TOWN), "test", "township_officer", TOWN, now + timedelta(days=1))
    _token, key = make(by=Actor("test"), at=now, new=new)
    return Client(headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"})


@pytest.fixture
def held(county):
    """As the check leaves a list that ends at its format's last row."""
    content = "姓名,村,返乡日期\n张三,东沟村,2020-02-07\n".encode()
    file = actions.NewFile("arrivals", TOWN, "a.csv", content)
    batch = actions.receive(by=Actor("test"), at=timezone.now(), file=file)
    fault = FileFault("possibly_truncated", {"sheet": "", "rows": 65_536}).problem().to_json()
    Batch.objects.filter(pk=batch.pk).update(state="held", fault=fault)
    return batch


def test_a_held_list_says_what_to_do(client, held):
    told = client.get(f"/api/v1/imports/{held.uid}").json()
    assert told["state"] == "held"
    (fault,) = told["faults"]
    assert fault["rule"] == "possibly_truncated"
    assert "65536" in fault["remedy"]
    assert "/whole" in fault["remedy"]
    assert "/drop" in fault["remedy"]


def test_a_held_list_is_not_confirmed_and_the_refusal_names_the_remedy(client, held):
    answer = client.post(f"/api/v1/imports/{held.uid}/confirm")
    assert answer.status_code == 409
    (fault,) = answer.json()["faults"]
    assert fault["rule"] == "possibly_truncated"
    assert "/whole" in fault["remedy"]
    assert Batch.objects.get(pk=held.pk).state == "held"


def test_said_to_be_whole_it_is_read_and_confirmed(client, held):
    answer = client.post(f"/api/v1/imports/{held.uid}/whole")
    assert (answer.status_code, answer.json()["state"], answer.json()["faults"]) == (200, "received", [])
    refused = client.post(f"/api/v1/imports/{held.uid}/confirm")
    assert refused.status_code == 409
    assert "moment" in refused.json()["faults"][0]["remedy"]
    actions.check(batch=held)
    assert client.post(f"/api/v1/imports/{held.uid}/confirm").json()["state"] == "confirmed"
    assert client.post(f"/api/v1/imports/{held.uid}/whole").status_code == 409
