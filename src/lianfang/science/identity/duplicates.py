"""Which cards of the whole register may be one person, and why. Every proposal is for a person to judge.

`why` is the statement; `block_keys` says what two cards must share before it is asked, so that a register of a million
is never compared pair by pair. `propose_slowly` asks of every pair: the tests hold both to the same answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Final

from lianfang.science.identity.variants import fold_variants

Reason = str
_SOUNDS: Final = frozenset({"same_name", "variant_name", "same_pinyin"})
_YEARS_APART: Final = 2
SHARED_BY_AN_OFFICE: Final = 50  # a number on more cards than this is a cadre's or an office's and says nothing


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it is compared. `documents` are (kind, key) pairs, `door` names one door of one village."""

    key: int
    name: str
    pinyin: str
    sex: str = ""
    birth_date: date | None = None
    documents: frozenset[tuple[str, str]] = field(default=frozenset())
    phones: frozenset[str] = field(default=frozenset())
    door: str = ""


def why(a: Card, b: Card) -> tuple[Reason, ...]:
    """Why the two may be one person; empty where nothing says so, or something says otherwise.

    A name alone is no reason, nor is a phone, a door or a birthday: families share the first two and twins all three.
    """
    names = name_reasons(a, b)
    slips = _document_slips(a, b)
    if not names or _contradict(a, b, slip=bool(slips)):
        return ()
    places = [code for code, found in (("same_phone", a.phones & b.phones), ("same_door", _same_door(a, b))) if found]
    if not a.phones & b.phones and any(swapped(x, y) for x in a.phones for y in b.phones):
        places.append("swapped_phone")
    born = ["same_birth_date"] if a.birth_date and a.birth_date == b.birth_date else []
    if _SOUNDS & set(names):
        enough = bool(slips or places or born)
    else:
        enough = bool(slips) or bool(born and places)
    return (*names, *slips, *places, *born) if enough else ()


def name_reasons(a: Card, b: Card) -> tuple[Reason, ...]:
    """What the names have in common: the strongest statement only."""
    if a.pinyin and a.pinyin == b.pinyin:
        if a.name == b.name:
            return ("same_name",)
        return ("variant_name",) if fold_variants(a.name) == fold_variants(b.name) else ("same_pinyin",)
    if one_character_apart(a.name, b.name):
        return ("one_character",)
    return ()


def one_character_apart(a: str, b: str) -> bool:
    """One character written otherwise, left out, or two neighbours swapped, in a name of at least two."""
    if min(len(a), len(b)) < 2 or a == b:
        return False
    if len(a) == len(b):
        apart = [place for place in range(len(a)) if a[place] != b[place]]
        return len(apart) == 1 or (len(apart) == 2 and swapped(a, b))
    short, long = sorted((a, b), key=len)
    if len(long) - len(short) != 1:
        return False
    return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def swapped(a: str, b: str) -> bool:
    """Equal but for two neighbouring signs that stand in the other order."""
    if len(a) != len(b) or a == b:
        return False
    first = next(place for place in range(len(a)) if a[place] != b[place])
    return a[:first] + a[first : first + 2][::-1] + a[first + 2 :] == b


def _document_slips(a: Card, b: Card) -> tuple[Reason, ...]:
    """Two numbers of one kind whose digits only stand in another order."""
    pairs = ((x, y) for kind, x in a.documents for other, y in b.documents if kind == other)
    return ("swapped_document",) if any(swapped(stem(x), stem(y)) for x, y in pairs) else ()


def stem(key: str) -> str:
    """A resident number without its check character, which follows from the other digits."""
    return key[:17] if len(key) == 18 else key


def _same_door(a: Card, b: Card) -> bool:
    return bool(a.door) and a.door == b.door


def _contradict(a: Card, b: Card, *, slip: bool) -> bool:
    """Something says that they are two: other sex, years apart, two documents of one kind that are no slip."""
    if a.sex and b.sex and a.sex != b.sex:
        return True
    if slip:
        return False
    if a.birth_date and b.birth_date and abs(a.birth_date.year - b.birth_date.year) > _YEARS_APART:
        return True
    mine, other = dict(a.documents), dict(b.documents)
    return any(kind in other and other[kind] != number for kind, number in mine.items())


def block_keys(card: Card) -> set[tuple[str, ...]]:
    """What a card can be found by. Two cards for which `why` says something share at least one of these."""
    keys: set[tuple[str, ...]] = {("digits", kind, "".join(sorted(stem(key)))) for kind, key in card.documents}
    places: set[tuple[str, ...]] = {("phone", phone) for phone in card.phones}
    places |= {("order", "".join(sorted(phone))) for phone in card.phones}
    if card.door:
        places.add(("door", card.door))
    born = str(card.birth_date) if card.birth_date else ""
    if card.pinyin:
        keys |= {("sound", card.pinyin, *place) for place in places}
    if card.pinyin and born:
        keys.add(("sound", card.pinyin, "born", born))
    if born:
        keys |= {("born", born, *place) for place in places}
    return keys


def propose(cards: Iterable[Card]) -> dict[tuple[int, int], tuple[Reason, ...]]:
    """(lower key, higher key) → reasons, for every pair that may be one person."""
    blocks: defaultdict[tuple[str, ...], list[Card]] = defaultdict(list)
    for card in cards:
        for key in block_keys(card):
            blocks[key].append(card)
    asked = {(a.key, b.key): (a, b) for block in blocks.values() for a, b in _pairs(block)}
    told = {pair: why(a, b) for pair, (a, b) in asked.items()}
    return {pair: reasons for pair, reasons in told.items() if reasons}


def propose_slowly(cards: Iterable[Card]) -> dict[tuple[int, int], tuple[Reason, ...]]:
    """The same by asking of every pair."""
    told = {(a.key, b.key): why(a, b) for a, b in _pairs(list(cards))}
    return {pair: reasons for pair, reasons in told.items() if reasons}


def _pairs(cards: Sequence[Card]) -> list[tuple[Card, Card]]:
    return list(combinations(sorted(cards, key=lambda card: card.key), 2))
