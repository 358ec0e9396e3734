"""From the bytes of a file to sheets of typed cells, whatever the file is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum
from python_calamine import SheetVisibleEnum as Visible

from lianfang.mandate.intake.rules import delimited, xls, xlsx
from lianfang.mandate.intake.rules.cells import ERROR_TEXTS, clean_text
from lianfang.mandate.intake.rules.limits import FORMAT_ROW_LIMITS, Limits
from lianfang.mandate.intake.rules.problems import CellError, FileFault, Problem

__all__ = ["Limits", "Opened", "Row", "Sheet", "ends_at_the_limit", "open_file", "read_file"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_WIDE = 3
_BLANKS, _BLANK_HEAD = b"\xef\xbb\xbf\xff\xfe \t\r\n\0", 4096

CellErrors = dict[tuple[int, int], str]
Merges = dict[int, list[tuple[int, int, int]]]


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


@dataclass(frozen=True)
class Opened:
    """A sheet whose rows are read as they are asked for, once."""

    name: str
    rows: Iterator[Row]
    hidden: bool = False


def read_file(name: str, content: bytes, limits: Limits | None = None) -> list[Sheet]:
    """The worksheets in the file's order, empty ones too. A list that may be cut off says so in its warnings.

    Raises FileFault when the file as a whole cannot be read.
    """
    return [
        Sheet(sheet.name, rows, sheet.hidden, tuple(ends_at_the_limit(sheet.name, rows[-1].number if rows else 0)))
        for sheet in open_file(name, content, limits or Limits())
        for rows in [list(sheet.rows)]
    ]


def ends_at_the_limit(sheet: str, last: int) -> list[Problem]:
    if last not in FORMAT_ROW_LIMITS:
        return []
    return [Problem("", "", "possibly_truncated", {"sheet": sheet, "rows": last})]


def open_file(name: str, content: bytes, limits: Limits, *, whole: bool = True) -> Iterator[Opened]:
    """The worksheets, each to be read before the next. Unless `whole`, one at the format's last row is a fault."""
    packed = content.startswith((_OLE, *_ZIP))
    most = limits.file_bytes if packed else limits.text_bytes
    if len(content) > most:
        raise FileFault("file_too_large", {"size": _megabytes(len(content)), "limit": _megabytes(most)})
    if not content[:_BLANK_HEAD].strip(_BLANKS) and not content.strip(_BLANKS):
        raise FileFault("file_empty")
    if packed:
        inspect = xls.inspect if content.startswith(_OLE) else xlsx.inspect
        yield from _workbook(content, inspect(content, limits, whole=whole), limits)
    else:
        records = delimited.read(content, limits)
        yield Opened(PurePath(name.replace("\\", "/")).stem, _rows(records, {}))


def _megabytes(size: int) -> int:
    return -(-size // 2**20)


def _workbook(content: bytes, errors: Sequence[CellErrors], limits: Limits) -> Iterator[Opened]:
    try:
        with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
            yield from _sheets(book, errors, limits)
    except PasswordError as fault:
        raise FileFault("file_encrypted") from fault
    except MemoryError:
        raise
    except (CalamineError, ValueError, OSError) as fault:
        raise FileFault("file_damaged") from fault
    except BaseException as fault:
        # The reader is written in Rust: a panic arrives as a BaseException of a type that has no import.
        if type(fault).__name__ != "PanicException":
            raise
        raise FileFault("file_damaged") from fault


def _sheets(book: CalamineWorkbook, errors: Sequence[CellErrors], limits: Limits) -> Iterator[Opened]:
    read = 0
    for position, meta in enumerate(book.sheets_metadata):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_index(position)
        limits.check(meta.name, max(sheet.total_height, read), sheet.total_width)
        read += sheet.height
        found = _rows(_typed_rows(sheet, errors[position] if position < len(errors) else {}), _tops(sheet))
        yield Opened(meta.name, found, hidden=meta.visible != Visible.Visible)


def _typed_rows(sheet: CalamineSheet, errors: CellErrors) -> Iterator[list[object]]:
    """The cells of every row from the first on; the reader begins at the first column that has a value."""
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), text in errors.items():
        by_row.setdefault(row, {})[column] = text
    before: list[object] = [None] * (sheet.start[1] if sheet.start else 0)
    number = -1
    for number, values in enumerate(sheet.iter_rows()):
        yield _with_errors(before + [_typed(value) for value in values], by_row.get(number))
    for row in range(number + 1, max(by_row, default=-1) + 1):
        yield _with_errors([], by_row.get(row))


def _with_errors(cells: list[object], errors: dict[int, str] | None) -> list[object]:
    for column, text in (errors or {}).items():
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = CellError(text)
    return cells


def _typed(value: object) -> object:
    """Numbers, dates and booleans as they are; blanks as None; an error written as text as an error."""
    if not isinstance(value, str):
        return value
    if value.startswith("#") and value.strip().upper() in ERROR_TEXTS:
        return CellError(value.strip().upper())
    return value if value and (value.isalnum() or clean_text(value)) else None


def _tops(sheet: CalamineSheet) -> Merges:
    """The merged ranges by the row in which they begin."""
    tops: Merges = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        tops.setdefault(top, []).append((left, bottom, right))
    return tops


def _rows(records: Iterable[list[object]], tops: Merges) -> Iterator[Row]:
    """The rows with a value of their own.

    Into them the value of a vertical merge above is repeated: filling every row would make forty people of a
    village merged over forty prepared lines. Across columns the value stays in the first cell.
    """
    running: dict[int, tuple[int, object]] = {}
    for place, cells in enumerate(records):
        own = any(value is not None for value in cells)
        if own:
            for left, (bottom, value) in running.items():
                if place <= bottom and left < len(cells) and cells[left] is None:
                    cells[left] = value
        wide = False
        for left, bottom, right in tops.get(place, ()):
            wide = wide or (left < len(cells) and right - left + 1 >= _WIDE)
            if left < len(cells) and bottom > place:
                running[left] = (bottom, cells[left])
        if own:
            yield Row(place + 1, cells, wide)
