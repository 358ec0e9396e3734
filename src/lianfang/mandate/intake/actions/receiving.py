"""A file comes in, is checked, confirmed, committed in one transaction; or waits, is dropped, is deleted in time."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import uuid4

from django.db import connection, transaction

from lianfang import vault
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.intake import staging
from lianfang.mandate.intake.comparing import compare
from lianfang.mandate.intake.importing import Importer, Judged, Origin, RowIn, importers
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.progress import Progress
from lianfang.mandate.intake.queries import mappings_for, origin_of, row_in
from lianfang.mandate.intake.reading import File, Told, rows_of
from lianfang.mandate.intake.rules.problems import FileFault
from lianfang.mandate.response.queries import nearest
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import SYSTEM, Actor

_CHUNK = 5000
_COMMIT_LOCK = 7_310_001


class _Outdated(Exception):
    """A row that could be imported when it was checked cannot any more."""


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
        original_sealed=vault.seal_bytes(file.content),
        original_until=local_day(now or at) + timedelta(days=days),
        at=at,
        by=by.name,
        by_id=by.account_id,
    )
    data = {"batch": str(batch.uid), "kind": file.kind}
    audit.record(by=by, action="list.received", at=at, area_path=file.area_path, data=data)
    return batch


@transaction.atomic
def check(*, batch: Batch) -> Batch:
    """Read the file and stage every row with its outcome.

    A file that cannot be read fails the batch; one that may be cut off is held for somebody's word.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != "received":
        return batch
    batch.rows.all().delete()
    told = Told()
    try:
        with transaction.atomic():
            _stage(batch, told)
    except FileFault as fault:
        batch.state = "held" if fault.rule == "possibly_truncated" else "failed"
        batch.fault = fault.problem().to_json()
    else:
        batch.state, batch.fault, batch.read_rows = "checked", None, told.rows
    batch.warnings = [warning.to_json() for warning in told.warnings]  # what was left out, of a refused list too
    batch.layout_sealed = vault.seal(json.dumps(told.layouts, ensure_ascii=False)) if told.layouts else None
    batch.save(update_fields=["state", "fault", "read_rows", "warnings", "layout_sealed"])
    return batch


def _stage(batch: Batch, told: Told) -> None:
    importer, origin = importers()[batch.kind], origin_of(batch)
    file = File(
        batch.filename,
        vault.unseal_bytes(batch.original_sealed),
        importer.fields,
        mappings_for(batch),
        whole=bool(batch.whole_by),
    )
    read = importer.reader(origin)
    with Progress("check", batch.pk, whole=len(file.content)) as progress:
        for rows in _chunks(rows_of(file, told)):
            staging.write(batch, read(rows))
            progress.tell(told.rows)
    if not told.rows:
        raise FileFault("list_empty" if told.tables else "no_list_found")
    compare(batch, importer, origin)


def _chunks(rows: Iterable[RowIn]) -> Iterable[list[RowIn]]:
    source = iter(rows)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk


@transaction.atomic
def say_it_is_whole(*, by: Actor, at: datetime, batch: Batch) -> Batch:
    """Somebody compared the list with its original: it ends where its format ends, and nothing is missing."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == "held":
        batch.state, batch.fault, batch.whole_by, batch.whole_at = "received", None, by.name, at
        batch.save(update_fields=["state", "fault", "whole_by", "whole_at"])
        _log(by, "list.said_whole", at, batch)
    return batch


@transaction.atomic
def confirm(*, by: Actor, at: datetime, batch: Batch) -> Batch:
    """The user's word to import the good rows; the work itself may run afterwards."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == "checked":
        batch.state = "confirmed"
        batch.save(update_fields=["state"])
        _log(by, "list.confirmed", at, batch)
    return batch


@transaction.atomic
def drop(*, by: Actor, at: datetime, batch: Batch) -> None:
    """Do not import; what was staged is deleted."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state in ("received", "held", "checked", "failed"):
        batch.rows.all().delete()
        batch.state, batch.original_sealed, batch.layout_sealed = "dropped", None, None
        batch.save(update_fields=["state", "original_sealed", "layout_sealed"])
        _log(by, "list.dropped", at, batch)


@transaction.atomic
def commit(*, by: Actor, batch: Batch, now: datetime) -> Batch:
    """Write the good rows in one transaction. They are compared once more: the register may have changed since.

    One commit at a time, so that two lists with the same person make one card.
    """
    one_commit_at_a_time()
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in ("checked", "confirmed"):
        return batch
    importer, origin = importers()[batch.kind], origin_of(batch)
    staging.read_again(batch, importer, origin, only="rejected")
    compare(batch, importer, origin)
    try:
        with transaction.atomic():
            written = _write(batch, importer, origin, by)
    except _Outdated:
        staging.read_again(batch, importer, origin)
        compare(batch, importer, origin)
        written = _write(batch, importer, origin, by)
    batch.state, batch.committed_at = "committed", now
    batch.save(update_fields=["state", "committed_at"])
    _log(by, "list.committed", batch.at, batch, rows=batch.rows.count(), written=written)
    return batch


def _write(batch: Batch, importer: Importer, origin: Origin, by: Actor) -> int:
    """Accepted and duplicate rows, chunk by chunk in the order of the file. What waits for a decision waits."""
    read, written = importer.reader(origin), 0
    rows = batch.rows.filter(outcome__in=("accepted", "duplicate"), candidates=[]).order_by("pk")
    with Progress("commit", batch.pk, whole=rows.count()) as progress:
        for chunk in staging.light_chunks(rows, _CHUNK):
            judged = read([row_in(row) for row in chunk])
            importer.commit([_as_staged(one, row) for one, row in zip(judged, chunk, strict=True)], origin, by)
            written += len(chunk)
            progress.tell(written)
    return written


def _as_staged(one: Judged, row: staging.LightRow) -> Judged:
    if one.outcome == "rejected":
        raise _Outdated
    one.outcome, one.person = row.outcome, row.person
    return one


def one_commit_at_a_time() -> None:
    """Cards are made by lists and by decisions: two at once must not make two of one person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_COMMIT_LOCK])


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
        rows.update(content_sealed=nothing, sound="", place="", door_key="")
        Batch.objects.filter(pk__in=keys).update(original_sealed=None, layout_sealed=None)
        audit.record(by=SYSTEM, action="originals.purged", at=at, data={"files": len(keys)})
    return len(keys)


def _log(by: Actor, action: str, at: datetime, batch: Batch, **data) -> None:
    told = {"batch": str(batch.uid), **data}
    audit.record(by=by, action=action, at=at, area_path=batch.area_path, data=told)
