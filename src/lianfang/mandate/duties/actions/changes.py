"""Changes of the world under running duties: somebody moves, two cards were one person, another plan comes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from lianfang.mandate.duties.actions.enrolments import bring_up_to, close, enrol_areas
from lianfang.mandate.duties.generation import generate
from lianfang.mandate.duties.models import Enrolment, Evidence, Obligation, TeamMember
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import activations_on, ends_at, in_force, takes_over_at
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.science.plan import Pathway

_GOING_OVER = 7_310_003
_OPEN = Q(closed_at__isnull=True, voided_at__isnull=True)


# --- somebody moves ----------------------------------------------------------------------------------------


@transaction.atomic
def move_subject(*, by: Actor, at: datetime, subject: UUID, area_path: str) -> list[Enrolment]:
    """What is still to be done goes to the new area; what is past keeps the area of its day.

    Enrolments of a plan that does not govern there end as `moved`; they are returned, so that the caller enrols
    anew under the plan that does.
    """
    bring_up_to(at, Enrolment.objects.filter(subject=subject))
    running = list(Enrolment.objects.filter(_OPEN, subject=subject).exclude(area_path=area_path))
    here = [row.pk for row in running if _governs(row, area_path, at)]
    left = [row for row in running if row.pk not in here]
    close(enrolments=left, at=at, reason="moved")
    Enrolment.objects.filter(pk__in=here).update(area_path=area_path)
    gone = [row.pk for row in left]
    owed = Obligation.objects.filter(Q(due_at__isnull=True) | Q(due_at__gt=at), subject=subject)
    owed.exclude(enrolment__in=gone, opens_at__gte=at).update(area_path=area_path)
    if running:
        audit.record(
            by=by,
            action="enrolments.moved",
            at=at,
            subject_kind="person",
            subject=subject,
            area_path=area_path,
            data={"moved": here, "ended": gone},
        )
    return left


def _governs(row: Enrolment, area_path: str, at: datetime) -> bool:
    """Whether its plan is the one of the area on the day."""
    governing = in_force(area_path, local_day(at))
    return governing is not None and row.activation_id == governing.pk


# --- two cards were one person -----------------------------------------------------------------------------


@transaction.atomic
def gather_subject(*, at: datetime, subject: UUID, area_path: str) -> list[int]:
    """After a merge or its undo, what runs for the subject is the area's where the card is, and no other's.

    As in `move_subject`, what another plan governs ends as `moved`. Returns what ended.
    """
    governing = in_force(area_path, local_day(at))
    elsewhere = Enrolment.objects.filter(_OPEN, subject=subject).exclude(area_path=area_path)
    running = dict(elsewhere.values_list("pk", "activation_id"))
    gone = [pk for pk, activation in running.items() if governing is None or activation != governing.pk]
    close(enrolments=Enrolment.objects.filter(pk__in=gone), at=at, reason="moved")
    Enrolment.objects.filter(pk__in=running.keys() - set(gone)).update(area_path=area_path)
    owed = Obligation.objects.filter(Q(due_at__isnull=True) | Q(due_at__gt=at), subject=subject)
    owed.exclude(area_path=area_path).exclude(enrolment__in=gone, opens_at__gte=at).update(area_path=area_path)
    return gone


@transaction.atomic
def merge_subjects(*, at: datetime, kept: UUID, merged: UUID) -> dict:
    """Two subjects were one all along: enrolments, duties and records of the one become the other's.

    Of two that run on one pathway the longer goes on, the other never was. Returns what moved, for `undo_merge`.
    """
    voided, team = _settle_twins(kept, merged, at)
    enrolments = Enrolment.objects.filter(subject=merged)
    evidence = Evidence.objects.filter(subject=merged)
    moved = {
        "at": at.isoformat(),
        "kept": str(kept),
        "merged": str(merged),
        "enrolments": list(enrolments.values_list("pk", flat=True)),
        "own_causes": list(enrolments.filter(cause=merged).values_list("pk", flat=True)),
        "evidence": list(evidence.values_list("pk", flat=True)),
        "about": list(evidence.filter(about=merged).values_list("pk", flat=True)),
        "voided": voided,
        "team": team,
    }
    _give(moved, to=kept)
    return moved


@transaction.atomic
def undo_merge(*, at: datetime, moved: dict) -> None:
    """Both are themselves again. What was recorded for the kept one meanwhile stays there.

    What went on from the merged one's own since (extended, elsewhere, under another plan) goes along. What ended only
    because the kept one went elsewhere or came back once more runs again for the other, who did not.
    """
    went_on = _went_on(moved)
    own = Enrolment.objects.filter(pk__in=went_on, cause=moved["kept"])
    moved |= {
        "own_causes": [*moved["own_causes"], *own.values_list("pk", flat=True)],
        "enrolments": [*moved["enrolments"], *went_on],
    }
    _give(moved, to=UUID(moved["merged"]))
    for member, enrolment in moved["team"]:
        TeamMember.objects.filter(pk=member).update(enrolment=enrolment)
    ended = Enrolment.objects.filter(
        pk__in=moved["enrolments"],
        closed_reason__in=("moved", "followed_by_another"),
        closed_at__gte=moved.get("at", at),
    )
    again = list(ended)
    Enrolment.objects.filter(pk__in=[row.pk for row in again]).update(closed_at=None, closed_reason="")
    voided = _run_again(at, moved, {(row.activation_id, row.pathway): row for row in again})
    generate(local_day(at) + timedelta(days=1), only=[*voided, *(row.pk for row in again)])


def _went_on(moved: dict) -> list[int]:
    """What follows from the merged one's own and tells of the same return; another return is the kept one's."""
    mine = list(Enrolment.objects.filter(pk__in=moved["enrolments"]))
    told = {(row.pathway, row.anchor_on, row.anchor_at) for row in mine}
    since = Enrolment.objects.filter(subject=moved["kept"], origin__in={row.origin_id or row.pk for row in mine})
    return [row.pk for row in since if (row.pathway, row.anchor_on, row.anchor_at) in told]


def _run_again(at: datetime, moved: dict, went: dict[tuple[int, str], Enrolment]) -> list[int]:
    """Those that never were run again. One that would have ended meanwhile ends when that was.

    `went` are, by plan and pathway, those that ended with the kept one's going elsewhere; its own would have, too.
    """
    voided = list(Enrolment.objects.filter(pk__in=moved["voided"]).select_related("activation"))
    there = Enrolment.objects.filter(_OPEN, subject__in=[moved["kept"], moved["merged"]], cause=F("subject"))
    instead = {(row.activation_id, row.pathway, row.subject): row for row in there}
    for row in voided:
        key, plan_ended = (row.activation_id, row.pathway), row.activation.ends_on
        row.voided_at = None
        if follower := instead.get((*key, row.subject)):
            row.closed_at, row.closed_reason = follower.registered_at, "followed_by_another"
        elif plan_ended is not None and plan_ended <= local_day(at):
            row.closed_at, row.closed_reason = ends_at(row.activation), "plan_changed"
        elif str(row.subject) == moved["kept"] and key in went:
            row.closed_at, row.closed_reason = went[key].closed_at, went[key].closed_reason
    Enrolment.objects.bulk_update(voided, ["voided_at", "closed_at", "closed_reason"])
    return [row.pk for row in voided if row.closed_at is None]


def _give(moved: dict, *, to: UUID) -> None:
    Enrolment.objects.filter(pk__in=moved["own_causes"]).update(cause=to)
    Enrolment.objects.filter(pk__in=moved["enrolments"]).update(subject=to)
    Obligation.objects.filter(enrolment__in=moved["enrolments"]).update(subject=to)
    Evidence.objects.filter(pk__in=moved["about"]).update(about=to)
    Evidence.objects.filter(pk__in=moved["evidence"]).update(subject=to)
    both = Obligation.objects.filter(subject__in=[moved["kept"], moved["merged"]])
    with connection.cursor() as cursor:
        cursor.execute("SELECT duties_settle(%s)", [list(both.values_list("pk", flat=True))])


def _settle_twins(kept: UUID, merged: UUID, at: datetime) -> tuple[list[int], list[tuple[int, int]]]:
    """Void the shorter of two that run on one pathway; its team fills places that the other's has empty."""
    running = Enrolment.objects.filter(_OPEN, cause=F("subject"))
    mine = {(row.activation_id, row.pathway): row for row in running.filter(subject=kept)}
    voided, team = [], []
    for other in running.filter(subject=merged):
        twin = mine.get((other.activation_id, other.pathway))
        if twin is None:
            continue
        stays, goes = sorted([twin, other], key=lambda row: (row.last_day is not None, row.last_day, row is twin))[::-1]
        voided.append(goes.pk)
        held = set(stays.team.filter(until__isnull=True).values_list("slot", flat=True))
        names = set(stays.team.filter(until__isnull=True).values_list("name", flat=True))
        for member in goes.team.filter(until__isnull=True):
            if member.slot not in held and member.name not in names:
                team.append((member.pk, goes.pk))
                TeamMember.objects.filter(pk=member.pk).update(enrolment=stays)
    Enrolment.objects.filter(pk__in=voided).update(voided_at=at)
    return voided, team


# --- another plan comes ------------------------------------------------------------------------------------


# The plan that governed, and the one that does now; none where no other does.
Change = tuple[Activation, Activation | None]


@dataclass(frozen=True)
class TransferResult:
    """What a change of plans does to those who are under the old one.

    `persons` go over with `enrolments` on pathways that both plans have; `through` have done the days that the new
    plan asks for and end; `unmatched` are on a pathway that it has not: they end and are to be matched anew.
    """

    persons: int
    enrolments: int
    through: int
    unmatched: int
    areas: int


_GOES_OVER = """
  FROM duties_enrolment n
 WHERE n.activation_id = %(old)s AND n.pathway = %(pathway)s AND n.subject_kind = 'person'
   AND n.area_path LIKE %(under)s AND n.closed_at IS NULL AND n.voided_at IS NULL
"""
# The days of the new plan, from the same anchor; who was extended beyond the old plan's days keeps the extension.
_LAST_DAY = """CASE WHEN n.last_day < %(today)s THEN n.last_day WHEN %(days)s::int IS NOT NULL THEN
       greatest(n.anchor_on + %(shift)s::int + %(days)s::int - 1,
                CASE WHEN n.last_day >= n.anchor_on + %(old_shift)s::int + %(old_days)s::int THEN n.last_day END) END"""
_COUNT = f"""
SELECT count(*) FILTER (WHERE NOT coalesce(last < %(today)s, false)),
       count(*) FILTER (WHERE last < %(today)s),
       coalesce(array_agg(DISTINCT subject) FILTER (WHERE NOT coalesce(last < %(today)s, false)), '{{}}')
  FROM (SELECT n.subject, {_LAST_DAY} AS last {_GOES_OVER}) AS told
"""  # noqa: S608 - put together from constants; every value is a parameter
_GO_OVER = f"""
WITH told AS (SELECT n.*, {_LAST_DAY} AS last {_GOES_OVER}),
closed AS (
    UPDATE duties_enrolment e SET closed_at = greatest(%(at)s, e.registered_at),
           closed_reason = CASE WHEN told.last < %(today)s THEN 'days_done' ELSE 'plan_changed' END
      FROM told WHERE e.id = told.id
)
INSERT INTO duties_enrolment (activation_id, subject_kind, subject, cause, pathway, observed, area_path, place,
       anchor_on, anchor_at, first_day, last_day, registered_at, closed_reason, origin_id)
SELECT %(new)s, subject_kind, subject, cause, pathway, %(observed)s, area_path, place, anchor_on, anchor_at,
       CASE WHEN origin_id IS NULL THEN anchor_on + %(shift)s::int
            ELSE least(first_day, anchor_on + %(shift)s::int) END, last, greatest(%(at)s, registered_at), '',
       coalesce(origin_id, id)
  FROM told WHERE (last IS NULL OR last >= %(today)s) AND NOT EXISTS (
       SELECT 1 FROM duties_enrolment e
        WHERE e.activation_id = %(new)s AND e.closed_at IS NULL AND e.voided_at IS NULL
          AND (e.pathway, e.subject, e.cause) = (told.pathway, told.subject, told.cause))
"""  # noqa: S608 - put together from constants; every value is a parameter
_TEAMS = """
UPDATE duties_teammember t SET enrolment_id = s.id
  FROM duties_enrolment n, duties_enrolment s
 WHERE t.enrolment_id = n.id AND t.until IS NULL AND n.activation_id = %(old)s
   AND s.activation_id = %(new)s AND s.origin_id = coalesce(n.origin_id, n.id)
"""


def preview_transfer(*, old: Activation, new: Activation, at: datetime) -> TransferResult:
    """What `transfer` would do, without doing it."""
    subjects: set[UUID] = set()
    enrolments = through = 0
    with connection.cursor() as cursor:
        for values in _pathways(old, new):
            cursor.execute(_COUNT, values)
            over, ended, found = cursor.fetchone()
            enrolments, through = enrolments + over, through + ended
            subjects.update(found)
    return TransferResult(
        persons=len(subjects),
        enrolments=enrolments,
        through=through,
        unmatched=_unmatched(old, new).count(),
        areas=_areas(old, new).count(),
    )


@transaction.atomic
def transfer(*, by: Actor, at: datetime, old: Activation, new: Activation) -> TransferResult:
    """Those under the old plan go over to the new one as it takes over. What was owed before keeps its plan.

    The old activation has ended by then (its `ends_on`). Who is on a pathway that the new plan has not is left for
    the caller to match anew.
    """
    moment = takes_over_at(new)
    enrol_areas(activation=old)  # where it came to govern since the last tick
    bring_up_to(moment, _running(old, new))
    told = preview_transfer(old=old, new=new, at=at)
    with connection.cursor() as cursor:
        for values in _pathways(old, new):
            cursor.execute(_GO_OVER, values)
        cursor.execute(_TEAMS, {"old": old.pk, "new": new.pk})
    close(enrolments=_unmatched(old, new), at=moment, reason="plan_changed")
    close(enrolments=_areas(old, new), at=moment, reason="plan_changed")
    generate(local_day(max(at, moment)) + timedelta(days=1), activation=new)
    enrol_areas(activation=new)
    audit.record(
        by=by,
        action="plan.transferred",
        at=at,
        area_path=new.area_path,
        data={"old": old.pk, "new": new.pk, "persons": told.persons, "enrolments": told.enrolments},
    )
    return told


@transaction.atomic
def finish(*, at: datetime, activation: Activation) -> None:
    """The plan has ended and none of the same area follows: what runs under it ends with its last day."""
    enrol_areas(activation=activation)  # where it came to govern since the last tick
    close(enrolments=_left_under(activation), at=ends_at(activation), reason="plan_ended")


@transaction.atomic
def go_over(*, by: Actor, at: datetime) -> list[Change]:
    """The tick's step: on its first day an order is carried out, for whoever is still under the plan before.

    Derived from what runs, so that a list which was being committed over midnight is found by the next tick.
    """
    with connection.cursor() as cursor:  # an approval and a tick at once: the second finds nothing left to do
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_GOING_OVER])
    changes = [*_ended(at), *_nearer(at)]
    for old, new in changes:
        if new is None or len(new.area_path) < len(old.area_path):
            finish(at=at, activation=old)
        else:
            transfer(by=by, at=at, old=old, new=new)
    return changes


def _ended(at: datetime) -> list[Change]:
    """Plans that ended while somebody is under them, with what governs there since: the next one, or the one above."""
    ended = Activation.objects.filter(ends_on__lte=local_day(at)).select_related("plan_version").order_by("ends_on")
    return [(old, in_force(old.area_path, old.ends_on)) for old in ended if _left_under(old).exists()]


def _nearer(at: datetime) -> list[Change]:
    """Plans of a smaller area that govern where somebody is still under the one above."""
    running = sorted(activations_on(local_day(at)).select_related("plan_version"), key=lambda one: one.area_path)
    pairs = [
        (old, new)
        for new in running
        for old in running
        if old.area_path != new.area_path and new.area_path.startswith(old.area_path)
    ]
    return [(old, new) for old, new in pairs if _running(old, new).filter(subject_kind="person").exists()]


def _left_under(activation: Activation) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(_OPEN, activation=activation)


def _pathways(old: Activation, new: Activation) -> list[dict]:
    """Parameters for each pathway of persons that both plans have."""
    before, after = old.plan_version.plan.pathways, new.plan_version.plan.pathways
    common = [code for code in before if code in after and {before[code].subject, after[code].subject} == {"person"}]
    return [
        {
            "old": old.pk,
            "new": new.pk,
            "pathway": code,
            "under": f"{new.area_path}%",
            "at": takes_over_at(new),
            "today": new.starts_on,
            "observed": after[code].observed,
            **_days(after[code], ""),
            **_days(before[code], "old_"),
        }
        for code in common
    ]


def _days(pathway: Pathway, name: str) -> dict:
    """How the pathway counts: days from the anchor to day one, and how many days there are."""
    period, anchor = pathway.period, date(2020, 1, 1)
    if period is None:
        return {f"{name}shift": 0, f"{name}days": None}
    return {f"{name}shift": (period.first_day(anchor) - anchor).days, f"{name}days": period.days.value}


def _running(old: Activation, new: Activation) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(_OPEN, activation=old, area_path__startswith=new.area_path)


def _unmatched(old: Activation, new: Activation) -> QuerySet[Enrolment]:
    common = [code for code, pathway in new.plan_version.plan.pathways.items() if pathway.subject == "person"]
    return _running(old, new).filter(subject_kind="person").exclude(pathway__in=common)


def _areas(old: Activation, new: Activation) -> QuerySet[Enrolment]:
    return _running(old, new).filter(subject_kind="area")
