"""The fever box of a row: the reading that raised it, and whom to call in which capacity."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import get_language

from lianfang.field.observation.models import Alert
from lianfang.field.observation.queries.household import heads_of
from lianfang.field.observation.queries.today import Row, Task
from lianfang.mandate.response.queries import plan_of
from lianfang.registry.accounts.models import Role
from lianfang.registry.accounts.queries import Holder

VILLAGE = 12  # length of a village's path


@dataclass(frozen=True)
class Call:
    """Somebody to call; without a title where the name says the post, without a phone where none is known."""

    title: str
    name: str
    phone: str


@dataclass(frozen=True)
class Fever:
    """`people`: name and highest reading, which is None where symptoms alone raised the alert."""

    people: list[tuple[str, Decimal | None]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)


def fevers_of(rows: Sequence[Row], now: datetime) -> dict[UUID, Fever]:
    """Row → its box, for rows with a fever; two queries for all of them, none where there is no fever."""
    hot = [row for row in rows if row.fevers]
    if not hot:
        return {}
    causes = {task.item.cause for row in hot for task in row.fevers}
    alerts = Alert.objects.filter(uid__in=causes, reading__isnull=False).select_related("reading")
    celsius = {alert.uid: alert.reading.celsius for alert in alerts}
    heads = heads_of({row.area_path[:VILLAGE] for row in hot}, now)
    return {row.uid: Fever(_people(row, celsius), _calls(row, heads.get(row.area_path[:VILLAGE]))) for row in hot}


def _people(row: Row, celsius: dict[UUID, Decimal | None]) -> list[tuple[str, Decimal | None]]:
    readings: dict[str, list[Decimal]] = {}
    for task in row.fevers:
        told = celsius.get(task.item.cause)
        readings.setdefault(task.item.name, []).extend([] if told is None else [told])
    return [(name, max(values, default=None)) for name, values in readings.items()]


def _calls(row: Row, head: Holder | None) -> list[Call]:
    """Who answers for the fevers, then who answers for the village, each number once."""
    found = [_owner(task, head) for task in row.fevers]
    if head and head.phone:
        found.append(Call(str(Role.VILLAGE_HEAD.label), head.name, head.phone))
    return list({(call.name, call.phone): call for call in reversed(found)}.values())[::-1]


def _owner(task: Task, head: Holder | None) -> Call:
    item = task.item
    kind, _dot, slot = item.owner_rule.partition(".")
    title = ""
    if head and (item.owner, item.owner_phone) == (head.name, head.phone):
        title = str(Role.VILLAGE_HEAD.label)
    elif kind == "team" and not item.owner_vacant:
        roles = plan_of(item.plan_version_id).roles
        title = roles[slot].of(get_language() or "zh-hans") if slot in roles else ""
    elif kind in Role.values and not item.owner_vacant:
        title = str(Role(kind).label)
    return Call(title, item.owner, item.owner_phone)
