"""Lists out: the same rows as on the pages, in layouts that can be read back in."""

from lianfang.insight.situation.exports.lists import KINDS, Table, Wanted, rows, table
from lianfang.insight.situation.exports.writing import FORMATS, write

__all__ = ["FORMATS", "KINDS", "Table", "Wanted", "rows", "table", "write"]
