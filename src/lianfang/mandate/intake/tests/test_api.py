"""Records over HTTP: the same id and payload give the same answer, another payload 409; each record stands alone."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from lianfang.field.observation.models import Reading
from lianfang.mandate.intake.gathering import Gathering
from lianfang.mandate.intake.models import ReceivedRecord
from lianfang.mandate.intake.records import Outcome, RecordFault
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.registry.tokens.actions import NewToken, make

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
AT = "2020-02-09T08:30:00+08:00"


@pytest.fixture
def caller(account):
    """caller(role, area) → a client with that token."""

    def made(role="village_head", area=VILLAGE):
        now = timezone.now()
        new = NewToken(account(role, area), "test", role, area, now + timedelta(days=1))
        _token, key = make(by=Actor("test"), at=now, new=new)
        return Client(headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"})

    return made


@pytest.fixture
def person(arrivals):
    arrivals([{"name": "张玉兰"}])
    return Person.objects.get()


def record(person, **told):
    return {"id": str(uuid4()), "kind": "temperature", "person": str(person.uid), "at": AT, "value": 36.5} | told


def send(client, *records):
    return client.post("/api/v1/records", {"records": list(records)}, content_type="application/json")


def test_the_same_batch_again_gives_the_same_answer_and_stores_nothing(person, caller):
    client, batch = caller(), [record(person), record(person, kind="call")]
    first, again = send(client, *batch), send(client, *batch)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert first.json()["stored"] == 2
    assert Reading.objects.count() == 2


def test_another_payload_under_the_same_id_is_409_and_the_others_are_stored(person, caller):
    client, one = caller(), record(person)
    send(client, one)
    answer = send(client, one | {"value": 38.9}, record(person))
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
    told = answer.json()
    assert [result["status"] for result in told["results"]] == ["conflict", "stored"]
    assert told["results"][0]["remedy"]
    assert sorted(Reading.objects.values_list("celsius", flat=True)) == [36.5, 36.5]


def test_each_refused_record_names_field_value_rule_and_remedy(person, caller):
    answer = send(caller(), record(person, value=50), record(person), record(person, kind="dance"))
    assert answer.status_code == 200
    wrong = [one for one in answer.json()["results"] if one["status"] == "refused"]
    assert [(one["line"], one["field"], one["value"], one["rule"]) for one in wrong] == [
        (1, "value", "50", "temperature_range"),
        (3, "kind", "dance", "not_one_of"),
    ]
    assert all(one["remedy"] for one in wrong)
    assert (answer.json()["stored"], ReceivedRecord.objects.count()) == (1, 1)


def test_a_refused_record_may_be_sent_again_once_it_is_right(person, caller):
    client, one = caller(), record(person, value=50)
    send(client, one)
    assert send(client, one | {"value": 36.6}).json()["stored"] == 1


def test_a_person_of_another_area_is_as_unknown_as_one_who_is_not_there(person, caller):
    elsewhere = caller(area=OTHER)
    one = record(person)
    answers = [send(elsewhere, one), send(elsewhere, one | {"person": str(uuid4())})]
    assert [[result["rule"] for result in answer.json()["results"]] for answer in answers] == [["unknown_person"]] * 2
    assert not Reading.objects.exists()


def test_a_role_that_does_not_record_is_refused(person, caller):
    assert send(caller("epidemiologist", COUNTY), record(person)).status_code == 403
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"records": [{"value": NaN}]}', 400),
        (b"[]", 422),
        (b'{"records": []}', 422),
        (b'{"records": "all"}', 422),
        (b'{"records": [1]}', 422),
    ],
)
def test_a_call_that_cannot_be_read_is_refused_whole(caller, installation, body, status):
    answer = caller().generic("POST", "/api/v1/records", body, content_type="application/json")
    assert answer.status_code == status
    assert answer.json()["remedy"]


def test_more_than_the_limit_is_refused_with_413(caller, installation, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = caller().generic("POST", "/api/v1/records", b" " * 1001, content_type="application/json")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "strange",
    [
        {"note": "a\0b"},
        {"note": "\ud800"},
        {"id": "\ud800"},
        {"id": {"a": 1}},
        {"value": 10**400},
        {"value": [[{}]]},
        {"kind": ["call"]},
        {"kind": "symptoms", "value": [{}]},
        {"kind": "symptoms", "value": ["none", ["x"]]},
        {"kind": "need", "value": {}},
        {"given_by": {}},
        {"at": "0001-01-01T00:00:00Z"},
        {"at": "9999-12-31T23:59:59-23:59"},
        {"at": 1.5},
        {"at": ""},
        {"person": [], "document": {}},
        {"person": "", "document": "9" * 10_000},
        {"reached": "yes"},
    ],
    ids=str,
)
def test_what_no_form_would_send_is_refused_and_harms_nobody(person, caller, strange):
    answer = send(caller(), record(person) | strange, record(person))
    assert answer.status_code == 200
    assert [one["status"] for one in answer.json()["results"]] == ["refused", "stored"]


def test_a_batch_leaves_one_row_in_the_log_with_its_counts(person, caller):
    client = caller()
    send(client, record(person), record(person, value=50))
    (row,) = Event.objects.filter(action="api.called")
    assert (row.data["received"], row.data["stored"], row.data["refused"]) == (2, 1, 1)
    assert row.data["token"]


# --- gathering --------------------------------------------------------------------------------------------------


def together(many, store, gathering=None):
    """What each of `many` calls at once was answered: an outcome, or what it raised."""
    gathering, barrier, answers = gathering or Gathering(), Barrier(many), [None] * many

    def call(number):
        barrier.wait()
        try:
            answers[number] = gathering.store(1, [number], store)
        except RuntimeError as error:
            answers[number] = error

    threads = [Thread(target=call, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not gathering._busy
    assert not gathering._waiting
    return answers


def test_calls_at_once_are_stored_once_each_and_each_hears_of_its_own():
    stored = []

    def store(lines, calls):
        stored.extend(lines)
        faults = [RecordFault(n, "", "", str(line), "odd") for n, line in enumerate(lines, 1) if line % 2]
        return Outcome(len(lines), len(lines) - len(faults), faults=faults)

    answers = together(40, store)
    assert sorted(stored) == list(range(40))
    for number, answer in enumerate(answers):
        assert [(fault.line, fault.value) for fault in answer.faults] == ([(1, str(number))] if number % 2 else [])


def test_one_call_that_fails_takes_no_other_with_it():
    def store(lines, calls):
        if 7 in lines:
            raise RuntimeError(lines)
        return Outcome(len(lines), len(lines))

    answers = together(20, store)
    assert [number for number, answer in enumerate(answers) if isinstance(answer, RuntimeError)] == [7]
