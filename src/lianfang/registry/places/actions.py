"""Writing areas: the national divisions at set-up, villages and grids by import."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from pypinyin import lazy_pinyin

from lianfang import vault
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places import queries
from lianfang.registry.places.models import Area, Installation
from lianfang.registry.places.rules import (
    LEVELS,
    LONGEST_NAME,
    BadCode,
    ancestors_of,
    is_boundary,
    parent_of,
    path_of,
    uid_of,
)

DIVISIONS = Path(__file__).parent / "data"
_FILES = [
    ("provinces.csv", "province"),
    ("cities.csv", "city"),
    ("areas.csv", "county"),
    ("streets.csv", "township"),
]


_COPY_AREAS = "COPY places_area (code, path, uid, name, pinyin, kind) FROM STDIN"


class AlreadyInstalled(RuntimeError):
    """The installation exists already, of the other sort (exercise or live)."""


@dataclass(frozen=True)
class AreaRow:
    """One row of an area list; `boundary` is a GeoJSON geometry."""

    number: int
    code: str
    name: str
    parent: str
    kind: str
    boundary: dict[str, Any] | None = None


@dataclass(frozen=True)
class AreaFault:
    row: int
    field: str
    value: str
    rule: str


@transaction.atomic
def install(*, by: Actor, at: datetime, exercise: bool) -> Installation:
    """Make the installation with the national divisions; a second call of the same sort changes nothing."""
    found = queries.installation()
    if found is not None:
        if found.exercise != exercise:
            raise AlreadyInstalled
        return found
    made = Installation.objects.create(exercise=exercise, made_at=at, key_check=vault.key_check())
    areas = [_area(code, name, kind) for code, name, kind in _divisions()]
    _copy_in(areas)
    audit.record(by=by, action="installation.made", at=at, data={"exercise": exercise, "areas": len(areas)})
    return made


@transaction.atomic
def set_second_factor_optional(*, by: Actor, at: datetime, optional: bool) -> None:
    """Whether in an exercise a password alone is enough for administrators and the county."""
    Installation.objects.filter(pk=1).update(second_factor_optional=optional)
    audit.record(by=by, action="installation.second_factor_set", at=at, data={"optional": optional})


@transaction.atomic
def import_areas(*, by: Actor, at: datetime, rows: Iterable[AreaRow]) -> tuple[int, int, list[AreaFault]]:
    """Add or rename areas; returns (added, changed, faults). Rows at fault are left out, the others are kept."""
    rows = list(rows)
    faults: list[AreaFault] = []
    good = _checked(rows, faults)
    known = {area.path: area for area in Area.objects.filter(path__in=[path for path, _ in good])}
    fresh = [_area(row.code, row.name, row.kind, row.boundary) for path, row in good if path not in known]
    changed = [_renamed(known[path], row) for path, row in good if path in known]
    Area.objects.bulk_create(fresh, batch_size=2000)
    Area.objects.bulk_update(changed, ["name", "pinyin", "kind", "boundary"], batch_size=2000)
    queries.division_index.cache_clear()
    audit.record(
        by=by,
        action="areas.imported",
        at=at,
        data={"added": len(fresh), "changed": len(changed), "faults": len(faults)},
    )
    return len(fresh), len(changed), faults


def _checked(rows: list[AreaRow], faults: list[AreaFault]) -> list[tuple[str, AreaRow]]:
    """The rows whose code, name, kind and parent hold together; parents may stand in the same file."""
    good: dict[str, AreaRow] = {}
    for row in rows:
        try:
            path = path_of(row.code, row.kind)
        except BadCode:
            told = ("code", row.code) if row.kind in LEVELS else ("kind", row.kind)
            faults.append(AreaFault(row.number, *told, "bad_area_code"))
            continue
        if not row.name or len(row.name) > LONGEST_NAME:
            faults.append(AreaFault(row.number, "name", row.name, "name_too_long" if row.name else "no_name"))
        elif not _is_above(row.parent, path):
            faults.append(AreaFault(row.number, "parent", row.parent, "parent_not_of_code"))
        elif row.boundary is not None and not is_boundary(row.boundary):
            faults.append(AreaFault(row.number, "boundary", "", "bad_boundary"))
        elif path in good:
            faults.append(AreaFault(row.number, "code", row.code, "code_twice"))
        else:
            good[path] = row
    return _with_parents(good, faults)


def _is_above(parent: str, path: str) -> bool:
    """Whether the code, short or filled up with zeros, is that of an area above; none named is right."""
    return not parent or any(parent == above.ljust(len(parent), "0") for above in ancestors_of(path))


def _with_parents(good: dict[str, AreaRow], faults: list[AreaFault]) -> list[tuple[str, AreaRow]]:
    """From the top down, so that what stands below a refused area is refused with it."""
    parents = {parent_of(path) for path in good} - {""}
    existing = set(Area.objects.filter(path__in=parents).values_list("path", flat=True))
    kept = []
    for path, row in sorted(good.items()):
        parent = parent_of(path)
        if parent and parent not in existing:
            faults.append(AreaFault(row.number, "parent", row.parent or parent, "unknown_parent"))
        else:
            existing.add(path)
            kept.append((path, row))
    return kept


def _copy_in(areas: Sequence[Area]) -> None:
    """COPY: forty thousand divisions in a second, where inserts take five."""
    with connection.cursor() as cursor, cursor.copy(_COPY_AREAS) as copy:
        for area in areas:
            copy.write_row((area.code, area.path, area.uid, area.name, area.pinyin, area.kind))


def _divisions() -> Iterable[tuple[str, str, str]]:
    for name, kind in _FILES:
        with (DIVISIONS / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["code"], row["name"], kind


def _area(code: str, name: str, kind: str, boundary: dict[str, Any] | None = None) -> Area:
    path = path_of(code, kind)
    return Area(code=code, path=path, uid=uid_of(path), name=name, pinyin=_pinyin(name), kind=kind, boundary=boundary)


def _renamed(area: Area, row: AreaRow) -> Area:
    """Of the same level always: a village may have become a community, never a township."""
    area.name, area.pinyin, area.kind = row.name, _pinyin(row.name), row.kind
    area.boundary = row.boundary or area.boundary
    return area


def _pinyin(name: str) -> str:
    return " ".join(lazy_pinyin(name))[:200]
