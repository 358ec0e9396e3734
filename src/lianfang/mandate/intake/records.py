"""Records in: a batch of lines, each with its own id. Sending a batch twice stores nothing new."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lianfang.mandate.intake.importing import recorders
from lianfang.mandate.intake.models import ReceivedRecord
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import by_document, document_hash
from lianfang.registry.people.rules import Line, Refused
from lianfang.registry.places.models import Area
from lianfang.science.identity.documents import Document, read_document

_AREA_KINDS = ("zero_report",)
_EARLIEST_YEAR = 1900  # a slip of the pen; the database could not give the year 1 back
Allowed = Callable[[str], bool]


@dataclass(frozen=True)
class RecordFault:
    """Why a line was not stored: its number in the batch (from 1), its id, field, value, rule."""

    line: int
    id: str
    field: str
    value: str
    rule: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    received: int = 0
    stored: int = 0
    already: int = 0
    faults: list[RecordFault] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        return len(self.faults)


@dataclass
class _Read:
    number: int
    digest: bytes
    line: Line
    document: bytes | None = None
    person: UUID | None = None


def record_batch(
    *, by: Actor, at: datetime, lines: Iterable[str | dict[str, Any]], allowed: Allowed = lambda _path: True
) -> Outcome:
    """Store what can be stored and name what cannot; each line stands alone. `allowed` says in which areas.

    Where somebody sends the same lines at the same moment, a second look finds them taken in already.
    """
    told = list(lines)
    try:
        return _store(by, at, told, allowed)
    except IntegrityError:
        return _store(by, at, told, allowed)


@transaction.atomic
def _store(by: Actor, at: datetime, lines: Iterable[str | dict[str, Any]], allowed: Allowed) -> Outcome:
    outcome = Outcome()
    read = [found for found in (_read(outcome, at, n, raw) for n, raw in _numbered(lines)) if found]
    fresh = _not_received(outcome, read)
    found = _with_subjects(outcome, fresh, allowed)
    known_kinds = recorders()
    refused: dict[UUID, Refused] = {}
    for record in dict.fromkeys(known_kinds[one.line.kind] for one in found):
        mine = [one.line for one in found if known_kinds[one.line.kind] is record]
        refused |= record(by=by, at=at, lines=mine)
    stored = [one for one in found if one.line.id not in refused]
    for one in found:
        if fault := refused.get(one.line.id):
            outcome.faults.append(
                RecordFault(one.number, str(one.line.id), fault.field, fault.value, fault.rule, fault.values)
            )
    ReceivedRecord.objects.bulk_create(
        (ReceivedRecord(id=one.line.id, digest=one.digest, registered_at=at) for one in stored),
        batch_size=2000,
    )
    outcome.stored = len(stored)
    outcome.faults.sort(key=lambda fault: fault.line)
    return outcome


def _numbered(lines: Iterable[str | dict[str, Any]]) -> Iterable[tuple[int, Any]]:
    for number, raw in enumerate(lines, start=1):
        if not isinstance(raw, str) or raw.strip():
            yield number, raw


def _read(outcome: Outcome, at: datetime, number: int, raw: str | dict[str, Any]) -> _Read | None:
    outcome.received += 1
    told: Any = {}
    try:
        told = _parsed(raw)
        read = _Read(number, _digest(told), _line(told, at))
        _subject(told, read)
    except Refused as fault:
        shown = str(told.get("id", "")) if isinstance(told, dict) else ""
        outcome.faults.append(RecordFault(number, shown, fault.field, fault.value, fault.rule, fault.values))
        return None
    return read


def _parsed(raw: str | dict[str, Any]) -> dict[str, Any]:
    try:
        told = raw if isinstance(raw, dict) else json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not _storable(told):
        raise Refused("", raw[:80] if isinstance(raw, str) else "", "not_json")
    return told


def _no_number(name: str) -> None:
    """NaN and Infinity are no JSON, though Python reads them."""
    raise ValueError(name)


def _storable(told: dict[str, Any]) -> bool:
    """Neither NUL nor half a character anywhere: the database takes neither."""
    text = json.dumps(told, ensure_ascii=False)
    whole = not any("\ud800" <= sign <= "\udfff" for sign in text)
    return whole and "\\u0000" not in text.replace("\\\\", "")


def _digest(told: dict[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).digest()


def _line(told: dict[str, Any], at: datetime) -> Line:
    kind = str(told.get("kind", ""))
    if kind not in recorders():
        raise Refused("kind", kind, "not_one_of", {"allowed": ", ".join(sorted(recorders()))})
    try:
        uid = UUID(str(told.get("id", "")))
    except ValueError:
        raise Refused("id", str(told.get("id", "")), "not_a_uuid") from None
    return Line(uid, kind, _moment(told.get("at"), at), value=told.get("value"), data=told)


def _moment(told: Any, now: datetime) -> datetime:
    try:
        moment = parse_datetime(str(told)) if told else None
    except ValueError:
        moment = None
    if moment is None or moment.year < _EARLIEST_YEAR:
        raise Refused("at", str(told or ""), "not_a_moment")
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    if moment > now:
        raise Refused("at", str(told), "in_the_future")
    return moment


def _subject(told: dict[str, Any], read: _Read) -> None:
    if read.line.kind in _AREA_KINDS:
        return
    if told.get("person"):
        try:
            read.person = UUID(str(told["person"]))
        except ValueError:
            raise Refused("person", str(told["person"]), "not_a_uuid") from None
        return
    document = read_document(told.get("document"))
    if not isinstance(document, Document):
        raise Refused("document", str(told.get("document", "")), "not_a_document")
    read.document = document_hash(document)


def _not_received(outcome: Outcome, read: list[_Read]) -> list[_Read]:
    """Lines not taken in before; the same id with another content is a conflict, never a silent change."""
    known = {row.id: bytes(row.digest) for row in ReceivedRecord.objects.filter(id__in=[one.line.id for one in read])}
    fresh = []
    for one in read:
        digest = known.get(one.line.id)
        if digest is None:
            known[one.line.id] = one.digest
            fresh.append(one)
        elif digest == one.digest:
            outcome.already += 1
        else:
            outcome.faults.append(RecordFault(one.number, str(one.line.id), "id", str(one.line.id), "id_conflict"))
    return fresh


def _with_subjects(outcome: Outcome, read: list[_Read], allowed: Allowed) -> list[_Read]:
    uids = by_document({one.document for one in read if one.document})
    for one in read:
        one.person = one.person or uids.get(one.document or b"")
    people = {
        person.uid: person
        for person in Person.objects.filter(uid__in=[one.person for one in read if one.person], withdrawn_at=None)
    }
    wanted = {str(one.line.data.get("area", "")) for one in read if one.line.kind in _AREA_KINDS}
    areas = set(Area.objects.filter(path__in=wanted).values_list("path", flat=True))
    found = []
    for one in read:
        fault = _place(one, people, areas, allowed)
        if fault:
            outcome.faults.append(fault)
        else:
            found.append(one)
    return found


def _place(one: _Read, people: dict[UUID, Person], areas: set[str], allowed: Allowed) -> RecordFault | None:
    """Give the line its subject; a subject outside the sender's areas is as unknown as one that is not there."""
    data = one.line.data
    if one.line.kind in _AREA_KINDS:
        path = str(data.get("area", ""))
        if path not in areas or not allowed(path):
            return RecordFault(one.number, str(one.line.id), "area", path, "unknown_area")
        one.line = Line(one.line.id, one.line.kind, one.line.at, None, path, one.line.value, data)
        return None
    person = people.get(one.person) if one.person else None
    if person is None or not allowed(person.area_path):
        shown = str(data.get("document") or data.get("person") or "")
        return RecordFault(one.number, str(one.line.id), "document", shown, "unknown_person")
    one.line = Line(one.line.id, one.line.kind, one.line.at, person, person.area_path, one.line.value, data)
    return None
