"""Writing enrolments, evidence, teams, excuses; the steps of a tick that belong to the engine."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from lianfang.bulk import copy_in
from lianfang.mandate.duties.generation import generate
from lianfang.mandate.duties.models import Enrolment, Evidence, Excuse, Obligation, TeamMember
from lianfang.mandate.duties.rules import NewEnrolment, NewEvidence
from lianfang.mandate.duties.states import STATES, local_day, parameters
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import activations_on
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.models import Area
from lianfang.science.plan import Facts, Plan, admits

_BATCH = 2000


class PlaceTaken(ValueError):
    """The role place is filled, or the member fills another place of the same team."""


@transaction.atomic
def enrol(*, activation: Activation, at: datetime, joining: Sequence[NewEnrolment]) -> list[Enrolment]:
    """Put subjects on pathways of the plan in force and make their obligations up to the coming day.

    A subject that is already there (same pathway, same cause) is left alone, unless it now says more.
    """
    plan = activation.plan_version.plan
    rows = []
    for new in joining:
        pathway = plan.pathways[new.pathway]
        period = pathway.period
        rows.append(
            Enrolment(
                activation=activation,
                subject_kind=new.subject_kind,
                subject=new.subject,
                cause=new.cause or new.subject,
                pathway=new.pathway,
                observed=pathway.observed,
                area_path=new.area_path,
                anchor_on=new.anchor_on,
                anchor_at=new.anchor_at,
                first_day=period.first_day(new.anchor_on) if period else new.anchor_on,
                last_day=period.last_day(new.anchor_on) if period else None,
                registered_at=at,
            )
        )
    fresh = _without_known(activation, rows, at)
    Enrolment.objects.bulk_create(fresh, batch_size=_BATCH)
    generate(local_day(at) + timedelta(days=1), only=[row.pk for row in fresh])
    return fresh


def _without_known(activation: Activation, rows: list[Enrolment], at: datetime) -> list[Enrolment]:
    """The rows that are new. One that says more than the open enrolment takes its place."""
    plan = activation.plan_version.plan
    open_ones = Enrolment.objects.filter(
        activation=activation,
        closed_at__isnull=True,
        voided_at__isnull=True,
        subject__in={row.subject for row in rows},
    )
    running = {(row.pathway, row.subject, row.cause): row for row in open_ones}
    fresh: dict[tuple[str, UUID, UUID], Enrolment] = {}
    for row in rows:
        key = (row.pathway, row.subject, row.cause)
        before = fresh.get(key) or running.get(key)
        if before is None or _says_more(plan, before, row):
            fresh[key] = row
    for key in fresh.keys() & running.keys():
        _hand_over(running[key], fresh[key], at)
    return list(fresh.values())


def _says_more(plan: Plan, before: Enrolment, row: Enrolment) -> bool:
    """Another return while an observation runs lasts longer; an hour that was unknown starts its clock."""
    if row.last_day is not None and before.last_day is not None and row.last_day > before.last_day:
        return True
    timed = any(plan.duties[code].start == "reached_home" for code in plan.pathways[row.pathway].duties)
    return timed and before.anchor_at is None and row.anchor_at is not None


def _hand_over(before: Enrolment, row: Enrolment, at: datetime) -> None:
    """A longer observation follows the one that runs; a clock without an hour never was."""
    if row.last_day is not None:
        Enrolment.objects.filter(pk=before.pk).update(closed_at=at, closed_reason="followed_by_another")
    else:
        Enrolment.objects.filter(pk=before.pk).update(voided_at=at)


@transaction.atomic
def enrol_areas(*, activation: Activation) -> int:
    """Put every village that the plan's area pathways admit on them, from the day the plan is in force.

    A village under a nearer plan of its own owes what that plan says, not both.
    """
    plan = activation.plan_version.plan
    start = timezone.make_aware(
        datetime.combine(activation.starts_on, datetime.min.time()), timezone.get_default_timezone()
    )
    nearer = tuple(
        activations_on(activation.starts_on)
        .filter(area_path__startswith=activation.area_path)
        .exclude(area_path=activation.area_path)
        .values_list("area_path", flat=True)
    )
    joining = [
        NewEnrolment("area", area.uid, code, area.path, activation.starts_on)
        for code, pathway in plan.pathways.items()
        if pathway.subject == "area"
        for area in Area.objects.under(activation.area_path).reporting_units()
        if admits(pathway.admit, Facts(area_kind=area.kind), plan) and not area.path.startswith(nearer)
    ]
    above = Enrolment.objects.filter(
        subject_kind="area", area_path__startswith=activation.area_path, closed_at__isnull=True
    ).exclude(activation__area_path__startswith=activation.area_path)
    close(enrolments=above, at=start, reason="nearer_plan")
    return len(enrol(activation=activation, at=start, joining=joining))


_EVIDENCE = ("record", "subject", "kind", "slot", "about", "at", "registered_at", "arrived_at")


@transaction.atomic
def add_evidence(*, at: datetime, evidence: Iterable[NewEvidence]) -> None:
    """Tell the engine of records; one that it knows already changes nothing. `at` is when they were registered."""
    now = timezone.now()
    rows = [(new.record, new.subject, new.kind, new.slot, new.about, new.at, at, now) for new in evidence]
    try:
        with transaction.atomic():
            copy_in(Evidence, _EVIDENCE, rows)
    except IntegrityError:  # COPY takes all or none: where one is known, the others go in row by row
        Evidence.objects.bulk_create(
            [Evidence(**dict(zip(_EVIDENCE, row, strict=True))) for row in rows],
            batch_size=_BATCH,
            ignore_conflicts=True,
        )


@transaction.atomic
def withdraw_subject(*, subject: UUID, at: datetime) -> None:
    """The subject was no subject of its own: its enrolments and evidence stop counting from the moment on."""
    Enrolment.objects.filter(subject=subject, voided_at__isnull=True).update(voided_at=at)
    Evidence.objects.filter(subject=subject, withdrawn_at__isnull=True).update(withdrawn_at=at)


@transaction.atomic
def void(*, activation: Activation, opened: Iterable[NewEnrolment], at: datetime) -> None:
    """The subjects should not have been enrolled so: these enrolments stop counting from the moment on."""
    for new in opened:
        Enrolment.objects.filter(
            activation=activation,
            subject=new.subject,
            pathway=new.pathway,
            anchor_on=new.anchor_on,
            anchor_at=new.anchor_at,
            voided_at__isnull=True,
        ).update(voided_at=at)


@transaction.atomic
def void_causes(*, causes: Iterable[UUID], at: datetime) -> None:
    """The events that opened these enrolments were withdrawn."""
    Enrolment.objects.filter(cause__in=list(causes), voided_at__isnull=True).update(voided_at=at)


@transaction.atomic
def withdraw_records(*, records: Iterable[UUID], at: datetime) -> None:
    """The records no longer count from the moment on (a correction, an undone decision)."""
    Evidence.objects.filter(record__in=list(records), withdrawn_at__isnull=True).update(withdrawn_at=at)


@transaction.atomic
def close(*, enrolments: Iterable[Enrolment], at: datetime, reason: str) -> int:
    """End enrolments: nothing that opens later is owed."""
    keys = [enrolment.pk for enrolment in enrolments]
    return Enrolment.objects.filter(pk__in=keys, closed_at__isnull=True).update(closed_at=at, closed_reason=reason)


@transaction.atomic
def fill_places(*, by: Actor, at: datetime, places: Sequence[TeamMember]) -> None:
    """Fill role places of teams (unsaved TeamMember rows) and give the evidence; a place taken raises PlaceTaken."""
    taken = TeamMember.objects.filter(until__isnull=True, enrolment__in={place.enrolment_id for place in places})
    held = set(taken.values_list("enrolment_id", "slot")) | set(taken.values_list("enrolment_id", "name"))
    for place in places:
        for key in ((place.enrolment_id, place.slot), (place.enrolment_id, place.name)):
            if key in held:
                raise PlaceTaken(key[1])
            held.add(key)
    TeamMember.objects.bulk_create(places, batch_size=_BATCH)
    subjects = dict(
        Enrolment.objects.filter(pk__in={place.enrolment_id for place in places}).values_list("pk", "subject")
    )
    add_evidence(
        at=at,
        evidence=[
            NewEvidence(place.record, subjects[place.enrolment_id], "team_member", place.since, slot=place.slot)
            for place in places
        ],
    )
    audit.record(by=by, action="team.places_filled", at=at, data={"places": len(places)})


@transaction.atomic
def excuse(*, by: Actor, at: datetime, obligation: Obligation, reason: str) -> Excuse:
    """Say why an obligation need not be met; it leaves the overdue list and stays visible as excused."""
    made = Excuse.objects.create(obligation=obligation, reason=reason, excused_by=by.name, excused_at=at)
    audit.record(
        by=by,
        action="obligation.excused",
        at=at,
        subject_kind="obligation",
        subject=obligation.subject,
        area_path=obligation.area_path,
        data={"obligation": obligation.pk},
    )
    return made


@transaction.atomic
def generate_due(*, at: datetime) -> int:
    """The tick's step: obligations for the day and the coming one, for every open enrolment."""
    for activation in Activation.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=local_day(at))):
        enrol_areas(activation=activation)
    return generate(local_day(at) + timedelta(days=1))


def catch_up(*, as_of: datetime, now: datetime) -> int:
    """Before a list of a moment that no tick has reached: the rows that a tick would have made by then.

    Never beyond the present: a slip in the year of a question must not make the duties of a century.
    """
    return generate_due(at=min(as_of, now))


@transaction.atomic
def close_ended(*, at: datetime) -> int:
    """The tick's step: an observation whose days are done ends at 24:00 of its last day, by itself."""
    sql = """
        UPDATE duties_enrolment SET closed_reason = 'days_done',
               closed_at = greatest(registered_at, (last_day + 1)::timestamp AT TIME ZONE %(zone)s)
         WHERE closed_at IS NULL AND voided_at IS NULL AND last_day < %(today)s AND generated_through >= last_day
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"zone": settings.TIME_ZONE, "today": local_day(at)})
        return cursor.rowcount


_ESCALATE = (
    STATES
    + """
INSERT INTO duties_escalationstep (obligation_id, level, reached_at, logged_at)
SELECT s.id, t.level, s.due_at + t.after, %(as_of)s
  FROM states s CROSS JOIN LATERAL unnest(s.ladder_after, s.ladder_to) AS t(after, level)
 WHERE s.state = 'overdue' AND s.due_at + t.after <= %(as_of)s
ON CONFLICT DO NOTHING
"""
)


@transaction.atomic
def escalate(*, at: datetime) -> int:
    """The tick's step: each overdue obligation climbs its plan's ladder, one logged step a level."""
    with connection.cursor() as cursor:
        cursor.execute(_ESCALATE, parameters("", at))
        return cursor.rowcount
