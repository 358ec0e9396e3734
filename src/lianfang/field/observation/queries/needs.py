"""Needs with the clock of the duty that they opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from lianfang.field.observation.models import Need
from lianfang.mandate.duties.queries import Item, items
from lianfang.registry.places.queries import names_of


@dataclass(frozen=True)
class NeedRow:
    """`item` is the duty that the need opened; none where the plan in force sets no clock."""

    need: Need
    village: str
    item: Item | None


def needs_in(area_path: str, as_of: datetime, *, met: bool) -> QuerySet[Need]:
    """Open needs, the oldest first; or those that were met, the latest first."""
    rows = Need.objects.filter(
        person__area_path__startswith=area_path,
        person__withdrawn_at__isnull=True,
        registered_at__lte=as_of,
    ).select_related("person__household")
    if met:
        return rows.filter(met_at__lte=as_of).order_by("-met_at", "-pk")
    return rows.filter(Q(met_at__isnull=True) | Q(met_at__gt=as_of)).order_by("at", "pk")


def rows_of(needs: Sequence[Need], as_of: datetime) -> list[NeedRow]:
    if not needs:
        return []
    paths = {need.person.area_path for need in needs}
    people = sorted({need.person.uid for need in needs})
    found = items(area_path=min(paths)[:6], as_of=as_of, states=["overdue", "open"], subjects=people)
    owed = {item.cause: item for item in found}
    names = names_of(paths)
    return [
        NeedRow(need, names.get(need.person.area_path, need.person.area_path), owed.get(need.uid)) for need in needs
    ]
