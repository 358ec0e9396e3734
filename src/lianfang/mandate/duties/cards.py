"""What the engine keeps of a person follows from card to card: what is owed once stays owed once."""

from datetime import datetime
from typing import Any

from lianfang.mandate.duties.models import Enrolment, Evidence, Obligation
from lianfang.registry.people.models import Person


def merge(*, at: datetime, kept: Person, merged: Person) -> dict[str, Any]:
    """Evidence and enrolments go over; an observation that runs on both cards ends on the merged one."""
    running = set(
        Enrolment.objects.filter(subject=kept.uid, closed_at__isnull=True, voided_at__isnull=True).values_list(
            "activation_id", "pathway", "cause"
        )
    )
    doubled, moved = [], []
    for row in Enrolment.objects.filter(subject=merged.uid).order_by("pk"):
        cause = kept.uid if row.cause == merged.uid else row.cause
        is_open = row.closed_at is None and row.voided_at is None
        (doubled if is_open and (row.activation_id, row.pathway, cause) in running else moved).append(row.pk)
    Enrolment.objects.filter(pk__in=doubled).update(voided_at=at)
    known = set(Evidence.objects.filter(subject=kept.uid).values_list("record", "kind"))
    told_of = Evidence.objects.filter(subject=merged.uid).values_list("pk", "record", "kind")
    evidence = [key for key, record, kind in told_of if (record, kind) not in known]
    told = {"doubled": doubled, "moved": moved, "evidence": evidence, "kept": str(kept.uid), "merged": str(merged.uid)}
    _hand(told, merged.uid, kept.uid)
    return told


def undo(*, at: datetime, kept: Person, merged: Person, moved: dict[str, Any]) -> None:
    _hand(moved, kept.uid, merged.uid)
    Enrolment.objects.filter(pk__in=moved["doubled"]).update(voided_at=None)


def _hand(told: dict[str, Any], giver, taker) -> None:
    rows = Enrolment.objects.filter(pk__in=told["moved"], subject=giver)
    rows.filter(cause=giver).update(cause=taker)
    Obligation.objects.filter(enrolment__in=told["moved"], subject=giver).update(subject=taker)
    rows.update(subject=taker)
    Evidence.objects.filter(pk__in=told["evidence"], subject=giver).update(subject=taker)
