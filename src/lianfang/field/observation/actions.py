"""Recording what is measured, said and needed. Every reading keeps who gave it and by which channel."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4, uuid5

from django.db import transaction

from lianfang.field.observation.models import Alert, Need, Reading, Referral
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.rules import NewEnrolment, NewEvidence
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import in_force
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


@transaction.atomic
def record_readings(*, by: Actor, at: datetime, readings: Sequence[NewReading]) -> int:
    """Keep readings, close what they close, and raise an alert for each at or above its plan's threshold.

    `at` is when they were registered; each reading has its own moment.
    """
    rows = [
        Reading(
            uid=new.uid,
            person=new.person,
            kind=new.kind,
            at=new.at,
            celsius=new.celsius if new.kind == "temperature" else None,
            symptoms=list(new.symptoms) if new.kind == "symptoms" else None,
            reached=new.reached,
            note=new.note[:300],
            given_by=new.given_by,
            channel=new.channel,
            by=by.name,
            registered_at=at,
        )
        for new in readings
    ]
    Reading.objects.bulk_create(rows, batch_size=_BATCH)
    duties.add_evidence(
        at=at,
        evidence=[NewEvidence(row.uid, row.person.uid, row.kind, row.at) for row in rows if row.reached is not False],
    )
    alerts = _raise_alerts(at, rows)
    audit.record(by=by, action="readings.recorded", at=at, data={"readings": len(rows), "alerts": alerts})
    return len(rows)


@transaction.atomic
def withdraw_readings(*, uids: Sequence[UUID], at: datetime) -> None:
    """The readings were not this person's: they count no longer, nor do the alerts that they raised."""
    readings = Reading.objects.filter(uid__in=uids, withdrawn_at__isnull=True)
    alerts = Alert.objects.filter(reading__uid__in=uids, withdrawn_at__isnull=True)
    duties.void_causes(causes=alerts.values_list("uid", flat=True), at=at)
    alerts.update(withdrawn_at=at)
    readings.update(withdrawn_at=at)
    duties.withdraw_records(records=uids, at=at)


def _raise_alerts(at: datetime, rows: list[Reading]) -> int:
    """An alert for each temperature that reaches the threshold of the plan in force where the person is."""
    plans: dict[str, Activation | None] = {}
    raised: list[tuple[Activation, Alert]] = []
    for row in rows:
        if row.kind != "temperature":
            continue
        path = row.person.area_path
        if path not in plans:
            plans[path] = in_force(path, local_day(at))
        activation = plans[path]
        if activation is not None:
            raised += [(activation, alert) for alert in _alerts_of(activation.plan_version.plan, row, at)]
    Alert.objects.bulk_create([alert for _activation, alert in raised], batch_size=_BATCH)
    for activation in {activation.pk: activation for activation, _alert in raised}.values():
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
            for owner, alert in raised
            if owner.pk == activation.pk
        ]
        duties.enrol(activation=activation, at=at, joining=joining)
    return len(raised)


def _alerts_of(plan: Plan, row: Reading, at: datetime) -> list[Alert]:
    return [
        Alert(
            uid=uuid5(row.uid, code),
            reading=row,
            person=row.person,
            code=code,
            raised_at=row.at,
            registered_at=at,
        )
        for code, alert in plan.alerts.items()
        if float(row.celsius) >= plan.thresholds[alert.when.temperature_at_least].value
    ]


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
    plans = {path: in_force(path, local_day(at)) for path in {new.person.area_path for new in needs}}
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
