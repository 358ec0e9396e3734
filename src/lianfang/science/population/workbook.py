"""The smallest workbook that spreadsheets open: text, numbers, days and hours.

The same cells give the same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

Cell = str | int | float | datetime | time | None

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LINKS: Final = "application/vnd.openxmlformats-package.relationships+xml"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STAMP: Final = (1980, 1, 1, 0, 0, 0)
_DAY_ZERO: Final = date(1899, 12, 30).toordinal()
_MINUTES: Final = 1440

# Places in the table of styles: general, text, day, hour (built-in formats 0, 49, 14, 20).
_GENERAL, _TEXT, _DAY, _HOUR = range(4)
_FORMATS: Final = (0, 49, 14, 20)


@dataclass(frozen=True, slots=True)
class Sheet:
    """`text_columns`: columns (from 0) formatted as text; `merged`: one area such as A1:P1."""

    name: str
    rows: Iterable[Sequence[Cell]]
    text_columns: frozenset[int] = frozenset()
    merged: str | None = None


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    with ZipFile(path, "w") as archive:
        for name, text in _frame(sheets):
            _store(archive, name, text)
        for number, sheet in enumerate(sheets, start=1):
            _store(archive, f"xl/worksheets/sheet{number}.xml", _sheet_text(sheet))


def _store(archive: ZipFile, name: str, text: str) -> None:
    archive.writestr(ZipInfo(name, _STAMP), _HEAD + text, ZIP_DEFLATED)


def _frame(sheets: Sequence[Sheet]) -> list[tuple[str, str]]:
    numbers = range(1, len(sheets) + 1)
    overrides = [f"/xl/worksheets/sheet{number}.xml" for number in numbers]
    parts = [(name, "worksheet") for name in overrides]
    parts += [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    types = "".join(f'<Override PartName="{name}" ContentType="{_TYPES}.{kind}+xml"/>' for name, kind in parts)
    names = "".join(
        f'<sheet name="{escape(sheet.name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, sheet in zip(numbers, sheets, strict=True)
    )
    links = [(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
    links.append((f"rId{len(sheets) + 1}", "styles", "styles.xml"))
    return [
        (
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types">'
            f'<Default Extension="rels" ContentType="{_LINKS}"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
        ),
        ("_rels/.rels", _links([("rId1", "officeDocument", "xl/workbook.xml")])),
        (
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{names}</sheets></workbook>',
        ),
        ("xl/_rels/workbook.xml.rels", _links(links)),
        ("xl/styles.xml", _styles()),
    ]


def _links(links: Iterable[tuple[str, str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="{key}" Type="{_RELATIONS}/{kind}" Target="{target}"/>' for key, kind, target in links
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _styles() -> str:
    base = 'fontId="0" fillId="0" borderId="0"'
    formats = "".join(f'<xf numFmtId="{number}" {base} xfId="0" applyNumberFormat="1"/>' for number in _FORMATS)
    return (
        f'<styleSheet xmlns="{_MAIN}">'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        f'<cellStyleXfs count="1"><xf numFmtId="0" {base}/></cellStyleXfs>'
        f'<cellXfs count="{len(_FORMATS)}">{formats}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _sheet_text(sheet: Sheet) -> str:
    rows = "".join(
        f'<row r="{number}">{_row_text(row, number, sheet.text_columns)}</row>'
        for number, row in enumerate(sheet.rows, start=1)
    )
    merged = f'<mergeCells count="1"><mergeCell ref="{sheet.merged}"/></mergeCells>' if sheet.merged else ""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{merged}</worksheet>'


def _row_text(row: Sequence[Cell], number: int, text_columns: frozenset[int]) -> str:
    return "".join(
        _cell(f"{_letters(column)}{number}", value, _TEXT if column in text_columns else _GENERAL)
        for column, value in enumerate(row)
        if value is not None
    )


def _cell(place: str, value: Cell, style: int) -> str:
    if isinstance(value, str):
        text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
        return f'<c r="{place}" s="{style}" t="inlineStr">{text}</c>'
    if isinstance(value, datetime):
        day = value.toordinal() - _DAY_ZERO + _minutes(value.time())
        return f'<c r="{place}" s="{_DAY}"><v>{day!r}</v></c>'
    if isinstance(value, time):
        return f'<c r="{place}" s="{_HOUR}"><v>{_minutes(value)!r}</v></c>'
    return f'<c r="{place}" s="{style}"><v>{value!r}</v></c>'


def _minutes(hour: time) -> float:
    return (hour.hour * 60 + hour.minute) / _MINUTES


def _letters(column: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
