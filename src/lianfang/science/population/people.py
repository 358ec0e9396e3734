"""Households of a village and who lives in them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final
from uuid import UUID, uuid5

from lianfang.science.identity.names import pinyin_key
from lianfang.science.population.places import VillageRow
from lianfang.science.population.sampling import (
    Sex,
    make_given_name,
    make_number,
    make_phone,
    make_surname,
    stream,
)

_NAMESPACE: Final = UUID("6f0d9a52-4f0e-5a56-9d0c-2f4f0a8e7b10")
_SIZES: Final = ((1, 2, 3, 4, 5), (0.45, 0.24, 0.18, 0.10, 0.03))
_DAYS_OF_YEAR: Final = 365.2425
_ADULT: Final = 16
_OLD: Final = 68


@dataclass(frozen=True, slots=True)
class Person:
    """`phone` may be another's in the household; infants have no `document` yet."""

    person_id: str
    name: str
    sex: Sex
    birth_date: date
    document: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Household:
    village: VillageRow
    grid: str | None
    door: str
    members: tuple[Person, ...]


def make_households(
    rows: Sequence[VillageRow], people: int, *, as_of: date, seed: int, taken: set[str] | None = None
) -> list[Household]:
    """Households with `people` members in all, spread over the villages of `rows`.

    `taken` holds the resident numbers given out so far and grows by those given here.
    """
    villages = [row for row in rows if row.kind != "grid"]
    if not villages:
        raise ValueError("no village among the rows")
    grids: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.kind == "grid":
            grids[row.parent].append(row.code)
    maker = _Maker(seed, villages[0].code, as_of, set() if taken is None else taken)
    made: list[Household] = []
    left = people
    while left:
        village = maker.chance.choice(villages)
        made.append(maker.household(village, grids[village.code], left))
        left -= len(made[-1].members)
    return made


class _Maker:
    def __init__(self, seed: int, where: str, as_of: date, taken: set[str]) -> None:
        self.chance = stream(seed, "households", where)
        self._seed = f"{seed}/{where}"
        self._as_of = as_of
        self._taken = taken
        self._doors: defaultdict[str, int] = defaultdict(int)
        self._made = 0

    def household(self, village: VillageRow, grids: Sequence[str], most: int) -> Household:
        size = min(most, self.chance.choices(*_SIZES)[0])
        self._doors[village.code] += self.chance.randint(1, 3)
        door = f"{self._doors[village.code]}号"
        grid = self.chance.choice(grids) if grids else None
        return Household(village, grid, door, self._members(size))

    def _members(self, size: int) -> tuple[Person, ...]:
        surname = make_surname(self.chance)
        own_phone = make_phone(self.chance)
        members: list[Person] = []
        for sex, age, family in _shape(size, self.chance):
            name = self._name(surname if family else make_surname(self.chance), sex, members)
            members.append(self._person(name, sex, age, own_phone, first=not members))
        return tuple(members)

    def _name(self, surname: str, sex: Sex, members: Sequence[Person]) -> str:
        """In one household nobody sounds like another."""
        sounds = {pinyin_key(member.name) for member in members}
        name = surname + make_given_name(self.chance, sex)
        while pinyin_key(name) in sounds:
            name = surname + make_given_name(self.chance, sex)
        return name

    def _person(self, name: str, sex: Sex, age: int, family_phone: str, *, first: bool) -> Person:
        self._made += 1
        birth_date = _birth_date(self._as_of, age, self.chance)
        document = make_number(f"{birth_date:%Y%m%d}", sex, self.chance, self._taken) if age else None
        return Person(
            person_id=str(uuid5(_NAMESPACE, f"{self._seed}/{self._made}")),
            name=name,
            sex=sex,
            birth_date=birth_date,
            document=document,
            phone=family_phone if first else self._phone(age, family_phone),
        )

    def _phone(self, age: int, family_phone: str) -> str:
        chance_of_own = 0.0 if age < _ADULT else 0.35 if age >= _OLD else 0.9
        return make_phone(self.chance) if self.chance.random() < chance_of_own else family_phone


def _shape(size: int, chance: Random) -> list[tuple[Sex, int, bool]]:
    """(sex, age, bears the household's surname) of each member, the head first."""
    head: Sex = "male" if chance.random() < 0.65 else "female"
    if size == 1:
        return [(head, chance.randint(17, 82), True)]
    age = chance.randint(24, 62)
    partner: Sex = "female" if head == "male" else "male"
    members: list[tuple[Sex, int, bool]] = [(head, age, True)]
    if chance.random() < 0.8:
        members.append((partner, max(20, age + chance.randint(-5, 4)), False))
    while len(members) < size:
        sex: Sex = chance.choice(("male", "female"))
        if age > 45 and chance.random() < 0.35:
            members.append((sex, min(95, age + chance.randint(20, 30)), True))
        else:
            members.append((sex, chance.randint(max(0, age - 42), age - 20), True))
    return members


def _birth_date(as_of: date, age: int, chance: Random) -> date:
    """A day at which somebody completed `age` years within the year before `as_of`."""
    earliest = as_of - timedelta(days=int((age + 1) * _DAYS_OF_YEAR) - 3)
    latest = as_of - timedelta(days=int(age * _DAYS_OF_YEAR) + 2)
    return earliest + timedelta(days=chance.randrange((latest - earliest).days + 1))
