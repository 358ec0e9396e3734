"""Workbooks out: the empty template, and the rows to correct in the sender's own columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from lianfang import vault
from lianfang.mandate.intake.importing import importers
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.queries import content_of, mappings_for
from lianfang.mandate.intake.reading import File, as_it_stands
from lianfang.mandate.intake.rules.cells import cell_from_json
from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.intake.rules.problems import CellError
from lianfang.mandate.intake.wording import field_label, problem_message, sex_label

EXERCISE = "演练数据 · EXERCISE"
# Whatever holds digits that are no quantity stays text, else the spreadsheet program changes it.
TEXT_FIELDS = frozenset({"document", "phone", "door", "vehicle"})
_AS_TEXT, _AS_DAY = "@", "yyyy-mm-dd"
_WIDTHS = {"name": 12, "sex": 8, "document": 24, "phone": 16, "origin": 24, "symptoms": 16, "note": 24}
_LIST_LIMIT = 255  # characters that a spreadsheet keeps of a value list written into the cell's rule
_LISTED_ROWS = 5000
_SHADE = PatternFill("solid", fgColor="EAEEF0")


@dataclass(frozen=True)
class Lists:
    """Names to choose from."""

    townships: Sequence[str] = ()
    villages: Sequence[str] = ()


@dataclass(frozen=True)
class _Block:
    """The rows of one sheet to correct: heading rows as the sender wrote them, then rows by their number."""

    sheet: str
    headings: list[list[object]]
    rows: dict[int, list[object]]


def template(
    fields: Sequence[FieldSpec],
    lists: Lists,
    *,
    exercise: bool,
    title: str = "",
    offered: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """An empty list with the headings that the importer knows; numbers as text, names to choose from."""
    book = Workbook()
    sheet = book.active
    sheet.title = sheet_title(title) if title else _("Arrivals")
    sheet.append([_title(title, exercise=exercise)])
    sheet.append([_("Required: %(fields)s. Do not change the headings.") % {"fields": _required(fields)}])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([_heading(spec) for spec in fields])
    head = sheet.max_row
    choices = {
        "sex": [sex_label("male"), sex_label("female")],
        "township": lists.townships,
        "village": lists.villages,
        **(offered or {}),
    }
    for column, spec in enumerate(fields, start=1):
        _head_cell(sheet.cell(head, column), required=spec.required)
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _WIDTHS.get(spec.code, 14)
        if spec.code in TEXT_FIELDS:
            sheet.column_dimensions[letter].number_format = _AS_TEXT
        if spec.code in ("arrived_on", "since"):
            sheet.column_dimensions[letter].number_format = _AS_DAY
        _offer(sheet, f"{letter}{head + 1}:{letter}{head + _LISTED_ROWS}", choices.get(spec.code, ()))
    sheet.freeze_panes = sheet.cell(head + 1, 2)
    return _bytes(book)


def _title(title: str, *, exercise: bool) -> str:
    words = title or _("Register of people who came back")
    return f"{words}  {EXERCISE}" if exercise else words


def _required(fields: Sequence[FieldSpec]) -> str:
    return pgettext("between names", ", ").join(_heading(spec) for spec in fields if spec.required)


def _heading(spec: FieldSpec) -> str:
    """The first known heading in the reader's language, so that the file is recognised when it comes back."""
    chinese = (get_language() or "").startswith("zh")
    return next((title for title in spec.titles if title.isascii() != chinese), spec.titles[0])


def _head_cell(cell: Cell, *, required: bool) -> None:
    cell.font = Font(bold=True, underline="single" if required else None)
    cell.fill = _SHADE
    cell.alignment = Alignment(wrap_text=True, vertical="center")


def _offer(sheet: Worksheet, cells: str, names: Sequence[str]) -> None:
    """A value list where it fits; another value is allowed, since a list may be older than a village."""
    words = ",".join(names)
    if names and len(words) <= _LIST_LIMIT and not any("," in name or '"' in name for name in names):
        rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=False)
        rule.add(cells)
        sheet.add_data_validation(rule)


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
    return _bytes(book)


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
            _head_cell(sheet.cell(place, column), required=False)
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


def _bytes(book: Workbook) -> bytes:
    content = BytesIO()
    book.save(content)
    return content.getvalue()
