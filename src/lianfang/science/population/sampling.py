"""Streams of chance and pools of names. The same seed gives the same county on every machine."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Final, Literal

from lianfang.science.identity.documents import check_character
from lianfang.science.identity.names import pinyin_key

Sex = Literal["male", "female"]

# 990000 is allocated to no division, so no number made here can be anybody's.
_PREFIX: Final = "990000"
# Beginnings of mobile numbers that, as far as we know, no operator has been given.
_MOBILE_PREFIXES: Final = ("154", "160", "161", "163", "164", "168", "169", "179", "194")


def stream(seed: int, *labels: object) -> Random:
    """Chance of its own for each thing made: one more village changes no other village's people."""
    text = "/".join(str(label) for label in (seed, *labels))
    return Random(text)  # noqa: S311 - invented people, not secrets


@dataclass(frozen=True, slots=True)
class _Pool:
    values: tuple[str, ...]
    cumulative: tuple[float, ...]

    def pick(self, chance: Random) -> str:
        return chance.choices(self.values, cum_weights=self.cumulative)[0]


@cache
def _pool(file: str, kind: str) -> _Pool:
    text = files("lianfang.science.population").joinpath("data", file).read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["kind"] == kind]
    weights = accumulate(float(row["weight"]) for row in rows)
    return _Pool(tuple(row["name"] for row in rows), tuple(weights))


@cache
def surnames() -> tuple[str, ...]:
    """Commonest first."""
    return _pool("surnames.csv", "surname").values


def make_surname(chance: Random) -> str:
    return _pool("surnames.csv", "surname").pick(chance)


def make_given_name(chance: Random, sex: Sex) -> str:
    """One name of the pool, or the first characters of two: 建国, 伟, 伟明."""
    pool = _pool("given_names.csv", sex)
    first = pool.pick(chance)
    if len(first) == 1 and chance.random() < 0.6:
        return first + pool.pick(chance)[-1]
    return first


def make_number(birth_digits: str, sex: Sex, chance: Random, taken: set[str]) -> str:
    """A resident number with a true check character that nobody in `taken` has; it is added there.

    `birth_digits` as yyyymmdd. A day has 500 numbers for each sex; past those the search would not end.
    """
    for _ in range(10_000):
        sequence = chance.randrange(500) * 2 + (1 if sex == "male" else 0)
        stem = f"{_PREFIX}{birth_digits}{sequence:03d}"
        number = stem + check_character(stem)
        if number not in taken:
            taken.add(number)
            return number
    raise ValueError(f"no number left for {birth_digits} {sex}")


def make_phone(chance: Random) -> str:
    return f"{chance.choice(_MOBILE_PREFIXES)}{chance.randrange(10**8):08d}"


@cache
def _homophones() -> dict[str, tuple[str, ...]]:
    """Common characters (level 1 of GB 2312) by how they sound."""
    groups: dict[str, list[str]] = {}
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            character = bytes((row, cell)).decode("gb2312", errors="ignore")
            if character:
                groups.setdefault(pinyin_key(f"·{character}"), []).append(character)
    return {sound: tuple(characters) for sound, characters in groups.items()}


def write_as_heard(name: str, chance: Random) -> str:
    """Another way to write a name that sounds alike; the name itself where there is none."""
    for place in range(len(name) - 1, 0, -1):
        alike = _homophones().get(pinyin_key(f"·{name[place]}"), ())
        others = [character for character in alike if character != name[place]]
        if others:
            written = name[:place] + chance.choice(others) + name[place + 1 :]
            if pinyin_key(written) == pinyin_key(name):
                return written
    return name
