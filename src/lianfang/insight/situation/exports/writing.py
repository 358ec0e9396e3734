"""Writing a list as a workbook or as text. A cell never becomes a formula, whatever a name begins with."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from lianfang.insight.situation.exports.lists import Table

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - the full-width signs start a formula as well
_BLANKS = " \u00a0\u3000\ufeff\u200b"
# What may begin a cell inside a cell, with blanks and quotation marks after it, then a sign that begins a formula.
_INNER = re.compile('([,;|\t\r\n"][\\s"\ufeff\u200b]*)([=+\\-@＝＋－＠])')  # noqa: RUF001 - the full-width signs too
_AS_TEXT, _AS_DAY, _AS_MOMENT = "@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
_WIDEST = 40
_SHADE = PatternFill("solid", fgColor="EAEEF0")

Progress = Callable[[int], None]


def write(told: Table, extension: str, out: BinaryIO, progress: Progress = lambda _count: None) -> int:
    """Write the list; returns the number of rows below the headings. `progress` hears every thousandth."""
    writer = {"xlsx": _write_xlsx, "csv": _write_csv}[extension]
    counted = _Counted(told.rows, progress)
    writer(told, counted, out)
    return counted.count


class _Counted:
    def __init__(self, rows: Iterable[list[object]], progress: Progress) -> None:
        self._rows, self._progress, self.count = rows, progress, 0

    def __iter__(self) -> Iterator[list[object]]:
        for row in self._rows:
            self.count += 1
            if self.count % 1000 == 0:
                self._progress(self.count)
            yield row


def plain(text: str) -> str:
    """Text that no spreadsheet program takes for a formula, without what a workbook cannot hold."""
    shown = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{shown}" if shown.lstrip(_BLANKS).startswith(_FORMULA_SIGNS) else shown


def plain_in_text(text: str) -> str:
    """The same inside a text table, where another delimiter or a quotation mark may begin a cell within the cell.

    Whoever opens the file with a semicolon for a comma sees `a;=1` as two cells: the sign gets its apostrophe too.
    The importer takes these apostrophes out again.
    """
    return _INNER.sub(r"\1'\2", plain(text))


def _write_csv(told: Table, rows: Iterable[list[object]], out: BinaryIO) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([plain_in_text(told.title)])
    writer.writerow([plain_in_text(header) for header in told.headers])
    for row in rows:
        writer.writerow([_as_text(value) for value in row])
    text.flush()
    text.detach()


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case int() | float() | Decimal():
            return str(value)
        case _:
            return plain_in_text(str(value))


def _write_xlsx(told: Table, rows: Iterable[list[object]], out: BinaryIO) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "B3"
    for place, header in enumerate(told.headers, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(max(12, 2 * len(header) + 2), _WIDEST)
    sheet.append([_cell(sheet, told.title, bold=True)])
    sheet.append([_cell(sheet, header, bold=True, shaded=True) for header in told.headers])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    book.save(out)


def _cell(sheet, value: object, *, bold: bool = False, shaded: bool = False):
    """Digits that are no quantity stay text: every text cell is formatted as such."""
    match value:
        case None:
            return None
        case datetime():
            # A workbook knows no zones: the wall clock of the deployment.
            cell = WriteOnlyCell(sheet, timezone.localtime(value).replace(tzinfo=None, second=0, microsecond=0))
            cell.number_format = _AS_MOMENT
        case date():
            cell = WriteOnlyCell(sheet, value)
            cell.number_format = _AS_DAY
        case int() | float() | Decimal():
            cell = WriteOnlyCell(sheet, value)
        case _:
            cell = WriteOnlyCell(sheet, plain(str(value)))
            cell.data_type, cell.number_format = "s", _AS_TEXT
    if bold:
        cell.font = Font(bold=True)
    if shaded:
        cell.fill, cell.alignment = _SHADE, Alignment(wrap_text=True, vertical="center")
    return cell
