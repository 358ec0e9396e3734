"""Whose gap it is, resolved when read and never empty: the filled place, else the village's responsible person,
else the post itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from lianfang.mandate.duties.models import TeamMember
from lianfang.registry.accounts.queries import Holder, holders_of
from lianfang.registry.accounts.rules import RESPONSIBLE_ROLES
from lianfang.registry.places.queries import names_of

LENGTH_OF_ROLE = {"county_officer": 6, "township_officer": 9, "village_head": 12}
_HEAD = RESPONSIBLE_ROLES["village"]


@dataclass(frozen=True)
class Owner:
    name: str
    phone: str = ""
    vacant: bool = False


class Owned(Protocol):
    id: int
    subject: UUID | None
    area_path: str
    owner_rule: str


def resolve(obligations: Sequence[Owned], as_of: datetime) -> dict[int, Owner]:
    """Obligation id → owner at the moment; three queries whatever the number."""
    team = _team(obligations, as_of)
    villages = {item.area_path[:12] for item in obligations}
    posts = {_post(item) for item in obligations if item.owner_rule in LENGTH_OF_ROLE}
    held = holders_of(posts | {(_HEAD, village) for village in villages}, as_of)
    names = names_of(villages)
    return {item.id: _owner_of(item, team, held, names) for item in obligations}


def _post(item: Owned) -> tuple[str, str]:
    return item.owner_rule, item.area_path[: LENGTH_OF_ROLE[item.owner_rule]]


def _team(obligations: Sequence[Owned], as_of: datetime) -> dict[tuple[UUID, str], TeamMember]:
    """A person has one team: a fever is its doctor's, though the team was formed for the observation."""
    wanted = {item.subject for item in obligations if item.subject and item.owner_rule.startswith("team.")}
    if not wanted:
        return {}
    members = TeamMember.objects.filter(
        Q(until__isnull=True) | Q(until__gt=as_of),
        enrolment__subject__in=wanted,
        enrolment__voided_at__isnull=True,
        since__lte=as_of,
        registered_at__lte=as_of,
    ).select_related("enrolment")
    return {(member.enrolment.subject, member.slot): member for member in members.order_by("pk")}


def _owner_of(
    item: Owned,
    team: dict[tuple[UUID, str], TeamMember],
    held: dict[tuple[str, str], Holder],
    names: dict[str, str],
) -> Owner:
    kind, _dot, slot = item.owner_rule.partition(".")
    if kind == "team" and item.subject and (member := team.get((item.subject, slot))):
        return Owner(member.name, member.phone)
    village = item.area_path[:12]
    asked = held.get(_post(item)) if item.owner_rule in LENGTH_OF_ROLE else None
    if holder := asked or held.get((_HEAD, village)):
        return Owner(holder.name, holder.phone)
    return Owner(_("Head of %(village)s (vacant)") % {"village": names.get(village, village)}, vacant=True)
