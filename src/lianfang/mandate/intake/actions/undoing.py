"""A whole import taken back: what nothing else uses is withdrawn, what others build on stays and is named."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianfang.mandate.intake.actions.receiving import one_commit_at_a_time
from lianfang.mandate.intake.importing import Importer, Origin, RowIn, importers
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.progress import Progress
from lianfang.mandate.intake.queries import origin_of
from lianfang.mandate.intake.using import uses_of
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people

_CHUNK = 5000


class NotUndoable(ValueError):
    """The list is not imported, or its undoing was done."""


@dataclass
class _Row:
    """A row that was written, with the records that it made: `made` its own card, else it joined one."""

    row: StagedRow
    made: bool
    records: list[UUID] = field(default_factory=list)
    why: list[str] = field(default_factory=list)


@transaction.atomic
def ask_undo(*, by: Actor, at: datetime, batch: Batch) -> Batch:
    """Somebody's word to take an import back; the worker does it, however long the list is."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != "committed":
        raise NotUndoable
    batch.state, batch.undone_by, batch.undone_at = "undoing", by.name, at
    batch.save(update_fields=["state", "undone_by", "undone_at"])
    audit.record(by=by, action="list.undo_asked", at=at, area_path=batch.area_path, data={"batch": str(batch.uid)})
    return batch


@transaction.atomic
def undo_import(*, by: Actor, at: datetime, batch: Batch) -> Batch:
    """Withdraw cards, arrivals, readings and sources of a list. Nothing is deleted: the past keeps its figures."""
    one_commit_at_a_time()
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in ("committed", "undoing"):
        raise NotUndoable
    importer = importers()[batch.kind]
    written = _written(batch, importer)
    own = {record for one in written for record in one.records}
    with Progress("undo", batch.pk, whole=len(written)) as progress:
        for start in range(0, len(written), _CHUNK):
            part = written[start : start + _CHUNK]
            uses = uses_of({one.row.person for one in part}, own=own, batch=batch.uid, since=batch.committed_at)
            for one in part:
                one.why = uses.get(one.row.person, {}).get("made" if one.made else "joined", [])
            progress.tell(start)
        free = [one for one in written if not one.why]
        for start in range(0, len(free), _CHUNK):
            _withdraw(importer, free[start : start + _CHUNK], batch, at)
            progress.tell(start)
    batch.still_used = [
        {"sheet": one.row.sheet, "row": one.row.number, "person": str(one.row.person), "why": one.why}
        for one in written
        if one.why
    ]
    batch.state, batch.undone_by, batch.undone_at = "undone", by.name, at
    batch.save(update_fields=["state", "undone_by", "undone_at", "still_used"])
    data = {"batch": str(batch.uid), "rows": len(written), "kept": len(batch.still_used)}
    audit.record(by=by, action="list.undone", at=at, area_path=batch.area_path, data=data)
    return batch


def _written(batch: Batch, importer: Importer) -> list[_Row]:
    """The rows that reached the register, at the import, by a decision or by mending."""
    origin = origin_of(batch)
    found = []
    for row in batch.rows.exclude(outcome="rejected").defer("content_sealed").order_by("pk"):
        held = row.outcome == "review" or row.candidates
        if held and not row.decision and not (row.outcome == "duplicate" and _lead_decided(row)):
            continue
        one = _Row(row, made=row.outcome == "accepted" or row.decision == "other")
        place = RowIn(row.sheet, row.number, {})
        one.records = importer.records(place, _origin_of(row, origin, batch))
        found.append(one)
    return found


def _lead_decided(row: StagedRow) -> bool:
    lead = StagedRow.objects.filter(fingerprint=row.fingerprint, outcome="review", batch__state="committed")
    return lead.exclude(decision="").exists()


def _origin_of(row: StagedRow, origin: Origin, batch: Batch) -> Origin:
    """A row counts as known from the moment on at which it was written."""
    if row.decided_at:
        return replace(origin, registered_at=row.decided_at)
    if row.mended_at and batch.committed_at and row.mended_at > batch.committed_at:
        return replace(origin, registered_at=row.mended_at)
    return origin


def _withdraw(importer: Importer, rows: Sequence[_Row], batch: Batch, at: datetime) -> None:
    importer.withdraw_cards({one.row.person for one in rows if one.made}, at)
    importer.withdraw_records([record for one in rows for record in one.records], at)
    places = [(one.row.sheet, one.row.number) for one in rows]
    told_of = [one.row.person for one in rows]
    people.withdraw_sources_of(at=at, reference=batch.uid, places=places, people=told_of)
