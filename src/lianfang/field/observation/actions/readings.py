"""Recording what is measured and said. Every reading keeps who gave it and by which channel."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from lianfang.bulk import copy_in
from lianfang.field.observation.actions.losses import found_again
from lianfang.field.observation.models import Alert, Reading
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.rules import NewEnrolment, NewEvidence
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import in_force_in
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.science.plan import Plan

_BATCH = 2000
POSSIBLE_CELSIUS = (Decimal(30), Decimal(45))  # as the table's own constraint says


class NewReading(NamedTuple):
    """One record of kind temperature, symptoms, call, visit or report."""

    uid: UUID
    person: Person
    kind: str
    at: datetime
    celsius: Decimal | None = None
    symptoms: tuple[str, ...] = ()
    reached: bool | None = None
    note: str = ""
    given_by: str = "self"
    channel: str = "phone"


_READING = (
    *("uid", "person_id", "kind", "at", "celsius", "symptoms", "reached", "note", "given_by", "channel", "by"),
    *("registered_at", "arrived_at"),
)


@transaction.atomic
def record_readings(*, by: Actor, at: datetime, readings: Sequence[NewReading]) -> int:
    """Keep readings, close what they close, and raise an alert for each at or above its plan's threshold.

    `at` is when they were registered; each reading has its own moment.
    """
    now = timezone.now()
    copy_in(Reading, _READING, (_columns(new, by, at, now) for new in readings))
    duties.add_evidence(
        at=at,
        evidence=[
            NewEvidence(new.uid, new.person.uid, new.kind, new.at) for new in readings if new.reached is not False
        ],
    )
    found_again(people={new.person.pk for new in readings if new.reached is not False}, at=at)
    alerts = _raise_alerts(at, readings)
    audit.record(by=by, action="readings.recorded", at=at, data={"readings": len(readings), "alerts": alerts})
    return len(readings)


def _columns(new: NewReading, by: Actor, at: datetime, now: datetime) -> tuple:
    """The reading as its row; only a temperature has degrees, only symptoms have a list."""
    return (
        new.uid,
        new.person.pk,
        new.kind,
        new.at,
        new.celsius if new.kind == "temperature" else None,
        json.dumps(new.symptoms) if new.kind == "symptoms" else None,
        new.reached,
        new.note[:300],
        new.given_by,
        new.channel,
        by.name,
        at,
        now,
    )


@transaction.atomic
def withdraw_readings(*, uids: Sequence[UUID], at: datetime) -> None:
    """The readings were not this person's: they count no longer, nor do the alerts that they raised."""
    readings = Reading.objects.filter(uid__in=uids, withdrawn_at__isnull=True)
    alerts = Alert.objects.filter(reading__uid__in=uids, withdrawn_at__isnull=True)
    duties.void_causes(causes=alerts.values_list("uid", flat=True), at=at)
    alerts.update(withdrawn_at=at)
    readings.update(withdrawn_at=at)
    duties.withdraw_records(records=uids, at=at)


def _raise_alerts(at: datetime, readings: Sequence[NewReading]) -> int:
    """An alert for each reading that the plan in force where the person is answers with one.

    Fever and cough told in one contact are one alert with one route.
    """
    telling = [new for new in readings if new.kind == "temperature" or (new.kind == "symptoms" and new.symptoms)]
    plans = in_force_in({new.person.area_path for new in telling}, local_day(at)) if telling else {}
    rules = {path: _limits(found.plan_version.plan) for path, found in plans.items() if found}
    first: dict[tuple, NewReading] = {}
    for new in telling:
        for code in _reached(new, rules.get(new.person.area_path, ())):
            first.setdefault((new.person.pk, code, new.at), new)
    uids = {new.uid for new in first.values()}
    kept = {row.uid: row for row in Reading.objects.filter(uid__in=uids)} if uids else {}
    raised = [
        Alert(
            uid=uuid5(new.uid, code),
            reading=kept[new.uid],
            person=new.person,
            code=code,
            raised_at=new.at,
            registered_at=at,
        )
        for (_person, code, _at), new in first.items()
    ]
    Alert.objects.bulk_create(raised, batch_size=_BATCH)
    _follow(at, raised, plans)
    return len(raised)


def _limits(plan: Plan) -> list[tuple[str, float, frozenset[str]]]:
    """(alert, degrees from which it is raised, symptoms that raise it)."""
    return [
        (code, plan.thresholds[alert.when.temperature_at_least].value, frozenset(alert.when.symptoms))
        for code, alert in plan.alerts.items()
    ]


def _reached(new: NewReading, rules: Sequence[tuple[str, float, frozenset[str]]]) -> list[str]:
    if new.kind == "symptoms":
        return [code for code, _degrees, symptoms in rules if symptoms & set(new.symptoms)]
    return [code for code, degrees, _symptoms in rules if float(new.celsius or 0) >= degrees]


def _follow(at: datetime, raised: Sequence[Alert], plans: dict[str, Activation | None]) -> None:
    """Put the people on the pathways that their alerts open."""
    for activation in {found.pk: found for found in plans.values() if found}.values():
        plan = activation.plan_version.plan
        joining = [
            NewEnrolment(
                subject_kind="person",
                subject=alert.person.uid,
                cause=alert.uid,
                pathway=plan.alerts[alert.code].pathway,
                area_path=alert.person.area_path,
                anchor_on=local_day(alert.raised_at),
                anchor_at=alert.raised_at,
            )
            for alert in raised
            if plans[alert.person.area_path] == activation
        ]
        if joining:
            duties.enrol(activation=activation, at=at, joining=joining)
