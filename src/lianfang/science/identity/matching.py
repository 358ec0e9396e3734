"""Which cards may be the same person. Nothing here decides: every proposal is for a person to judge."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

Key = str | int


@dataclass(frozen=True, slots=True)
class Card:
    """`pinyin` from `pinyin_key`, `door` from `door_key`, phones in normal form; empty text for unknown.

    Keys are unique over everything that is compared in one call.
    """

    key: Key
    name: str
    pinyin: str
    document_key: str | None
    phones: frozenset[str]
    village: str
    door: str
    birth_year: int | None = None
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    key: Key
    reasons: tuple[str, ...]
    known: bool = True


# Lists give ages by the traditional count as often as by birthdays: up to two years apart.
_YEARS_APART: Final = 2

_NUMERALS: Final = {"〇": 0, "两": 2} | {numeral: value for value, numeral in enumerate("零一二三四五六七八九")}
_UNITS: Final = {"十": 10, "百": 100}
_NUMERAL_RUN: Final = re.compile("[零〇一二两三四五六七八九十百]+")
_NOTHING: Final = frozenset({"", "无", "没有", "不详", "未知", "暂无", "无门牌", "无门牌号"})
_BLANKS: Final = re.compile(r"[\s\u200b\ufeff]+")
_NUMBER_SIGNS: Final = re.compile(r"[号#№户]+")
_DASHES: Final = re.compile(r"[-‐‑–—－_/\\]+")
_ZEROS: Final = re.compile(r"(?<!\d)0+(?=\d)")
_DECIMAL_TAIL: Final = re.compile(r"\.0+$")


def door_key(text: object) -> str:
    """12号, 12 号, 十二号, 第12号, 012 and 12.0 are one door: `12`. Empty for no door."""
    return "" if text is None else _door_key(str(text))


@lru_cache(maxsize=1 << 13)
def _door_key(text: str) -> str:
    clean = _BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if clean in _NOTHING:
        return ""
    clean = _DECIMAL_TAIL.sub("", clean.removeprefix("门牌").removeprefix("号").removeprefix("第"))
    clean = _NUMERAL_RUN.sub(lambda run: str(_numeral(run[0])), clean)
    clean = _DASHES.sub("-", _NUMBER_SIGNS.sub("-", clean)).strip("-")
    return _ZEROS.sub("", clean)


def _numeral(run: str) -> str:
    """一百二十 → 120; a run without units reads digit by digit: 三〇二 → 302."""
    if not any(unit in run for unit in _UNITS):
        return "".join(str(_NUMERALS[character]) for character in run)
    total, digit = 0, 0
    for character in run:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            digit = _NUMERALS[character]
    return str(total + digit)


def reasons(a: Card, b: Card) -> tuple[str, ...]:
    """Why `b` may be the same person as `a`; empty where nothing says so or something says otherwise.

    A name alone is never a reason. Two cards with documents are told apart by those: equal ones are a
    certainty, which is no matter for a proposal, and different ones are different people.
    """
    if not a.pinyin or a.pinyin != b.pinyin or _contradict(a, b):
        return ()
    places = []
    if a.phones & b.phones:
        places.append("same_phone")
    if a.village and a.door and (a.village, a.door) == (b.village, b.door):
        places.append("same_door")
    if not places:
        return ()
    names = ["same_pinyin", "same_name"] if a.name == b.name else ["same_pinyin"]
    return (*names, *places)


def _contradict(a: Card, b: Card) -> bool:
    if a.document_key and b.document_key:
        return True
    if a.sex and b.sex and a.sex != b.sex:
        return True
    if a.birth_year is None or b.birth_year is None:
        return False
    return abs(a.birth_year - b.birth_year) > _YEARS_APART


def propose(new: Sequence[Card], known: Sequence[Card]) -> dict[Key, list[Proposal]]:
    """The cards of `new` to hold, each with whom it may be: known cards first, then rows of the same file.

    Of two new cards that may be one person the one without document is held, of two without the later one.
    A new card whose document is already known needs no proposal.
    """
    settled = {card.document_key for card in known if card.document_key}
    fresh = [card for card in new if not (card.document_key and card.document_key in settled)]
    register, file = _Blocks(known), _Blocks(fresh)
    held: dict[Key, list[Proposal]] = {}
    for position, card in enumerate(fresh):
        found = [Proposal(other.key, why) for _, other, why in register.matches(card)]
        found += [
            Proposal(other.key, why, known=False)
            for place, other, why in file.matches(card)
            if _holds(card, position, other, place)
        ]
        if found:
            held[card.key] = found
    return held


def _holds(card: Card, position: int, other: Card, place: int) -> bool:
    if place == position or card.document_key:
        return False
    return bool(other.document_key) or place < position


class _Blocks:
    """Cards by what two of them must share: sound of the name with a phone, or with a door."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self._cards = list(cards)
        self._places: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, card in enumerate(self._cards):
            for block in _block_keys(card):
                self._places[block].append(place)

    def matches(self, card: Card) -> list[tuple[int, Card, tuple[str, ...]]]:
        places = {place for block in _block_keys(card) for place in self._places.get(block, ())}
        compared = ((place, self._cards[place]) for place in sorted(places))
        return [(place, other, why) for place, other in compared if (why := reasons(card, other))]


def _block_keys(card: Card) -> list[tuple[str, ...]]:
    if not card.pinyin:
        return []
    keys: list[tuple[str, ...]] = [(card.pinyin, phone) for phone in card.phones]
    if card.village and card.door:
        keys.append((card.pinyin, card.village, card.door))
    return keys
