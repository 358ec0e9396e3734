"""Names of villages as people write them: 东沟 is 东沟村, 东沟村委会 too."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from lianfang.science.identity.names import pinyin_key

_JUNK: Final = re.compile(r"[\s、，,。.\-—_/()（）·\u200b\ufeff]+")
_COMMITTEES: Final = (
    ("村民委员会", "村"), ("村村委会", "村"), ("村委会", "村"), ("村民委", "村"), ("村委", "村"),
    ("社区居民委员会", "社区"), ("社区居委会", "社区"), ("居民委员会", "社区"), ("居委会", "社区"),
    ("社区委员会", "社区"), ("行政村", "村"), ("自然村", "村"), ("村村", "村"),
)  # fmt: skip
_KINDS: Final = ("社区", "村", "嘎查")
_SHORTEST_STEM: Final = 2
_LIKE_ENOUGH: Final = 0.5


def normalise_place(name: str) -> str:
    """The name without blanks and without the word for village or community, where two characters stay."""
    text = _JUNK.sub("", unicodedata.normalize("NFKC", name))
    for ending, plain in _COMMITTEES:
        if text.endswith(ending) and len(text) > len(ending):
            text = text[: -len(ending)] + plain
            break
    for kind in _KINDS:
        if text.endswith(kind) and len(text) - len(kind) >= _SHORTEST_STEM:
            return text[: -len(kind)]
    return text


def match_place(name: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that `name` means: the same text, the same stem, or the end of a longer address.

    None where no candidate or several would do.
    """
    known = list(dict.fromkeys(candidates))
    if name in known:
        return name
    stem = normalise_place(name)
    if not stem:
        return None
    same = [candidate for candidate in known if normalise_place(candidate) == stem]
    if same:
        return same[0] if len(same) == 1 else None
    stems = [(normalise_place(candidate), candidate) for candidate in known]
    tails = [(len(tail), who) for tail, who in stems if len(tail) >= _SHORTEST_STEM and stem.endswith(tail)]
    longest = max((length for length, _ in tails), default=0)
    best = [candidate for length, candidate in tails if length == longest]
    return best[0] if len(best) == 1 else None


def nearest_names(name: str, candidates: Sequence[str], limit: int = 3) -> list[str]:
    """Names that look or sound most alike, best first; empty where none is alike."""
    return list(_nearest(name, tuple(dict.fromkeys(candidates)), limit))


@lru_cache(maxsize=4096)
def _nearest(name: str, candidates: tuple[str, ...], limit: int) -> tuple[str, ...]:
    stem = normalise_place(name)
    sound = pinyin_key(stem)
    scored = [(_likeness(stem, sound, candidate), place) for place, candidate in enumerate(candidates)]
    scored = [found for found in scored if found[0] >= _LIKE_ENOUGH]
    scored.sort(key=lambda found: (-found[0], found[1]))
    return tuple(candidates[place] for _, place in scored[:limit])


def _likeness(stem: str, sound: str, candidate: str) -> float:
    other = normalise_place(candidate)
    if not stem or not other:
        return 0.0
    looks = SequenceMatcher(None, stem, other, autojunk=False).ratio()
    mine, theirs = sound.split(), pinyin_key(other).split()
    sounds = SequenceMatcher(None, mine, theirs, autojunk=False).ratio()
    return max(looks, 0.95 * sounds)
