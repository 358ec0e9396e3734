"""Where the table of a sheet begins, what its columns mean, and which rows are data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from lianfang.mandate.intake.rules.cells import clean_text, column_letter
from lianfang.mandate.intake.rules.furniture import reason_to_skip
from lianfang.mandate.intake.rules.headings import (
    SERIAL,
    FieldSpec,
    Found,
    assign,
    may_be_heading,
    plain,
    with_group,
)
from lianfang.mandate.intake.rules.problems import Problem
from lianfang.mandate.intake.rules.sheets import Row, Sheet

__all__ = ["DataRow", "FieldSpec", "NotATable", "SkippedRow", "Table", "recognise"]

_SEARCHED_ROWS = 30


@dataclass(frozen=True)
class DataRow:
    """`number` is Excel's. `values` has every recognised field (None where blank); `extra` the rest."""

    sheet: str
    number: int
    values: dict[str, object]
    extra: dict[str, object]


@dataclass(frozen=True)
class SkippedRow:
    """`reason`: total, heading, note, instruction, example, or blank (a line number and nothing else)."""

    number: int
    reason: str
    text: str


@dataclass(frozen=True)
class Table:
    """`header_row` is Excel's number of the (lower) heading row; `columns` counts from 0.

    `missing`: required fields without a column. `unknown`: headings that mean no field; their cells are in
    each row's `extra`.
    """

    sheet: str
    header_row: int
    columns: dict[str, int]
    unknown: list[str]
    data: list[DataRow]
    missing: list[str] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)


@dataclass(frozen=True)
class NotATable:
    """`warnings` is empty when the sheet is: the blank Sheet2 and Sheet3 are not worth a word."""

    sheet: str
    rows: int
    warnings: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Header:
    place: int
    height: int
    names: list[str]
    lines: tuple[dict[int, str], ...]
    found: list[Found]
    late: list[Found]

    @property
    def score(self) -> int:
        return sum(found.score for found in self.found)


def recognise(sheet: Sheet, fields: Sequence[FieldSpec]) -> Table | NotATable:
    header = _find_header(sheet.rows[:_SEARCHED_ROWS], fields)
    if header is None:
        rows = len(sheet.rows)
        warning = Problem("", sheet.name, "sheet_skipped", {"sheet": sheet.name, "rows": rows})
        return NotATable(sheet.name, rows, [warning] if rows else [])
    columns = {found.code: found.column for found in header.found}
    columns = {spec.code: columns[spec.code] for spec in fields if spec.code in columns}
    rest = _rest_of(sheet.rows[header.place + header.height :], header, set(columns.values()))
    data, skipped = _split(sheet, header, columns, rest)
    missing = [spec.code for spec in fields if spec.required and spec.code not in columns]
    return Table(
        sheet.name,
        sheet.rows[header.place + header.height - 1].number,
        columns,
        list(rest.values()),
        data,
        missing,
        [*sheet.warnings, *_warnings(sheet.name, header, rest, missing)],
        skipped,
    )


def _find_header(rows: list[Row], fields: Sequence[FieldSpec]) -> _Header | None:
    """The best of all rows and pairs of rows; of equals the first, a single row before a pair."""
    best: _Header | None = None
    for place, row in enumerate(rows):
        candidates = [_single(place, row, fields)]
        if place + 1 < len(rows) and _can_be_lower(row, rows[place + 1]):
            candidates.append(_double(place, row, rows[place + 1], fields))
        for candidate in candidates:
            if _is_header(candidate, fields) and (best is None or candidate.score > best.score):
                best = candidate
    return best


def _is_header(header: _Header, fields: Sequence[FieldSpec]) -> bool:
    """Three fields, or two that are half of the headings; one of them known exactly, one required."""
    codes = {found.code for found in header.found}
    headings = sum(bool(name) for name in header.names)
    required = {spec.code for spec in fields if spec.required}
    if required and not codes & required:
        return False
    if max((found.score for found in header.found), default=0) < 80:
        return False
    return len(codes) >= 3 or (len(codes) == 2 and headings <= 4)


def _heading(row: Row, column: int) -> str:
    value = row.cells[column] if column < len(row.cells) else None
    return clean_text(value) if may_be_heading(value) else ""


def _line(row: Row) -> dict[int, str]:
    return {index: plain(value) for index, value in enumerate(row.cells) if isinstance(value, str)}


def _single(place: int, row: Row, fields: Sequence[FieldSpec]) -> _Header:
    names = [_heading(row, column) for column in range(len(row.cells))]
    found, late = assign([(name,) if name else () for name in names], fields)
    return _Header(place, 1, names, (_line(row),), found, late)


def _can_be_lower(upper: Row, lower: Row) -> bool:
    """The second of two heading rows follows directly and holds headings only, at least two."""
    if lower.number != upper.number + 1:
        return False
    cells = [value for value in lower.cells if value is not None]
    return len(cells) >= 2 and all(may_be_heading(value) for value in cells)


def _double(place: int, upper: Row, lower: Row, fields: Sequence[FieldSpec]) -> _Header:
    names, forms = [], []
    group = ""
    for column in range(max(len(upper.cells), len(lower.cells))):
        above, below = _heading(upper, column), _heading(lower, column)
        if above:
            group = above if below and below != above else ""
        over = above or (group if below else "")
        single = below or over
        names.append(single if not below or not over or over == below else f"{over} {below}")
        forms.append(_forms(over, below))
    found, late = assign(forms, fields)
    return _Header(place, 2, names, (_line(upper), _line(lower)), found, late)


def _forms(over: str, below: str) -> tuple[str, ...]:
    if not below:
        return (over,) if over else ()
    if not over or over == below:
        return (below,)
    return (with_group(over, below), below)


def _rest_of(rows: list[Row], header: _Header, mapped: set[int]) -> dict[int, str]:
    """The columns that no field claims, by a name that is unique: heading, else the letter of the column."""
    width = max((len(row.cells) for row in rows), default=0)
    filled = {index for row in rows for index, value in enumerate(row.cells) if value is not None}
    rest: dict[int, str] = {}
    times = Counter[str]()
    for column in range(max(width, len(header.names))):
        name = header.names[column] if column < len(header.names) else ""
        if column in mapped or plain(name) in SERIAL or not (name or column in filled):
            continue
        name = name or column_letter(column)
        times[name] += 1
        rest[column] = name if times[name] == 1 else f"{name} ({times[name]})"
    return rest


def _split(
    sheet: Sheet, header: _Header, columns: dict[str, int], rest: dict[int, str]
) -> tuple[list[DataRow], list[SkippedRow]]:
    mapped = set(columns.values())
    serial = frozenset(i for i, name in enumerate(header.names) if plain(name) in SERIAL and i not in mapped)
    data, skipped = [], []
    below = sheet.rows[header.place + header.height :]
    for place, row in enumerate(below):
        reason = reason_to_skip(row, columns, serial, header.lines, first=place == 0)
        if reason:
            shown = (clean_text(value) for value in row.cells if value is not None)
            skipped.append(SkippedRow(row.number, reason, " ".join(shown)[:200]))
        else:
            data.append(_data_row(sheet.name, row, columns, rest))
    return data, skipped


def _data_row(sheet: str, row: Row, columns: dict[str, int], rest: dict[int, str]) -> DataRow:
    cells = row.cells
    width = len(cells)
    values = {code: cells[column] if column < width else None for code, column in columns.items()}
    extra = {name: cells[at] for at, name in rest.items() if at < width and cells[at] is not None}
    return DataRow(sheet, row.number, values, extra)


def _warnings(sheet: str, header: _Header, rest: dict[int, str], missing: list[str]) -> list[Problem]:
    chosen = {found.code: found.column for found in header.found}
    late: dict[int, Found] = {}
    for found in header.late:
        late.setdefault(found.column, found)
    warnings = [Problem(code, "", "missing_column", {"sheet": sheet}) for code in missing]
    for column, name in rest.items():
        values: dict[str, str | int] = {"sheet": sheet, "column": column_letter(column)}
        if column in late:
            code = late[column].code
            values["used"] = column_letter(chosen[code])
            warnings.append(Problem(code, name, "ambiguous_column", values))
        else:
            warnings.append(Problem("", name, "unknown_column", values))
    return warnings
