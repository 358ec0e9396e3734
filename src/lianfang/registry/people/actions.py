"""Writing cards."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from lianfang.bulk import insert
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.merging import merge, refuse_pair, undo_merge
from lianfang.registry.people.models import Document, Household, Person, Phone, Source
from lianfang.registry.people.numbers import (
    add_document,
    add_phone,
    document_row,
    phone_row,
    say_without_document,
    withdraw_number,
)
from lianfang.registry.people.queries import homes_at
from lianfang.registry.people.rules import NewPerson, NewSource
from lianfang.science.identity.matching import door_key
from lianfang.science.identity.names import initials, pinyin_key

__all__ = [
    "add_document",
    "add_phone",
    "add_sources",
    "log_door",
    "log_reading",
    "log_search",
    "merge",
    "move",
    "refuse_pair",
    "register",
    "say_without_document",
    "undo_merge",
    "withdraw",
    "withdraw_number",
    "withdraw_sources",
]

_BATCH = 2000
_DOOR = 60  # characters that the table's columns hold


@transaction.atomic
def register(*, at: datetime, people: Sequence[NewPerson]) -> dict[UUID, Person]:
    """Make cards with households, documents and phones. The caller logs the batch that they came with."""
    households = _households(people)
    cards = {
        new.uid: Person(
            uid=new.uid,
            name=new.name,
            pinyin=pinyin_key(new.name)[:200],
            initials=initials(new.name)[:30],
            sex=new.sex,
            birth_date=new.birth_date,
            area_path=new.area_path,
            household_id=households.get((new.area_path, _key_of(new.door))),
            registered_at=at,
        )
        for new in people
    }
    insert(Person, cards.values())
    insert(Document, (document_row(cards[new.uid], new.document, at=at) for new in people if new.document))
    insert(Phone, (phone_row(cards[new.uid], number, at=at) for new in people for number in dict.fromkeys(new.phones)))
    return cards


def _key_of(door: str) -> str:
    return door_key(door)[:_DOOR]


def _households(people: Iterable[NewPerson]) -> dict[tuple[str, str], int]:
    """(village path, door key) → key of the household, made where missing."""
    wanted = {(new.area_path, _key_of(new.door)): new.door for new in people if _key_of(new.door)}
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
    insert(
        Source,
        (
            Source(
                person_id=person,
                kind=new.kind,
                label=new.label[:200],
                reference=reference,
                sheet=sheet,
                row=row,
                registered_at=at,
            )
            for (person, reference, sheet, row), new in told.items()
            if (person, reference, sheet, row) not in known
        ),
    )


@transaction.atomic
def withdraw_sources(*, at: datetime, reference: UUID, sheet: str, row: int) -> None:
    Source.objects.filter(reference=reference, sheet=sheet, row=row, withdrawn_at__isnull=True).update(withdrawn_at=at)


@transaction.atomic
def withdraw_sources_of(*, at: datetime, reference: UUID, places: Iterable[tuple[str, int]]) -> None:
    """The same for many rows (sheet, number) of one list."""
    told = set(places)
    live = Source.objects.filter(reference=reference, withdrawn_at__isnull=True)
    keys = [pk for pk, sheet, row in live.values_list("pk", "sheet", "row") if (sheet, row) in told]
    Source.objects.filter(pk__in=keys).update(withdrawn_at=at)


@transaction.atomic
def withdraw_many(*, uids: Iterable[UUID], at: datetime) -> None:
    """The cards of a list that is taken back. They stay in the records, as one that is withdrawn alone."""
    cards = Person.objects.filter(uid__in=list(uids), withdrawn_at__isnull=True)
    keys = list(cards.values_list("pk", flat=True))
    Document.objects.filter(person__in=keys, withdrawn_at__isnull=True).update(withdrawn_at=at)
    Person.objects.filter(pk__in=keys).update(withdrawn_at=at, version=F("version") + 1)


@transaction.atomic
def withdraw(*, person: Person, at: datetime) -> None:
    """The card was no person of its own; it stays in the records and counts no longer from the moment on."""
    person.withdrawn_at = at
    person.version += 1
    person.save(update_fields=["withdrawn_at", "version"])
    person.documents.filter(withdrawn_at__isnull=True).update(withdrawn_at=at)


@transaction.atomic
def give_doors(*, told: Sequence[tuple[Person, str]]) -> int:
    """Cards without a door stand behind the one that a list names; who has a door keeps it. The caller logs."""
    bare = [(card, door) for card, door in told if card.household_id is None and _key_of(door)]
    homes = _households([NewPerson(card.uid, card.name, card.area_path, door=door) for card, door in bare])
    for card, door in bare:
        card.household_id = homes[card.area_path, _key_of(door)]
        card.compared_at = None
        card.version += 1
    Person.objects.bulk_update([card for card, _door in bare], ["household", "compared_at", "version"], _BATCH)
    return len(bare)


@transaction.atomic
def move(*, by: Actor, at: datetime, person: Person, area_path: str, door: str = "") -> Person:
    """The person lives in another village from now on; the card goes along, behind the door named."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    before = person.area_path
    key = _key_of(door)
    homes = _households([NewPerson(person.uid, person.name, area_path, door=door)]) if key else {}
    person.area_path, person.household_id = area_path, homes.get((area_path, key))
    person.compared_at = None
    person.version += 1
    person.save(update_fields=["area_path", "household", "compared_at", "version"])
    audit.record(
        by=by,
        action="person.moved",
        at=at,
        subject_kind="person",
        subject=person.uid,
        area_path=area_path,
        data={"from": before},
    )
    return person


@transaction.atomic
def log_search(*, by: Actor, at: datetime, area_path: str, kind: str, elsewhere: Person | None) -> None:
    """A search found nobody where the account works; whom it would have found elsewhere is in the log only."""
    audit.record(
        by=by,
        action="people.sought_in_vain",
        at=at,
        subject_kind="person" if elsewhere else "",
        subject=elsewhere.uid if elsewhere else None,
        area_path=area_path,
        data={"by": kind, "elsewhere": elsewhere is not None},
    )


@transaction.atomic
def log_reading(
    *,
    by: Actor,
    at: datetime,
    person: Person,
    action: str = "person.opened",
    in_full: bool = False,
    purpose: str = "",
) -> None:
    """A person's page or a part of it was opened, or its numbers were shown in full for a purpose."""
    audit.record(
        by=by,
        action="person.identified" if in_full else action,
        at=at,
        subject_kind="person",
        subject=person.uid,
        area_path=person.area_path,
        purpose=purpose,
    )


@transaction.atomic
def log_door(*, by: Actor, at: datetime, people: Sequence[Person]) -> None:
    """A door was opened on the day's list: names, phones and today's readings of its people were shown."""
    audit.record(
        by=by,
        action="door.opened",
        at=at,
        subject_kind="person",
        subject=people[0].uid,
        area_path=people[0].area_path,
        data={"people": [str(person.uid) for person in people]},
    )
