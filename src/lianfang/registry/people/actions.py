"""Writing cards."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.merging import merge, refuse_pair, undo_merge
from lianfang.registry.people.models import Document, Person, Source
from lianfang.registry.people.numbers import (
    add_document,
    add_phone,
    say_without_document,
    withdraw_number,
)
from lianfang.registry.people.registering import add_sources, door_of, households, register_many
from lianfang.registry.people.rules import NewPerson

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
    "register_many",
    "say_without_document",
    "undo_merge",
    "withdraw",
    "withdraw_number",
    "withdraw_sources",
]

_BATCH = 2000


@transaction.atomic
def register(*, at: datetime, people: Sequence[NewPerson]) -> dict[UUID, Person]:
    """Make cards with households, documents and phones. The caller logs the batch that they came with."""
    return {card.uid: card for card in Person.objects.filter(pk__in=register_many(at=at, people=people).values())}


@transaction.atomic
def withdraw_sources(*, at: datetime, reference: UUID, sheet: str, row: int) -> None:
    Source.objects.filter(reference=reference, sheet=sheet, row=row, withdrawn_at__isnull=True).update(withdrawn_at=at)


@transaction.atomic
def withdraw_sources_of(
    *, at: datetime, reference: UUID, places: Iterable[tuple[str, int]], people: Iterable[UUID]
) -> None:
    """The same for many rows (sheet, number) of one list, which told of the people."""
    told = set(places)
    live = Source.objects.filter(reference=reference, person__uid__in=set(people), withdrawn_at__isnull=True)
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
    bare = [(card, door) for card, door in told if card.household_id is None and door_of(door)]
    homes = households([NewPerson(card.uid, card.name, card.area_path, door=door) for card, door in bare])
    for card, door in bare:
        card.household_id = homes[card.area_path, door_of(door)]
        card.compared_at = None
        card.version += 1
    Person.objects.bulk_update([card for card, _door in bare], ["household", "compared_at", "version"], _BATCH)
    return len(bare)


@transaction.atomic
def move(*, by: Actor, at: datetime, person: Person, area_path: str, door: str = "") -> Person:
    """The person lives in another village from now on; the card goes along, behind the door named."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    before = person.area_path
    key = door_of(door)
    homes = households([NewPerson(person.uid, person.name, area_path, door=door)]) if key else {}
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
