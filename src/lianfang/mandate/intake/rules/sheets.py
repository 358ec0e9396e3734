"""From the bytes of a file to sheets of typed cells, whatever the file is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum
from python_calamine import SheetVisibleEnum as Visible

from lianfang.mandate.intake.rules import delimited, xls, xlsx
from lianfang.mandate.intake.rules.cells import ERROR_TEXTS, clean_text
from lianfang.mandate.intake.rules.limits import Limits
from lianfang.mandate.intake.rules.problems import CellError, FileFault, Problem

__all__ = ["Limits", "Row", "Sheet", "read_file"]

# The last row that .xls and .xlsx can hold. A table that ends there was probably cut off by the format.
FORMAT_ROW_LIMITS = (65_536, 1_048_576)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_WIDE = 3

CellErrors = dict[tuple[int, int], str]
Merges = list[tuple[tuple[int, int], tuple[int, int]]]


@dataclass(frozen=True)
class Row:
    """`number` is the row number that Excel shows. `wide`: its first value spans three columns or more."""

    number: int
    cells: list[object]
    wide: bool = False


@dataclass(frozen=True)
class Sheet:
    """Rows without any value are left out; the numbers of the others stay."""

    name: str
    rows: list[Row]
    hidden: bool = False
    warnings: tuple[Problem, ...] = ()


def read_file(name: str, content: bytes, limits: Limits | None = None) -> list[Sheet]:
    """The worksheets in the file's order, empty ones too.

    Raises FileFault when the file as a whole cannot be read.
    """
    limits = limits or Limits()
    if len(content) > limits.file_bytes:
        sizes = {"size": _megabytes(len(content)), "limit": _megabytes(limits.file_bytes)}
        raise FileFault("file_too_large", {**sizes})
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise FileFault("file_empty")
    if content.startswith(_OLE):
        return _workbook(content, xls.inspect(content, limits), limits)
    if content.startswith(_ZIP):
        return _workbook(content, xlsx.inspect(content, limits), limits)
    records = delimited.read(content, limits)
    return [_sheet(PurePath(name.replace("\\", "/")).stem, records)]


def _megabytes(size: int) -> int:
    return -(-size // 2**20)


def _workbook(content: bytes, errors: Sequence[CellErrors], limits: Limits) -> list[Sheet]:
    try:
        with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
            return _sheets(book, errors, limits)
    except PasswordError as fault:
        raise FileFault("file_encrypted") from fault
    except (CalamineError, ValueError, OSError) as fault:
        raise FileFault("file_damaged") from fault
    except BaseException as fault:
        # The reader is written in Rust: a panic arrives as a BaseException of a type that has no import.
        if type(fault).__name__ != "PanicException":
            raise
        raise FileFault("file_damaged") from fault


def _sheets(book: CalamineWorkbook, errors: Sequence[CellErrors], limits: Limits) -> list[Sheet]:
    found = []
    for position, meta in enumerate(book.sheets_metadata):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_index(position)
        limits.check(meta.name, sheet.total_height, sheet.total_width)
        rows = _typed_rows(sheet, errors[position] if position < len(errors) else {})
        wide = _fill_down(rows, sheet.merged_cell_ranges or [])
        found.append(_sheet(meta.name, rows, wide, hidden=meta.visible != Visible.Visible))
    return found


def _typed_rows(sheet: CalamineSheet, errors: CellErrors) -> list[list[object]]:
    rows: list[list[object]] = [[_typed(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), text in errors.items():
        while len(rows) <= row:
            rows.append([])
        rows[row].extend([None] * (column + 1 - len(rows[row])))
        rows[row][column] = CellError(text)
    return rows


def _typed(value: object) -> object:
    """Numbers, dates and booleans as they are; blanks as None; an error written as text as an error."""
    if not isinstance(value, str):
        return value
    if value.startswith("#") and value.strip().upper() in ERROR_TEXTS:
        return CellError(value.strip().upper())
    return value if value and (value.isalnum() or clean_text(value)) else None


def _fill_down(rows: list[list[object]], merges: Merges) -> set[int]:
    """Repeats the value of a vertical merge in the rows below; returns the rows that start a wide merge.

    Only rows with a value of their own are filled, else a village merged over forty prepared lines would
    make forty people. Across columns the value stays in the first cell.
    """
    own = [any(value is not None for value in row) for row in rows]
    budget = sum(len(row) for row in rows)
    wide = set()
    for (top, left), (bottom, right) in merges:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        last = min(bottom, len(rows) - 1)
        budget -= last - top
        if budget < 0:
            break
        if right - left + 1 >= _WIDE:
            wide.add(top)
        for number in range(top + 1, last + 1):
            if own[number] and left < len(rows[number]) and rows[number][left] is None:
                rows[number][left] = rows[top][left]
    return wide


def _sheet(name: str, rows: list[list[object]], wide: set[int] | None = None, *, hidden: bool = False) -> Sheet:
    wide = wide or set()
    kept = [
        Row(index + 1, cells, index in wide)
        for index, cells in enumerate(rows)
        if any(value is not None for value in cells)
    ]
    warnings: tuple[Problem, ...] = ()
    if kept and kept[-1].number in FORMAT_ROW_LIMITS:
        warnings = (Problem("", "", "possibly_truncated", {"sheet": name, "rows": kept[-1].number}),)
    return Sheet(name, kept, hidden, warnings)
