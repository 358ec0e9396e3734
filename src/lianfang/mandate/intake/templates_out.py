"""The empty list of each kind: headings that are known again, numbers as text, names to choose from, one example."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from lianfang.mandate.intake.rules.child import OWN_SHEET
from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.intake.sheets_out import EXERCISE, book_bytes, head_cell, sheet_title
from lianfang.mandate.intake.wording import sex_label

# Whatever holds digits that are no quantity stays text, else the spreadsheet program changes it.
TEXT_FIELDS = frozenset({"document", "phone", "door", "vehicle"})
_AS_TEXT, _AS_DAY = "@", "yyyy-mm-dd"
_WIDTHS = {"name": 12, "sex": 8, "document": 24, "phone": 16, "origin": 24, "symptoms": 16, "note": 24, "address": 32}
_LISTED_ROWS = 5000


@dataclass(frozen=True)
class Lists:
    """Names to choose from."""

    townships: Sequence[str] = ()
    villages: Sequence[str] = ()


def template(
    fields: Sequence[FieldSpec],
    lists: Lists,
    *,
    exercise: bool,
    title: str = "",
    offered: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """An empty list. The first column numbers the rows; the example, never imported, says there that it is one."""
    book = Workbook()
    sheet = book.active
    sheet.title = sheet_title(title) if title else _("Arrivals")
    words = title or _("Register of people who came back")
    sheet.append([f"{words}  {EXERCISE}" if exercise else words])
    sheet.append([_("Required: %(fields)s. Do not change the headings.") % {"fields": _required(fields)}])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([pgettext("running number", "No."), *(_heading(spec) for spec in fields)])
    head = sheet.max_row
    head_cell(sheet.cell(head, 1), required=False)
    names = [sex_label("male"), sex_label("female")]
    choices = {"sex": names, "township": lists.townships, "village": lists.villages, **(offered or {})}
    own = book.create_sheet(OWN_SHEET)
    own.sheet_state = "hidden"
    example = _example(lists)
    for column, spec in enumerate(fields, start=2):
        cell = sheet.cell(head, column)
        head_cell(cell, required=spec.required)
        if note := _note(spec):
            cell.comment = Comment(note, "Lianfang", width=320, height=120)
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _WIDTHS.get(spec.code, 14)
        if spec.code in TEXT_FIELDS:
            sheet.column_dimensions[letter].number_format = _AS_TEXT
        if spec.code in ("arrived_on", "since", "returned_on"):
            sheet.column_dimensions[letter].number_format = _AS_DAY
        sheet.cell(head + 1, column, example.get(spec.code)).number_format = _AS_TEXT
        _offer(sheet, own, f"{letter}{head + 1}:{letter}{head + _LISTED_ROWS}", choices.get(spec.code, ()))
    sheet.cell(head + 1, 1, _("Example"))
    sheet.freeze_panes = sheet.cell(head + 1, 3)
    return book_bytes(book)


def _example(lists: Lists) -> dict[str, str]:
    return {
        "name": _("Wang Xiaoming"),
        "sex": sex_label("male"),
        "document": "990000199001010012",
        "phone": "13900000000",
        "origin": _("Wuhan, Hubei"),
        "arrived_on": "2020-02-08",
        "reached_home": "14:30",
        "township": lists.townships[0] if lists.townships else "",
        "village": lists.villages[0] if lists.villages else "",
        "door": "12",
        "temperature": "36.5",
        "unit": _("Transport Bureau"),
        "cohabitants": "2",
        "travelled": _("yes"),
        "returned_on": "2020-02-08",
    }


def _note(spec: FieldSpec) -> str:
    """What to write under a heading, in both languages: a template goes to offices that read either."""
    lines = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            words = {
                "document": _("All 18 characters as on the document. The column is text: do not change its format."),
                "phone": _("Digits only; several numbers with a comma between them."),
                "arrived_on": _("Year-month-day, for example 2020-02-08."),
                "reached_home": _("Hour and minute, for example 14:30. It starts the clock of the first contact."),
                "village": _("Choose from the list; a name that is not in it is held to be corrected."),
                "door": _("As on the door. Who shares it is one household."),
                "temperature": _("One number in °C, for example 36.5."),
                "address": _(
                    "Township, village, door, as far as known: it decides which village looks for the person."
                ),
            }
            lines.append(words.get(spec.code, ""))
    return "\n".join(filter(None, lines))


def _required(fields: Sequence[FieldSpec]) -> str:
    return pgettext("between names", ", ").join(_heading(spec) for spec in fields if spec.required)


def _heading(spec: FieldSpec) -> str:
    """The first known heading in the reader's language, so that the file is recognised when it comes back."""
    chinese = (get_language() or "").startswith("zh")
    return next((title for title in spec.titles if title.isascii() != chinese), spec.titles[0])


def _offer(sheet: Worksheet, own: Worksheet, cells: str, names: Sequence[str]) -> None:
    """A value list, however long: the names stand on a hidden sheet. Another value is allowed, lists grow old."""
    if not names:
        return
    column = own.max_column + 1 if own.cell(1, 1).value else 1
    for row, name in enumerate(dict.fromkeys(names), start=1):
        own.cell(row, column, name)
    letter = get_column_letter(column)
    source = f"{quote_sheetname(own.title)}!${letter}$1:${letter}${len(dict.fromkeys(names))}"
    rule = DataValidation(type="list", formula1=f"={source}", allow_blank=True, showErrorMessage=False)
    rule.add(cells)
    sheet.add_data_validation(rule)
