"""Checks at the door, and what is told of the residents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes.actions.belongings import Unfit, lock, log
from lianfang.registry.homes.models import Check, Freshness, Residence, Vulnerability
from lianfang.registry.people.models import Household, Person

_BATCH = 2000


@dataclass(frozen=True)
class NewCheck:
    """A comparison of the ledger with the door; its id makes sending it twice the same as once."""

    uid: UUID
    household: Household
    at: datetime
    note: str = ""


@dataclass(frozen=True)
class Told:
    """What a list says of a resident; None leaves what is known."""

    person: Person
    kind: str | None = None
    flags: frozenset[str] | None = None


@transaction.atomic
def verify(*, by: Actor, at: datetime, checks: Sequence[NewCheck]) -> int:
    """Record that the ledger was compared at the door; returns how many were new.

    A check told late does not take the place of a later one.
    """
    if early := next((new for new in checks if new.at > at), None):
        raise Unfit("in_the_future", str(early.household.uid))
    lock()
    known = set(Check.objects.filter(uid__in=[new.uid for new in checks]).values_list("uid", flat=True))
    unseen = {new.uid: new for new in checks if new.uid not in known}
    fresh = sorted(unseen.values(), key=lambda new: new.at)
    keys = {new.household.pk for new in fresh}
    last = {row.household_id: row for row in Check.objects.filter(household__in=keys, superseded_at=None)}
    numbers = dict(
        Check.objects.filter(household__in=keys).order_by().values_list("household").annotate(last=Max("number"))
    )
    made: list[Check] = []
    for new in fresh:
        key = new.household.pk
        numbers[key] = numbers.get(key, 0) + 1
        row = Check(uid=new.uid, household=new.household, at=new.at, number=numbers[key], by=by.name, note=new.note)
        row.registered_at = at
        before = last.get(key)
        if before is not None and before.at > row.at:
            row.superseded_at = at
        else:
            if before is not None:
                before.superseded_at = at
            last[key] = row
        made.append(row)
    Check.objects.filter(household__in=keys, superseded_at=None).exclude(
        pk__in=[row.pk for row in last.values() if row.pk]
    ).update(superseded_at=at)
    Check.objects.bulk_create(made, batch_size=_BATCH)
    if made:
        path = min((new.household.area_path for new in fresh), key=len)
        log(by, at, "households.verified", path, households=len(made))
    return len(made)


@transaction.atomic
def tell_residents(*, by: Actor, at: datetime, told: Sequence[Told]) -> int:
    """As what people live here, and why they need particular care. Returns how many changed; what ended is kept."""
    lock()
    kinds = {one.person.pk: {one.kind} for one in told if one.kind is not None}
    flags = {one.person.pk: set(one.flags) for one in told if one.flags is not None}
    changed = _tell(by, at, Residence, kinds) | _tell(by, at, Vulnerability, flags)
    if changed:
        path = min((one.person.area_path for one in told if one.person.pk in changed), key=len)
        log(by, at, "residents.told", path, people=len(changed))
    return len(changed)


def _tell(
    by: Actor, at: datetime, model: type[Residence] | type[Vulnerability], wanted: dict[int, set[str]]
) -> set[int]:
    """Make the open rows of each person those that are wanted, set-based."""
    here: dict[int, dict[str, int]] = {}
    for pk, person, kind in model.objects.filter(person__in=wanted, until=None).values_list("pk", "person", "kind"):
        here.setdefault(person, {})[kind] = pk
    ending = [pk for person, kinds in here.items() for kind, pk in kinds.items() if kind not in wanted[person]]
    fresh = [(person, kind) for person, kinds in wanted.items() for kind in sorted(kinds - set(here.get(person, {})))]
    # Told and taken back within one moment, it never held.
    model.objects.filter(pk__in=ending, since__gte=at).delete()
    model.objects.filter(pk__in=ending).update(until=at)
    model.objects.bulk_create(
        (model(person_id=person, kind=kind, since=at, by=by.name) for person, kind in fresh), batch_size=_BATCH
    )
    ended = {person for person, kinds in here.items() if set(kinds) - wanted[person]}
    return ended | {person for person, _kind in fresh}


@transaction.atomic
def set_freshness(*, by: Actor, at: datetime, area_path: str, days: int, basis: str) -> Freshness:
    """For how many days a check counts in the area from the moment on; the nearest area above governs."""
    lock()
    Freshness.objects.filter(area_path=area_path, until=None, since__gte=at).delete()
    Freshness.objects.filter(area_path=area_path, until=None).update(until=at)
    made = Freshness.objects.create(area_path=area_path, days=days, basis=basis[:200], since=at, by=by.name)
    log(by, at, "ledger.freshness_set", area_path, days=days)
    return made
