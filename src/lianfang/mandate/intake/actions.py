"""Files in: received, checked, confirmed, committed in one transaction; decisions on held rows and their undoing."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction

from lianfang import vault
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.intake.importing import Judged, Origin, RowIn, cell_to_json, importers
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.queries import row_in
from lianfang.mandate.intake.rules.columns import Table, recognise
from lianfang.mandate.intake.rules.problems import FileFault, Problem
from lianfang.mandate.intake.rules.sheets import read_file
from lianfang.mandate.response.queries import nearest
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people
from lianfang.registry.people.rules import NewSource

_BATCH = 2000
_COMMIT_LOCK = 7_310_001


class NotDecidable(ValueError):
    """A row that is not held, or a decision that was not taken."""


@dataclass(frozen=True)
class NewFile:
    kind: str
    area_path: str
    name: str
    content: bytes


@transaction.atomic
def receive(*, by: Actor, at: datetime, file: NewFile) -> Batch:
    """Keep a file for checking. Its original is kept sealed for the days that the plan says."""
    activation = nearest(file.area_path, local_day(at))
    days = activation.plan_version.plan.retention.originals_days.value if activation else 0
    batch = Batch.objects.create(
        uid=uuid4(),
        kind=file.kind,
        area_path=file.area_path,
        filename=file.name[:200],
        sha256=hashlib.sha256(file.content).hexdigest(),
        original_sealed=vault.seal(file.content.decode("latin-1")),
        original_until=local_day(at) + timedelta(days=days),
        at=at,
        by=by.name,
        by_id=by.account_id,
    )
    audit.record(
        by=by,
        action="list.received",
        at=at,
        area_path=file.area_path,
        data={"batch": str(batch.uid), "kind": file.kind},
    )
    return batch


@transaction.atomic
def check(*, batch: Batch) -> Batch:
    """Read the file and stage every row with its outcome; a file that cannot be read at all fails the batch."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    importer = importers()[batch.kind]
    content = vault.unseal(batch.original_sealed).encode("latin-1")
    try:
        rows, warnings = _read(batch.filename, content, importer.fields)
    except FileFault as fault:
        batch.state, batch.fault = "failed", fault.problem().to_json()
        batch.save(update_fields=["state", "fault"])
        return batch
    judged = importer.judge(rows, origin_of(batch))
    batch.rows.all().delete()
    StagedRow.objects.bulk_create((_staged(batch, row) for row in judged), batch_size=_BATCH)
    batch.state, batch.read_rows = "checked", len(rows)
    batch.warnings = [warning.to_json() for warning in warnings]
    batch.save(update_fields=["state", "read_rows", "warnings"])
    return batch


def origin_of(batch: Batch) -> Origin:
    return Origin(batch.uid, batch.filename, batch.area_path, batch.at)


def _read(name: str, content: bytes, fields) -> tuple[list[RowIn], list[Problem]]:
    rows: list[RowIn] = []
    warnings: list[Problem] = []
    for sheet in read_file(name, content):
        table = recognise(sheet, fields)
        warnings += table.warnings
        if isinstance(table, Table):
            rows += [RowIn(row.sheet, row.number, row.values) for row in table.data]
    if not rows:
        raise FileFault("file_not_table")
    return rows, warnings


def _staged(batch: Batch, judged: Judged) -> StagedRow:
    told = {
        "raw": {code: cell_to_json(value) for code, value in judged.row.values.items()},
        "problems": [problem.to_json() for problem in judged.problems],
        "missing": judged.missing,
    }
    return StagedRow(
        batch=batch,
        sheet=judged.row.sheet[:100],
        number=judged.row.number,
        outcome=judged.outcome,
        rules=[problem.rule for problem in judged.problems],
        content_sealed=vault.seal(json.dumps(told, ensure_ascii=False)),
        fingerprint=judged.fingerprint,
        person=judged.person,
        candidates=judged.candidates,
    )


@transaction.atomic
def confirm(*, by: Actor, at: datetime, batch: Batch) -> Batch:
    """The user's word to import the good rows; the work itself may run afterwards."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == "checked":
        batch.state = "confirmed"
        batch.save(update_fields=["state"])
        audit.record(
            by=by, action="list.confirmed", at=at, area_path=batch.area_path, data={"batch": str(batch.uid)}
        )
    return batch


@transaction.atomic
def drop(*, by: Actor, at: datetime, batch: Batch) -> None:
    """Do not import; what was staged is deleted."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state in ("received", "checked", "failed"):
        batch.rows.all().delete()
        batch.state, batch.original_sealed = "dropped", None
        batch.save(update_fields=["state", "original_sealed"])
        audit.record(
            by=by, action="list.dropped", at=at, area_path=batch.area_path, data={"batch": str(batch.uid)}
        )


@transaction.atomic
def commit(*, by: Actor, batch: Batch, now: datetime) -> Batch:
    """Write the good rows in one transaction. They are judged once more: the register may have changed since.

    One commit at a time, so that two lists with the same person make one card.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_COMMIT_LOCK])
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in ("checked", "confirmed"):
        return batch
    importer = importers()[batch.kind]
    origin = origin_of(batch)
    rows = [row_in(row) for row in batch.rows.order_by("pk").iterator(_BATCH)]
    judged = importer.judge(rows, origin)
    batch.rows.all().delete()
    StagedRow.objects.bulk_create((_staged(batch, row) for row in judged), batch_size=_BATCH)
    importer.commit([row for row in judged if row.outcome in ("accepted", "duplicate")], origin, by)
    batch.state, batch.committed_at = "committed", now
    batch.save(update_fields=["state", "committed_at"])
    audit.record(
        by=by,
        action="list.committed",
        at=batch.at,
        area_path=batch.area_path,
        data={"batch": str(batch.uid), "rows": len(judged)},
    )
    return batch


@transaction.atomic
def decide(*, by: Actor, at: datetime, row: StagedRow, decision: str) -> StagedRow:
    """A held row is the same person as a known card (one more source) or another person (a card of its own)."""
    row = StagedRow.objects.select_for_update().select_related("batch").get(pk=row.pk)
    if row.outcome != "review" or row.decision or decision not in ("same", "other") or not _committed(row):
        raise NotDecidable
    if decision == "same":
        _join(row, at)
    else:
        row.person = _make_own_card(row, at, by)
    row.decision, row.decided_by, row.decided_at = decision, by.name, at
    row.save(update_fields=["decision", "decided_by", "decided_at", "person"])
    _log_decision(by, at, row, f"duplicate.decided_{decision}")
    return row


@transaction.atomic
def undo_decision(*, by: Actor, at: datetime, row: StagedRow) -> StagedRow:
    """Take a decision back: the source is withdrawn, or the card that it made."""
    row = StagedRow.objects.select_for_update().select_related("batch").get(pk=row.pk)
    if not row.decision:
        raise NotDecidable
    if row.decision == "same":
        people.withdraw_sources(at=at, reference=row.batch.uid, sheet=row.sheet, row=row.number)
    else:
        importers()[row.batch.kind].withdraw(row.person, at)
    _log_decision(by, at, row, "duplicate.decision_undone")
    row.decision, row.decided_by, row.decided_at = "", "", None
    row.person = UUID(row.candidates[0]["person"])
    row.save(update_fields=["decision", "decided_by", "decided_at", "person"])
    return row


def _committed(row: StagedRow) -> bool:
    return row.batch.state == "committed"


def _join(row: StagedRow, at: datetime) -> None:
    source = NewSource(
        UUID(row.candidates[0]["person"]), "list", row.batch.filename, row.batch.uid, row.sheet, row.number
    )
    people.add_sources(at=at, sources=[source])


def _make_own_card(row: StagedRow, at: datetime, by: Actor) -> UUID:
    importer = importers()[row.batch.kind]
    origin = replace(origin_of(row.batch), at=at)
    (judged,) = importer.judge([row_in(row)], origin)
    judged.outcome, judged.person = "accepted", uuid4()
    importer.commit([judged], origin, by)
    return judged.person


def _log_decision(by: Actor, at: datetime, row: StagedRow, action: str) -> None:
    audit.record(
        by=by,
        action=action,
        at=at,
        subject_kind="person",
        subject=row.person,
        area_path=row.batch.area_path,
        data={"batch": str(row.batch.uid), "sheet": row.sheet, "row": row.number},
    )


@transaction.atomic
def purge_originals(*, at: datetime) -> int:
    """The tick's step: originals past their plan's days are deleted; rows and outcomes stay."""
    old = Batch.objects.filter(original_sealed__isnull=False, original_until__lt=local_day(at))
    purged = old.exclude(state__in=("received", "confirmed")).update(original_sealed=None)
    if purged:
        audit.record(by=Actor("system"), action="originals.purged", at=at, data={"files": purged})
    return purged


def refresh_statistics() -> None:
    """Tell the planner of the new rows at once: until it knows them, a list of a county may take minutes."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def work_off(*, now: datetime) -> Sequence[Batch]:
    """The worker's step: check what was received, commit what was confirmed; one batch a transaction."""
    done = []
    for batch in Batch.objects.filter(state="received").order_by("arrived_at"):
        done.append(check(batch=batch))
    for batch in Batch.objects.filter(state="confirmed").order_by("arrived_at"):
        done.append(commit(by=Actor(batch.by, batch.by_id), batch=batch, now=now))
        refresh_statistics()
    return done
