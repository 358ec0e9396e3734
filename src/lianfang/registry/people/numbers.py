"""Documents and phones of a card: added, corrected, withdrawn. A correction supersedes, nothing is overwritten."""

from datetime import datetime

from django.db import IntegrityError, transaction

from lianfang import vault
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.hashes import document_digits, document_hash, phone_digits, phone_hash, phone_tail
from lianfang.registry.people.models import Document, Person, Phone
from lianfang.science.identity.documents import Document as ReadDocument


class HeldByAnother(ValueError):
    """The document stands on another live card: then the two cards may be one person. `holder` is that card."""

    def __init__(self, holder: Person | None) -> None:
        super().__init__("the document is on another card")
        self.holder = holder


def document_row(person: Person, document: ReadDocument, *, at: datetime, by: str = "") -> Document:
    return Document(
        person=person,
        kind=document.kind.value,
        number_sealed=vault.seal(document.number),
        number_hash=document_hash(document),
        digits_hash=document_digits(document),
        added_at=at,
        added_by=by,
    )


def phone_row(person: Person, number: str, *, at: datetime, by: str = "", whose: str = "self") -> Phone:
    return Phone(
        person=person,
        whose=whose,
        number_sealed=vault.seal(number),
        number_hash=phone_hash(number),
        digits_hash=phone_digits(number),
        tail_hash=phone_tail(number),
        added_at=at,
        added_by=by,
    )


@transaction.atomic
def add_document(
    *, by: Actor, at: datetime, person: Person, document: ReadDocument, instead_of: Document | None = None, reason: str
) -> Document:
    """Put a document on the card, or the right one in the place of a wrong one."""
    _lock(person)
    mark = document_hash(document)
    held = Document.objects.live().filter(number_hash=mark).select_related("person").first()
    if held is not None and held.person_id != person.pk:
        raise HeldByAnother(held.person)
    if held is not None and held != instead_of:
        return held
    if instead_of is not None:
        _withdraw(instead_of, by, at, reason)
    made = document_row(person, document, at=at, by=by.name)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as fault:  # somebody else gave it to another card at this moment
        raise HeldByAnother(None) from fault
    _replace(instead_of, made)
    if person.without_document:
        person.without_document = False
    _changed(person, by, at, "person.document_corrected" if instead_of else "person.document_added", "without_document")
    return made


@transaction.atomic
def add_phone(
    *,
    by: Actor,
    at: datetime,
    person: Person,
    number: str,
    whose: str = "self",
    instead_of: Phone | None = None,
    reason: str = "",
) -> Phone:
    """Put a phone on the card, or the right one in the place of a wrong one; `whose` says who answers."""
    _lock(person)
    held = person.phones.live().filter(number_hash=phone_hash(number)).first()
    if held is not None and held != instead_of:
        return held
    if instead_of is not None:
        _withdraw(instead_of, by, at, reason)
    made = phone_row(person, number, at=at, by=by.name, whose=whose)
    made.save()
    _replace(instead_of, made)
    _changed(person, by, at, "person.phone_corrected" if instead_of else "person.phone_added")
    return made


@transaction.atomic
def withdraw_number(*, by: Actor, at: datetime, number: Document | Phone, reason: str) -> None:
    """The number is not this person's; it stays in the records with the reason."""
    _lock(number.person)
    _withdraw(number, by, at, reason)
    kind = "document" if isinstance(number, Document) else "phone"
    _changed(number.person, by, at, f"person.{kind}_withdrawn")


@transaction.atomic
def say_without_document(*, by: Actor, at: datetime, person: Person) -> None:
    """The person has no document: an answer, not a gap."""
    _lock(person)
    if not person.documents.live().exists():
        person.without_document = True
        _changed(person, by, at, "person.without_document", "without_document")


def _lock(person: Person) -> None:
    Person.objects.select_for_update().filter(pk=person.pk).first()


def _withdraw(number: Document | Phone, by: Actor, at: datetime, reason: str) -> None:
    number.withdrawn_at, number.withdrawn_by, number.withdrawn_reason = at, by.name, reason[:300]
    number.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])


def _replace(old: Document | Phone | None, new: Document | Phone) -> None:
    if old is not None:
        old.replaced_by = new
        old.save(update_fields=["replaced_by"])


def _changed(person: Person, by: Actor, at: datetime, action: str, *fields: str) -> None:
    """The card is compared with the register again, and the log says what was done, never the number."""
    person.compared_at = None
    person.version += 1
    person.save(update_fields=["compared_at", "version", *fields])
    audit.record(by=by, action=action, at=at, subject_kind="person", subject=person.uid, area_path=person.area_path)
