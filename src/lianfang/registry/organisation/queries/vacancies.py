"""What is vacant, by name and since when: a post without a holder is a gap from the first minute."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q
from django.utils import timezone

from lianfang.registry.organisation.models import Body, Term, Venue
from lianfang.registry.organisation.queries.responsible import first_responsible, grid_workers
from lianfang.registry.organisation.rules import AREA_LEVELS, PARTIES, REQUIRED
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import names_of

KINDS = (
    "no_leading_group",
    "no_first_responsible",
    "no_head",
    "no_contact",
    "no_lead_unit",
    "no_grid_worker",
    "party_missing",
)


@dataclass(frozen=True)
class Vacancy:
    """`since` is when the post fell vacant or its body began; None where it was never filled and nothing began."""

    kind: str
    area_path: str
    area: str
    what: str
    since: datetime | None
    parties: tuple[str, ...] = ()
    body: Body | None = None
    venue: Venue | None = None


@dataclass(frozen=True)
class Filled:
    """So many of those that should have one have one; no denominator, no percentage."""

    kind: str
    due: int
    filled: int

    @property
    def missing(self) -> int:
        return self.due - self.filled


def grids_without_worker(area_path: str, at: datetime) -> list[Vacancy]:
    """As the list of vacancies has them, without looking for anything else."""
    grids = list(Area.objects.under(area_path).valid_on(timezone.localdate(at)).filter(kind="grid").order_by("path"))
    names = names_of({grid.path[:12] for grid in grids})
    return _without_worker(grids, {}, names, at)[0]


@dataclass
class _Found:
    due: dict[str, int]
    vacant: list[Vacancy]


def look(area_path: str, at: datetime) -> tuple[list[Vacancy], list[Filled]]:
    """Everything vacant, longest first within each kind, and how many of each kind are filled: one look for both."""
    found = _look(area_path, at)
    order = {code: place for place, code in enumerate(KINDS)}
    found.vacant.sort(key=lambda one: (order[one.kind], one.since is not None, one.since, one.area_path))
    missing: dict[str, int] = {}
    for one in found.vacant:
        missing[one.kind] = missing.get(one.kind, 0) + 1
    return found.vacant, [Filled(kind, found.due[kind], found.due[kind] - missing.get(kind, 0)) for kind in KINDS]


def vacancies(area_path: str, at: datetime, kind: str = "") -> list[Vacancy]:
    """What is vacant in the area and below it."""
    return [one for one in look(area_path, at)[0] if not kind or one.kind == kind]


def filled(area_path: str, at: datetime) -> list[Filled]:
    """For each kind how many there should be and how many there are, from the same look as the list."""
    return look(area_path, at)[1]


def _look(area_path: str, at: datetime) -> _Found:
    day = timezone.localdate(at)
    below = Area.objects.under(area_path).valid_on(day).filter(kind__in=(*AREA_LEVELS, "grid"))
    areas = list(below.filter(Q(suspended_on__isnull=True) | Q(suspended_on__gt=day)).order_by("path"))
    bodies = list(Body.objects.working(at).filter(area_path__startswith=area_path).order_by("area_path", "position"))
    open_venues = Q(closed_at__isnull=True) | Q(closed_at__gt=at)
    venues = list(Venue.objects.filter(open_venues, area_path__startswith=area_path, registered_at__lte=at))
    ended = _ended(area_path, at)
    names = {area.path: area.name for area in areas} | names_of(
        {one.area_path for one in (*bodies, *venues)} | {area.path[:12] for area in areas}
    )
    found = _Found(dict.fromkeys(KINDS, 0), [])
    for vacancy, due in (
        _without_group(areas, bodies, at),
        _without_responsible(areas, ended, at),
        _without_worker(areas, ended, names, at),
        _without_holder(bodies, ended, names, at),
        _without_parties(venues, names, at),
    ):
        found.vacant += vacancy
        for kind, count in due.items():
            found.due[kind] += count
    return found


_FIRST = "first_responsible"
Look = tuple[list[Vacancy], dict[str, int]]
Seats = dict[tuple[str, int | None, str], datetime]


def _ended(area_path: str, at: datetime) -> Seats:
    """(area, body, post) → when its last holder left."""
    rows = Term.objects.filter(area_path__startswith=area_path, venue=None, until__lte=at)
    told = rows.order_by().values_list("area_path", "body", "post").annotate(last=Max("until"))
    return {(path, body, post): last for path, body, post, last in told}


def _without_group(areas: list[Area], bodies: Iterable[Body], at: datetime) -> Look:
    have = {body.area_path for body in bodies if body.kind == "leading_group"}
    villages = [area for area in areas if area.kind in ("village", "community")]
    gone: dict[str, datetime] = {}
    missing = [area for area in villages if area.path not in have]
    over = Body.objects.filter(kind="leading_group", area_path__in=[area.path for area in missing])
    for path, *ends in over.values_list("area_path", "valid_to", "suspended_at"):
        past = [moment for moment in ends if moment is not None and moment <= at]
        if past:
            gone[path] = max(min(past), gone.get(path, min(past)))
    told = [Vacancy("no_leading_group", area.path, area.name, area.name, gone.get(area.path)) for area in missing]
    return told, {"no_leading_group": len(villages)}


def _without_responsible(areas: list[Area], ended: Seats, at: datetime) -> Look:
    answering = [area for area in areas if area.kind in AREA_LEVELS]
    have = first_responsible([area.path for area in answering], at)
    told = [
        Vacancy("no_first_responsible", area.path, area.name, area.name, ended.get((area.path, None, _FIRST)))
        for area in answering
        if area.path not in have
    ]
    return told, {"no_first_responsible": len(answering)}


def _without_worker(areas: list[Area], ended: Seats, names: dict[str, str], at: datetime) -> Look:
    grids = [area for area in areas if area.kind == "grid"]
    have = grid_workers([grid.path for grid in grids], at)
    told = [
        Vacancy(
            "no_grid_worker",
            grid.path,
            names.get(grid.path[:12], ""),
            grid.name,
            ended.get((grid.path, None, "grid_worker")),
        )
        for grid in grids
        if grid.path not in have
    ]
    return told, {"no_grid_worker": len(grids)}


def _without_holder(bodies: list[Body], ended: Seats, names: dict[str, str], at: datetime) -> Look:
    held = set(Term.objects.at(at).filter(body__in=bodies).values_list("body", "post"))
    told, due = [], dict.fromkeys(("no_head", "no_contact", "no_lead_unit"), 0)
    for body in bodies:
        for post in REQUIRED[body.kind]:
            kind = f"no_{post}"
            due[kind] += 1
            if (body.pk, post) not in held:
                since = ended.get((body.area_path, body.pk, post), body.valid_from)
                told.append(_of_body(kind, body, names, since))
        if body.kind == "working_group":
            due["no_lead_unit"] += 1
            if body.lead_unit_id is None:
                told.append(_of_body("no_lead_unit", body, names, body.valid_from))
    return told, due


def _of_body(kind: str, body: Body, names: dict[str, str], since: datetime) -> Vacancy:
    return Vacancy(kind, body.area_path, names.get(body.area_path, ""), body.name, since, body=body)


def _without_parties(venues: list[Venue], names: dict[str, str], at: datetime) -> Look:
    """Responsibility is fixed when all four parties are named; one missing and the venue stands here."""
    told = [
        Vacancy(
            "party_missing",
            venue.area_path,
            names.get(venue.area_path, ""),
            venue.name,
            venue.registered_at,
            parties=missing,
            venue=venue,
        )
        for venue, missing in missing_parties(venues, at)
        if missing
    ]
    return told, {"party_missing": len(venues)}


def missing_parties(venues: Iterable[Venue], at: datetime) -> Iterator[tuple[Venue, tuple[str, ...]]]:
    known = list(venues)
    named: dict[int, set[str]] = {}
    for venue, post in Term.objects.at(at).filter(venue__in=known).values_list("venue", "post"):
        named.setdefault(venue, set()).add(post)
    for venue in known:
        yield venue, tuple(party for party in PARTIES if party not in named.get(venue.pk, set()))
