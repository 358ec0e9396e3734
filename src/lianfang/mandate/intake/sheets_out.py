"""Workbooks out: the rows to correct, in the sender's own columns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from lianfang import vault
from lianfang.mandate.intake.importing import importers
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.queries import content_of, mappings_for
from lianfang.mandate.intake.reading import File, as_it_stands
from lianfang.mandate.intake.rules.cells import cell_from_json
from lianfang.mandate.intake.rules.problems import CellError
from lianfang.mandate.intake.wording import field_label, problem_message

EXERCISE = "演练数据 · EXERCISE"
_AS_TEXT = "@"
_SHADE = PatternFill("solid", fgColor="EAEEF0")


@dataclass(frozen=True)
class _Block:
    """The rows of one sheet to correct: heading rows as the sender wrote them, then rows by their number."""

    sheet: str
    headings: list[list[object]]
    rows: dict[int, list[object]]


def head_cell(cell: Cell, *, required: bool) -> None:
    cell.font = Font(bold=True, underline="single" if required else None)
    cell.fill = _SHADE
    cell.alignment = Alignment(wrap_text=True, vertical="center")


def corrections(batch: Batch, rows: Sequence[StagedRow], *, exercise: bool) -> bytes:
    """The rejected rows as they stood in the file, each with what to correct, ready to be sent in again."""
    book = Workbook()
    book.remove(book.active)
    by_sheet: dict[str, list[StagedRow]] = {}
    for row in rows:
        by_sheet.setdefault(row.sheet, []).append(row)
    blocks = {block.sheet: block for block in _original_blocks(batch, by_sheet)}
    for name, staged in by_sheet.items():
        _write(book, blocks.get(name) or _staged_block(name, staged), staged, exercise=exercise)
    return book_bytes(book)


def _original_blocks(batch: Batch, wanted: dict[str, list[StagedRow]]) -> Iterable[_Block]:
    numbers = {name: {row.number for row in rows} for name, rows in wanted.items()}
    blocks: dict[str, _Block] = {}
    for sheet, number, cells in original_rows(batch):
        name = sheet[:100]
        if name in numbers:
            block = blocks.setdefault(name, _Block(name, [], {}))
            if not number:
                block.headings.append(cells)
            elif number in numbers[name]:
                block.rows[number] = cells
    return blocks.values()


def original_rows(batch: Batch) -> Iterator[tuple[str, int, list[object]]]:
    """(sheet, row number, cells) as the sender wrote them; nothing once the original is deleted."""
    if batch.original_sealed is None:
        return iter(())
    content = vault.unseal_bytes(batch.original_sealed)
    fields = importers()[batch.kind].fields
    return as_it_stands(File(batch.filename, content, fields, mappings_for(batch), whole=bool(batch.whole_by)))


def _staged_block(name: str, staged: Sequence[StagedRow]) -> _Block:
    """The original is deleted: the recognised columns, under our names for them."""
    told = {row.number: content_of(row).raw for row in staged}
    codes = list(dict.fromkeys(code for raw in told.values() for code in raw))
    rows = {number: [cell_from_json(raw.get(code)) for code in codes] for number, raw in told.items()}
    return _Block(name, [[field_label(code) for code in codes]], rows)


def _write(book: Workbook, block: _Block, staged: Sequence[StagedRow], *, exercise: bool) -> None:
    sheet = book.create_sheet(sheet_title(block.sheet))
    if exercise:
        sheet.cell(1, 1, EXERCISE)
    width = max((_filled(line) for line in (*block.headings, *block.rows.values())), default=0)
    first = 3 if exercise else 1
    for place, heading in enumerate(block.headings, start=first):
        write_row(sheet, place, heading[:width])
        for column in range(1, width + 2):
            head_cell(sheet.cell(place, column), required=False)
    head = first + len(block.headings) - 1
    sheet.cell(head, width + 1).value = _("What to correct")
    for column in range(1, width + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 16
    sheet.column_dimensions[get_column_letter(width + 1)].width = 80
    for place, row in enumerate(staged, start=head + 1):
        write_row(sheet, place, block.rows.get(row.number, [])[:width])
        cell = sheet.cell(place, width + 1, _printable(_what_to_correct(row)))
        cell.data_type, cell.alignment = "s", Alignment(wrap_text=True, vertical="top")


def _filled(cells: Sequence[object]) -> int:
    return max((place for place, value in enumerate(cells, start=1) if value is not None), default=0)


def _what_to_correct(row: StagedRow) -> str:
    where = _("Row %(number)s of the file") % {"number": row.number}
    return "\n".join([where, *(problem_message(problem) for problem in content_of(row).problems)])


def write_row(sheet: Worksheet, place: int, cells: Sequence[object]) -> None:
    """Each cell with the type that it had. Text never becomes a formula; what is typed over it stays text."""
    for column, value in enumerate(cells, start=1):
        cell = sheet.cell(place, column)
        cell.value = _cell_value(value)
        if isinstance(value, str | CellError):
            cell.data_type = "s"
        if not isinstance(value, date | time):
            cell.number_format = _AS_TEXT


def _cell_value(value: object) -> Any:
    if isinstance(value, CellError):
        return value.text
    if isinstance(value, str):
        return _printable(value)
    if value is None or isinstance(value, bool | int | float | Decimal | datetime | date | time):
        return value
    return str(value)


def _printable(text: str) -> str:
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def sheet_title(name: str) -> str:
    """Excel's limits on the name of a sheet; a .csv is called as its file."""
    return "".join("_" if sign in r"[]:*?/\'" else sign for sign in _printable(name))[:31] or "Sheet1"


def book_bytes(book: Workbook) -> bytes:
    content = BytesIO()
    book.save(content)
    return content.getvalue()
