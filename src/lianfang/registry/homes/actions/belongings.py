"""Which grid, group and compound households belong to. A belonging ends, it is never deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes.models import Belonging, Compound, Group
from lianfang.registry.homes.rules import VILLAGE
from lianfang.registry.people.models import Household
from lianfang.registry.places.models import Area

_BATCH = 2000
_LOCK = 7_310_041


class Unfit(ValueError):
    """What was asked does not fit the ledger; `rule` says why, `value` names what."""

    def __init__(self, rule: str, value: str = "") -> None:
        super().__init__(rule)
        self.rule, self.value = rule, value


@dataclass
class Wanted:
    """Where households are to belong, by the key of the household; each sort apart."""

    grids: dict[int, str] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    compounds: dict[int, Compound] = field(default_factory=dict)


@transaction.atomic
def assign_grid(*, by: Actor, at: datetime, households: Sequence[Household], grid_path: str) -> int:
    """Put households into a grid of their village; returns how many were not there already."""
    grid = Area.objects.filter(path=grid_path, kind="grid").first()
    if grid is None or (grid.valid_to is not None and grid.valid_to <= timezone.localdate(at)):
        raise Unfit("no_such_grid", grid_path)
    _check_village(households, grid_path)
    changed = place(by=by, at=at, wanted=Wanted(grids={home.pk: grid_path for home in households}))
    log(by, at, "households.assigned_to_grid", grid_path, households=changed)
    return changed


@transaction.atomic
def assign_group(*, by: Actor, at: datetime, households: Sequence[Household], group: Group) -> int:
    lock()
    if not Group.objects.filter(pk=group.pk, dissolved_at=None).exists():
        raise Unfit("group_dissolved", group.name)
    _check_village(households, group.area_path)
    changed = place(by=by, at=at, wanted=Wanted(groups={home.pk: group for home in households}))
    log(by, at, "households.assigned_to_group", group.area_path, group=str(group.uid), households=changed)
    return changed


@transaction.atomic
def assign_compound(*, by: Actor, at: datetime, households: Sequence[Household], compound: Compound) -> int:
    lock()
    if not Compound.objects.filter(pk=compound.pk, closed_at=None).exists():
        raise Unfit("compound_closed", compound.name)
    _check_village(households, compound.area_path)
    changed = place(by=by, at=at, wanted=Wanted(compounds={home.pk: compound for home in households}))
    log(by, at, "households.assigned_to_compound", compound.area_path, households=changed)
    return changed


@transaction.atomic
def release(*, by: Actor, at: datetime, households: Sequence[Household], sort: str) -> int:
    """Take households out of their grid, group or compound; what was stays in their history."""
    keys = [home.pk for home in households]
    lock()
    ended = Belonging.objects.filter(household__in=keys, sort=sort, until__isnull=True, since__lt=at).update(until=at)
    if households:
        log(by, at, f"households.left_{sort}", households[0].area_path[:VILLAGE], households=ended)
    return ended


def place(*, by: Actor, at: datetime, wanted: Wanted) -> int:
    """End what held and begin what is wanted, set-based; the caller logs. Belonging there already changes nothing."""
    lock()
    changed = _place_sort(by, at, "grid", {key: {"grid_path": path} for key, path in wanted.grids.items()})
    changed += _place_sort(by, at, "group", {key: {"group_id": one.pk} for key, one in wanted.groups.items()})
    changed += _place_sort(by, at, "compound", {key: {"compound_id": one.pk} for key, one in wanted.compounds.items()})
    return changed


def _place_sort(by: Actor, at: datetime, sort: str, wanted: dict[int, dict[str, Any]]) -> int:
    here = {row.household_id: row for row in Belonging.objects.filter(household__in=wanted, sort=sort, until=None)}
    moving = {key: target for key, target in wanted.items() if not (key in here and _is_there(here[key], target))}
    known = [here[key] for key in moving if key in here]
    if late := next((row for row in known if row.since > at), None):
        raise Unfit("moved_later", str(late.household_id))
    # A second word of the very same moment corrects the first: a belonging of no length is none.
    same = [row for row in known if row.since == at]
    for row in same:
        for name, value in moving[row.household_id].items():
            setattr(row, name, value)
    Belonging.objects.bulk_update(same, ["grid_path", "group", "compound"], batch_size=_BATCH)
    Belonging.objects.filter(pk__in=[row.pk for row in known if row.since < at]).update(until=at)
    corrected = {row.household_id for row in same}
    Belonging.objects.bulk_create(
        (
            Belonging(household_id=key, sort=sort, since=at, by=by.name, **target)
            for key, target in moving.items()
            if key not in corrected
        ),
        batch_size=_BATCH,
    )
    return len(moving)


def _is_there(row: Belonging, target: dict[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in target.items())


def _check_village(households: Sequence[Household], path: str) -> None:
    stranger = next((home for home in households if not path.startswith(home.area_path[:VILLAGE])), None)
    if stranger is not None:
        raise Unfit("of_another_village", stranger.door)


def lock() -> None:
    """One writer of belongings at a time: two clerks who sort the same street follow one another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def log(by: Actor, at: datetime, action: str, area_path: str, **data: object) -> None:
    audit.record(by=by, action=action, at=at, area_path=area_path, data=data)
