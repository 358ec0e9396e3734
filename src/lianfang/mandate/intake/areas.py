"""Lists of areas in: a table with code, name, parent, kind, or GeoJSON with these as properties."""

import codecs
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lianfang.mandate.intake.rules.cells import clean_text
from lianfang.mandate.intake.rules.columns import Table, recognise
from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.intake.rules.problems import FileFault, Problem
from lianfang.mandate.intake.rules.sheets import read_file
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.actions import AreaFault, AreaRow, import_areas

FIELDS = (
    FieldSpec("code", ("code", "代码", "区划代码", "编码"), required=True),
    FieldSpec("name", ("name", "名称", "区划名称"), required=True),
    FieldSpec("parent", ("parent", "上级", "上级代码", "所属乡镇代码")),
    FieldSpec("kind", ("kind", "类别", "类型", "级别"), required=True),
)
_KINDS = {
    "省": "province",
    "市": "city",
    "县": "county",
    "乡镇": "township",
    "村": "village",
    "社区": "community",
    "网格": "grid",
    "小组": "group",
}


@dataclass
class AreasOutcome:
    rows: int = 0
    added: int = 0
    changed: int = 0
    faults: list[AreaFault] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def import_area_file(*, by: Actor, at: datetime, name: str, content: bytes) -> AreasOutcome:
    """Add or rename the areas of a file; FileFault where nothing can be read."""
    outcome = AreasOutcome()
    text = content.removeprefix(codecs.BOM_UTF8).lstrip()
    rows = _from_geojson(text) if text[:1] == b"{" else _from_table(name, content, outcome)
    outcome.rows = len(rows)
    outcome.added, outcome.changed, outcome.faults = import_areas(by=by, at=at, rows=rows)
    return outcome


def _from_table(name: str, content: bytes, outcome: AreasOutcome) -> list[AreaRow]:
    rows = []
    for sheet in read_file(name, content):
        table = recognise(sheet, FIELDS)
        outcome.warnings += table.warnings
        if isinstance(table, Table):
            rows += [_row(row.number, row.values) for row in table.data]
    if not rows:
        raise FileFault("file_not_table")
    return rows


def _row(number: int, values: dict[str, Any], boundary: dict[str, Any] | None = None) -> AreaRow:
    told = {code: clean_text(values.get(code)) for code in ("code", "name", "parent", "kind")}
    kind = _KINDS.get(told["kind"], told["kind"])
    return AreaRow(number, told["code"], told["name"], told["parent"], kind, boundary)


def _from_geojson(content: bytes) -> list[AreaRow]:
    try:
        features = json.loads(content, parse_constant=_no_number)["features"]
        rows = [_row(n, dict(f["properties"] or {}), f["geometry"]) for n, f in enumerate(features, start=1)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileFault("file_not_table") from error
    if not rows:
        raise FileFault("file_not_table")
    return rows


def _no_number(name: str) -> None:
    """NaN and Infinity are no JSON, though Python reads them and the database does not."""
    raise ValueError(name)
