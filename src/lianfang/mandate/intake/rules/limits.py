from __future__ import annotations

from dataclasses import dataclass

from lianfang.mandate.intake.rules.problems import FileFault

# The last row that .xls and .xlsx can hold. A table that ends there was probably cut off by the format.
FORMAT_ROW_LIMITS = (65_536, 1_048_576)


@dataclass(frozen=True)
class Limits:
    """What the machine can take. Checked before anything is unpacked or laid out in memory.

    `ratio`: how much larger than its package a workbook may be once it unpacks to more than `ratio_from` bytes.
    `stray`: a sheet may reach below this row only if at least every second row has a value.
    The last four are the parser's own: memory, processor time and silence, growing with the file.
    """

    file_bytes: int = 50 * 2**20
    text_bytes: int = 300 * 2**20
    unpacked_bytes: int = 200 * 2**20
    ratio: int = 100
    ratio_from: int = 20 * 2**20
    rows: int = 1_048_576
    text_rows: int = 5_000_000
    stray: int = 100_000
    columns: int = 256
    memory_bytes: int = 2**30
    processor_seconds: int = 8
    silent_seconds: int = 9
    bytes_a_second: int = 2**20

    def check(self, sheet: str, rows: int, columns: int) -> None:
        """`rows` and `columns`: the last ones that hold a value."""
        if rows > self.rows:
            raise FileFault("too_many_rows", {"sheet": sheet, "rows": rows, "limit": self.rows})
        if columns > self.columns:
            raise FileFault("too_many_columns", {"sheet": sheet, "columns": columns, "limit": self.columns})

    def check_stray(self, sheet: str, rows: int, filled: int) -> None:
        """A single value far below the list would be laid out as a list of a million empty rows."""
        if rows > self.stray and filled * 2 < rows:
            raise FileFault("too_many_rows", {"sheet": sheet, "rows": rows, "limit": self.stray})

    def seconds_more(self, size: int) -> int:
        """What a file of that many bytes may take beyond what every file may."""
        return size // self.bytes_a_second
