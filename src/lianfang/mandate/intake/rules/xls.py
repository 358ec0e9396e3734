"""A look at an .xls before the reader opens it: password, extent and the cells that show an error.

An .xls is a small file system ([MS-CFB]) whose stream Workbook is a row of records ([MS-XLS]).
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import error as StructError
from struct import iter_unpack, unpack_from

from lianfang.mandate.intake.rules.limits import FORMAT_ROW_LIMITS, Limits
from lianfang.mandate.intake.rules.problems import FileFault

_END = 0xFFFFFFFA  # this and above: end of chain, free, table sectors
_MINI_LIMIT = 4096
_BOOKS = ("Workbook", "Book", "WORKBOOK", "BOOK")
_RECORD_FILEPASS, _RECORD_BOUNDSHEET, _RECORD_EOF, _RECORD_BOF = 0x2F, 0x85, 0x0A, 0x0809
_RECORD_FORMULA, _RECORD_BOOLERR, _RECORD_MULRK = 0x06, 0x0205, 0xBD
_CELL_RECORDS = frozenset({0x0204, 0xFD, 0x0203, 0x027E, 0xD6, _RECORD_FORMULA, _RECORD_BOOLERR, _RECORD_MULRK})
_ERROR_NAMES = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}

Record = tuple[int, bytes]


def inspect(content: bytes, limits: Limits, *, whole: bool = True) -> list[dict[tuple[int, int], str]]:
    """The error cells of every sheet, by (row, column) from 0, in the order of the workbook.

    Unless somebody said that it is `whole`, a sheet that ends at the format's last row is refused unread.
    """
    try:
        streams = _Streams(content)
        if "EncryptedPackage" in streams.entries:
            raise FileFault("file_encrypted")
        name = next((each for each in _BOOKS if each in streams.entries), None)
        if name is None:
            kind = "Word" if "WordDocument" in streams.entries else "OLE"
            raise FileFault("file_other_format", {"kind": kind})
        book = streams.read(name)
        return [_scan(book, offset, limits, whole=whole) for offset in _sheet_offsets(book)]
    except (StructError, IndexError) as fault:
        raise FileFault("file_damaged") from fault


class _Streams:
    """The streams of a compound file by name: `entries` gives start sector and size."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.size = 1 << min(unpack_from("<H", content, 30)[0], 16)
        directory_start, mini_start = unpack_from("<I", content, 48)[0], unpack_from("<I", content, 60)[0]
        self.table = _numbers(b"".join(self._sector(sector) for sector in self._table_sectors()))
        self.mini_table = _numbers(self._chain(mini_start))
        self.entries: dict[str, tuple[int, int]] = {}
        directory = self._chain(directory_start)
        for at in range(0, len(directory) - 127, 128):
            length = unpack_from("<H", directory, at + 64)[0]
            name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            start, size = unpack_from("<II", directory, at + 116)
            if name:
                self.entries[name] = (start, size)

    def _table_sectors(self) -> list[int]:
        listed = list(unpack_from("<109I", self.content, 76))
        following: int = unpack_from("<I", self.content, 68)[0]
        seen: set[int] = set()
        while following < _END and following not in seen:
            seen.add(following)
            *more, following = _numbers(self._sector(following))
            listed += more
        return [sector for sector in listed if sector < _END]

    def _sector(self, sector: int) -> bytes:
        start = (sector + 1) * self.size
        if start >= len(self.content):
            raise IndexError(sector)
        return self.content[start : start + self.size]

    def _chain(self, sector: int) -> bytes:
        return b"".join(self._sector(each) for each in _follow(self.table, sector))

    def read(self, name: str) -> bytes:
        start, size = self.entries[name]
        if size >= _MINI_LIMIT:
            return self._chain(start)[:size]
        container = self._chain(self.entries.get("Root Entry", (_END, 0))[0])
        pieces = (container[each * 64 : each * 64 + 64] for each in _follow(self.mini_table, start))
        return b"".join(pieces)[:size]


def _numbers(data: bytes) -> list[int]:
    return [number for (number,) in iter_unpack("<I", data[: len(data) // 4 * 4])]


def _follow(table: list[int], start: int) -> Iterator[int]:
    for _ in range(len(table)):
        if start >= _END:
            return
        yield start
        start = table[start]


def _records(stream: bytes, offset: int) -> Iterator[Record]:
    """The records from a BOF to its EOF; charts inside a sheet have their own pair."""
    depth = 0
    while offset + 4 <= len(stream):
        kind, length = unpack_from("<HH", stream, offset)
        yield kind, stream[offset + 4 : offset + 4 + length]
        offset += 4 + length
        depth += (kind == _RECORD_BOF) - (kind == _RECORD_EOF)
        if depth <= 0:
            return


def _sheet_offsets(stream: bytes) -> list[int]:
    offsets = []
    for kind, data in _records(stream, 0):
        if kind == _RECORD_FILEPASS:
            raise FileFault("file_encrypted")
        if kind == _RECORD_BOUNDSHEET:
            offsets.append(unpack_from("<I", data)[0])
    return offsets


def _scan(stream: bytes, offset: int, limits: Limits, *, whole: bool) -> dict[tuple[int, int], str]:
    errors = {}
    last_row = last_column = -1
    for kind, data in _records(stream, offset):
        if kind not in _CELL_RECORDS:
            continue
        row, column = unpack_from("<HH", data)
        error = _error_code(kind, data)
        if error is not None:
            errors[row, column] = _ERROR_NAMES.get(error, "#N/A")
        if kind == _RECORD_MULRK:
            column = unpack_from("<H", data, len(data) - 2)[0]
        last_row, last_column = max(last_row, row), max(last_column, column)
    limits.check("", last_row + 1, last_column + 1)
    if not whole and last_row + 1 in FORMAT_ROW_LIMITS:
        raise FileFault("possibly_truncated", {"sheet": "", "rows": last_row + 1})
    return errors


def _error_code(kind: int, data: bytes) -> int | None:
    if kind == _RECORD_BOOLERR and data[7] == 1:
        return data[6]
    if kind == _RECORD_FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:
        return data[8]
    return None
