"""Text tables: comma, semicolon or tab; UTF-8, UTF-16 with a byte order mark, or GB18030."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice

from lianfang.mandate.intake.rules.cells import ERROR_TEXTS, clean_text
from lianfang.mandate.intake.rules.limits import Limits
from lianfang.mandate.intake.rules.problems import CellError, FileFault

_DELIMITERS = (",", "\t", ";")
_SNIFFED_RECORDS = 60
_HEAD, _PIECE = 1 << 18, 1 << 20
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body|table|meta|style|div)\b", re.I | re.S)
_XML = re.compile(r"\s*<\?xml\b", re.I)
_MIME = re.compile(r"\s*MIME-Version:", re.I)
# Our exports put an apostrophe before a sign that could begin a formula inside a cell: it comes out again.
_INNER_APOSTROPHE = re.compile('([,;|\t\r\n"][\\s"\ufeff\u200b]*)\'([=+\\-@＝＋－＠])')  # noqa: RUF001 - the full-width signs start a formula as well
_TEXT_FORMULA = re.compile(r'="(.*)"', re.S)
_BINARY = {
    b"%PDF": "PDF",
    b"{\\rtf": "RTF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"Rar!": "RAR",
    b"7z": "7z",
}


def read(content: bytes, limits: Limits) -> Iterator[list[object]]:
    """One list of cells per record, as they are asked for. The place of a record is its row number in Excel."""
    for start, kind in _BINARY.items():
        if content.startswith(start):
            raise FileFault("file_other_format", {"kind": kind})
    encoding = _encoding(content)
    head = _text(content, encoding).read(_HEAD)
    _refuse_markup(head)
    return _cells(content, encoding, _sniff(head, whole=len(head) < _HEAD), limits)


def _cells(content: bytes, encoding: str, delimiter: str, limits: Limits) -> Iterator[list[object]]:
    for number, record in enumerate(_records(_text(content, encoding), delimiter), start=1):
        if number > limits.text_rows:
            raise FileFault("too_many_rows", {"sheet": "", "rows": number, "limit": limits.text_rows})
        limits.check("", 0, len(record))
        yield [_cell(value) for value in record]


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in content:
        raise FileFault("file_not_table")
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            for _piece in iter(partial(_text(content, encoding).read, _PIECE), ""):
                pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileFault("file_encoding")


def _text(content: bytes, encoding: str) -> TextIOWrapper:
    return TextIOWrapper(BytesIO(content), encoding=encoding, newline="")


def _refuse_markup(text: str) -> None:
    """Many systems offer a web page under the name .xls; Excel opens it after a warning."""
    head = text[:2000]
    if _HTML.match(head) or _MIME.match(head):
        raise FileFault("file_html")
    if _XML.match(head):
        raise FileFault("file_html" if "<html" in head.lower() else "file_other_format", {"kind": "XML"})


def _sniff(text: str, *, whole: bool) -> str:
    """The delimiter by which the largest share of records has the same number of cells, more than one."""

    if not whole:  # the last line may be cut off
        text = text[: text.rfind("\n") + 1] or text

    def evenness(delimiter: str) -> tuple[float, int]:
        reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
        try:
            widths = Counter(len(record) for record in islice(reader, _SNIFFED_RECORDS) if record)
        except csv.Error:
            return 0, 0
        shares = [(count / widths.total(), width) for width, count in widths.items() if width > 1]
        return max(shares, default=(0, 0))

    return max(_DELIMITERS, key=evenness)


def _records(text: TextIOWrapper, delimiter: str) -> Iterator[list[str]]:
    reader: Iterable[list[str]] = csv.reader(text, delimiter=delimiter, strict=True)
    number = 0
    try:
        for record in reader:
            number += 1
            yield record
    except csv.Error as fault:
        # An open quotation mark would swallow the people of the lines below without a word.
        raise FileFault("csv_quotes", {"row": number + 1}) from fault


def _cell(value: str) -> object:
    """="012" is how some systems keep leading zeros and long numbers in a text table."""
    wrapped = _TEXT_FORMULA.fullmatch(value.strip())
    if wrapped:
        value = wrapped.group(1)
    value = _INNER_APOSTROPHE.sub(r"\1\2", value)
    if value.strip().upper() in ERROR_TEXTS:
        return CellError(value.strip().upper())
    return value if clean_text(value) else None
