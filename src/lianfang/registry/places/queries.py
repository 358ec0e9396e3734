"""Reads of areas."""

from functools import lru_cache

from django.db.models import Q, Subquery

from lianfang.registry.places import remembered
from lianfang.registry.places.models import Area, Installation
from lianfang.registry.places.rules import ancestors_of
from lianfang.science.identity.origins import DivisionIndex

_COUNTY, _VILLAGE = 6, 12  # lengths of paths


def installation() -> Installation | None:
    return Installation.objects.filter(pk=1).first()


def is_exercise() -> bool:
    found = installation()
    return found is not None and found.exercise


def asks_second_factor() -> bool:
    """Of administrators and the county: always in a live installation, in an exercise where it is set so."""
    found = installation()
    return found is None or not (found.exercise and found.second_factor_optional)


def area_at(path: str) -> Area | None:
    return Area.objects.filter(path=path).first()


def names_of(paths: set[str]) -> dict[str, str]:
    """Path → name, for the paths and in one query; pages remember them, also that a path is none of an area.

    Whoever remembers reads the villages of a county together: the next page asks for others of them.
    """
    known: dict[str, str | None] = remembered.remember("names", dict)
    if missing := set(paths) - known.keys():
        asked = Q(path__in=missing)
        for county in {path[:_COUNTY] for path in missing if len(path) >= _COUNTY and remembered.store() is not None}:
            asked |= Q(path__startswith=county, path__length__lte=_VILLAGE)
        known |= dict.fromkeys(missing) | dict(Area.objects.filter(asked).values_list("path", "name"))
    return {path: name for path in paths if (name := known[path]) is not None}


def full_name(path: str) -> str:
    """County and below, e.g. 保德县 · 义门镇 · 东沟村."""
    paths = [p for p in [*ancestors_of(path), path] if len(p) >= 6]
    names = names_of(set(paths))
    return " · ".join(names[p] for p in paths if p in names)


def children_of(path: str) -> list[Area]:
    """The areas one level below, in code order: a city's counties, a township's villages; pages remember them."""
    return list(remembered.remember(f"below {path}", lambda: _below(path)))


def _below(path: str) -> list[Area]:
    below = Area.objects.under(path).exclude(path=path)
    shortest = below.order_by("path__length").values("path__length")[:1]
    return list(below.filter(path__length=Subquery(shortest)).order_by("path"))


@lru_cache(maxsize=1)
def division_index() -> DivisionIndex:
    """Provinces to townships, for reading free text such as 湖北武汉. Divisions change with a restart at most."""
    rows = Area.objects.filter(path__length__lte=9).order_by("path").values_list("path", "name")
    return DivisionIndex(rows)
