"""The made county's order: who commands, who works which grid, where households belong. With gaps, as in life."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from django.utils.translation import gettext as _

from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes import actions as homes
from lianfang.registry.homes.queries import in_door_order, lived_in
from lianfang.registry.homes.rules import VULNERABILITIES
from lianfang.registry.organisation import actions as organisation
from lianfang.registry.organisation.actions import NewBody, NewTerm
from lianfang.registry.organisation.rules import PARTIES
from lianfang.registry.people.models import Person
from lianfang.registry.places.models import Area
from lianfang.science.population import organisation as names
from lianfang.science.population.people import Person as MadePerson

FRESH_DAYS = 60
_GROUP_OF = 10
_TOWNS_AHEAD = 2  # townships that have formed groups and gone from door to door
_COORDINATORS = 40  # groups that have one already


def command(*, by: Actor, at: datetime, county: str, people: Iterator[MadePerson]) -> None:
    """Leading groups of county, townships and most villages; units, two of them without a contact; grid workers."""
    areas = list(Area.objects.under(county).order_by("path"))
    seats = [area for area in areas if area.kind in ("county", "township", "village", "community")]
    grids = [area for area in areas if area.kind == "grid"]
    groups = [
        NewBody(area.path, "leading_group", names.leading_group(area.name), at)
        for place, area in enumerate(seats)
        if len(area.path) < 12 or place % 9
    ]
    offices = [NewBody(area.path, "office", names.office(area.name), at) for area in seats if len(area.path) < 12]
    working = [NewBody(county, "working_group", name, at) for name, _duties in names.WORKING_GROUPS]
    units = [NewBody(county, "member_unit", name, at) for name in names.UNITS]
    bodies = organisation.establish_many(by=by, at=at, new=[*groups, *offices, *working, *units])
    for new, unit, (_name, duties) in zip(working, units, names.WORKING_GROUPS, strict=False):
        lead = None if new is working[-1] else bodies[unit]
        organisation.describe(by=by, at=at, body=bodies[new], lead_unit=lead, duties=duties)
    terms = [
        _term(by, new.area_path, post, at, people, body=bodies[new])
        for place, (new, post) in enumerate(
            [*((one, "head") for one in (*groups, *offices, *working)), *((one, "contact") for one in units[:-2])]
        )
        if place % 17 != 16
    ]
    terms += [_term(by, grid.path, "grid_worker", at, people) for place, grid in enumerate(grids) if place % 11 != 10]
    organisation.appoint_many(by=by, at=at, new=terms)
    _venues(by, at, [area for area in seats if len(area.path) == 9], people)


def _term(by: Actor, path: str, post: str, at: datetime, people: Iterator[MadePerson], **told) -> NewTerm:
    who = next(people)
    return NewTerm(path, post, who.name, at, phone=who.phone or "", **told)


def _venues(by: Actor, at: datetime, towns: list[Area], people: Iterator[MadePerson]) -> None:
    """A venue a township; every third lacks its individual party."""
    terms = []
    for place, town in enumerate(towns):
        name = names.VENUES[place % len(names.VENUES)]
        venue = organisation.register_venue(by=by, at=at, area_path=town.path, name=name, kind="venue")
        parties = PARTIES if place % 3 else PARTIES[:-1]
        terms += [_term(by, town.path, party, at, people, venue=venue) for party in parties]
    organisation.appoint_many(by=by, at=at, new=terms)


def settle(*, by: Actor, at: datetime, county: str, people: Iterator[MadePerson]) -> None:
    """Nearly all households in grids; two townships have groups and checked entries; some people need care."""
    homes.set_freshness(by=by, at=at, area_path=county, days=FRESH_DAYS, basis=_("demonstration"))
    grids = defaultdict(list)
    for path in Area.objects.under(county).filter(kind="grid").order_by("path").values_list("path", flat=True):
        grids[path[:12]].append(path)
    by_village = defaultdict(list)
    for home in in_door_order(lived_in(county, at)):
        by_village[home.area_path].append(home)
    towns = sorted({village[:9] for village in by_village})[:_TOWNS_AHEAD]
    wanted, checks = homes.Wanted(), []
    for village, doors in by_village.items():
        parts = grids.get(village, [])
        for place, home in enumerate(doors):
            if parts and place % 40 != 39:
                wanted.grids[home.pk] = parts[place * len(parts) // len(doors)]
            if village[:9] in towns and place % 5 != 4:
                checks.append(homes.NewCheck(uuid4(), home, at))
    homes.place(by=by, at=at, wanted=wanted)
    homes.verify(by=by, at=at, checks=checks)
    _care(by, at, county)
    formed = []
    for village in sorted(path for path in by_village if path[:9] in towns):
        made = homes.form_groups(by=by, at=at, area_path=village, kind="ten_households", size=_GROUP_OF)
        formed += made.groups
    for group in formed[:_COORDINATORS]:
        who = next(people)
        homes.activate_group(by=by, at=at, group=group, coordinator=who.name, phone=who.phone or "")


def _care(by: Actor, at: datetime, county: str) -> None:
    told = []
    for place, person in enumerate(Person.objects.as_of(at).under(county).order_by("pk")):
        if place % 23 == 0:
            told.append(homes.Told(person, "special", frozenset({VULNERABILITIES[place // 23 % len(VULNERABILITIES)]})))
        elif place % 12 == 5:
            told.append(homes.Told(person, "mobile"))
    homes.tell_residents(by=by, at=at, told=told)
