"""Reads of the log and of its chain."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from lianfang.registry.audit.models import Anchor, Seal
from lianfang.registry.audit.rules import START, Break, Head, canonical, chain

FIELDS = (
    *("id", "at", "arrived_at", "actor", "actor_id", "action", "subject_kind", "subject", "area_path", "purpose"),
    "data",
)
_COLUMNS = ", ".join(f"e.{name}" for name in FIELDS)
# A link without its event comes with nulls: the event was deleted past the trigger.
_LINKS = f"""
    SELECT s.number, s.event, s.digest, {_COLUMNS}
    FROM audit_seal s LEFT JOIN audit_event e ON e.id = s.event
    WHERE s.number > %s ORDER BY s.number LIMIT %s
"""  # noqa: S608 - the columns are constants
# An event that neither the chain nor the sealer's list knows was slipped in past the trigger.
_UNKNOWN = """
    SELECT e.id FROM audit_event e
    WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.event = e.id)
    AND NOT EXISTS (SELECT 1 FROM audit_unsealed u WHERE u.event = e.id) ORDER BY e.id LIMIT 100
"""
_BATCH = 10_000


def head() -> Head:
    """The last link; number 0 and zeros before the first."""
    last = Seal.objects.order_by("-number").values_list("number", "digest").first() or start()
    return Head(last[0], bytes(last[1]).hex())


def start() -> tuple[int, bytes]:
    """What the first link that is kept is chained to: the last anchor, else the beginning of all."""
    found = Anchor.objects.order_by("-number").values_list("number", "digest").first()
    return (found[0], bytes(found[1])) if found else (0, START)


def body(number: int, row: tuple[Any, ...]) -> bytes:
    """The canonical bytes of an event read with FIELDS."""
    values = dict(zip(FIELDS, row, strict=True))
    return canonical(number, values | {"data": json.loads(values["data"])})


def breaks(kept: Head | None = None) -> Iterator[Break]:
    """Every place where the chain does not hold; with a head kept outside also what was cut off or rewritten.

    After a break the chain is followed from the digest that is stored, so that one change is one finding.
    """
    number, digest = start()
    if kept is not None and kept.number == number and kept.digest != digest.hex():
        yield Break(number, "rewritten")
    for found, event, stored, row in _links(number):
        yield from (Break(gone, "missing") for gone in range(number + 1, found))
        if row[0] is None:
            yield Break(found, "missing", event)
        elif found == number + 1 and chain(digest, body(found, row)) != stored:
            yield Break(found, "changed", event)
        if kept is not None and found == kept.number and kept.digest != stored.hex():
            yield Break(found, "rewritten", event)
        number, digest = found, stored
    if kept is not None and kept.number > number:
        yield Break(kept.number, "cut")
    for (event,) in _fetch(_UNKNOWN, []):
        yield Break(0, "unchained", event)


def _links(after: int) -> Iterator[tuple[int, int, bytes, tuple[Any, ...]]]:
    while True:
        rows = _fetch(_LINKS, [after, _BATCH])
        for number, event, digest, *row in rows:
            yield number, event, bytes(digest), tuple(row)
        if len(rows) < _BATCH:
            return
        after = rows[-1][0]


def _fetch(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [tuple(row) for row in cursor.fetchall()]
