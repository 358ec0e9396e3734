"""A look at an .xlsx before the reader opens it: its true size, its extent and the cells that show an error.

The reader lays a sheet out as one rectangle, so a stray value in the last corner of a sheet would ask for
gigabytes; and it returns error values as blanks, so they are found here.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lianfang.mandate.intake.rules.limits import Limits
from lianfang.mandate.intake.rules.problems import FileFault

_MAX_MEMBERS = 10_000
_CHUNK = 1 << 20
# Attributes are looked at for 300 characters at most, so that no crafted file makes the search quadratic.
_TAG = rb"[^<>]{0,300}(?<!/)>\s*"
_FORMULA = rb"<(?:\w+:)?f\b(?:[^<>]{0,300}/>|[^<>]{0,300}>([^<]*)</(?:\w+:)?f>)\s*"
_VALUED = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"[^<>]{0,80}(?<!/)>\s*' + rb"<(?:\w+:)?(?:v|is|f)\b")
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b([^<>]{0,300}\bt="e"' + _TAG + rb")(?:" + _FORMULA + rb")?<(?:\w+:)?v[^<>]{0,99}>([^<]*)<"
)
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\b(" + _TAG + rb")" + _FORMULA + rb"(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v></)"
)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


def inspect(content: bytes, limits: Limits) -> list[dict[tuple[int, int], str]]:
    """The error cells of every sheet, by (row, column) from 0, in the order of the workbook."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            _check_kind(archive)
            _check_size(content, archive.infolist(), limits)
            return [_scan(name, data, limits) for name, data in _sheet_parts(archive)]
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
    limit = {"limit": limits.unpacked_bytes // 2**20}
    if len(members) > _MAX_MEMBERS or sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise FileFault("file_unpacks_too_large", {**limit})
    room = limits.unpacked_bytes
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


def _sheet_parts(archive: ZipFile) -> list[tuple[str, bytes]]:
    """(sheet name, XML) in the order of the workbook; chart sheets keep their place."""
    book = _parse(archive.read("xl/workbook.xml"))
    relations = _parse(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    parts = []
    for sheet in book.findall(".//{*}sheets/{*}sheet"):
        identity = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        path = posixpath.normpath(posixpath.join("/xl", targets[identity])).lstrip("/")
        parts.append((sheet.get("name", ""), archive.read(path)))
    return parts


def _parse(data: bytes) -> ElementTree.Element:
    if b"<!" in data.replace(b"<!--", b""):
        raise FileFault("file_damaged")  # no spreadsheet program declares entities; a bomb does
    return ElementTree.fromstring(data)  # noqa: S314  without declarations there is nothing to expand


def _scan(name: str, data: bytes, limits: Limits) -> dict[tuple[int, int], str]:
    valued = _VALUED.findall(data)
    if valued:
        columns = {column for column, _ in valued}
        limits.check(name, max(int(row) for _, row in valued), max(map(_column_number, columns)) + 1)
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
