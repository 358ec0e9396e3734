"""The parser's own process: python -m lianfang.mandate.intake.rules.child. It reads a file that nobody trusts.

In: one line of JSON (the order), then the file. Out: one JSON array a line, `done` last; whoever listens takes
anything else for a death. It has no keys, no database, may write no file, and limits itself before it reads.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

from lianfang.mandate.intake.rules.cells import cell_to_json
from lianfang.mandate.intake.rules.columns import DataRow, SkippedRow, TableReader
from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.intake.rules.limits import Limits
from lianfang.mandate.intake.rules.problems import FileFault, Problem
from lianfang.mandate.intake.rules.sheets import Opened, ends_at_the_limit, open_file

OWN_SHEET = "_lianfang"  # where our templates keep the names to choose from: no list, and not worth a word
_KEPT_SKIPPED = 200  # a list of prepared lines has thousands; the count is exact, the numbers are examples
Part = list[Any]
_AS_JSON = json.JSONEncoder(ensure_ascii=False, default=cell_to_json, separators=(",", ":")).encode


def main(source: BinaryIO, out: BinaryIO) -> None:
    order = json.loads(source.readline())
    limits = Limits(**order["limits"])
    size = int(order["size"])
    _limit_this_process(limits, size, whole=order["whole"])
    try:
        for part in parts(order, source.read(), limits):
            out.write(_AS_JSON(part).encode())
            out.write(b"\n")
        answer: Part = ["done"]
    except FileFault as fault:
        answer = ["fault", fault.rule, fault.values]
    except MemoryError:
        answer = ["fault", "file_too_heavy", {}]
    out.write(json.dumps(answer).encode() + b"\n")
    out.flush()


def _limit_this_process(limits: Limits, size: int, *, whole: bool) -> None:
    memory = limits.memory_bytes * (2 if whole else 1) + size
    seconds = limits.processor_seconds + limits.seconds_more(size)
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (min(most, hard) if hard >= 0 else most, hard))


def parts(order: dict[str, Any], content: bytes, limits: Limits) -> Iterator[Part]:
    """What the file says, part by part: sheet, rows, end of the sheet."""
    fields = tuple(FieldSpec(code, tuple(titles), required) for code, titles, required in order["fields"])
    for sheet in open_file(order["name"], content, limits, whole=order["whole"]):
        if sheet.hidden and sheet.name == OWN_SHEET:
            continue
        reader = TableReader(sheet.name, sheet.rows, fields, order["mappings"])
        headings = reader.heading_rows() if order["cells"] else []
        yield ["sheet", reader.found, asdict(reader.layout), headings]
        yield from _rows(sheet, reader, whole=order["whole"], cells=order["cells"])


def _rows(sheet: Opened, reader: TableReader, *, whole: bool, cells: bool) -> Iterator[Part]:
    """`cells`: not what they mean, but the row as it stands."""
    last = count = 0
    skipped: list[Part] = []
    left_out: dict[str, int] = {}
    for row in reader.rows():
        last, count = row.number, count + 1
        if isinstance(row, DataRow):
            yield ["cells", row.number, row.cells] if cells else _row(row)
        elif isinstance(row, SkippedRow):
            left_out[row.reason] = left_out.get(row.reason, 0) + 1
            if len(skipped) < _KEPT_SKIPPED:
                skipped.append([row.number, row.reason])
    truncated = ends_at_the_limit(sheet.name, last)
    if truncated and not whole:
        raise FileFault("possibly_truncated", {"sheet": sheet.name, "rows": last})
    warnings = [*truncated, *_told_of(sheet, reader, count, left_out, skipped)]
    yield ["end", [problem.to_json() for problem in warnings], left_out]


def _row(row: DataRow) -> Part:
    return ["row", row.number, list(row.values.values()), row.extra]


def _told_of(
    sheet: Opened, reader: TableReader, count: int, left_out: dict[str, int], skipped: list[Part]
) -> list[Problem]:
    """A row that is not taken for a person's is told with its number, and a sheet without a list as well."""
    if not reader.found:
        values: dict[str, str | int] = {"sheet": sheet.name, "rows": count}
        return [Problem("", sheet.name, "sheet_skipped", values)] if count else []
    told = {"blank": left_out.pop("blank", 0)}
    numbers = ", ".join(str(number) for number, reason in skipped if reason != "blank")
    found = reader.warnings()
    if sum(left_out.values()):
        values = {"sheet": sheet.name, "rows": sum(left_out.values()), "numbers": numbers}
        found.append(Problem("", "", "rows_left_out", values))
    left_out |= {reason: number for reason, number in told.items() if number}
    return found


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
