"""Which field a heading means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from lianfang.mandate.intake.rules.cells import half_width

EXACT = 80  # scores from here up: a known heading, as it is or as one of two joined by a slash
_AS_IT_IS, _WITHOUT_BRACKETS, _PART, _CONTAINED, _BEGINNING = 100, 95, EXACT, 40, 30
_LONGEST = 40
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|<[^<>]*>|《[^《》]*》")
_BRACKET_SIGNS = re.compile(r"[()\[\]【】〔〕<>《》]")
_MARKS = re.compile(r"[*★※☆●■◆#'\"“”‘’]|必填项?|选填项?|[:。.,，;]+$")
_NUMBERED = re.compile(r"^\d{1,2}[.、)]")
_UNITS = re.compile(r"(?:°c|℃|摄氏度)$")
_NAME_OF = re.compile(r"(?<=.)名称$")
_SPACE = re.compile(r"[\s_]+")
_FILLER = re.compile(r"基本信息|信息|情况|资料|详情")
_OTHERS = re.compile(
    r"户主|家长|父|母|监护|联系人|填报|核查|责任|负责|包保|审核|网格|医生|陪同|同行|同住|紧急|配偶|家属|子女|登记人"
)
SERIAL = frozenset({"序号", "序", "编号", "号", "行号", "no", "number", "s/n", "sn", "serial", "serialno"})


@dataclass(frozen=True)
class FieldSpec:
    """`titles`: the known headings of the field, Chinese and English, as people write them."""

    code: str
    titles: tuple[str, ...]
    required: bool = False


class Found(NamedTuple):
    code: str
    column: int
    score: int


@lru_cache(maxsize=4096)
def plain(heading: str) -> str:
    """Without spaces, brackets and what stands in them, units, numbering and marks such as *必填."""
    text = half_width(heading).lower()
    inner = _BRACKETS.sub("", text)
    return _bare(inner) or _bare(_BRACKET_SIGNS.sub("", text))


@lru_cache(maxsize=4096)
def _whole(heading: str) -> str:
    """As `plain`, keeping the words in brackets."""
    return _bare(_BRACKET_SIGNS.sub("", half_width(heading).lower()))


def _bare(text: str) -> str:
    text = _SPACE.sub("", text)
    text = _NUMBERED.sub("", _MARKS.sub("", text))
    return _NAME_OF.sub("", _UNITS.sub("", text))


def may_be_heading(value: object) -> bool:
    """Short text that is neither a number nor a filled-in line such as 填报单位：义门镇."""
    if not isinstance(value, str):
        return False
    text = half_width(value)
    name = plain(value)
    if not name or len(name) > _LONGEST or re.search(r"\d{6}", text):
        return False
    return not re.search(r"[::].*\w", _BRACKETS.sub("", text))


def assign(headings: Sequence[tuple[str, ...]], fields: Sequence[FieldSpec]) -> tuple[list[Found], list[Found]]:
    """(one column for each field found, known headings that came too late), best first.

    `headings` gives the forms of each column's heading: itself, and with its group's heading before it.
    """
    candidates = []
    for column, forms in enumerate(headings):
        for code, score in _scores(forms, tuple(fields)).items():
            candidates.append(Found(code, column, score))
    candidates.sort(key=lambda found: (-found.score, found.column))
    taken: dict[str, Found] = {}
    used: set[int] = set()
    late = []
    for found in candidates:
        if found.column in used:
            continue
        if found.code not in taken:
            taken[found.code] = found
            used.add(found.column)
        elif found.score >= EXACT:
            late.append(found)
    return list(taken.values()), [found for found in late if found.column not in used]


@lru_cache(maxsize=8192)
def _scores(forms: tuple[str, ...], fields: tuple[FieldSpec, ...]) -> dict[str, int]:
    scores = {}
    for field in fields:
        score = max((_score(form, field) for form in forms), default=0)
        if score:
            scores[field.code] = score
    beginnings = [code for code, score in scores.items() if score == _BEGINNING]
    if len(beginnings) > 1:  # 返乡 alone begins 返乡日期 and 返乡方式: it says neither
        return {code: score for code, score in scores.items() if score != _BEGINNING}
    return scores


def _score(heading: str, field: FieldSpec) -> int:
    name, whole = plain(heading), _whole(heading)
    titles = {plain(title) for title in field.titles} | {_whole(title) for title in field.titles}
    if whole in titles:
        return _AS_IT_IS
    if name in titles:
        return _WITHOUT_BRACKETS
    if any(part in titles for part in re.split(r"[/\\、|或]", name) if part):
        return _PART
    if len(name) < 2:
        return 0
    return max((_partial(name, title) for title in titles if len(title) > 1), default=0)


def _partial(name: str, title: str) -> int:
    """返乡人员姓名 contains 姓名; 身份证 begins 身份证号码; but 户主姓名 is another person's."""
    if title in name:
        rest = _FILLER.sub("", name.replace(title, "", 1))
        return 0 if _OTHERS.search(rest) else _CONTAINED + min(len(title), 20)
    return _BEGINNING if title.startswith(name) else 0


def with_group(group: str, heading: str) -> str:
    """返乡信息 over 日期 → 返乡日期."""
    return (_FILLER.sub("", plain(group)) or plain(group)) + heading
