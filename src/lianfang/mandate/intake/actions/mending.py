"""Rejected rows put right in the browser, one by one or all that have the same wrong value.

Each is judged again as it is saved. In a list that is imported already, what is good now is written at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from lianfang.mandate.intake import staging
from lianfang.mandate.intake.actions.receiving import one_commit_at_a_time
from lianfang.mandate.intake.importing import RowIn, importers, judge
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.queries import origin_of, row_in
from lianfang.mandate.intake.rules.cells import clean_text
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor

OPEN_STATES = ("checked", "committed")


class NotMendable(ValueError):
    """The row is not rejected, or its list is not open to mending."""


class ChangedMeanwhile(ValueError):
    """Somebody else saved the row since it was shown: nothing is overwritten."""


@dataclass(frozen=True)
class Mended:
    """`rows` were changed; `left` of them are still rejected."""

    rows: int
    left: int


@transaction.atomic
def mend(*, by: Actor, at: datetime, row: StagedRow, version: int, cells: Mapping[str, str]) -> StagedRow:
    """Save what somebody typed over the cells of a rejected row; `version` is of the row as it was shown."""
    one_commit_at_a_time()
    row = StagedRow.objects.select_for_update().select_related("batch").get(pk=row.pk)
    if row.version != version:
        raise ChangedMeanwhile
    if row.outcome != "rejected" or row.batch.state not in OPEN_STATES:
        raise NotMendable
    told = row_in(row)
    typed = {code: text for code, text in cells.items() if clean_text(told.values.get(code)) != text}
    _store(by, at, row.batch, [row], [_over(told, typed)])
    _log(by, at, row.batch, "row.mended", sheet=row.sheet, row=row.number, fields=sorted(typed))
    return row


@transaction.atomic
def replace_everywhere(*, by: Actor, at: datetime, batch: Batch, field: str, wrong: str, right: str) -> Mended:
    """One word for another in every rejected row that has it in the field: a village's old name, a slip repeated."""
    one_commit_at_a_time()
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in OPEN_STATES:
        raise NotMendable
    rows, told = [], []
    for row in batch.rows.select_for_update().filter(outcome="rejected").order_by("pk"):
        one = row_in(row)
        if field in one.values and clean_text(one.values[field]) == wrong:
            rows.append(row)
            told.append(_over(one, {field: right}))
    _store(by, at, batch, rows, told)
    left = sum(row.outcome == "rejected" for row in rows)
    _log(by, at, batch, "rows.mended", field=field, rows=len(rows), left=left)
    return Mended(len(rows), left)


def _over(told: RowIn, typed: Mapping[str, str]) -> RowIn:
    return replace(told, values=told.values | {code: text or None for code, text in typed.items()})


def _store(by: Actor, at: datetime, batch: Batch, rows: Sequence[StagedRow], told: Sequence[RowIn]) -> None:
    importer, origin = importers()[batch.kind], origin_of(batch)
    if batch.state == "committed":
        origin = replace(origin, registered_at=at)
    judged = judge(importer, told, origin)
    for row, one in zip(rows, judged, strict=True):
        staging.put(row, one)
        row.version += 1
        row.mended_by, row.mended_at = by.name, at
    StagedRow.objects.bulk_update(rows, [*staging.PUT, "version", "mended_by", "mended_at"], batch_size=500)
    if batch.state == "committed":
        good = [one for one in judged if one.outcome in ("accepted", "duplicate") and not one.waits]
        importer.commit(good, origin, by)


def _log(by: Actor, at: datetime, batch: Batch, action: str, **data) -> None:
    told = {"batch": str(batch.uid), **data}
    audit.record(by=by, action=action, at=at, area_path=batch.area_path, data=told)
