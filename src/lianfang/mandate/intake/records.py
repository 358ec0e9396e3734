"""Records in: a batch of lines, each with its own id. Sending a batch twice stores nothing new."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lianfang.mandate.intake.importing import recorders
from lianfang.mandate.intake.models import ReceivedRecord
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.hashes import document_hash
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import by_document, live_cards
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

    def part(self, start: int, many: int) -> "Outcome":
        """Of `many` lines from the one after `start`: what became of them, by their own numbers.

        What others had sent before counts as stored: it is in the books.
        """
        faults = [replace(one, line=one.line - start) for one in self.faults if start < one.line <= start + many]
        return Outcome(received=many, stored=many - len(faults), faults=faults)


@dataclass(slots=True)
class _Read:
    """A line that says something: the subject is found later, for all lines at once."""

    number: int
    uid: UUID
    kind: str
    at: datetime
    told: dict[str, Any]
    digest: bytes
    document: bytes | None = None
    person: UUID | None = None

    def fault(self, name: str, value: str, rule: str, values: dict[str, str] | None = None) -> RecordFault:
        return RecordFault(self.number, str(self.uid), name, value, rule, values or {})


@transaction.atomic
def record_batch(
    *, by: Actor, at: datetime, lines: Iterable[str | dict[str, Any]], allowed: Allowed = lambda _path: True
) -> Outcome:
    """Store what can be stored and name what cannot; each line stands alone. `allowed` says in which areas.

    The ids are claimed first: whoever sends the same lines at the same moment waits for the claim, and finds them
    taken in already. What is refused gives its id back.
    """
    outcome = Outcome()
    claimed = _claim(
        outcome, at, [found for found in (_read(outcome, at, n, raw) for n, raw in _numbered(lines)) if found]
    )
    known = recorders()
    found = _with_subjects(outcome, claimed, allowed)
    refused: dict[UUID, Refused] = {}
    for record in dict.fromkeys(known[line.kind] for line in found.values()):
        mine = [line for line in found.values() if known[line.kind] is record]
        refused |= record(by=by, at=at, lines=mine)
    outcome.faults += [
        one.fault(fault.field, fault.value, fault.rule, fault.values)
        for one in claimed
        if (fault := refused.get(one.uid))
    ]
    stored = found.keys() - refused.keys()
    ReceivedRecord.objects.filter(pk__in=[one.uid for one in claimed if one.uid not in stored]).delete()
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
        digest = _digest(told)
        read = _Read(number, _uid(told), _kind(told), _moment(told.get("at"), at), told, digest)
        _subject(read)
    except Refused as fault:
        shown = str(told.get("id", "")) if isinstance(told, dict) and fault.rule != "not_json" else ""
        outcome.faults.append(RecordFault(number, shown, fault.field, fault.value, fault.rule, fault.values))
        return None
    return read


def _parsed(raw: str | dict[str, Any]) -> dict[str, Any]:
    try:
        told = raw if isinstance(raw, dict) else json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Refused("", raw[:80] if isinstance(raw, str) else "", "not_json")
    return told


def _no_number(name: str) -> None:
    """NaN and Infinity are no JSON, though Python reads them."""
    raise ValueError(name)


_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def _digest(told: dict[str, Any]) -> bytes:
    """What the line says, as a number. Neither NUL nor half a character is sayable: the database takes neither."""
    try:
        text = _canonical(told)
        written = text.encode()
    except (UnicodeEncodeError, RecursionError):
        raise Refused("", "", "not_json") from None
    if "\\u0000" in text and "\\u0000" in text.replace("\\\\", ""):
        raise Refused("", "", "not_json")
    return hashlib.sha256(written).digest()


def _kind(told: dict[str, Any]) -> str:
    kind = str(told.get("kind", ""))
    if kind not in recorders():
        raise Refused("kind", kind, "not_one_of", {"allowed": ", ".join(sorted(recorders()))})
    return kind


def _uid(told: dict[str, Any]) -> UUID:
    try:
        return UUID(str(told.get("id", "")))
    except ValueError:
        raise Refused("id", str(told.get("id", "")), "not_a_uuid") from None


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


def _subject(read: _Read) -> None:
    told = read.told
    if read.kind in _AREA_KINDS:
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


_CLAIM = """
INSERT INTO intake_receivedrecord (id, digest, registered_at)
SELECT line.id, decode(line.digest, 'hex'), %(at)s FROM unnest(%(ids)s::uuid[], %(digests)s::text[]) AS line(id, digest)
 ORDER BY line.id
ON CONFLICT DO NOTHING RETURNING id
"""


def _claim(outcome: Outcome, at: datetime, read: list[_Read]) -> list[_Read]:
    """Lines not taken in before; the same id with another content is a conflict, never a silent change."""
    first: dict[UUID, _Read] = {}
    for one in read:
        first.setdefault(one.uid, one)
    fresh = _claimed(at, first)
    before = [uid for uid in first if uid not in fresh]
    known = {row.id: bytes(row.digest) for row in ReceivedRecord.objects.filter(id__in=before)} if before else {}
    claimed = []
    for one in read:
        if one.uid in fresh and first[one.uid] is one:
            claimed.append(one)
        elif known.get(one.uid, first[one.uid].digest) == one.digest:
            outcome.already += 1
        else:
            outcome.faults.append(one.fault("id", str(one.uid), "id_conflict"))
    return claimed


def _claimed(at: datetime, first: dict[UUID, _Read]) -> set[UUID]:
    """The ids that nobody has sent before. In their order, so that two batches cannot wait for each other."""
    if not first:
        return set()
    # Hexadecimal digits need no quoting: written by hand, a thousand take a fifth of a millisecond.
    ids = "{" + ",".join(uid.hex for uid in first) + "}"
    digests = "{" + ",".join(one.digest.hex() for one in first.values()) + "}"
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"at": at, "ids": ids, "digests": digests})
        return {uid for (uid,) in cursor.fetchall()}


def _with_subjects(outcome: Outcome, read: list[_Read], allowed: Allowed) -> dict[UUID, Line]:
    """Each line with its subject; one outside the sender's areas is as unknown as one that is not there."""
    documents = {one.document for one in read if one.document}
    uids = by_document(documents) if documents else {}
    for one in read:
        one.person = one.person or uids.get(one.document or b"")
    people = live_cards({one.person for one in read if one.person})
    wanted = {str(one.told.get("area", "")) for one in read if one.kind in _AREA_KINDS}
    areas = set(Area.objects.filter(path__in=wanted).values_list("path", flat=True)) if wanted else set()
    permitted = lru_cache(maxsize=None)(allowed)
    found = {}
    for one in read:
        line = _place(one, people, areas, permitted)
        if isinstance(line, RecordFault):
            outcome.faults.append(line)
        else:
            found[one.uid] = line
    return found


def _place(one: _Read, people: dict[UUID, Person], areas: set[str], allowed: Allowed) -> Line | RecordFault:
    told = one.told
    if one.kind in _AREA_KINDS:
        path = str(told.get("area", ""))
        if path not in areas or not allowed(path):
            return one.fault("area", path, "unknown_area")
        return Line(one.uid, one.kind, one.at, None, path, told.get("value"), told)
    person = people.get(one.person) if one.person else None
    if person is None or not allowed(person.area_path):
        return one.fault("document", str(told.get("document") or told.get("person") or ""), "unknown_person")
    return Line(one.uid, one.kind, one.at, person, person.area_path, told.get("value"), told)
