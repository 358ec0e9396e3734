"""A household leaves one door for another of its village. Both doors keep what was."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes.actions.belongings import Unfit, lock, log
from lianfang.registry.homes.models import HomeMove
from lianfang.registry.people import actions as people
from lianfang.registry.people.models import Household, Person
from lianfang.science.identity.matching import door_key


@transaction.atomic
def move_household(*, by: Actor, at: datetime, uid: UUID, household: Household, door: str) -> HomeMove:
    """Everybody behind the door goes; its belongings end. Another village's people come by hand-over, not by this."""
    if known := HomeMove.objects.filter(uid=uid).first():
        return known
    if not door_key(door):
        raise Unfit("no_door", door)
    if door_key(door) == household.door_key:
        raise Unfit("same_door", door)
    lock()
    members = list(Person.objects.as_of(at).filter(household=household).order_by("pk"))
    if not members:
        raise Unfit("nobody_here", household.door)
    moved = [people.move(by=by, at=at, person=one, area_path=household.area_path, door=door) for one in members]
    household.belongings.filter(until=None, since__lt=at).update(until=at)
    made = HomeMove.objects.create(
        uid=uid,
        left=household,
        reached_id=moved[0].household_id,
        people=[str(one.uid) for one in moved],
        at=at,
        by=by.name,
    )
    log(by, at, "household.moved", household.area_path, move=str(uid), people=len(moved))
    return made
