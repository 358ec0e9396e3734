"""Where the table of a sheet begins, what its columns mean, and which rows are data."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from lianfang.mandate.intake.rules.cells import clean_text, column_letter
from lianfang.mandate.intake.rules.furniture import reason_to_skip
from lianfang.mandate.intake.rules.headings import (
    EXACT,
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

__all__ = [
    "DataRow",
    "FieldSpec",
    "Layout",
    "NotATable",
    "SkippedRow",
    "Table",
    "TableReader",
    "fingerprint",
    "recognise",
]

_SEARCHED_ROWS = 30
_SAMPLED_ROWS = 60
_SAMPLES = 3
Mappings = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class DataRow:
    """`number` is Excel's. `values` has every recognised field (None where blank); `extra` the rest."""

    sheet: str
    number: int
    values: dict[str, object]
    extra: dict[str, object]
    cells: list[object] = field(default_factory=list)


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
class Layout:
    """What a person needs to see in order to say what the columns are: headings, and what stands below them.

    `remembered`: somebody said before what a row of such headings means. `columns` is what is read now.
    """

    sheet: str
    header_row: int
    headings: list[str]
    samples: list[list[str]]
    columns: dict[str, int]
    fingerprint: str
    remembered: bool = False


@dataclass(frozen=True)
class _Header:
    place: int
    height: int
    names: list[str]
    lines: tuple[dict[int, str], ...]
    found: list[Found]
    late: list[Found]
    remembered: bool = False

    @property
    def score(self) -> int:
        return sum(found.score for found in self.found)


def fingerprint(row: Row) -> str:
    """The same for the same headings, whatever stands below them."""
    names = [plain(value) if isinstance(value, str) else "" for value in row.cells]
    while names and not names[-1]:
        names.pop()
    return hashlib.sha256("|".join(names).encode()).hexdigest()[:32]


def recognise(sheet: Sheet, fields: Sequence[FieldSpec], mappings: Mappings | None = None) -> Table | NotATable:
    """The table of a sheet that is there whole."""
    reader = TableReader(sheet.name, sheet.rows, fields, mappings or {})
    if not reader.found:
        rows = sum(1 for _row in reader.rows())
        warning = Problem("", sheet.name, "sheet_skipped", {"sheet": sheet.name, "rows": rows})
        return NotATable(sheet.name, rows, [warning] if rows else [])
    parts = list(reader.rows())
    return Table(
        sheet.name,
        reader.layout.header_row,
        reader.columns,
        reader.unknown,
        [part for part in parts if isinstance(part, DataRow)],
        reader.missing,
        [*sheet.warnings, *reader.warnings()],
        [part for part in parts if isinstance(part, SkippedRow)],
    )


class TableReader:
    """Finds the table in the first rows of a sheet, then reads it row by row.

    `mappings`: fingerprint of a heading row → columns, as people said them before; they go before our own reading.
    `unknown` and `warnings()` are complete when the rows have been read.
    """

    def __init__(self, sheet: str, rows: Iterable[Row], fields: Sequence[FieldSpec], mappings: Mappings) -> None:
        source = iter(rows)
        self._sheet, self._fields, self._mappings = sheet, fields, mappings
        self._head = list(islice(source, _SAMPLED_ROWS))
        self._all = chain(self._head, source)
        searched = self._head[:_SEARCHED_ROWS]
        self._header = _remembered(searched, fields, mappings) or _find_header(searched, fields)
        found = {one.code: one.column for one in self._header.found} if self._header else {}
        self.columns = {spec.code: found[spec.code] for spec in fields if spec.code in found}
        self.missing = [spec.code for spec in fields if spec.required and spec.code not in self.columns]
        self._names = _Names(self._header, set(self.columns.values())) if self._header else None
        self.layout = self._layout()

    @property
    def found(self) -> bool:
        return self._header is not None

    @property
    def unknown(self) -> list[str]:
        return list(self._names.rest().values()) if self._names else []

    def _layout(self) -> Layout:
        header = self._header or _likely(self._head[:_SEARCHED_ROWS])
        if header is None:
            return Layout(self._sheet, 0, [], [], {}, "")
        last = header.place + header.height
        below = self._head[last:]
        width = max((len(row.cells) for row in [*below, self._head[last - 1]]), default=0)
        headings = [header.names[at] if at < len(header.names) else "" for at in range(width)]
        samples = [_samples(below, at) for at in range(width)]
        row = self._head[last - 1]
        return Layout(
            self._sheet, row.number, headings, samples, self.columns, fingerprint(row), remembered=header.remembered
        )

    def rows(self) -> Iterator[DataRow | SkippedRow | Row]:
        """Data and skipped rows of the table; of a sheet without one, its rows as they are."""
        header, names = self._header, self._names
        if header is None or names is None:
            yield from self._all
            return
        serial = frozenset(
            at for at, name in enumerate(header.names) if plain(name) in SERIAL and at not in self.columns.values()
        )
        for place, row in enumerate(islice(self._all, header.place + header.height, None)):
            reason = reason_to_skip(row, self.columns, serial, header.lines, first=place == 0)
            if reason:
                shown = (clean_text(value) for value in row.cells if value is not None)
                yield SkippedRow(row.number, reason, " ".join(shown)[:200])
            else:
                yield self._data_row(row, names)

    def _data_row(self, row: Row, names: _Names) -> DataRow:
        cells = row.cells
        width = len(cells)
        values = {code: cells[column] if column < width else None for code, column in self.columns.items()}
        return DataRow(self._sheet, row.number, values, names.beside(cells), cells)

    def heading_rows(self) -> list[list[object]]:
        """As the sender wrote them: one row, or two where the lower one alone would be read otherwise."""
        if self._header is None:
            return []
        first, last = self._header.place, self._header.place + self._header.height
        rows = self._head[first:last]
        alone = TableReader(self._sheet, self._head[last - 1 :], self._fields, self._mappings)
        return [row.cells for row in (rows[-1:] if alone.columns == self.columns else rows)]

    def warnings(self) -> list[Problem]:
        if self._header is None or self._names is None:
            return []
        return _warnings(self._sheet, self._header, self._names.rest(), self.missing)


class _Names:
    """The columns that no field claims, by a name that is unique: heading, else the letter of the column."""

    def __init__(self, header: _Header, mapped: set[int]) -> None:
        self._times = Counter[str]()
        self._rest: dict[int, str] = {}
        self._claimed = mapped | {at for at, name in enumerate(header.names) if plain(name) in SERIAL}
        for column, name in enumerate(header.names):
            if name and column not in self._claimed:
                self._add(column, name)

    def _add(self, column: int, name: str) -> None:
        self._times[name] += 1
        self._rest[column] = name if self._times[name] == 1 else f"{name} ({self._times[name]})"

    def rest(self) -> dict[int, str]:
        return dict(sorted(self._rest.items()))

    def beside(self, cells: Sequence[object]) -> dict[str, object]:
        found = {}
        for column, value in enumerate(cells):
            if value is not None and column not in self._claimed:
                if column not in self._rest:
                    self._add(column, column_letter(column))
                found[self._rest[column]] = value
        return found


def _samples(rows: Sequence[Row], column: int) -> list[str]:
    shown = (clean_text(row.cells[column]) for row in rows if column < len(row.cells))
    return list(islice((text[:40] for text in shown if text), _SAMPLES))


def _remembered(rows: Sequence[Row], fields: Sequence[FieldSpec], mappings: Mappings) -> _Header | None:
    known = {spec.code for spec in fields}
    for place, row in enumerate(rows if mappings else ()):
        said = mappings.get(fingerprint(row))
        if said:
            found = [Found(code, column, EXACT) for code, column in said.items() if code in known]
            names = [_heading(row, column) for column in range(len(row.cells))]
            return _Header(place, 1, names, (_line(row),), found, [], remembered=True)
    return None


def _likely(rows: Sequence[Row]) -> _Header | None:
    """The row that looks most like headings where none is known: the one with the most different short texts."""
    best: _Header | None = None
    for place, row in enumerate(rows):
        names = [_heading(row, column) for column in range(len(row.cells))]
        filled = sum(value is not None for value in row.cells)
        if filled >= 2 and len(set(filter(None, names))) * 2 > filled:
            header = _Header(place, 1, names, (_line(row),), [], [])
            if best is None or len(set(names)) > len(set(best.names)):
                best = header
    return best


def _find_header(rows: Sequence[Row], fields: Sequence[FieldSpec]) -> _Header | None:
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
