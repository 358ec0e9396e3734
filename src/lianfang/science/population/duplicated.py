"""A made file in which people stand several times, as lists of several offices have them, with the truth beside it.

What goes wrong is what goes wrong in lists: another character of the same sound, another form of a character, one
character slipped, two digits swapped, a family's one phone, something left out.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from functools import cache
from itertools import combinations
from random import Random
from typing import Final

from lianfang.science.identity.names import pinyin_key
from lianfang.science.identity.variants import variants_of
from lianfang.science.population.people import Person, make_households
from lianfang.science.population.places import VillageRow
from lianfang.science.population.sampling import make_given_name, stream

Row = dict[str, str | None]

_VILLAGES: Final = tuple(
    VillageRow(f"990000001{number:03}", f"made {number}", "990000001", "village") for number in range(201, 221)
)
_MISTAKES: Final = (1, 2, 3)
_HOW_MANY: Final = (0.5, 0.35, 0.15)


def make_duplicated(people: int, again: int, *, seed: int, as_of: date) -> tuple[list[Row], set[tuple[str, str]]]:
    """(rows, true pairs): `people` rows, then `again` further ones of some of them, one to three mistakes in each."""
    chance = stream(seed, "duplicated")
    rows: list[Row] = []
    for home in make_households(_VILLAGES, people, as_of=as_of, seed=seed):
        door = f"{home.village.code}/{home.door}"
        rows += [_row(f"p{len(rows) + place}", member, door) for place, member in enumerate(home.members)]
    same: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        same[str(row["unique_id"])].append(str(row["unique_id"]))
    for number in range(again):
        origin = chance.choice(rows[:people])
        copy = origin | {"unique_id": f"d{number}"}
        for _mistake in range(chance.choices(_MISTAKES, _HOW_MANY)[0]):
            chance.choice(_SLIPS)(copy, chance)
        same[str(origin["unique_id"])].append(str(copy["unique_id"]))
        rows.append(copy)
    truth = {tuple(sorted(pair)) for group in same.values() for pair in combinations(group, 2)}
    return rows, {(left, right) for left, right in truth}


def _row(uid: str, member: Person, door: str) -> Row:
    return {
        "unique_id": uid,
        "name": member.name,
        "sex": member.sex,
        "born": member.birth_date.isoformat(),
        "document": member.document,
        "phone": member.phone,
        "door": door,
    }


def _homophone(row: Row, chance: Random) -> None:
    name = str(row["name"])
    others = [sign for sign in _by_sound().get(pinyin_key(name[-1]), ()) if sign != name[-1]]
    if others:
        row["name"] = name[:-1] + chance.choice(others)


def _variant(row: Row, chance: Random) -> None:
    if forms := variants_of(str(row["name"])):
        row["name"] = chance.choice(forms)


def _slip(row: Row, chance: Random) -> None:
    row["name"] = str(row["name"])[:-1] + make_given_name(chance, "male" if row["sex"] == "male" else "female")[-1]


def _swap(column: str) -> Callable[[Row, Random], None]:
    def act(row: Row, chance: Random) -> None:
        number = row[column]
        if number:
            place = chance.randrange(3, len(number) - 1)
            row[column] = number[:place] + number[place : place + 2][::-1] + number[place + 2 :]

    return act


def _leave_out(column: str) -> Callable[[Row, Random], None]:
    def act(row: Row, _chance: Random) -> None:
        row[column] = None

    return act


_SLIPS: Final[tuple[Callable[[Row, Random], None], ...]] = (
    _homophone,
    _variant,
    _slip,
    _swap("document"),
    _swap("phone"),
    *(_leave_out(column) for column in ("document", "document", "phone", "door", "born", "sex")),
)


@cache
def _by_sound() -> dict[str, tuple[str, ...]]:
    """Sound → characters that given names end with."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    chance = stream(0, "sounds")
    for _name in range(4000):
        sign = make_given_name(chance, chance.choice(("male", "female")))[-1]
        found[pinyin_key(sign)].add(sign)
    return {sound: tuple(sorted(signs)) for sound, signs in found.items()}
