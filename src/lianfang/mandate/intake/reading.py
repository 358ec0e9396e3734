"""A file is read by a process of its own, under limits; this is where its answer is listened to.

Whatever the file does to its reader (memory, endless work, a crash) ends as a FileFault here.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import lianfang
from lianfang.mandate.intake.importing import RowIn
from lianfang.mandate.intake.rules.cells import cell_from_json
from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.intake.rules.limits import Limits
from lianfang.mandate.intake.rules.problems import FileFault, Problem

_BLOCK = 1 << 18
_CHILD = "lianfang.mandate.intake.rules.child"
_SOURCE = Path(lianfang.__file__).parents[1]


@dataclass(frozen=True)
class File:
    """What is to be read, and how. `whole`: a person said that a list at its format's last row is complete."""

    name: str
    content: bytes
    fields: Sequence[FieldSpec]
    mappings: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    whole: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass
class Told:
    """What is known of the file once its rows have been listened to."""

    tables: int = 0
    rows: int = 0
    warnings: list[Problem] = field(default_factory=list)
    layouts: list[dict[str, Any]] = field(default_factory=list)


def rows_of(file: File, told: Told) -> Iterator[RowIn]:
    """The rows of every table of the file, as they are read; `told` fills on the way."""
    codes: list[str] = []
    sheet = ""
    for part in _parts(file):
        match part:
            case ["sheet", found, layout, _headings]:
                sheet, codes = layout["sheet"], list(layout["columns"])
                told.tables += found
                told.layouts.append(layout)
            case ["row", number, values, extra]:
                told.rows += 1
                cells = dict(zip(codes, map(cell_from_json, values), strict=True))
                yield RowIn(sheet, number, cells, {name: cell_from_json(value) for name, value in extra.items()})
            case ["end", warnings, _left_out]:
                told.warnings += [Problem.from_json(problem) for problem in warnings]


def as_it_stands(file: File) -> Iterator[tuple[str, int, list[object]]]:
    """(sheet, row number, cells) of every heading row (number 0) and every row of the tables, in the file's order."""
    sheet = ""
    for part in _parts(file, cells=True):
        match part:
            case ["sheet", True, layout, headings]:
                sheet = layout["sheet"]
                yield from ((sheet, 0, list(map(cell_from_json, cells))) for cells in headings)
            case ["cells", number, cells]:
                yield sheet, number, list(map(cell_from_json, cells))


def _parts(file: File, *, cells: bool = False) -> Iterator[list[Any]]:
    size = len(file.content)
    limits = file.limits
    if size > max(limits.file_bytes, limits.text_bytes):
        raise FileFault("file_too_large", {"size": -(-size // 2**20), "limit": limits.text_bytes // 2**20})
    order = {
        "name": file.name,
        "size": size,
        "fields": [[spec.code, list(spec.titles), spec.required] for spec in file.fields],
        "mappings": file.mappings,
        "whole": file.whole,
        "cells": cells,
        "limits": asdict(limits),
    }
    child = subprocess.Popen(
        [sys.executable, "-m", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(_SOURCE), "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
        start_new_session=True,
    )
    try:
        with suppress(BrokenPipeError), child.stdin as pipe:
            pipe.write(json.dumps(order).encode() + b"\n")
            pipe.write(file.content)
        yield from _answers(child, limits.silent_seconds + limits.seconds_more(size))
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def _answers(child: subprocess.Popen, patience: int) -> Iterator[list[Any]]:
    for line in _lines(child, patience):
        part = json.loads(line)
        if part[0] == "done":
            return
        if part[0] == "fault":
            raise FileFault(part[1], part[2])
        yield part
    raise FileFault(_rule_of_death(child.wait()))


def _lines(child: subprocess.Popen, patience: int) -> Iterator[bytes]:
    """The lines of the answer. Silence counts only while we listen: our own work on a row is not the child's."""
    descriptor = child.stdout.fileno()
    rest = b""
    with selectors.DefaultSelector() as listening:
        listening.register(descriptor, selectors.EVENT_READ)
        while True:
            if not listening.select(patience):
                raise FileFault("file_too_slow")
            block = os.read(descriptor, _BLOCK)
            if not block:
                return
            *lines, rest = (rest + block).split(b"\n")
            yield from lines


def _rule_of_death(status: int) -> str:
    if status == -signal.SIGXCPU:
        return "file_too_slow"
    if status in (-signal.SIGABRT, -signal.SIGKILL, -signal.SIGSEGV):
        return "file_too_heavy"
    return "file_damaged"
