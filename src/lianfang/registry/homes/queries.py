"""Reads of the household ledger. `visible_homes` is the door for users; everything can be asked for a past moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.homes.models import (
    Belonging,
    Check,
    Compound,
    Freshness,
    Group,
    HomeMove,
    Residence,
    Vulnerability,
)
from lianfang.registry.homes.rules import GRID, RESIDENTS, VILLAGE, door_order, fresh_from, freshness, kind_of
from lianfang.registry.people.models import Household, Person
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import names_of

SHOWS = ("no_grid", "no_group", "vulnerable", "unverified", "stale")


def lived_in(area_path: str, at: datetime) -> QuerySet[Household]:
    """Doors behind which somebody lives at the moment."""
    people = Person.objects.as_of(at).filter(household=OuterRef("pk"))
    homes = Household.objects.filter(area_path__startswith=area_path[:VILLAGE])
    if len(area_path) > VILLAGE:
        homes = homes.filter(Exists(_of_grid(area_path, at)))
    return homes.filter(Exists(people))


def _of_grid(path: str, at: datetime) -> QuerySet[Belonging]:
    return Belonging.objects.at(at).filter(household=OuterRef("pk"), sort="grid", grid_path__startswith=path[:GRID])


def visible_homes(account: Account, permission: Permission = Permission.SEE_PEOPLE) -> QuerySet[Household]:
    """The doors of the account's areas; a grid's worker sees the doors of the grid."""
    condition = Q(pk__in=[])
    for path in scope_for(account).paths.get(permission, ()):
        condition |= Q(area_path__startswith=path)
        if len(path) > VILLAGE:
            open_now = Belonging.objects.filter(household=OuterRef("pk"), sort="grid", until=None)
            condition |= Exists(open_now.filter(grid_path__startswith=path[:GRID]))
    return Household.objects.filter(condition)


# --- for how long a check counts ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Limit:
    """A check below `path` counts when it is not older than `since`."""

    path: str
    days: int
    basis: str
    since: datetime


def limits(area_path: str, at: datetime) -> list[Limit]:
    """The limits that hold in the area and below it, nearest first: the first that covers a door governs it."""
    found = [row for row in Freshness.objects.at(at) if touches(row.area_path, area_path)]
    told = [Limit(row.area_path, row.days, row.basis, fresh_from(at, row.days)) for row in found]
    return sorted(told, key=lambda limit: -len(limit.path))


def touches(path: str, other: str) -> bool:
    return path.startswith(other) or other.startswith(path)


def limit_of(path: str, known: Sequence[Limit]) -> Limit | None:
    return next((limit for limit in known if path.startswith(limit.path)), None)


# --- the list ---------------------------------------------------------------------------------------------


def narrowed(homes: QuerySet[Household], show: str, at: datetime, known: Sequence[Limit]) -> QuerySet[Household]:
    """In no grid, in no group, with somebody vulnerable, never checked, checked too long ago."""
    if show in ("no_grid", "no_group"):
        return homes.filter(_lacks(show, at))
    if show == "vulnerable":
        return homes.filter(Exists(Vulnerability.objects.at(at).filter(person__in=_people_of(at))))
    counting = counted_checks(at).filter(household=OuterRef("pk"))
    if show == "unverified":
        return homes.filter(~Exists(counting))
    if show == "stale":
        stale, above = Q(pk__in=[]), []
        for limit in known:
            here = Q(area_path__startswith=limit.path) & Exists(counting.filter(at__lt=limit.since))
            for nearer in above:
                if nearer.startswith(limit.path):
                    here &= ~Q(area_path__startswith=nearer)
            above.append(limit.path)
            stale |= here
        return homes.filter(stale)
    return homes


def _lacks(show: str, at: datetime) -> Exists:
    """Condition on households: in no grid (`no_grid`), in no group (`no_group`)."""
    return ~Exists(Belonging.objects.at(at).filter(household=OuterRef("pk"), sort=show.removeprefix("no_")))


def outside(area_path: str, at: datetime) -> dict[str, list[Household]]:
    """The households in no grid (`no_grid`) and in no group (`no_group`), door by door, in one query."""
    shows = ("no_grid", "no_group")
    homes = lived_in(area_path, at).annotate(**{show: _lacks(show, at) for show in shows})
    found = in_door_order(homes.filter(Q(no_grid=True) | Q(no_group=True)))
    return {show: [home for home in found if getattr(home, show)] for show in shows}


def _people_of(at: datetime) -> QuerySet[Person]:
    return Person.objects.as_of(at).filter(household=OuterRef(OuterRef("pk")))


def counted_checks(at: datetime) -> QuerySet[Check]:
    """The check of each household that counted at the moment."""
    return Check.objects.filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=at), registered_at__lte=at)


@dataclass
class Row:
    """A household as a line of the ledger."""

    household: Household
    village: str = ""
    grid: str = ""
    group: Group | None = None
    compound: Compound | None = None
    people: list[Person] = field(default_factory=list)
    kinds: dict[int, str] = field(default_factory=dict)
    flags: dict[int, list[str]] = field(default_factory=dict)
    check: Check | None = None
    state: str = "unverified"
    fresh_days: int | None = None

    @property
    def kind(self) -> str:
        return kind_of(self.kinds.values())

    @property
    def all_flags(self) -> list[str]:
        return sorted({flag for flags in self.flags.values() for flag in flags})


def rows(homes: Iterable[Household], at: datetime, known: Sequence[Limit] | None = None) -> list[Row]:
    """The lines of many households in six queries, whatever their number."""
    found = {home.pk: Row(home) for home in homes}
    if not found:
        return []
    _add_belongings(found, at)
    people: dict[int, Row] = {}
    for person in Person.objects.as_of(at).filter(household__in=found).order_by("birth_date", "pinyin", "pk"):
        found[person.household_id].people.append(person)
        people[person.pk] = found[person.household_id]
    said = [model.objects.at(at).filter(person__in=people) for model in (Residence, Vulnerability)]
    for person, kind in said[0].values_list("person", "kind").union(said[1].values_list("person", "kind")):
        if kind in RESIDENTS:
            people[person].kinds[person] = kind
        else:
            people[person].flags.setdefault(person, []).append(kind)
    known = limits("", at) if known is None else known
    for check in counted_checks(at).filter(household__in=found):
        row = found[check.household_id]
        limit = limit_of(row.household.area_path, known)
        row.check, row.fresh_days = check, limit.days if limit else None
        row.state = freshness(check.number, check.at, at, row.fresh_days)
    return list(found.values())


def _add_belongings(found: dict[int, Row], at: datetime) -> None:
    here = Belonging.objects.at(at).filter(household__in=found).select_related("group", "compound")
    names = names_of({row.household.area_path for row in found.values()} | {one.grid_path for one in here})
    for row in found.values():
        row.village = names.get(row.household.area_path, row.household.area_path)
    for one in here:
        row = found[one.household_id]
        if one.sort == "grid":
            row.grid = names.get(one.grid_path, one.grid_path)
        elif one.sort == "group":
            row.group = one.group
        else:
            row.compound = one.compound


def in_door_order(homes: Iterable[Household]) -> list[Household]:
    return sorted(homes, key=lambda home: (home.area_path, door_order(home.door_key), home.pk))


def ungrouped_by_grid(area_path: str, at: datetime) -> list[list[Household]]:
    """The households of the village (or grid) that are in no group, by grid, as one walks along."""
    homes = {home.pk: home for home in narrowed(lived_in(area_path, at), "no_group", at, ())}
    grids = dict(
        Belonging.objects.at(at).filter(sort="grid", household__in=homes).values_list("household", "grid_path")
    )
    ordered = sorted(homes.values(), key=lambda home: (grids.get(home.pk, ""), door_order(home.door_key), home.pk))
    return [list(part) for _grid, part in groupby(ordered, key=lambda home: grids.get(home.pk, ""))]


# --- coverage ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cover:
    """How much of an area stands in the ledger's order; `doorless` people live behind no door that is known."""

    path: str
    households: int = 0
    in_grid: int = 0
    in_group: int = 0
    checked: int = 0
    fresh: int = 0
    doorless: int = 0

    @property
    def complete(self) -> bool:
        everything = self.in_grid == self.in_group == self.fresh == self.households
        return bool(self.households) and everything and not self.doorless


_COVER = """
WITH home AS (
    SELECT h.id, left(h.area_path, %(length)s) AS path, {limit} AS fresh_from
    FROM people_household h
    WHERE h.area_path LIKE %(below)s
      AND EXISTS (SELECT 1 FROM people_person p WHERE p.household_id = h.id AND p.registered_at <= %(at)s
                  AND (p.withdrawn_at IS NULL OR p.withdrawn_at > %(at)s))
)
SELECT home.path, count(*), count(grid.id), count(grp.id), count(c.id),
       count(c.id) FILTER (WHERE home.fresh_from IS NULL OR c.at >= home.fresh_from)
FROM home
LEFT JOIN homes_belonging grid ON grid.household_id = home.id AND grid.sort = 'grid' AND grid.since <= %(at)s
     AND (grid.until IS NULL OR grid.until > %(at)s)
LEFT JOIN homes_belonging grp ON grp.household_id = home.id AND grp.sort = 'group' AND grp.since <= %(at)s
     AND (grp.until IS NULL OR grp.until > %(at)s)
LEFT JOIN homes_check c ON c.household_id = home.id AND c.registered_at <= %(at)s
     AND (c.superseded_at IS NULL OR c.superseded_at > %(at)s)
GROUP BY home.path
"""
_DOORLESS = """
SELECT left(p.area_path, %(length)s), count(*) FROM people_person p
WHERE p.area_path LIKE %(below)s AND p.household_id IS NULL AND p.registered_at <= %(at)s
  AND (p.withdrawn_at IS NULL OR p.withdrawn_at > %(at)s)
GROUP BY 1
"""


def coverage(area_path: str, at: datetime, length: int, known: Sequence[Limit] | None = None) -> dict[str, Cover]:
    """Path of `length` digits → its cover, of the areas below that have anybody; two statements."""
    values: dict[str, Any] = {"length": length, "below": f"{area_path[:VILLAGE]}%", "at": at}
    cases = []
    for number, limit in enumerate(limits(area_path, at) if known is None else known):
        values |= {f"path{number}": f"{limit.path}%", f"since{number}": limit.since}
        cases.append(f"WHEN h.area_path LIKE %(path{number})s THEN %(since{number})s::timestamptz")
    limit_sql = f"CASE {' '.join(cases)} END" if cases else "NULL::timestamptz"
    with connection.cursor() as cursor:
        cursor.execute(_DOORLESS, values)
        doorless = dict(cursor.fetchall())
        cursor.execute(_COVER.format(limit=limit_sql), values)
        found = {row[0]: Cover(*row, doorless=doorless.pop(row[0], 0)) for row in cursor.fetchall()}
    return found | {path: Cover(path, doorless=count) for path, count in doorless.items()}


def total(covers: Iterable[Cover], path: str) -> Cover:
    covers = list(covers)
    names = ("households", "in_grid", "in_group", "checked", "fresh", "doorless")
    return Cover(path, **{name: sum(getattr(cover, name) for cover in covers) for name in names})


def compounds_without_grid(area_path: str, at: datetime) -> list[Compound]:
    here = compounds_of(area_path, at).filter(grid_path="")
    return list(here.order_by("area_path", "name"))


def compounds_of(area_path: str, at: datetime) -> QuerySet[Compound]:
    here = Compound.objects.filter(area_path__startswith=area_path[:VILLAGE], registered_at__lte=at)
    return here.filter(Q(closed_at__isnull=True) | Q(closed_at__gt=at))


def groups_of(area_path: str, at: datetime) -> QuerySet[Group]:
    here = Group.objects.filter(area_path__startswith=area_path[:VILLAGE], formed_at__lte=at)
    return here.filter(Q(dissolved_at__isnull=True) | Q(dissolved_at__gt=at))


def households_in(groups: Iterable[Group], at: datetime) -> dict[int, int]:
    """Key of the group → its households at the moment."""
    found: dict[int, int] = {}
    here = Belonging.objects.at(at).filter(group__in=list(groups)).values_list("group", flat=True)
    for group in here:
        found[group] = found.get(group, 0) + 1
    return found


def history(household: Household) -> list[Belonging]:
    """Every grid, group and compound that the household was in, the latest first."""
    rows = household.belongings.select_related("group", "compound")
    return list(rows.order_by("-since", "sort"))


def checks_of(household: Household) -> list[Check]:
    return list(household.checks.order_by("-at", "-pk"))


def moves_of(household: Household) -> list[HomeMove]:
    """The moves into this door and out of it, the latest first."""
    found = HomeMove.objects.filter(Q(left=household) | Q(reached=household)).select_related("left", "reached")
    return list(found.order_by("-at", "-pk"))


def grids_of(village: str, at: datetime) -> list[Area]:
    below = Area.objects.under(village).filter(kind="grid").valid_on(timezone.localdate(at))
    return list(below.order_by("path"))


def households_by_grid(village: str, at: datetime) -> dict[str, int]:
    """Grid path → households that belong to it at the moment."""
    here = Belonging.objects.at(at).filter(sort="grid", grid_path__startswith=village)
    return dict(here.order_by().values_list("grid_path").annotate(count=Count("pk")))


def doorless(area_path: str, at: datetime) -> QuerySet[Person]:
    """People whose door nobody has registered: they stand in no household."""
    return Person.objects.as_of(at).under(area_path[:VILLAGE]).filter(household=None)


def members_of(group: Group, at: datetime) -> list[Household]:
    here = Belonging.objects.at(at).filter(group=group).select_related("household")
    return [one.household for one in here]
