"""Recording what is measured, said and needed. Every reading keeps who gave it and by which channel."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.utils import timezone

from lianfang.bulk import copy_in
from lianfang.field.observation.models import Alert, Need, Reading, Referral
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.rules import NewEnrolment, NewEvidence
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import in_force_in
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.science.plan import Facts, Plan, admits

_BATCH = 2000
POSSIBLE_CELSIUS = (Decimal(30), Decimal(45))  # as the table's own constraint says


@dataclass(frozen=True)
class NewReading:
    """One record of kind temperature, symptoms, call or visit."""

    uid: UUID
    person: Person
    kind: str
    at: datetime
    celsius: Decimal | None = None
    symptoms: tuple[str, ...] = field(default=())
    reached: bool | None = None
    note: str = ""
    given_by: str = "self"
    channel: str = "phone"


@dataclass(frozen=True)
class NewNeed:
    uid: UUID
    person: Person
    category: str
    at: datetime
    note: str = ""


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
    """An alert for each temperature that reaches the threshold of the plan in force where the person is."""
    warm = [new for new in readings if new.kind == "temperature"]
    plans = in_force_in({new.person.area_path for new in warm}, local_day(at)) if warm else {}
    limits = {path: _limits(found.plan_version.plan) for path, found in plans.items() if found}
    reached = [(new, codes) for new in warm if (codes := _reached(new, limits.get(new.person.area_path, ())))]
    kept = {row.uid: row for row in Reading.objects.filter(uid__in=[new.uid for new, _ in reached])} if reached else {}
    raised = [
        Alert(
            uid=uuid5(new.uid, code),
            reading=kept[new.uid],
            person=new.person,
            code=code,
            raised_at=new.at,
            registered_at=at,
        )
        for new, codes in reached
        for code in codes
    ]
    Alert.objects.bulk_create(raised, batch_size=_BATCH)
    _follow(at, raised, plans)
    return len(raised)


def _limits(plan: Plan) -> list[tuple[str, float]]:
    """(alert, degrees from which it is raised)."""
    return [(code, plan.thresholds[alert.when.temperature_at_least].value) for code, alert in plan.alerts.items()]


def _reached(new: NewReading, limits: Iterable[tuple[str, float]]) -> list[str]:
    return [code for code, degrees in limits if float(new.celsius) >= degrees]


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
def ask_for(*, by: Actor, at: datetime, needs: Sequence[NewNeed]) -> int:
    """Keep what people need; each need is a duty of the village until it is met."""
    Need.objects.bulk_create(
        (
            Need(
                uid=new.uid,
                person=new.person,
                category=new.category,
                note=new.note[:300],
                at=new.at,
                by=by.name,
                registered_at=at,
            )
            for new in needs
        ),
        batch_size=_BATCH,
    )
    plans = in_force_in({new.person.area_path for new in needs}, local_day(at))
    for activation in {found.pk: found for found in plans.values() if found}.values():
        plan = activation.plan_version.plan
        pathways = {new.category: _need_pathways(plan, new.category) for new in needs}
        joining = [
            NewEnrolment(
                subject_kind="person",
                subject=new.person.uid,
                cause=new.uid,
                pathway=code,
                area_path=new.person.area_path,
                anchor_on=local_day(new.at),
                anchor_at=new.at,
            )
            for new in needs
            for code in pathways[new.category]
            if plans[new.person.area_path] is not None and plans[new.person.area_path].pk == activation.pk
        ]
        duties.enrol(activation=activation, at=at, joining=joining)
    audit.record(by=by, action="needs.recorded", at=at, data={"needs": len(needs)})
    return len(needs)


def _need_pathways(plan: Plan, category: str) -> list[str]:
    """What a need of the category opens; a pathway for everybody is not opened by a need."""
    return [
        code
        for code, pathway in plan.pathways.items()
        if pathway.subject == "person"
        and admits(pathway.admit, Facts(need=True, need_category=category), plan)
        and not admits(pathway.admit, Facts(), plan)
    ]


@transaction.atomic
def meet_need(*, by: Actor, at: datetime, need: Need, note: str) -> Need:
    """The need was met; meeting it twice changes nothing."""
    need = Need.objects.select_for_update().get(pk=need.pk)
    if need.met_at is not None:
        return need
    need.met_at, need.met_by, need.met_note = at, by.name, note[:300]
    need.save(update_fields=["met_at", "met_by", "met_note"])
    evidence = NewEvidence(uuid5(need.uid, "met"), need.person.uid, "need_met", at, about=need.uid)
    duties.add_evidence(at=at, evidence=[evidence])
    audit.record(
        by=by,
        action="need.met",
        at=at,
        subject_kind="person",
        subject=need.person.uid,
        area_path=need.person.area_path,
    )
    return need
