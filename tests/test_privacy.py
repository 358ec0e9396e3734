"""Every personal field has a category, numbers are readable nowhere, the log names nobody."""

import io
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models
from django.utils.dateparse import parse_datetime
from openpyxl import load_workbook

from lianfang import vault
from lianfang.field.observation.actions import arrange_care
from lianfang.field.observation.models import Alert
from lianfang.mandate.intake import actions as intake
from lianfang.mandate.intake.models import StagedRow
from lianfang.mandate.intake.records import record_batch
from lianfang.registry.accounts import actions as accounts
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.actions import log_reading
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import numbers_of

LISTS = Path(__file__).parent / "data" / "lists"
BY = Actor("test")
AT = parse_datetime("2020-02-08T18:00:00+08:00")
CATEGORIES = {"personal", "health", "staff", "sealed", "pseudonym", "public", "secret"}
# Types that can say something about a person; whole numbers and truth values cannot by themselves.
SPEAKING = (
    models.CharField,
    models.TextField,
    models.BinaryField,
    models.JSONField,
    models.DateField,
    models.UUIDField,
    models.DecimalField,
)
# Codes of the programme, of areas and of plans; days of plans and of obligations; moments of writing.
TECHNICAL = {
    *("action", "subject_kind", "area_path", "kind", "state", "outcome", "sheet", "code", "path", "pathway"),
    *(
        "level",
        "role",
        "shape",
        "slot",
        "owner",
        "version",
        "completes",
        "given_by",
        "channel",
        "closed_reason",
    ),
    *(
        "received_by",
        "decision",
        "sha256",
        "basis",
        "pinyin",
        "key_check",
        "document",
        "evidence",
        "category",
    ),
    *("added_at", "compared_at", "found_at", "undone_at", "sent_at", "from_path", "to_path"),
    *("day", "valid_from", "valid_to", "starts_on", "ends_on", "original_until", "generated_through"),
    *("first_day", "last_day", "anchor_on"),
    *(
        "at",
        "since",
        "until",
        "made_at",
        "registered_at",
        "arrived_at",
        "withdrawn_at",
        "voided_at",
        "closed_at",
    ),
    *(
        "ordered_at",
        "issued_at",
        "excused_at",
        "logged_at",
        "reminded_at",
        "reached_at",
        "decided_at",
        "committed_at",
        "raised_at",
    ),
    *("superseded_at", "met_at", "accepts_from", "accepts_until", "opens_at", "due_at", "reached_home_at"),
    *("formed_at", "activated_at", "dissolved_at", "proposed_at", "declined_at", "suspended_at", "closed_at"),
    *("alerted_at", "expires_at", "used_at", "asked_at", "opened_at", "review_by", "reviewed_at"),
    *("anchor_at", "last_login", "data", "rules", "warnings", "fault", "uid"),
}


def ours() -> list[type[models.Model]]:
    found = [model for model in apps.get_models() if model.__module__.startswith("lianfang.")]
    assert len(found) > 20
    return found


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_every_model_says_what_is_personal_in_it(model):
    said = vars(model).get("PRIVACY")
    assert said is not None, "no PRIVACY"
    assert set(said.values()) <= CATEGORIES
    assert set(said) <= {field.name for field in model._meta.get_fields()}, "a field that is not there"


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_every_speaking_field_has_a_category_or_is_technical(model):
    fields = [field for field in model._meta.fields if isinstance(field, SPEAKING)]
    assert [field.name for field in fields if field.name not in {*model.PRIVACY, *TECHNICAL}] == []


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_sealed_columns_are_sealed_and_no_other_binary_is_readable(model):
    binary = {field.name for field in model._meta.fields if isinstance(field, models.BinaryField)} - TECHNICAL
    assert {name for name in binary if model.PRIVACY[name] not in ("sealed", "pseudonym")} == set()
    assert {name for name, said in model.PRIVACY.items() if said == "sealed"} <= binary


# --- what the database says after a whole list and a day of work ---


def dump() -> dict[str, bytes]:
    """Every table as COPY writes it: texts and documents as they are, binary as hexadecimal digits."""
    told = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            buffer = io.BytesIO()
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                for part in copy:
                    buffer.write(part)
            told[table] = buffer.getvalue()
    return told


def planted() -> tuple[set[str], set[str]]:
    """The document numbers and the phones that the list itself holds, rejected rows included."""
    documents, phones = set(), set()
    for sheet in load_workbook(io.BytesIO((LISTS / "town-returnees.xlsx").read_bytes())):
        for row in sheet.iter_rows(values_only=True):
            for cell in row:
                text = re.sub(r"[\s-]", "", str(cell or ""))
                documents |= set(re.findall(r"990\d{14}[\dXx]", text))
                phones |= set(re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", text))
    return documents, phones


@pytest.fixture
def worked(town, db):
    """The list imported, a held row decided both ways, records of every kind, a page read."""
    person = Person.objects.exclude(household=None).earliest("pk")
    document = numbers_of([person.uid], in_full=True)[person.uid].document
    at = AT.isoformat()
    lines = [
        {"kind": "temperature", "value": 38.5},
        {"kind": "call"},
        {"kind": "notice_served"},
        {"kind": "need", "value": "food"},
        {"kind": "first_verification"},
    ]
    numbered = [line | {"id": f"{n:032x}", "document": document, "at": at} for n, line in enumerate(lines, start=1)]
    assert record_batch(by=BY, at=AT, lines=numbered).stored == len(lines)
    refused = {"id": "f" * 32, "kind": "call", "document": "990000190001010004", "at": at}
    record_batch(by=BY, at=AT, lines=[refused])
    first, second = StagedRow.objects.filter(outcome="review")[:2]
    intake.decide(by=BY, at=AT, row=first, decision="same")
    intake.decide(by=BY, at=AT, row=second, decision="other")
    intake.undo_decision(by=BY, at=AT, row=second)
    arrange_care(by=BY, at=AT, alert=Alert.objects.get(person=person), note="")
    log_reading(by=BY, at=AT, person=person, in_full=True, purpose="to arrange a visit")
    accounts.open_account(by=BY, at=AT, username="w", display_name="w", password=None, phone="")
    return person


def test_no_document_number_and_no_phone_is_readable_in_any_table(worked):
    documents, phones = planted()
    assert (len(documents) > 2000, len(phones) > 500) == (True, True)
    for table, told in dump().items():
        text = told.decode()
        assert documents.isdisjoint(re.findall(r"(?=(990\d{14}[\dXx]))", text)), table
        assert phones.isdisjoint(re.findall(r"(?=(1[3-9]\d{9}))", text)), table
        # Binary columns are dumped as hexadecimal digits of their bytes.
        for number in [*sorted(documents)[:200], *sorted(phones)[:200]]:
            assert number.encode().hex() not in text, table


def test_the_dump_would_show_a_number_that_was_kept_openly(worked):
    documents, _phones = planted()
    number = min(documents)
    Event.objects.create(at=AT, actor="test", action="tested", data={"note": f"of {number}"})
    assert number in dump()["audit_event"].decode()


def test_the_log_names_no_person(worked):
    told = dump()["audit_event"].decode()
    names = set(Person.objects.values_list("name", flat=True))
    found = {name for name in names if name in told}
    assert (len(names) > 1000, found) == (True, set())
    assert re.findall(r"990\d{14}[\dXx]|(?<!\d)1[3-9]\d{9}(?!\d)", told) == []


def test_what_is_sealed_opens_with_the_key_and_says_the_number(worked):
    numbers = numbers_of([worked.uid], in_full=True)[worked.uid]
    documents, phones = planted()
    assert numbers.document in documents
    assert set(numbers.phones) <= phones
    assert vault.unseal(worked.documents.get().number_sealed) == numbers.document


def test_the_original_list_is_kept_sealed(town, db):
    content = (LISTS / "town-returnees.xlsx").read_bytes()
    kept = bytes(town.original_sealed)
    assert content[:64] not in kept
    assert vault.unseal_bytes(kept) == content
