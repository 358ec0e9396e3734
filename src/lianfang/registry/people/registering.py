"""Many cards at once: values go to the database as they are, a list of a million makes no object a row."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from lianfang import vault
from lianfang.bulk import insert_rows
from lianfang.registry.people.hashes import document_digits, document_hash, phone_digits, phone_hash, phone_tail
from lianfang.registry.people.models import Document, Household, Person, Phone, Source
from lianfang.registry.people.queries import homes_at
from lianfang.registry.people.rules import NewPerson, NewSource
from lianfang.science.identity.matching import door_key
from lianfang.science.identity.names import initials, pinyin_key

_BATCH = 2000
_DOOR = 60  # characters that the table's columns hold
_CARD = ("uid", "name", "pinyin", "initials", "sex", "birth_date", "area_path", "household_id", "registered_at")
_DOCUMENT = ("person_id", "kind", "number_sealed", "number_hash", "digits_hash", "added_at")
_PHONE = ("person_id", "number_sealed", "number_hash", "digits_hash", "tail_hash", "added_at")
_SOURCE = ("person_id", "kind", "label", "reference", "sheet", "row", "registered_at")


@transaction.atomic
def register_many(*, at: datetime, people: Sequence[NewPerson]) -> dict[UUID, int]:
    """Make cards with households, documents and phones; returns their keys. The caller logs the batch."""
    homes = households(people)
    keys = insert_rows(Person, _CARD, (_card(new, homes, at) for new in people))
    cards = list(zip(keys, people, strict=True))
    insert_rows(Document, _DOCUMENT, _documents(cards, at))
    insert_rows(Phone, _PHONE, _phones(cards, at))
    return {new.uid: key for key, new in cards}


def _card(new: NewPerson, homes: dict[tuple[str, str], int], at: datetime) -> tuple:
    home = homes.get((new.area_path, door_of(new.door))) if new.door else None
    sound, letters = pinyin_key(new.name)[:200], initials(new.name)[:30]
    return new.uid, new.name, sound, letters, new.sex, new.birth_date, new.area_path, home, at


def _documents(cards: Iterable[tuple[int, NewPerson]], at: datetime) -> Iterator[tuple]:
    for key, new in cards:
        if new.document:
            sealed = vault.seal(new.document.number)
            yield key, new.document.kind.value, sealed, document_hash(new.document), document_digits(new.document), at


def _phones(cards: Iterable[tuple[int, NewPerson]], at: datetime) -> Iterator[tuple]:
    for key, new in cards:
        for number in dict.fromkeys(new.phones):
            yield key, vault.seal(number), phone_hash(number), phone_digits(number), phone_tail(number), at


def door_of(door: str) -> str:
    return door_key(door)[:_DOOR]


def households(people: Iterable[NewPerson]) -> dict[tuple[str, str], int]:
    """(village path, door key) → key of the household, made where missing."""
    wanted = {(new.area_path, key): new.door for new in people if new.door and (key := door_of(new.door))}
    known = homes_at(wanted)
    missing = [home for home in wanted if home not in known]
    Household.objects.bulk_create(
        (Household(uid=uuid4(), area_path=home[0], door=wanted[home][:_DOOR], door_key=home[1]) for home in missing),
        batch_size=_BATCH,
        ignore_conflicts=True,
    )
    return known | (homes_at(missing) if missing else {})


@transaction.atomic
def add_sources(*, at: datetime, sources: Sequence[NewSource]) -> None:
    """Note where people were mentioned; the same mention again changes nothing."""
    keys = dict(Person.objects.filter(uid__in={new.person for new in sources}).values_list("uid", "pk"))
    told = {(keys[new.person], new.reference, new.sheet[:100], new.row): new for new in sources}
    live = Source.objects.filter(reference__in={new.reference for new in sources}, withdrawn_at__isnull=True)
    known = set(live.filter(person__in=keys.values()).values_list("person", "reference", "sheet", "row"))
    insert_rows(
        Source,
        _SOURCE,
        (
            (person, new.kind, new.label[:200], reference, sheet, row, at)
            for (person, reference, sheet, row), new in told.items()
            if (person, reference, sheet, row) not in known
        ),
    )
