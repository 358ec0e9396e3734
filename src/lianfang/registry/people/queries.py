"""Reads of people. `visible_to` is the one door for users; what a person's page shows is logged by `open_card`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from lianfang import vault
from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.models import Document, Person, PersonQuerySet, Phone
from lianfang.science.identity.documents import Document as ReadDocument
from lianfang.science.identity.documents import mask, read_document
from lianfang.science.identity.phones import mask_phone, normalise_phone


@dataclass(frozen=True)
class Numbers:
    """A person's document and phones, in full or masked."""

    document: str
    phones: tuple[str, ...]


def visible_to(account: Account, permission: Permission = Permission.SEE_PEOPLE) -> PersonQuerySet:
    """The live cards that the account may see; nobody's without an appointment that says so."""
    paths = scope_for(account).paths.get(permission, ())
    return within(paths).filter(withdrawn_at__isnull=True)


def within(paths: Iterable[str]) -> PersonQuerySet:
    """People of the areas; none for no area."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(area_path__startswith=path)
    return Person.objects.filter(condition)


def search(people: PersonQuerySet, text: str) -> PersonQuerySet:
    """By name, pinyin, initials, document, phone, or door; nothing typed finds everybody."""
    text = text.strip()
    if not text:
        return people
    condition = Q(name__contains=text) | Q(pinyin__startswith=text.lower()) | Q(household__door__contains=text)
    if text.isascii():
        condition |= Q(initials__startswith=text.lower()) | Q(pinyin__startswith=" ".join(text.lower().split()))
    number = read_document(text)
    if isinstance(number, ReadDocument):
        condition |= Exists(Document.objects.filter(person=OuterRef("pk"), number_hash=document_hash(number)))
    if phone := normalise_phone(text):
        condition |= Exists(Phone.objects.filter(person=OuterRef("pk"), number_hash=phone_hash(phone)))
    return people.filter(condition)


def document_hash(document: ReadDocument) -> bytes:
    return vault.keyed_hash(f"document:{document.key}")


def phone_hash(number: str) -> bytes:
    return vault.keyed_hash(f"phone:{number}")


def by_document(hashes: Iterable[bytes]) -> dict[bytes, UUID]:
    """Hash → uid of the live card that holds the document."""
    rows = Document.objects.filter(
        number_hash__in=list(hashes), withdrawn_at__isnull=True, person__withdrawn_at__isnull=True
    )
    return {bytes(found): uid for found, uid in rows.values_list("number_hash", "person__uid")}


def numbers_of(uids: Iterable[UUID], *, in_full: bool) -> dict[UUID, Numbers]:
    """Document and phones of many people in two queries; masked unless asked for in full (which callers log)."""
    uids = list(uids)
    documents = dict(
        Document.objects.filter(person__uid__in=uids, withdrawn_at__isnull=True).values_list(
            "person__uid", "number_sealed"
        )
    )
    phones: dict[UUID, list[str]] = {}
    for uid, sealed in Phone.objects.filter(person__uid__in=uids).order_by("pk").values_list(
        "person__uid", "number_sealed"
    ):
        phones.setdefault(uid, []).append(vault.unseal(sealed))
    show_document, show_phone = (str, str) if in_full else (mask, mask_phone)
    return {
        uid: Numbers(
            show_document(vault.unseal(documents[uid])) if uid in documents else "",
            tuple(show_phone(phone) for phone in phones.get(uid, [])),
        )
        for uid in uids
    }


def count_as_of(area_path: str, as_of: datetime) -> int:
    return Person.objects.as_of(as_of).under(area_path).count()
