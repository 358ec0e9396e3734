"""The route of an alert: received by the township, by the county, care arranged, outcome. It never blocks care."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from lianfang.field.observation.models import Alert, AlertStep, Referral
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.rules import NewEvidence
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor

_RECEIVED = {"township": "alert_received_township", "county": "alert_received_county"}


@transaction.atomic
def arrange_care(*, by: Actor, at: datetime, alert: Alert, note: str, uid: UUID | None = None) -> Referral:
    """What was arranged for a person with an alert: it closes the referral, never the alert's own record.

    `uid` of the sender makes sending twice store once.
    """
    if uid and (known := Referral.objects.filter(uid=uid).first()):
        return known
    made = Referral.objects.create(
        uid=uid or uuid4(), alert=alert, note=note[:300], at=at, by=by.name, registered_at=at
    )
    evidence = NewEvidence(made.uid, alert.person.uid, "referral", at, about=alert.uid)
    duties.add_evidence(at=at, evidence=[evidence])
    audit.record(
        by=by,
        action="alert.care_arranged",
        at=at,
        subject_kind="person",
        subject=alert.person.uid,
        area_path=alert.person.area_path,
    )
    return made


@transaction.atomic
def receive_alert(*, by: Actor, at: datetime, alert: Alert, level: str, moment: datetime | None = None) -> AlertStep:
    """The township or the county has taken note of the alert; the first to do so stands, a second changes nothing."""
    found, fresh = AlertStep.objects.get_or_create(
        alert=alert,
        step=level,
        defaults={"uid": uuid4(), "at": moment or at, "by": by.name, "registered_at": at},
    )
    if fresh:
        evidence = NewEvidence(found.uid, alert.person.uid, _RECEIVED[level], found.at, about=alert.uid)
        duties.add_evidence(at=at, evidence=[evidence])
        _log(by, at, alert, f"alert.received_{level}")
    return found


@transaction.atomic
def close_alert(*, by: Actor, at: datetime, alert: Alert, outcome: str, note: str = "") -> AlertStep:
    """What came of the alert; the route is complete, whatever stage was skipped shows as a gap of its own."""
    found, fresh = AlertStep.objects.get_or_create(
        alert=alert,
        step="outcome",
        defaults={
            "uid": uuid4(),
            "outcome": outcome,
            "note": note[:300],
            "at": at,
            "by": by.name,
            "registered_at": at,
        },
    )
    if fresh:
        _log(by, at, alert, "alert.closed")
    return found


def _log(by: Actor, at: datetime, alert: Alert, action: str) -> None:
    audit.record(
        by=by,
        action=action,
        at=at,
        subject_kind="person",
        subject=alert.person.uid,
        area_path=alert.person.area_path,
    )
