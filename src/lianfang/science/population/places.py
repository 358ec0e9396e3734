"""Villages, communities and grids below real townships."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from lianfang.science.population.sampling import stream, surnames

VillageKind = Literal["village", "community", "grid"]

_SIDES: Final = "东西南北上下前后大小新旧"
_FEATURES: Final = "沟坪庄岭川湾梁塬坡塔峁洼滩堡窑崖畔磨泉"
_HOUSES: Final = 60
_NUMERALS: Final = "一二三四五六七八九"
_FIRST_VILLAGE: Final = 201
_FIRST_COMMUNITY: Final = 1
_MOST_VILLAGES: Final = 799
_GRIDS: Final = (2, 4)


@dataclass(frozen=True, slots=True)
class VillageRow:
    """As the file of areas has it: village codes of 12 digits, grids of 15."""

    code: str
    name: str
    parent: str
    kind: VillageKind


def village_names() -> tuple[str, ...]:
    """Names without 村, none of which is the end of another."""
    short = [side + feature for side in _SIDES for feature in _FEATURES]
    family = [f"{name}家{feature}" for name in surnames()[:_HOUSES] if len(name) == 1 for feature in _FEATURES]
    return (*short, *family)


def make_villages(townships: Sequence[tuple[str, str]], per_township: int, seed: int) -> list[VillageRow]:
    """Villages with their grids below each (path, name); a town (镇) has a community too.

    No name stands twice in a township, nor in the county while names last.
    """
    if not 1 <= per_township <= _MOST_VILLAGES:
        raise ValueError(f"per_township must be 1 to {_MOST_VILLAGES}")
    names = _names(seed)
    rows: list[VillageRow] = []
    for path, name in townships:
        places = [_community(path, name)] if name.endswith("镇") else []
        places += [
            VillageRow(f"{path}{_FIRST_VILLAGE + place}", f"{next(names)}村", path, "village")
            for place in range(per_township)
        ]
        rows += [row for place in places for row in (place, *_grids(place, stream(seed, "grids", place.code)))]
    return rows


def _names(seed: int) -> Iterator[str]:
    """All names in an order of chance, again and again."""
    names = list(village_names())
    stream(seed, "village-names").shuffle(names)
    while True:
        yield from names


def _community(path: str, name: str) -> VillageRow:
    return VillageRow(f"{path}{_FIRST_COMMUNITY:03d}", f"{name.removesuffix('镇')}社区", path, "community")


def _grids(place: VillageRow, chance: Random) -> list[VillageRow]:
    return [
        VillageRow(f"{place.code}{number + 1:03d}", f"第{_NUMERALS[number]}网格", place.code, "grid")
        for number in range(chance.randint(*_GRIDS))
    ]
