"""Asking a unit's staff, taking their answers, matching these to cards. What an answer opens, the plan says."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4, uuid5

from django.db import transaction

from lianfang import vault
from lianfang.field.declarations.models import Declaration
from lianfang.field.screening.actions import NewArrival, register_arrivals, withdraw_arrivals
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.intake.using import uses_of
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.organisation.models import Body
from lianfang.registry.people import actions as people
from lianfang.registry.people.hashes import document_hash
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import by_document
from lianfang.registry.people.rules import NewPerson, NewSource
from lianfang.science.identity.documents import Document, read_document

_BATCH = 2000
_ANSWERED = (
    *("submitted_at", "submitted_by", "answer", "travelled", "origin_text", "origin_path", "returned_on"),
    *("person", "made_card", "village", "cohabitants"),
)


@dataclass(frozen=True)
class NewStaff:
    """A member of a unit's staff who is asked."""

    uid: UUID
    unit: Body
    name: str
    document: Document | None = None
    phone: str = ""
    cohabitants: int | None = None
    village: str = ""
    door: str = ""

    @property
    def key(self) -> bytes:
        return staff_key(self.unit, self.name, self.document, self.phone)


@dataclass(frozen=True)
class Listed:
    """The list that named somebody: its id, its name, the place in it."""

    batch: UUID
    label: str = ""
    sheet: str = ""
    row: int | None = None


@dataclass(frozen=True)
class Answer:
    """What one of them says; `uid` makes answering twice answer once. Nothing travelled has neither place nor day."""

    uid: UUID
    declaration: UUID
    travelled: bool
    origin_text: str = ""
    origin_path: str = ""
    returned_on: date | None = None
    village: str = ""
    cohabitants: int | None = None


def staff_key(unit: Body, name: str, document: Document | None, phone: str) -> bytes:
    """The same for the same person in the same unit: by the document, without one by name and phone."""
    who = document.key if document else f"{name}/{phone}"
    return vault.keyed_hash(f"declaration:{unit.uid}:{who}")


@transaction.atomic
def ask(*, by: Actor, at: datetime, staff: Sequence[tuple[NewStaff, Listed]]) -> int:
    """Put staff on their unit's list, each once: from now on their declaration is missing."""
    rows = [
        Declaration(
            uid=new.uid,
            unit=new.unit,
            key=new.key,
            name=new.name,
            document_sealed=vault.seal(new.document.number) if new.document else None,
            phone_sealed=vault.seal(new.phone) if new.phone else None,
            cohabitants=new.cohabitants,
            village=new.village,
            door=new.door[:60],
            batch=listed.batch,
            sheet=listed.sheet[:100],
            row=listed.row,
            label=listed.label[:200],
            requested_at=at,
            requested_by=by.name,
        )
        for new, listed in staff
    ]
    Declaration.objects.bulk_create(rows, batch_size=_BATCH)
    for unit in {row.unit for row in rows}:
        data = {"unit": str(unit.uid), "staff": sum(row.unit_id == unit.pk for row in rows)}
        audit.record(by=by, action="declarations.asked", at=at, area_path=unit.area_path, data=data)
    return len(rows)


@transaction.atomic
def submit(*, by: Actor, at: datetime, answers: Sequence[Answer]) -> int:
    """Take answers: each is matched to a card, and a travel is matched to the plan as any arrival is.

    Who has answered already is left alone.
    """
    told = {answer.declaration: answer for answer in answers}
    waiting = Declaration.objects.select_for_update(of=("self",)).select_related("unit")
    rows = list(waiting.filter(uid__in=told, submitted_at__isnull=True, withdrawn_at__isnull=True).order_by("pk"))
    for row in rows:
        answer = told[row.uid]
        row.submitted_at, row.submitted_by, row.answer = at, by.name, answer.uid
        row.travelled, row.returned_on = answer.travelled, answer.returned_on
        row.origin_text, row.origin_path = answer.origin_text[:120], answer.origin_path
        row.village = answer.village or row.village
        row.cohabitants = row.cohabitants if answer.cohabitants is None else answer.cohabitants
    _match(at, rows)
    Declaration.objects.bulk_update(rows, _ANSWERED, batch_size=_BATCH)
    _tell(at, rows)
    for unit in {row.unit for row in rows}:
        data = {"unit": str(unit.uid), "declarations": sum(row.unit_id == unit.pk for row in rows)}
        audit.record(by=by, action="declarations.submitted", at=at, area_path=unit.area_path, data=data)
    return len(rows)


def _match(at: datetime, rows: Sequence[Declaration]) -> None:
    """The card that holds the document; else a card of its own where the village is known; else none yet."""
    documents = {row.pk: document_of(row) for row in rows}
    known = by_document({document_hash(found) for found in documents.values() if found})
    cards = {card.uid: card for card in Person.objects.filter(uid__in=known.values())}
    fresh: dict[int, NewPerson] = {}
    for row in rows:
        document = documents[row.pk]
        uid = known.get(document_hash(document)) if document else None
        if uid is not None:
            row.person = cards[uid]
        elif row.village:
            fresh[row.pk] = _new_person(row, document)
    made = people.register(at=at, people=list(fresh.values()))
    for row in rows:
        if row.pk in fresh:
            row.person, row.made_card = made[fresh[row.pk].uid], True


def _new_person(row: Declaration, document: Document | None) -> NewPerson:
    return NewPerson(
        uid=uuid4(),
        name=row.name,
        area_path=row.village,
        sex=(document.sex or "") if document else "",
        birth_date=document.birth_date if document else None,
        door=row.door,
        document=document,
        phones=(phone,) if (phone := phone_of(row)) else (),
    )


def document_of(row: Declaration) -> Document | None:
    found = read_document(vault.unseal(row.document_sealed)) if row.document_sealed else None
    return found if isinstance(found, Document) else None


def phone_of(row: Declaration) -> str:
    return vault.unseal(row.phone_sealed) if row.phone_sealed else ""


def _tell(at: datetime, rows: Sequence[Declaration]) -> None:
    """The cards know who told of them; a travel is an arrival."""
    matched = [row for row in rows if row.person]
    sources = [
        NewSource(row.person.uid, "declaration", row.label or row.unit.name, row.batch, row.sheet, row.row)
        for row in matched
    ]
    people.add_sources(at=at, sources=sources)
    arrivals = [
        NewArrival(_arrival(row), row.person.uid, row.returned_on, None, row.origin_text, row.origin_path)
        for row in matched
        if row.travelled
    ]
    cards = {row.person.uid: row.person for row in matched}
    register_arrivals(at=at, arrivals=arrivals, people=cards)


def _arrival(row: Declaration) -> UUID:
    """The id of the arrival that the answer told of."""
    return uuid5(row.answer, "arrival")


@transaction.atomic
def place(*, by: Actor, at: datetime, declaration: Declaration, village: str) -> Declaration:
    """An answer without a card gets one in the village in which the person lives."""
    row = Declaration.objects.select_for_update(of=("self",)).select_related("unit").get(pk=declaration.pk)
    if row.submitted_at is None or row.person_id or row.withdrawn_at:
        return row
    row.village = village
    _match(at, [row])
    row.save(update_fields=["village", "person", "made_card"])
    _tell(at, [row])
    data = {"unit": str(row.unit.uid), "declaration": str(row.uid)}
    audit.record(by=by, action="declaration.placed", at=at, area_path=row.unit.area_path, data=data)
    return row


@transaction.atomic
def take_back(*, at: datetime, records: Collection[UUID]) -> None:
    """Undo what rows of a list said: who was asked by them is asked no more, who answered by them has not answered.

    A card that was made for an answer goes, unless others build on it.
    """
    answered = Declaration.objects.filter(answer__in=records, withdrawn_at__isnull=True).select_related("person")
    rows = list(answered)
    withdraw_arrivals(uids=[_arrival(row) for row in rows], at=at)
    _withdraw_cards(at, [row for row in rows if row.made_card])
    Declaration.objects.filter(pk__in=[row.pk for row in rows]).update(
        submitted_at=None, submitted_by="", answer=None, travelled=None, origin_text="", origin_path="",
        returned_on=None, person=None, made_card=False,
    )  # fmt: skip
    Declaration.objects.filter(uid__in=records, withdrawn_at__isnull=True).update(withdrawn_at=at)


def _withdraw_cards(at: datetime, rows: Sequence[Declaration]) -> None:
    for batch in {row.batch for row in rows}:
        made = [row for row in rows if row.batch == batch]
        own = {record for row in made for record in (_arrival(row), row.uid)}
        uses = uses_of({row.person.uid for row in made}, own=own, batch=batch, since=None)
        free = {row.person.uid for row in made} - {uid for uid, found in uses.items() if found.get("made")}
        duties.withdraw_subjects(subjects=free, at=at)
        people.withdraw_many(uids=free, at=at)
