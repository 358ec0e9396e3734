"""Reading the log leaves a row; emergency access, its review, and the alarms that follow."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from lianfang.command.oversight import queries
from lianfang.registry.accounts.models import Account, Emergency
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import SYSTEM, Actor
from lianfang.registry.people.models import Person

LASTS, REVIEWED_WITHIN = timedelta(minutes=60), timedelta(hours=72)


@transaction.atomic
def log_reading_of_log(*, by: Actor, at: datetime, area_path: str, asked: queries.Asked) -> None:
    kind = "person" if asked.person else ""
    audit.record(
        by=by, action="log.opened", at=at, subject_kind=kind, subject=asked.person, area_path=area_path,
        data=asked.told(),
    )  # fmt: skip


@transaction.atomic
def open_emergency(*, by: Account, at: datetime, person: Person, reason: str) -> Emergency:
    """Open one person for an hour; the area's responsible persons and the own superior are told at once."""
    made = Emergency.objects.create(
        uid=uuid4(),
        account=by,
        subject=person.uid,
        area_path=person.area_path,
        reason=reason,
        opened_at=at,
        expires_at=at + LASTS,
        review_by=at + REVIEWED_WITHIN,
    )
    told = queries.to_be_told(by, person.area_path, at)
    Account.objects.filter(pk__in=[account.pk for account in told]).update(alerted_at=at)
    _log(by.actor, at, made, "emergency.opened", told=[account.pk for account in told])
    return made


@transaction.atomic
def log_emergency_reading(*, by: Actor, at: datetime, emergency: Emergency) -> None:
    _log(by, at, emergency, "emergency.read")


@transaction.atomic
def review_emergency(*, by: Account, at: datetime, emergency: Emergency, justified: bool, finding: str) -> None:
    """Another person with the right to review says whether it was justified."""
    emergency.reviewed_by, emergency.reviewed_at = by, at
    emergency.justified, emergency.finding = justified, finding
    emergency.save(update_fields=["reviewed_by", "reviewed_at", "justified", "finding"])
    _log(by.actor, at, emergency, "emergency.reviewed", justified=justified)


@transaction.atomic
def take_note(*, account: Account) -> None:
    """The notice was looked at."""
    Account.objects.filter(pk=account.pk).update(alerted_at=None)


@transaction.atomic
def raise_alarms(*, at: datetime) -> int:
    """A step of the tick: who reads many persons within minutes, and whose emergency access nobody reviewed."""
    readers = queries.bulk_readers(at)
    for account, persons in readers:
        data = {"account": account, "persons": persons, "minutes": queries.BULK_MINUTES}
        audit.record(by=SYSTEM, action="alarm.bulk_reading", at=at, subject_kind="account", data=data)
    late = queries.overdue_reviews(at)
    for emergency in late:
        _log(SYSTEM, at, emergency, "alarm.review_overdue", account=emergency.account_id)
    return len(readers) + len(late)


def _log(by: Actor, at: datetime, emergency: Emergency, action: str, **data: Any) -> None:
    audit.record(
        by=by,
        action=action,
        at=at,
        subject_kind="person",
        subject=emergency.subject,
        area_path=emergency.area_path,
        purpose=emergency.reason if action == "emergency.opened" else "",
        data={"emergency": str(emergency.uid)} | data,
    )
