from __future__ import annotations

from dataclasses import dataclass

from lianfang.mandate.intake.rules.problems import FileFault


@dataclass(frozen=True)
class Limits:
    """What the machine can take. Checked before anything is unpacked or laid out in memory."""

    file_bytes: int = 50 * 2**20
    unpacked_bytes: int = 500 * 2**20
    rows: int = 200_000
    columns: int = 256

    def check(self, sheet: str, rows: int, columns: int) -> None:
        """`rows` and `columns`: the last ones that hold a value."""
        if rows > self.rows:
            raise FileFault("too_many_rows", {"sheet": sheet, "rows": rows, "limit": self.rows})
        if columns > self.columns:
            raise FileFault("too_many_columns", {"sheet": sheet, "columns": columns, "limit": self.columns})
