"""Places written freely, read from province or city down: 湖北武汉, 武汉市江汉区, 湖北孝感.

Rules. Full names and names without their kind (省, 市, 自治州…) are known, two characters at least, longest
first; a level may be left out inside a province or city. A county alone is read only when written in full
and unique in the country. Names of townships are read only inside a county already read, so 大同市 is
Shanxi's city whatever township elsewhere begins alike. What follows the last name read is taken for a detail.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Resolved:
    """`path` is the code at its level's length; `names` from the province down."""

    path: str
    names: tuple[str, ...]


_PROVINCE, _CITY, _COUNTY, _TOWNSHIP = 2, 4, 6, 9
_TRANSPARENT: Final = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
_SHORTEST: Final = 2
_LONGEST_TEXT: Final = 80
_CACHE_LIMIT: Final = 200_000

_PEOPLES: Final = (
    "布依族|朝鲜族|傣族|景颇族|哈尼族|哈萨克族|哈萨克|回族|柯尔克孜族|柯尔克孜|傈僳族|满族|蒙古族|蒙古|苗族|羌族|土家族|侗族|彝族|"
    "壮族|藏族|白族|瑶族|畲族|黎族|仡佬族|水族|纳西族|拉祜族|佤族|布朗族|独龙族|怒族|普米族|裕固族|保安族|东乡族|"
    "撒拉族|土族|锡伯族|锡伯|塔吉克族|塔吉克|达斡尔族|鄂温克族|仫佬族|毛南族|各族|维吾尔族|维吾尔"
)
_KIND: Final = {
    _PROVINCE: re.compile(r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市)$"),
    _CITY: re.compile(rf"(?:(?:{_PEOPLES})*自治州|地区|市|盟)$"),
    _COUNTY: re.compile(rf"(?:(?:{_PEOPLES})*自治[县旗]|(?:{_PEOPLES})区|新区|林区|特区|市|县|区|旗)$"),
    _TOWNSHIP: re.compile(rf"(?:(?:{_PEOPLES})*乡|街道办事处|街道|地区|镇|乡|苏木)$"),
}
_LEAD: Final = re.compile(r"^(?:来自于|来自|从|由|自|在)?(?:中华人民共和国|中国)?")
_SEPARATORS: Final = re.compile(r"[^\w]+|_+")
# A short name before one of these belongs to another place: 南京路, 太原街道, 海南州, 大同县.
_OTHER_PLACE: Final = re.compile(
    r"[省市区县旗镇乡村州盟街里巷]|路(?![过经])|[东西南北中][街路]|大道|大街|地区|自治|新区|胡同"
)
_ROAD: Final = ("路", "街", "道", "巷")


@dataclass(slots=True)
class _Names:
    """Names under one place: text → the path it means, None where several places share it."""

    full: dict[str, str | None] = field(default_factory=dict)
    short: dict[str, str | None] = field(default_factory=dict)
    longest: int = 0

    def add(self, names: Iterable[tuple[str, str]], *, short: bool) -> None:
        """Adds one rank of places; names that a higher rank already has are left to it."""
        table = self.short if short else self.full
        rank: dict[str, str | None] = {}
        for name, path in names:
            if len(name) >= _SHORTEST:
                rank[name] = path if rank.get(name, path) == path else None
        for name, only in rank.items():
            table.setdefault(name, only)
            self.longest = max(self.longest, len(name))

    def read(self, text: str, below: "Callable[[str], _Names]") -> tuple[str, int] | None:
        """The longest name that `text` begins with: its path and its length.

        A short name before what looks like another place counts only where a place inside it follows:
        江苏镇江, 唐山路北区.
        """
        for length in range(min(self.longest, len(text)), _SHORTEST - 1, -1):
            head = text[:length]
            path: str | None = self.full.get(head)
            if path is not None:
                return path, length
            path = self.short.get(head)
            if path is not None and self._stands(path, text[length:], below):
                return path, length
        return None

    def _stands(self, path: str, rest: str, below: "Callable[[str], _Names]") -> bool:
        if not _OTHER_PLACE.match(rest):
            return True
        return len(path) < _TOWNSHIP and below(path).read(rest, below) is not None


class DivisionIndex:
    """Built once from rows of (path, name): provinces, cities, counties and townships, in any order."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self._names = dict(rows)
        self._folded = {path: _fold(name) for path, name in self._names.items()}
        self._children: defaultdict[str, list[str]] = defaultdict(list)
        for path in sorted(self._names):
            self._children[self._parent(path)].append(path)
        self._root = self._root_names()
        self._below: dict[str, _Names] = {}
        self._cache: dict[str, Resolved | None] = {}

    def resolve(self, text: str | None) -> Resolved | None:
        if not text:
            return None
        if text in self._cache:
            return self._cache[text]
        if len(self._cache) >= _CACHE_LIMIT:
            self._cache.clear()
        found = self._cache[text] = self._resolve(text)
        return found

    def name_of(self, path: str) -> tuple[str, ...]:
        """Names from the province down to `path`, levels without a name of their own left out."""
        lengths = [length for length in (_PROVINCE, _CITY, _COUNTY, _TOWNSHIP) if length <= len(path)]
        steps = [path[:length] for length in lengths if path[:length] in self._names]
        return tuple(self._names[step] for step in steps if step == path or not self._transparent(step))

    def _resolve(self, text: str) -> Resolved | None:
        rest = _fold(text[:_LONGEST_TEXT])
        found = self._root.read(rest, self._names_below)
        if found is None:
            rest = rest[_lead(rest) :]
            found = self._root.read(rest, self._names_below)
        if found is None:
            return None
        path, length = found
        rest = rest[length:]
        while rest and len(path) < _TOWNSHIP:
            inside = self._names_below(path).read(rest, self._names_below)
            if inside is None:
                repeated = self._repeated(path, rest)
                if not repeated:
                    break
                rest = rest[repeated:]
                continue
            path, length = inside
            rest = rest[length:]
        return Resolved(path, self.name_of(path))

    def _repeated(self, path: str, rest: str) -> int:
        """Length of the place's own name written a second time, as in 北京市北京市朝阳区 and 北京市市辖区."""
        name = self._names[path]
        for again in (name, "市辖区", short_name(name, len(path))):
            if len(again) >= _SHORTEST and rest.startswith(again):
                return len(again)
        return 0

    def _parent(self, path: str) -> str:
        shorter = [path[:length] for length in (_COUNTY, _CITY, _PROVINCE) if length < len(path)]
        return next((parent for parent in shorter if parent in self._names), "")

    def _transparent(self, path: str) -> bool:
        """A level that exists only in the code: 市辖区, 省直辖县级行政区划, and 东莞市 as its own county."""
        if self._names[path] in _TRANSPARENT:
            return True
        return len(path) == _COUNTY and self._names.get(path[:_CITY]) == self._names[path]

    def _named_children(self, path: str) -> list[str]:
        found: list[str] = []
        for child in self._children.get(path, ()):
            found.extend(self._named_children(child) if self._transparent(child) else [child])
        return found

    def _root_names(self) -> _Names:
        names = _Names()
        provinces = self._named_children("")
        cities = [
            child
            for province in provinces
            if not _is_municipality(self._names[province])
            for child in self._named_children(province)
        ]
        counties = [path for path in self._names if len(path) == _COUNTY and not self._transparent(path)]
        for rank in (provinces, cities, counties):
            names.add(self._full(rank), short=False)
        for rank in (provinces, cities):
            names.add(self._shorts(rank), short=True)
        return names

    def _names_below(self, path: str) -> _Names:
        if path not in self._below:
            names = _Names()
            ranks = [self._named_children(path)]
            if len(path) == _PROVINCE:
                ranks.append([grandchild for child in ranks[0] for grandchild in self._counties_of(child)])
            for rank in ranks:
                names.add(self._full(rank), short=False)
                names.add(self._shorts(rank), short=True)
            self._below[path] = names
        return self._below[path]

    def _counties_of(self, path: str) -> list[str]:
        return [child for child in self._named_children(path) if len(child) == _COUNTY]

    def _full(self, paths: Iterable[str]) -> list[tuple[str, str]]:
        return [(self._folded[path], path) for path in paths]

    def _shorts(self, paths: Iterable[str]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for path in paths:
            name = self._folded[path]
            short = short_name(name, len(path))
            if len(path) == _TOWNSHIP and short.endswith(_ROAD):
                continue  # 中南路12号 is an address, not 中南路街道
            found.append((short, path))
            if name.endswith(("自治州", "自治县", "自治旗")):
                found.append((short + name[-1], path))
        return found


def _fold(text: str) -> str:
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))


def _lead(text: str) -> int:
    match = _LEAD.match(text)
    return match.end() if match else 0


def short_name(name: str, level: int) -> str:
    """The name without its kind: 湖北省 → 湖北. `level` is the length of its code."""
    return _KIND[level].sub("", name)


def _is_municipality(name: str) -> bool:
    return name.endswith("市")
