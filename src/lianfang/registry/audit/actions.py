"""Writing the log, always inside the caller's transaction; chaining what is committed; taking away what is too old."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from lianfang.registry.audit.models import Anchor, Event, Seal
from lianfang.registry.audit.queries import FIELDS, body, start
from lianfang.registry.audit.rules import Actor, chain

KEPT_AT_LEAST = timedelta(days=3 * 366)  # handling of personal data is provable for three years
_LOCK = 7_310_004
_BATCH = 5_000
_WAITING = f"""
    SELECT {", ".join(f"e.{name}" for name in FIELDS)} FROM audit_unsealed u JOIN audit_event e ON e.id = u.event
    ORDER BY u.event LIMIT {_BATCH}
"""  # noqa: S608 - the columns are constants
_LAST = "SELECT number, digest FROM audit_seal ORDER BY number DESC LIMIT 1"
_OLD = """
    SELECT max(number) FROM audit_seal WHERE number < coalesce(
        (SELECT min(s.number) FROM audit_seal s JOIN audit_event e ON e.id = s.event WHERE e.arrived_at >= %s),
        (SELECT max(number) + 1 FROM audit_seal))
"""


class TooYoung(ValueError):
    """Rows younger than the time that the law wants them kept are never removed."""


def record(
    *,
    by: Actor,
    action: str,
    at: datetime,
    subject_kind: str = "",
    subject: UUID | None = None,
    area_path: str = "",
    purpose: str = "",
    data: dict[str, Any] | None = None,
) -> Event:
    """Log one act; a batch logs one row with its counts."""
    return Event.objects.create(
        at=at,
        actor=by.name,
        actor_id=by.account_id,
        action=action,
        subject_kind=subject_kind,
        subject=subject,
        area_path=area_path,
        purpose=purpose,
        data=data or {},
    )


def seal(*, at: datetime) -> int:
    """Chain every event that is committed, in the order of their numbers; returns how many. Writers never wait."""
    done = 0
    while sealed := _seal_some():
        done += sealed
    return done


@transaction.atomic
def _seal_some() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_WAITING)
        rows = cursor.fetchall()
        cursor.execute(_LAST)
        number, digest = cursor.fetchone() or start()
        digest = bytes(digest)
        with cursor.copy("COPY audit_seal (number, event, digest) FROM STDIN") as copy:
            for row in rows:
                number, digest = number + 1, chain(digest, body(number + 1, row))
                copy.write_row((number, row[0], digest))
        cursor.execute("DELETE FROM audit_unsealed WHERE event = ANY(%s)", [[row[0] for row in rows]])
    return len(rows)


@transaction.atomic
def remove_old(*, by: Actor, at: datetime, before: datetime) -> int:
    """Take away the oldest rows up to the moment, from the front of the chain only; an anchor keeps its digest."""
    if before > at - KEPT_AT_LEAST:
        raise TooYoung
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_OLD, [before])
        last = Seal.objects.filter(number=cursor.fetchone()[0] or 0).first()
        if last is None:
            return 0
        Anchor.objects.create(number=last.number, digest=last.digest, made_at=at, by=by.name)
        cursor.execute("SET LOCAL lianfang.retention = 'on'")
        cursor.execute(
            "DELETE FROM audit_event WHERE id IN (SELECT event FROM audit_seal WHERE number <= %s)", [last.number]
        )
        removed = cursor.rowcount
        cursor.execute("DELETE FROM audit_seal WHERE number <= %s", [last.number])
        cursor.execute("SET LOCAL lianfang.retention = 'off'")
    record(by=by, action="audit.removed_old", at=at, data={"rows": removed, "before": before.isoformat()})
    return removed
