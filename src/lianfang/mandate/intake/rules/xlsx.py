"""A look at an .xlsx before the reader opens it: its true size, its extent and the cells that show an error.

The reader lays a sheet out as one rectangle, so a stray value in the last corner of a sheet would ask for
gigabytes; and it returns error values as blanks, so they are found here.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lianfang.mandate.intake.rules.limits import FORMAT_ROW_LIMITS, Limits
from lianfang.mandate.intake.rules.problems import FileFault

_MAX_MEMBERS = 1_000
_CHUNK = 1 << 20
_TAIL = 1 << 16
# Attributes are looked at for 300 characters at most, so that no crafted file makes the search quadratic.
_OPEN = rb"[^<>]{0,300}(?<!/)>\s*"
_FORMULA = rb"<(?:\w+:)?f\b(?:[^<>]{0,300}/>|[^<>]{0,300}>([^<]*)</(?:\w+:)?f>)\s*"
_VALUED = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"[^<>]{0,80}(?<!/)>\s*' + rb"<(?:\w+:)?(?:v|is|f)\b")
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b([^<>]{0,300}\bt="e"' + _OPEN + rb")(?:" + _FORMULA + rb")?<(?:\w+:)?v[^<>]{0,99}>([^<]*)<"
)
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\b(" + _OPEN + rb")" + _FORMULA + rb"(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v></)"
)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


def inspect(content: bytes, limits: Limits, *, whole: bool = True) -> list[dict[tuple[int, int], str]]:
    """The error cells of every sheet, by (row, column) from 0, in the order of the workbook.

    Unless somebody said that it is `whole`, a sheet that ends at the format's last row is refused unread.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            _check_kind(archive)
            _check_size(content, archive.infolist(), limits)
            return [_scan(name, data, limits, whole=whole) for name, data in _sheet_parts(archive)]
    except (BadZipFile, ElementTree.ParseError, KeyError, EOFError, zlib.error, NotImplementedError) as fault:
        raise FileFault("file_damaged") from fault


def _check_kind(archive: ZipFile) -> None:
    names = {name.lower() for name in archive.namelist()}
    if any(member.flag_bits & 1 for member in archive.infolist()):
        raise FileFault("file_encrypted")
    if "xl/workbook.xml" in names:
        return
    kinds = (("xl/workbook.bin", "xlsb"), ("word/document.xml", "Word"), ("content.xml", "ODS"))
    for name, kind in kinds:
        if name in names:
            raise FileFault("file_other_format", {"kind": kind})
    raise FileFault("file_other_format", {"kind": "ZIP"})


def _check_size(content: bytes, members: list[ZipInfo], limits: Limits) -> None:
    """First by what the archive declares, then by unpacking into nothing: the declared size may be a lie."""
    most = min(limits.unpacked_bytes, max(limits.ratio_from, limits.ratio * len(content)))
    limit = {"limit": max(1, most // 2**20)}
    if len(members) > _MAX_MEMBERS or sum(member.file_size for member in members) > most:
        raise FileFault("file_unpacks_too_large", {**limit})
    room = most
    for member in members:
        if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise FileFault("file_damaged")
        if member.compress_type == ZIP_DEFLATED:
            room -= _unpacked_size(content, member, room)
        if room < 0:
            raise FileFault("file_unpacks_too_large", {**limit})


def _unpacked_size(content: bytes, member: ZipInfo, room: int) -> int:
    header = member.header_offset
    name_length = int.from_bytes(content[header + 26 : header + 28], "little")
    extra_length = int.from_bytes(content[header + 28 : header + 30], "little")
    start = header + 30 + name_length + extra_length
    packed = memoryview(content)[start : start + member.compress_size]
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    size = len(inflater.decompress(packed, _CHUNK))
    while not inflater.eof and inflater.unconsumed_tail and size <= room:
        size += len(inflater.decompress(inflater.unconsumed_tail, _CHUNK))
    return size


def _sheet_parts(archive: ZipFile) -> Iterator[tuple[str, bytes]]:
    """(sheet name, XML) in the order of the workbook, one at a time; chart sheets keep their place."""
    book = _parse(archive.read("xl/workbook.xml"))
    relations = _parse(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    for sheet in book.findall(".//{*}sheets/{*}sheet"):
        identity = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        path = posixpath.normpath(posixpath.join("/xl", targets[identity])).lstrip("/")
        yield sheet.get("name", ""), archive.read(path)


def _parse(data: bytes) -> ElementTree.Element:
    if b"<!" in data.replace(b"<!--", b""):
        raise FileFault("file_damaged")  # no spreadsheet program declares entities; a bomb does
    return ElementTree.fromstring(data)  # noqa: S314  without declarations there is nothing to expand


def _scan(name: str, data: bytes, limits: Limits, *, whole: bool) -> dict[tuple[int, int], str]:
    filled = data.count(b"<v") + data.count(b"<is") + data.count(b":v>") + data.count(b":is>")
    tail = _extent(data[-_TAIL:])[0]
    limits.check_stray(name, tail, filled)
    if not whole and tail in FORMAT_ROW_LIMITS:
        raise FileFault("possibly_truncated", {"sheet": name, "rows": tail})
    rows, columns = _extent(data)
    limits.check(name, rows, columns)
    limits.check_stray(name, rows, filled)
    return _errors(data)


def _extent(data: bytes) -> tuple[int, int]:
    """The last row and the last column that hold a value."""
    rows, widest = 0, {b""}
    for found in _VALUED.finditer(data):
        column, row = found.groups()
        rows = max(rows, int(row))
        widest.add(column)
    return rows, max(map(_column_number, widest)) + 1


def _errors(data: bytes) -> dict[tuple[int, int], str]:
    errors = {}
    if b't="e"' in data:
        for attributes, _, shown in _ERROR.findall(data):
            errors.update(_located(attributes, shown or b"#N/A"))
    if b"<f" in data or b":f>" in data:
        for attributes, formula in _UNCALCULATED.findall(data):
            if b't="str"' not in attributes:
                errors.update(_located(attributes, b"=" + formula))
    return errors


def _located(attributes: bytes, text: bytes) -> dict[tuple[int, int], str]:
    place = _REFERENCE.search(attributes)
    if not place:
        return {}
    return {(int(place.group(2)) - 1, _column_number(place.group(1))): text.decode("utf-8", "replace")}


def _column_number(letters: bytes) -> int:
    """From 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
