"""Joint-control groups and housing compounds."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes import queries
from lianfang.registry.homes.actions.belongings import Unfit, Wanted, lock, log, place
from lianfang.registry.homes.models import Compound, Group
from lianfang.registry.homes.rules import VILLAGE, in_tens
from lianfang.registry.people.models import Household
from lianfang.registry.places.models import Area

_BATCH = 2000


@dataclass(frozen=True)
class Formed:
    groups: list[Group]
    left_over: list[Household]


@transaction.atomic
def form_group(*, by: Actor, at: datetime, area_path: str, kind: str, name: str) -> Group:
    if Group.objects.filter(area_path=area_path, name=name, dissolved_at=None).exists():
        raise Unfit("group_twice", name)
    made = Group.objects.create(
        uid=uuid4(), area_path=area_path, kind=kind, name=name, position=_next_position(area_path), formed_at=at
    )
    log(by, at, "group.formed", area_path, group=str(made.uid))
    return made


@transaction.atomic
def form_groups(*, by: Actor, at: datetime, area_path: str, kind: str, size: int, most: int | None = None) -> Formed:
    """Groups of `size` neighbours from the order of doors, within each grid; who fills no group is named.

    Only households in no group yet. A group that would not be full is not formed: its households stay visible
    as outside any group until somebody decides where they go.
    """
    lock()
    groups: list[Group] = []
    homes_of: dict[UUID, list[Household]] = {}
    left_over: list[Household] = []
    number = _next_position(area_path)
    for doors in queries.ungrouped_by_grid(area_path, at):
        allowed = None if most is None else most - len(groups)
        full, rest = in_tens(doors, size, allowed)
        left_over += rest
        for homes in full:
            name = _("Group %(number)d") % {"number": number}
            made = Group(uid=uuid4(), area_path=area_path, kind=kind, name=name, position=number, formed_at=at)
            homes_of[made.uid] = homes
            groups.append(made)
            number += 1
    Group.objects.bulk_create(groups, batch_size=_BATCH)
    wanted = {home.pk: group for group in groups for home in homes_of[group.uid]}
    place(by=by, at=at, wanted=Wanted(groups=wanted))
    log(by, at, "groups.formed", area_path, groups=len(groups), left_over=len(left_over))
    return Formed(groups, left_over)


def _next_position(area_path: str) -> int:
    last = Group.objects.filter(area_path__startswith=area_path[:VILLAGE]).aggregate(last=Max("position"))["last"]
    return (last or 0) + 1


@transaction.atomic
def activate_group(*, by: Actor, at: datetime, group: Group, coordinator: str, phone: str = "") -> Group:
    """Name the coordinator, by which the group works; naming another one later keeps it active."""
    group = Group.objects.select_for_update().get(pk=group.pk)
    if group.dissolved_at is not None:
        raise Unfit("group_dissolved", group.name)
    if not coordinator.strip():
        raise Unfit("no_coordinator", group.name)
    group.coordinator, group.coordinator_phone = coordinator.strip(), phone
    group.activated_at = group.activated_at or at
    group.save(update_fields=["coordinator", "coordinator_phone", "activated_at"])
    log(by, at, "group.coordinator_named", group.area_path, group=str(group.uid))
    return group


@transaction.atomic
def dissolve_group(*, by: Actor, at: datetime, group: Group) -> int:
    """End the group; its households are outside any group from now on, and named as such."""
    group = Group.objects.select_for_update().get(pk=group.pk)
    if group.dissolved_at is not None:
        raise Unfit("group_dissolved", group.name)
    lock()
    ended = group.belongings.filter(until__isnull=True, since__lt=at).update(until=at)
    group.dissolved_at = at
    group.save(update_fields=["dissolved_at"])
    log(by, at, "group.dissolved", group.area_path, group=str(group.uid), households=ended)
    return ended


@transaction.atomic
def register_compound(
    *,
    by: Actor,
    at: datetime,
    area_path: str,
    name: str,
    kind: str,
    grid_path: str = "",
    manager: str = "",
    manager_phone: str = "",
) -> Compound:
    if Compound.objects.filter(area_path=area_path, name=name, closed_at=None).exists():
        raise Unfit("compound_twice", name)
    made = Compound.objects.create(
        uid=uuid4(),
        area_path=area_path,
        name=name,
        kind=kind,
        grid_path=grid_path,
        manager=manager,
        manager_phone=manager_phone,
        registered_at=at,
    )
    log(by, at, "compound.registered", area_path, compound=str(made.uid))
    return made


@transaction.atomic
def give_compound_grid(*, by: Actor, at: datetime, compound: Compound, grid_path: str) -> None:
    if grid_path and not Area.objects.filter(path=grid_path, kind="grid").exists():
        raise Unfit("no_such_grid", grid_path)
    if grid_path and not grid_path.startswith(compound.area_path):
        raise Unfit("of_another_village", compound.name)
    compound.grid_path = grid_path
    compound.save(update_fields=["grid_path"])
    log(by, at, "compound.grid_named", compound.area_path, compound=str(compound.uid))
