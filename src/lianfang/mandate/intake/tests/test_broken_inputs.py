"""Each line stands alone: what can be stored is stored, what cannot is named, nothing breaks."""

import json
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianfang.field.observation.models import Need, Reading
from lianfang.mandate.duties.models import TeamMember
from lianfang.mandate.duties.queries import items
from lianfang.mandate.intake.importing import recorders
from lianfang.mandate.intake.models import ReceivedRecord
from lianfang.mandate.intake.records import record_batch
from lianfang.mandate.intake.wording import fault_message
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.science.identity.documents import check_character

BY = Actor("test")
AT = parse_datetime("2020-02-09T09:00:00+08:00")
NUMBER = "990000199303133223"
UNKNOWN = "99000019900101123" + check_character("99000019900101123")


@pytest.fixture
def person(arrivals):
    arrivals([{"name": "张玉兰", "origin": "湖北武汉", "door": "1号", "document": NUMBER}])
    return Person.objects.get()


def good(**told) -> dict:
    usual = {
        "id": str(uuid4()),
        "kind": "temperature",
        "document": NUMBER,
        "at": AT.isoformat(),
        "value": 36.6,
    }
    return usual | told


def send(*lines):
    return record_batch(by=BY, at=AT, lines=lines)


def beside_a_good_one(line):
    """The rule by which the line was refused; the good line beside it is stored."""
    outcome = send(line, good(id=str(uuid4())))
    assert (outcome.received, outcome.stored, outcome.rejected) == (2, 1, 1)
    (fault,) = outcome.faults
    assert fault.line == 1
    assert fault_message(fault.rule, fault.values, field=fault.field, value=fault.value)
    assert Reading.objects.count() == ReceivedRecord.objects.count() == 1
    return fault.field, fault.rule


@pytest.mark.parametrize(
    "raw",
    [
        "x",
        "{",
        "[]",
        "null",
        "5",
        '"text"',
        "{}{}",
        '{"id": 1,}',
        "[" * 100_000,
        '{"value": ' + "9" * 5000 + "}",
        json.dumps(good()).replace("36.6", "NaN"),
        json.dumps(good()).replace("36.6", "Infinity"),
        json.dumps(good(note="a\x00b")),
        json.dumps(good(note="\ud800")),
        json.dumps(good() | {"\x00": 1}),
        "\ufeff" + json.dumps(good()),
        "\ud800",
    ],
    ids=lambda raw: raw[:24].encode("ascii", "backslashreplace").decode(),
)
def test_what_is_no_record_is_refused(person, raw):
    assert beside_a_good_one(raw) == ("", "not_json")


def test_blank_lines_are_no_records(person):
    assert send("", "  \t", "\r", json.dumps(good())).received == 1


@pytest.mark.parametrize(
    ("told", "field", "rule"),
    [
        ({"id": ""}, "id", "not_a_uuid"),
        ({"id": None}, "id", "not_a_uuid"),
        ({"id": 5}, "id", "not_a_uuid"),
        ({"id": ["x"]}, "id", "not_a_uuid"),
        ({"kind": ""}, "kind", "not_one_of"),
        ({"kind": None}, "kind", "not_one_of"),
        ({"kind": ["temperature"]}, "kind", "not_one_of"),
        ({"kind": "Temperature"}, "kind", "not_one_of"),
        ({"at": ""}, "at", "not_a_moment"),
        ({"at": None}, "at", "not_a_moment"),
        ({"at": 1581210000}, "at", "not_a_moment"),
        ({"at": "2020-02-30T08:00:00+08:00"}, "at", "not_a_moment"),
        ({"at": "2020-02-09T25:00:00+08:00"}, "at", "not_a_moment"),
        ({"at": "2020-02-09T08:00:00+99:99"}, "at", "not_a_moment"),
        ({"at": "昨天"}, "at", "not_a_moment"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at", "not_a_moment"),
        ({"at": "0001-01-01T00:00:00"}, "at", "not_a_moment"),
        ({"at": "9999-12-31T23:59:59-14:00"}, "at", "in_the_future"),
        ({"at": "9999-12-31T23:59:59"}, "at", "in_the_future"),
        ({"at": "2020-02-09T09:00:01+08:00"}, "at", "in_the_future"),
        ({"document": ""}, "document", "not_a_document"),
        ({"document": None}, "document", "not_a_document"),
        ({"document": 990000199303133223}, "document", "not_a_document"),
        ({"document": [NUMBER]}, "document", "not_a_document"),
        ({"document": {"number": NUMBER}}, "document", "not_a_document"),
        ({"document": NUMBER[:17]}, "document", "not_a_document"),
        ({"document": UNKNOWN}, "document", "unknown_person"),
        ({"person": str(uuid4())}, "document", "unknown_person"),
        ({"person": "张玉兰"}, "person", "not_a_uuid"),
        ({"person": 5}, "person", "not_a_uuid"),
        ({"value": None}, "value", "bad_temperature"),
        ({"value": ""}, "value", "bad_temperature"),
        ({"value": "三十七度"}, "value", "bad_temperature"),
        ({"value": True}, "value", "bad_temperature"),
        ({"value": [36.6]}, "value", "bad_temperature"),
        ({"value": "NaN"}, "value", "bad_temperature"),
        ({"value": "sNaN"}, "value", "bad_temperature"),
        ({"value": "-Infinity"}, "value", "bad_temperature"),
        ({"value": 1e308}, "value", "bad_temperature"),
        ({"value": 10**400}, "value", "bad_temperature"),
        ({"value": float("nan")}, "value", "bad_temperature"),
        ({"value": -36.6}, "value", "temperature_range"),
        ({"value": 366}, "value", "temperature_range"),
        ({"value": 29.94}, "value", "temperature_range"),
        ({"value": 45.06}, "value", "temperature_range"),
        ({"kind": "symptoms", "value": "cough"}, "value", "not_one_of"),
        ({"kind": "symptoms", "value": ["plague"]}, "value", "not_one_of"),
        ({"kind": "symptoms", "value": [["cough"]]}, "value", "not_one_of"),
        ({"kind": "symptoms", "value": [None]}, "value", "not_one_of"),
        ({"kind": "symptoms", "value": {"cough": True}}, "value", "not_one_of"),
        ({"kind": "need", "value": "money"}, "value", "not_one_of"),
        ({"kind": "need", "value": None}, "value", "not_one_of"),
        ({"kind": "need", "value": ["food"]}, "value", "not_one_of"),
        ({"kind": "first_verification", "outcome": "maybe"}, "outcome", "not_one_of"),
        ({"kind": "first_verification", "outcome": None}, "outcome", "not_one_of"),
        ({"kind": "team_member", "slot": "king", "name": "王"}, "slot", "unknown_team_place"),
        ({"kind": "team_member", "slot": "grid_worker"}, "name", "no_name"),
        ({"kind": "team_member", "slot": "grid_worker", "name": "  "}, "name", "no_name"),
        ({"kind": "team_member", "slot": "grid_worker", "name": None}, "name", "no_name"),
    ],
    ids=str,
)
def test_a_broken_line_is_refused_by_field_and_rule(person, told, field, rule):
    assert beside_a_good_one(good(**told)) == (field, rule)


def test_what_is_null_is_not_the_word_none(person):
    lines = [
        {"kind": "call", "note": None},
        {"kind": "need", "value": "food", "note": None},
        {"kind": "team_member", "slot": "grid_worker", "name": "王", "phone": None},
        {"kind": "first_verification", "channel": None},
    ]
    assert send(*(good(**line) for line in lines)).stored == 4
    assert (Reading.objects.get().note, Need.objects.get().note, TeamMember.objects.get().phone) == (
        "",
        "",
        "",
    )
    assert person.verifications.get().channel == ""


def test_long_texts_are_cut_to_what_is_kept(person):
    long = "长" * 5000
    lines = [
        {"kind": "call", "note": long},
        {"kind": "need", "value": "food", "note": long},
        {"kind": "team_member", "slot": "grid_worker", "name": long, "phone": long},
        {"kind": "first_verification", "channel": long},
    ]
    assert send(*(good(**line) for line in lines)).stored == 4


def test_two_members_of_one_long_name_are_one_member(person):
    lines = [good(kind="team_member", slot=slot, name="长" * 61) for slot in ("grid_worker", "group_cadre")]
    outcome = send(*lines)
    assert (outcome.stored, [fault.rule for fault in outcome.faults]) == (1, ["team_member_twice"])


def test_one_id_for_two_lines_of_a_batch_is_one_record_or_a_conflict(person):
    line = good()
    outcome = send(line, line, line | {"value": 36.7}, line | {"id": line["id"].upper()})
    assert (outcome.stored, outcome.already) == (1, 1)
    assert [fault.rule for fault in outcome.faults] == ["id_conflict", "id_conflict"]


def test_a_refused_line_may_be_mended_and_sent_under_its_id(person):
    line = good(value="x")
    assert send(line).rejected == 1
    assert send(line | {"value": 36.6}).stored == 1


def test_an_old_moment_neither_closes_anything_nor_breaks_a_list(person):
    assert send(good(at="1949-10-01T15:00:00+08:00")).stored == 1
    found = items(area_path="140931", as_of=AT, duty="temperature")
    assert [item.slot for item in found if not item.earlier] == ["morning", "evening"]


def test_lines_of_people_outside_the_senders_areas_are_of_unknown_people(person):
    lines = [
        good(),
        good(document=None, person=str(person.uid)),
        good(kind="zero_report", area="140931101201", value=0),
    ]
    outcome = record_batch(by=BY, at=AT, lines=lines, allowed=lambda path: path.startswith("140931101202"))
    assert [fault.rule for fault in outcome.faults] == ["unknown_person", "unknown_person", "unknown_area"]
    assert ReceivedRecord.objects.count() == 0


def test_records_of_a_withdrawn_card_are_of_an_unknown_person(person):
    Person.objects.update(withdrawn_at=AT)
    assert [fault.rule for fault in send(good(document=None, person=str(person.uid))).faults] == ["unknown_person"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = (
    "value",
    "given_by",
    "channel",
    "reached",
    "note",
    "slot",
    "name",
    "phone",
    "outcome",
    "received_by",
    "area",
)
KEYS = (*FIELDS, "id", "at", "person", "document")


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kind=st.sampled_from(sorted(recorders())),
    told=st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=4),
)
def test_no_line_whatever_it_says_breaks_a_batch(person, kind, told):
    line = good(kind=kind) | told
    for sent in (line, json.dumps(line)):
        outcome = send(sent)
        assert outcome.received == outcome.stored + outcome.already + outcome.rejected == 1
        for fault in outcome.faults:
            assert fault_message(fault.rule, fault.values, field=fault.field, value=fault.value)
