"""Who is on which pathway: joining, following, extending, ending, and what never was."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from lianfang.bulk import insert
from lianfang.mandate.duties.generation import generate
from lianfang.mandate.duties.models import Enrolment, Evidence, TeamMember
from lianfang.mandate.duties.rules import NewEnrolment
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import ends_at, is_on, takes_over_at
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.models import Area
from lianfang.science.plan import Facts, Plan, admits

_BATCH = 2000


class CannotExtend(ValueError):
    """`rule` says why: not_running, no_last_day, not_longer."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@transaction.atomic
def enrol(*, activation: Activation, at: datetime, joining: Sequence[NewEnrolment]) -> list[Enrolment]:
    """Put subjects on pathways of the plan in force and make their obligations up to the coming day.

    A subject that is already there (same pathway, same cause) is left alone, unless it now says more.
    """
    plan = activation.plan_version.plan
    bring_up_to(at, Enrolment.objects.filter(activation=activation, subject__in={new.subject for new in joining}))
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
                origin_id=new.goes_on_from,
            )
        )
    fresh = _without_known(activation, rows, at)
    insert(Enrolment, fresh)
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
    _hand_over([(running[key], fresh[key]) for key in fresh if key in running], at)
    return list(fresh.values())


@transaction.atomic
def extend(*, by: Actor, at: datetime, enrolment: Enrolment, last_day: date, reason: str) -> Enrolment:
    """A longer observation goes on from the running one; what was owed until now stays with that one."""
    bring_up_to(at, Enrolment.objects.filter(pk=enrolment.pk))
    running = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    since = max(at, running.registered_at)
    if running.closed_at is not None or running.voided_at is not None:
        raise CannotExtend("not_running")
    if running.last_day is None:
        raise CannotExtend("no_last_day")
    if last_day <= running.last_day:
        raise CannotExtend("not_longer")
    longer = _go_on(running, since, "extended", last_day=last_day)
    audit.record(
        by=by,
        action="enrolment.extended",
        at=at,
        subject_kind=running.subject_kind,
        subject=running.subject,
        area_path=running.area_path,
        purpose=reason,
        data={"enrolment": running.pk, "longer": longer.pk, "last_day": last_day.isoformat()},
    )
    return longer


@transaction.atomic
def change_place(*, by: Actor, at: datetime, enrolment: Enrolment, place: str, reason: str) -> Enrolment:
    """The observation at one place ends, and goes on at another with the same days, team and duties."""
    running = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    if running.closed_at is not None or running.voided_at is not None:
        raise CannotExtend("not_running")
    if running.place == place:
        return running
    there = _go_on(running, at, "place_changed", place=place)
    audit.record(
        by=by,
        action="enrolment.place_changed",
        at=at,
        subject_kind=running.subject_kind,
        subject=running.subject,
        area_path=running.area_path,
        purpose=reason,
        data={"enrolment": running.pk, "there": there.pk, "place": place},
    )
    return there


def _go_on(running: Enrolment, at: datetime, reason: str, **changed: object) -> Enrolment:
    """Another enrolment of the same chain follows the running one, with its team."""
    following = Enrolment(
        **{name: getattr(running, name) for name in _STAYS} | changed,
        registered_at=at,
        origin_id=running.origin_id or running.pk,
    )
    Enrolment.objects.filter(pk=running.pk).update(closed_at=at, closed_reason=reason)
    following.save()
    TeamMember.objects.filter(enrolment=running, until__isnull=True).update(enrolment=following)
    generate(local_day(at) + timedelta(days=1), only=[following.pk])
    return following


# What an observation keeps when it goes on as another.
_STAYS = (
    "activation",
    "subject_kind",
    "subject",
    "cause",
    "pathway",
    "observed",
    "area_path",
    "place",
    "anchor_on",
    "anchor_at",
    "first_day",
    "last_day",
)


def _says_more(plan: Plan, before: Enrolment, row: Enrolment) -> bool:
    """Another return while an observation runs lasts longer; an hour that was unknown starts its clock."""
    if row.last_day is not None and before.last_day is not None and row.last_day > before.last_day:
        return True
    timed = any(plan.duties[code].start == "reached_home" for code in plan.pathways[row.pathway].duties)
    return timed and before.anchor_at is None and row.anchor_at is not None


def _hand_over(pairs: Sequence[tuple[Enrolment, Enrolment]], at: datetime) -> None:
    """A longer observation follows the one that runs; a clock without an hour never was.

    Two statements for all: each ends or voids what hangs on its enrolments, too.
    """
    for before, row in pairs:
        if row.last_day is not None:
            row.origin_id, row.place = before.origin_id or before.pk, before.place
            row.first_day = min(row.first_day, before.first_day)
    closed = [before.pk for before, row in pairs if row.last_day is not None]
    voided = [before.pk for before, row in pairs if row.last_day is None]
    if closed:
        Enrolment.objects.filter(pk__in=closed).update(closed_at=at, closed_reason="followed_by_another")
    if voided:
        Enrolment.objects.filter(pk__in=voided).update(voided_at=at)


@transaction.atomic
def enrol_areas(*, activation: Activation) -> int:
    """Put every village that the plan's area pathways admit on them, from each day on which it begins to govern there.

    A village under a nearer plan of its own owes what that plan says, not both. Asked again, nothing is added.
    """
    plan = activation.plan_version.plan
    below = Activation.objects.filter(area_path__startswith=activation.area_path)
    nearer = list(below.exclude(area_path=activation.area_path))
    there = Enrolment.objects.filter(activation=activation, subject_kind="area", voided_at__isnull=True)
    known = set(there.values_list("pathway", "subject", "anchor_on"))
    start = takes_over_at(activation)
    here = Enrolment.objects.filter(subject_kind="area", area_path__startswith=activation.area_path)
    above = here.exclude(activation__area_path__startswith=activation.area_path)
    close(enrolments=above.filter(closed_at__isnull=True, registered_at__lte=start), at=start, reason="nearer_plan")
    chains = here.exclude(activation=activation).values_list(
        "closed_at", "pathway", "subject", Coalesce("origin", "pk")
    )
    until_then = {(moment, code, subject): chain for moment, code, subject, chain in chains}
    joining: dict[datetime, list[NewEnrolment]] = {}
    for code, pathway in plan.pathways.items():
        if pathway.subject != "area":
            continue
        for area in Area.objects.under(activation.area_path).reporting_units():
            if admits(pathway.admit, Facts(area_kind=area.kind), plan):
                for day, moment in _begins_to_govern(activation, start, area.path, nearer):
                    if (code, area.uid, day) not in known:
                        before = until_then.get((moment, code, area.uid))
                        new = NewEnrolment("area", area.uid, code, area.path, day, goes_on_from=before)
                        joining.setdefault(moment, []).append(new)
    return sum(len(enrol(activation=activation, at=moment, joining=new)) for moment, new in sorted(joining.items()))


def _begins_to_govern(
    activation: Activation, start: datetime, path: str, nearer: list[Activation]
) -> list[tuple[date, datetime]]:
    """The plan's first day, and the day of each nearer plan's end, with the moment; none while another is nearer."""
    over = [one for one in nearer if path.startswith(one.area_path)]
    last = activation.ends_on or date.max
    gone = [one for one in over if one.ends_on is not None and activation.starts_on <= one.ends_on < last]
    days = {activation.starts_on: start} | {one.ends_on: max(start, ends_at(one)) for one in gone}
    return sorted((day, moment) for day, moment in days.items() if not any(is_on(one, day) for one in over))


@transaction.atomic
def withdraw_subject(*, subject: UUID, at: datetime) -> None:
    """The subject was no subject of its own: its enrolments and evidence stop counting from the moment on."""
    Enrolment.objects.filter(subject=subject, voided_at__isnull=True).update(voided_at=at)
    Evidence.objects.filter(subject=subject, withdrawn_at__isnull=True).update(withdrawn_at=at)


@transaction.atomic
def withdraw_subjects(*, subjects: Iterable[UUID], at: datetime) -> None:
    """The same for many: the cards of a list that is taken back."""
    uids = list(subjects)
    Enrolment.objects.filter(subject__in=uids, voided_at__isnull=True).update(voided_at=at)
    Evidence.objects.filter(subject__in=uids, withdrawn_at__isnull=True).update(withdrawn_at=at)


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
def close(*, enrolments: Iterable[Enrolment], at: datetime, reason: str) -> int:
    """End enrolments: nothing that opens later is owed. A query set is closed where it stands, however long it is."""
    if isinstance(enrolments, QuerySet):
        chosen = Enrolment.objects.filter(pk__in=enrolments.values("pk"))
    else:
        chosen = Enrolment.objects.filter(pk__in=[enrolment.pk for enrolment in enrolments])
    bring_up_to(at, chosen)
    return chosen.filter(closed_at__isnull=True).update(closed_at=at, closed_reason=reason)


def bring_up_to(at: datetime, enrolments: QuerySet[Enrolment]) -> None:
    """Before a change: what a tick would have done by then, so that downtime takes no day from anybody.

    The days until now are made as they were owed, and who is through has ended at the last day's midnight.
    """
    today = local_day(at)
    lagging = list(
        enrolments.filter(
            Q(generated_through__isnull=True) | Q(generated_through__lt=today) | Q(last_day__lt=today),
            closed_at__isnull=True,
            voided_at__isnull=True,
        ).values_list("pk", flat=True)
    )
    if lagging:
        generate(today, only=lagging)
        end_of_days(at, lagging)


_END_OF_DAYS = """
UPDATE duties_enrolment SET closed_reason = 'days_done',
       closed_at = greatest(registered_at, (last_day + 1)::timestamp AT TIME ZONE %(zone)s)
 WHERE closed_at IS NULL AND voided_at IS NULL AND last_day < %(today)s AND generated_through >= last_day
   AND (%(only)s::bigint[] IS NULL OR id = ANY(%(only)s))
"""


def end_of_days(at: datetime, only: list[int] | None = None) -> int:
    """An observation whose days are done ends at 24:00 of its last day."""
    with connection.cursor() as cursor:
        cursor.execute(_END_OF_DAYS, {"zone": settings.TIME_ZONE, "today": local_day(at), "only": only})
        return cursor.rowcount
