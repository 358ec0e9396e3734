"""Who came home from where and when: the facts behind a list, before anybody writes them down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random
from typing import Final

from lianfang.science.population.people import Household, Person

Place = tuple[str, ...]

_TRANSPORTS: Final = (("自驾", "拼车", "大巴", "火车"), (0.42, 0.2, 0.2, 0.18))
_VEHICLES: Final = {"火车": ("K603", "D5382", "2462", "K868"), "大巴": ("客运班车", None)}
_DAYS_BACK: Final = 28
_KEY_DAYS_BACK: Final = 16
_HOUR_KNOWN_DAYS: Final = 3
_HOUR_KNOWN_SHARE: Final = 0.7


@dataclass(frozen=True, slots=True)
class Trip:
    person: Person
    household: Household
    place: Place
    key_area: bool
    day: date
    hour: time | None
    transport: str
    vehicle: str | None


def make_trips(
    households: Sequence[Household],
    as_of: date,
    chance: Random,
    places: tuple[Sequence[Place], Sequence[Place]],
    key_area_share: float,
) -> list[Trip]:
    """Every member of every household came home with it, recently more often than long ago.

    The hour of reaching home is known for most of the last days' returns, before 18:00.
    """
    return [trip for household in households for trip in _party(household, as_of, chance, places, key_area_share)]


def _party(
    household: Household,
    as_of: date,
    chance: Random,
    places: tuple[Sequence[Place], Sequence[Place]],
    key_area_share: float,
) -> list[Trip]:
    key_places, other_places = places
    key_area = chance.random() < key_area_share
    place = chance.choice(key_places if key_area else other_places)
    furthest = _KEY_DAYS_BACK if key_area else _DAYS_BACK
    days_ago = min(chance.randrange(furthest + 1), chance.randrange(furthest + 1))
    known = days_ago <= _HOUR_KNOWN_DAYS and chance.random() < _HOUR_KNOWN_SHARE
    hour = time(chance.randrange(7, 18), chance.choice(range(0, 60, 5))) if known else None
    transport = chance.choices(*_TRANSPORTS)[0]
    vehicle = chance.choice(_VEHICLES.get(transport, (None,)))
    day = as_of - timedelta(days=days_ago)
    return [Trip(person, household, place, key_area, day, hour, transport, vehicle) for person in household.members]


def other_transport(transport: str, chance: Random) -> str:
    return chance.choice([other for other in _TRANSPORTS[0] if other != transport])
