"""What is vacant, by name and since when: a post without a holder is a gap from the first minute."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max, Q
from django.utils import timezone

from lianfang.registry.organisation.models import Body, Term, Venue
from lianfang.registry.organisation.queries.responsible import grid_workers, held_by_role
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
    have = grid_workers([grid.path for grid in grids], at)
    return _without_worker([grid for grid in grids if grid.path not in have], _Seats(), names)[0]


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
    every = Body.objects.filter(area_path__startswith=area_path, valid_from__lte=at).order_by("area_path", "position")
    bodies, over = _parted(every, at)
    open_venues = Q(closed_at__isnull=True) | Q(closed_at__gt=at)
    venues = list(Venue.objects.filter(open_venues, area_path__startswith=area_path, registered_at__lte=at))
    seats = _seats(area_path, at, held_by_role([area.path for area in areas], at))
    names = {area.path: area.name for area in areas}
    named = {one.area_path for one in (*bodies, *venues)} | {area.path[:12] for area in areas}
    names |= names_of(named - names.keys())
    found = _Found(dict.fromkeys(KINDS, 0), [])
    for vacancy, due in (
        _without_group(areas, bodies, over),
        _without_responsible(areas, seats),
        _without_worker(areas, seats, names),
        _without_holder(bodies, seats, names),
        _without_parties(venues, seats, names),
    ):
        found.vacant += vacancy
        for kind, count in due.items():
            found.due[kind] += count
    return found


_FIRST = "first_responsible"
Look = tuple[list[Vacancy], dict[str, int]]
# An area (of its own posts alone), a body, a venue, the post.
Seat = tuple[str, int | None, int | None, str]


@dataclass(frozen=True)
class _Seats:
    """What is held at the moment, by an appointment to the post or by the area's role; when the last holder left."""

    held: frozenset[Seat] = frozenset()
    by_role: frozenset[str] = frozenset()
    left: dict[Seat, datetime] = field(default_factory=dict)


def _seats(area_path: str, at: datetime, by_role: Iterable[str]) -> _Seats:
    rows = Term.objects.filter(area_path__startswith=area_path, since__lte=at).order_by()
    told = rows.values_list("area_path", "body", "venue", "post").annotate(
        now=Count("pk", filter=Q(until__isnull=True) | Q(until__gt=at)), last=Max("until", filter=Q(until__lte=at))
    )
    known = [
        ((path if body is venue is None else "", body, venue, post), *more) for path, body, venue, post, *more in told
    ]
    held = frozenset(seat for seat, now, _last in known if now)
    return _Seats(held, frozenset(by_role), {seat: last for seat, _now, last in known if last})


def _parted(bodies: Iterable[Body], at: datetime) -> tuple[list[Body], list[tuple[Body, datetime]]]:
    """Bodies that work, and those that do not any more with the moment since which they do not."""
    working, over = [], []
    for body in bodies:
        ends = [moment for moment in (body.valid_to, body.suspended_at) if moment is not None and moment <= at]
        if ends:
            over.append((body, min(ends)))
        else:
            working.append(body)
    return working, over


def _without_group(areas: list[Area], bodies: Iterable[Body], over: Iterable[tuple[Body, datetime]]) -> Look:
    have = {body.area_path for body in bodies if body.kind == "leading_group"}
    villages = [area for area in areas if area.kind in ("village", "community")]
    missing = [area for area in villages if area.path not in have]
    gone: dict[str, datetime] = {}
    for body, since in over:
        if body.kind == "leading_group":
            gone[body.area_path] = max(since, gone.get(body.area_path, since))
    told = [Vacancy("no_leading_group", area.path, area.name, area.name, gone.get(area.path)) for area in missing]
    return told, {"no_leading_group": len(villages)}


def _without_responsible(areas: list[Area], seats: _Seats) -> Look:
    answering = [area for area in areas if area.kind in AREA_LEVELS]
    told = [
        Vacancy(
            "no_first_responsible", area.path, area.name, area.name, seats.left.get((area.path, None, None, _FIRST))
        )
        for area in answering
        if area.path not in seats.by_role and (area.path, None, None, _FIRST) not in seats.held
    ]
    return told, {"no_first_responsible": len(answering)}


def _without_worker(areas: list[Area], seats: _Seats, names: dict[str, str]) -> Look:
    grids = [area for area in areas if area.kind == "grid"]
    told = [
        Vacancy(
            "no_grid_worker",
            grid.path,
            names.get(grid.path[:12], ""),
            grid.name,
            seats.left.get((grid.path, None, None, "grid_worker")),
        )
        for grid in grids
        if grid.path not in seats.by_role and (grid.path, None, None, "grid_worker") not in seats.held
    ]
    return told, {"no_grid_worker": len(grids)}


def _without_holder(bodies: list[Body], seats: _Seats, names: dict[str, str]) -> Look:
    told, due = [], dict.fromkeys(("no_head", "no_contact", "no_lead_unit"), 0)
    for body in bodies:
        for post in REQUIRED[body.kind]:
            kind = f"no_{post}"
            due[kind] += 1
            if ("", body.pk, None, post) not in seats.held:
                since = seats.left.get(("", body.pk, None, post), body.valid_from)
                told.append(_of_body(kind, body, names, since))
        if body.kind == "working_group":
            due["no_lead_unit"] += 1
            if body.lead_unit_id is None:
                told.append(_of_body("no_lead_unit", body, names, body.valid_from))
    return told, due


def _of_body(kind: str, body: Body, names: dict[str, str], since: datetime) -> Vacancy:
    return Vacancy(kind, body.area_path, names.get(body.area_path, ""), body.name, since, body=body)


def _without_parties(venues: list[Venue], seats: _Seats, names: dict[str, str]) -> Look:
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
        for venue in venues
        if (missing := tuple(party for party in PARTIES if ("", None, venue.pk, party) not in seats.held))
    ]
    return told, {"party_missing": len(venues)}


def missing_parties(venues: Iterable[Venue], at: datetime) -> Iterator[tuple[Venue, tuple[str, ...]]]:
    known = list(venues)
    named: dict[int, set[str]] = {}
    for venue, post in Term.objects.at(at).filter(venue__in=known).values_list("venue", "post"):
        named.setdefault(venue, set()).add(post)
    for venue in known:
        yield venue, tuple(party for party in PARTIES if party not in named.get(venue.pk, set()))
