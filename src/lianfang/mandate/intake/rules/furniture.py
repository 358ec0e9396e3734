"""Rows of a list that are not people: totals, repeated headings, notes, signatures, examples.

Nothing is dropped in silence: every row left out is returned with the reason, so each test here is narrow.
"""

from __future__ import annotations

import re
from itertools import islice

from lianfang.mandate.intake.rules.cells import clean_text, half_width
from lianfang.mandate.intake.rules.headings import plain
from lianfang.mandate.intake.rules.sheets import Row

_TOTAL = re.compile(
    r"(?:本页|本表|以上|全[镇县乡村市区]|[一-鿿]{0,6})?(?:合计|小计|总计|共计|总数)(?:共?\d+)?[人条户名例]?次?"
    r"|(?:grand|sub)?-?total\d*"
)
_COUNT = re.compile(r"共\d+[人条户名例]次?")
_NOTE = re.compile(
    r"(?:填表|制表|填报|填写|审核|审批|复核|负责|责任|单位|主管|经办|核对|上报|报送|报告|联系|登记|分管|领导|签字|签名|盖章)"
    r"[一-鿿()/]{0,8}:|(?:备注|附注|注意事项|注意|注|说明|填表说明|填写说明|note|notes|remark|remarks)\d?[:.、]"
    r"|以下(?:空白|无正文|无内容)|(?:prepared|checked|approved|reported)by"
)
_NUMBERED_NOTE = re.compile(r"\(?\d{1,2}[)）.、．:]\s*\D|[一二三四五六七八九十]{1,3}、")
_EXAMPLE = re.compile(r"示例|样例|例|范例|填写示例|填写样例|example|sample|e\.?g\.?")
_ADVICE = re.compile(r"必填|选填|格式|例如|如[::]|请|下拉|不能为空|填写|required|optional|format|e\.g\.")
_LONG_NOTE = 30
_LONG_HEADING = 80


def reason_to_skip(
    row: Row,
    columns: dict[str, int],
    serial: frozenset[int],
    headings: tuple[dict[int, str], ...],
    *,
    first: bool,
) -> str:
    """Why the row is not data, or "". `first`: the row stands directly below the headings."""
    cells = {index: value for index, value in enumerate(row.cells) if value is not None}
    content = {index: value for index, value in cells.items() if index not in serial}
    if not content:
        return _serial_only(cells)
    mapped = [index for index in columns.values() if index in cells]
    few = len(mapped) <= max(3, len(columns) // 2)
    texts = [_compact(value) for value in islice(cells.values(), None if first else 3 if few else 1)]
    if _repeats(cells, columns, headings):
        return "heading"
    if few and (any(_TOTAL.fullmatch(text) for text in texts[:3]) or _COUNT.fullmatch(texts[0])):
        return "total"
    if few and _NOTE.match(texts[0]):
        return "note"
    if len(cells) == 1 and _lone_note(texts[0], wide=row.wide):
        return "note"
    if first and sum(bool(_ADVICE.search(text)) for text in texts) * 2 >= len(texts):
        return "instruction"
    return "example" if _EXAMPLE.fullmatch(texts[0]) else ""


def _compact(value: object) -> str:
    text = re.sub(r"\s+", "", half_width(clean_text(value))).lower()
    return re.sub(r"(?<=计)[:]|(?<=total)[:]|(?<=总数)[:]", "", text)


def _serial_only(cells: dict[int, object]) -> str:
    """A prepared line with its number and nobody on it, or words below the table in its first column."""
    text = _compact(next(iter(cells.values())))
    if re.fullmatch(r"\d+(?:\.0)?[.、]?|=.*", text):
        return "blank"
    return "total" if _TOTAL.fullmatch(text) or _COUNT.fullmatch(text) else "note"


def _repeats(cells: dict[int, object], columns: dict[str, int], headings: tuple[dict[int, str], ...]) -> bool:
    """Looks only as far as it has to: a list of a million rows asks this of every one."""
    needed = max(2, len(columns) // 2)
    left = len(columns)
    for index in columns.values():
        value = cells.get(index)
        if (
            isinstance(value, str)
            and len(value) <= _LONG_HEADING
            and any(_is(value, line.get(index)) for line in headings)
        ):
            needed -= 1
        left -= 1
        if not needed or left < needed:
            break
    return not needed


def _is(value: str, heading: str | None) -> bool:
    """The last sign is compared first: it is cheap, and says no of nearly every cell."""
    if not heading or (not heading.isascii() and heading[-1] not in value):
        return False
    return plain(value) == heading


def _lone_note(text: str, *, wide: bool) -> bool:
    """One value in a row: a section's heading across the table, a numbered note or a long sentence."""
    return wide or bool(_NUMBERED_NOTE.match(text)) or len(text) > _LONG_NOTE
