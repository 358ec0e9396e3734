"""Rows into the staging table and out of it: by COPY in, by chunks out, so that a million fit in little memory."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from lianfang import vault
from lianfang.mandate.intake.importing import Importer, Judged, Origin
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.queries import row_in
from lianfang.mandate.intake.rules.cells import cell_to_json

_CHUNK = 5000
_COLUMNS = (
    "batch_id, sheet, number, outcome, rules, content_sealed, fingerprint, person, candidates, decision, decided_by,"
    " document, phones, sound, place, door_key, mended_by, version"
)


def write(batch: Batch, judged: Iterable[Judged]) -> None:
    """New rows, with what they say sealed."""
    with connection.cursor() as cursor, cursor.copy(f"COPY intake_stagedrow ({_COLUMNS}) FROM STDIN") as copy:
        for one in judged:
            copy.write_row(
                (
                    batch.pk,
                    one.row.sheet[:100],
                    one.row.number,
                    one.outcome,
                    json.dumps(_rules(one)) if one.problems else "[]",
                    sealed(one),
                    one.fingerprint,
                    one.person,
                    json.dumps(one.candidates) if one.candidates else "[]",
                    "",
                    "",
                    *_keys(one),
                    "",
                    1,
                )
            )


def _rules(one: Judged) -> list[str]:
    return [problem.rule for problem in one.problems]


def _keys(one: Judged) -> tuple:
    keys = one.keys
    if keys is None:
        return None, [], "", "", ""
    return keys.document, list(keys.phones), keys.sound, keys.place, keys.door


def sealed(one: Judged) -> bytes:
    """The cells as the file has them, with their types, and what is wrong with them."""
    told = {
        "raw": one.row.values,
        "extra": one.row.extra,
        "problems": [problem.to_json() for problem in one.problems],
        "missing": one.missing,
    }
    return vault.seal(_AS_JSON(told))


_AS_JSON = json.JSONEncoder(ensure_ascii=False, default=cell_to_json, separators=(",", ":")).encode


def put(row: StagedRow, one: Judged) -> StagedRow:
    """A row anew, as it is judged now. The caller saves it."""
    row.outcome, row.rules, row.content_sealed = one.outcome, _rules(one), sealed(one)
    row.fingerprint, row.person, row.candidates = one.fingerprint, one.person, one.candidates
    row.document, row.phones, row.sound, row.place, row.door_key = _keys(one)
    return row


PUT = [
    *("outcome", "rules", "content_sealed", "fingerprint", "person", "candidates"),
    *("document", "phones", "sound", "place", "door_key"),
]


def chunks(rows: QuerySet[StagedRow], size: int = _CHUNK) -> Iterator[list[StagedRow]]:
    """By key, so that rows may change between two chunks."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:size]):
        yield chunk
        last = chunk[-1].pk


class LightRow(NamedTuple):
    """What of a staged row the import itself needs; no object a row."""

    pk: int
    sheet: str
    number: int
    outcome: str
    person: UUID | None
    content_sealed: bytes


def light_chunks(rows: QuerySet[StagedRow], size: int = _CHUNK) -> Iterator[list[LightRow]]:
    """As `chunks`."""
    told, last = rows.order_by("pk").values_list(*LightRow._fields), 0
    while chunk := [LightRow(*row) for row in told.filter(pk__gt=last)[:size]]:
        yield chunk
        last = chunk[-1].pk


def read_again(batch: Batch, importer: Importer, origin: Origin, *, only: str = "") -> None:
    """What the rows say now, each by itself: a village may have been added since, or renamed."""
    read = importer.reader(origin)
    rows = batch.rows.filter(outcome=only) if only else batch.rows.all()
    for chunk in chunks(rows):
        judged = read([row_in(row) for row in chunk])
        changed = [put(row, one) for row, one in zip(chunk, judged, strict=True) if one.outcome != only]
        StagedRow.objects.bulk_update(changed, PUT, batch_size=500)


def store_outcomes(rows: Sequence[StagedRow], judged: Sequence[Judged]) -> None:
    """What comparing changed."""
    told = [
        (one.outcome, one.person, json.dumps(one.candidates), row.pk)
        for row, one in zip(rows, judged, strict=True)
        if (one.outcome, one.person, one.candidates) != (row.outcome, row.person, row.candidates)
    ]
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE intake_stagedrow SET outcome = %s, person = %s, candidates = %s WHERE id = %s", told)
