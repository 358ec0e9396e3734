"""Files in: received, checked, confirmed, committed in one transaction; decisions on held rows and their undoing."""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import OperationalError, connection, transaction

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
from lianfang.registry.audit.rules import SYSTEM, Actor
from lianfang.registry.people import actions as people

log = logging.getLogger(__name__)

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
def receive(*, by: Actor, at: datetime, file: NewFile, now: datetime | None = None) -> Batch:
    """Keep a file for checking. Its original is kept sealed for the days that the plan says, from `now` on."""
    activation = nearest(file.area_path, local_day(at))
    days = activation.plan_version.plan.retention.originals_days.value if activation else 0
    batch = Batch.objects.create(
        uid=uuid4(),
        kind=file.kind,
        area_path=file.area_path,
        filename=file.name[:200],
        sha256=hashlib.sha256(file.content).hexdigest(),
        original_sealed=vault.seal(file.content.decode("latin-1")),
        original_until=local_day(now or at) + timedelta(days=days),
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
    if batch.state != "received":
        return batch
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
    before = Batch.objects.filter(sha256=batch.sha256, area_path=batch.area_path, state="committed")
    return Origin(
        uid=batch.uid,
        label=batch.filename,
        area_path=batch.area_path,
        at=batch.at,
        registered_at=batch.at,
        repeated=before.exclude(pk=batch.pk).exists(),
    )


def _read(name: str, content: bytes, fields) -> tuple[list[RowIn], list[Problem]]:
    rows: list[RowIn] = []
    warnings: list[Problem] = []
    tables = 0
    for sheet in read_file(name, content):
        table = recognise(sheet, fields)
        warnings += table.warnings
        if isinstance(table, Table):
            tables += 1
            rows += [RowIn(row.sheet, row.number, row.values, row.extra) for row in table.data]
    if not rows:
        raise FileFault("list_empty" if tables else "no_list_found")
    return rows, warnings


def _staged(batch: Batch, judged: Judged) -> StagedRow:
    told = {
        "raw": {code: cell_to_json(value) for code, value in judged.row.values.items()},
        "extra": {heading: cell_to_json(value) for heading, value in judged.row.extra.items()},
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
        audit.record(by=by, action="list.confirmed", at=at, area_path=batch.area_path, data={"batch": str(batch.uid)})
    return batch


@transaction.atomic
def drop(*, by: Actor, at: datetime, batch: Batch) -> None:
    """Do not import; what was staged is deleted."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state in ("received", "checked", "failed"):
        batch.rows.all().delete()
        batch.state, batch.original_sealed = "dropped", None
        batch.save(update_fields=["state", "original_sealed"])
        audit.record(by=by, action="list.dropped", at=at, area_path=batch.area_path, data={"batch": str(batch.uid)})


@transaction.atomic
def commit(*, by: Actor, batch: Batch, now: datetime) -> Batch:
    """Write the good rows in one transaction. They are judged once more: the register may have changed since.

    One commit at a time, so that two lists with the same person make one card.
    """
    _one_commit_at_a_time()
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in ("checked", "confirmed"):
        return batch
    importer = importers()[batch.kind]
    origin = origin_of(batch)
    rows = [row_in(row) for row in batch.rows.order_by("pk").iterator(_BATCH)]
    judged = importer.judge(rows, origin)
    batch.rows.all().delete()
    StagedRow.objects.bulk_create((_staged(batch, row) for row in judged), batch_size=_BATCH)
    taken = [row for row in judged if row.outcome in ("accepted", "duplicate") and not row.waits]
    importer.commit(taken, origin, by)
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


def _one_commit_at_a_time() -> None:
    """Cards are made by lists and by decisions: two at once must not make two of one person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_COMMIT_LOCK])


@transaction.atomic
def decide(*, by: Actor, at: datetime, row: StagedRow, decision: str, person: UUID | None = None) -> StagedRow:
    """A held row is the same person as a known card, to which it adds what it says, or another: a card of its own.

    `person` chooses among several candidates; the first where it is left out.
    """
    _one_commit_at_a_time()
    row = StagedRow.objects.select_for_update().select_related("batch").get(pk=row.pk)
    chosen = person or UUID(row.candidates[0]["person"]) if row.candidates else None
    known = {UUID(candidate["person"]) for candidate in row.candidates}
    if row.outcome != "review" or row.decision or row.batch.state != "committed" or chosen not in known:
        raise NotDecidable
    if decision == "same":
        row.person = chosen
        _write(row, "duplicate", chosen, at, by)
    elif decision == "other":
        row.person = uuid4()
        _write(row, "accepted", row.person, at, by)
    else:
        raise NotDecidable
    for repeat in _repeats_of(row):
        same_file = repeat.batch_id != row.batch_id and repeat.batch.sha256 == row.batch.sha256
        _write(repeat, "duplicate", row.person, at, by, repeated=same_file)
    row.decision, row.decided_by, row.decided_at = decision, by.name, at
    row.save(update_fields=["decision", "decided_by", "decided_at", "person"])
    _log_decision(by, at, row, f"duplicate.decided_{decision}")
    return row


@transaction.atomic
def undo_decision(*, by: Actor, at: datetime, row: StagedRow) -> StagedRow:
    """Take a decision back: what the row added to the card is withdrawn, or the card that it made."""
    _one_commit_at_a_time()
    row = StagedRow.objects.select_for_update().select_related("batch").get(pk=row.pk)
    if not row.decision:
        raise NotDecidable
    importer = importers()[row.batch.kind]
    for one in [*_repeats_of(row), *([row] if row.decision == "same" else [])]:
        people.withdraw_sources(at=at, reference=one.batch.uid, sheet=one.sheet, row=one.number)
        decided = replace(origin_of(one.batch), registered_at=row.decided_at)
        importer.withdraw_row(_judged(one, "duplicate", row.person), decided, at)
    if row.decision == "other":
        importer.withdraw_card(row.person, at)
    _log_decision(by, at, row, "duplicate.decision_undone")
    row.decision, row.decided_by, row.decided_at = "", "", None
    row.person = UUID(row.candidates[0]["person"])
    row.save(update_fields=["decision", "decided_by", "decided_at", "person"])
    return row


def _repeats_of(row: StagedRow) -> list[StagedRow]:
    """The rows, of this list or another, that say the same as the held row and waited for its decision."""
    found = StagedRow.objects.filter(fingerprint=row.fingerprint, outcome="duplicate", batch__state="committed")
    return list(found.exclude(candidates=[]).select_related("batch").order_by("pk"))


def _judged(row: StagedRow, outcome: str, person: UUID | None) -> Judged:
    (judged,) = importers()[row.batch.kind].judge([row_in(row)], origin_of(row.batch))
    judged.outcome, judged.person = outcome, person
    return judged


def _write(row: StagedRow, outcome: str, person: UUID, at: datetime, by: Actor, *, repeated: bool = False) -> None:
    """What the row says is of the moment of its list; it counts as known from the decision on."""
    importer = importers()[row.batch.kind]
    judged = _judged(row, outcome, person)
    if outcome == "accepted":
        judged = importer.as_other(judged)
    importer.commit([judged], replace(origin_of(row.batch), registered_at=at, repeated=repeated), by)


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
    """The tick's step: originals past their plan's days are deleted, and what their rows said with them.

    Numbers, outcomes and rules of the rows stay; a row that still waits for a decision keeps what it says.
    """
    old = Batch.objects.filter(original_sealed__isnull=False, original_until__lt=local_day(at))
    old = old.exclude(state__in=("received", "confirmed"))
    keys = list(old.values_list("pk", flat=True))
    if keys:
        nothing = vault.seal(json.dumps({"raw": {}, "extra": {}, "problems": [], "missing": []}))
        rows = StagedRow.objects.filter(batch__in=keys).exclude(outcome="review", decision="")
        rows.update(content_sealed=nothing)
        Batch.objects.filter(pk__in=keys).update(original_sealed=None)
        audit.record(by=SYSTEM, action="originals.purged", at=at, data={"files": len(keys)})
    return len(keys)


def refresh_statistics() -> None:
    """Tell the planner of the new rows at once: until it knows them, a list of a county may take minutes."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def work_off(*, now: datetime) -> Sequence[Batch]:
    """The worker's step: check what was received, commit what was confirmed; one batch a transaction."""
    done = [_guarded(batch, lambda one: check(batch=one)) for batch in _in_state("received")]
    for batch in _in_state("confirmed"):
        by = Actor(batch.by, batch.by_id)
        done.append(_guarded(batch, lambda one, by=by: commit(by=by, batch=one, now=now)))
        refresh_statistics()
    return done


def _in_state(state: str) -> list[Batch]:
    return list(Batch.objects.filter(state=state).order_by("arrived_at"))


def _guarded(batch: Batch, step: Callable[[Batch], Batch]) -> Batch:
    """One list that cannot be worked off must not hold up the others: it is marked, with the reason in the log."""
    try:
        return step(batch)
    except OperationalError:
        raise
    except Exception:
        log.exception("list %s could not be worked off", batch.uid)
        batch.state, batch.fault = "failed", FileFault("import_failed").problem().to_json()
        batch.save(update_fields=["state", "fault"])
        return batch
