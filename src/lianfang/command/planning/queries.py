"""Reads for the plans: who is under observation, what is owed on a day, plans known, and what carries each clause."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, F, Q

from lianfang.mandate.duties.models import Enrolment, Obligation
from lianfang.mandate.duties.queries import DutySummary, summaries
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation, PlanVersion
from lianfang.mandate.response.queries import activations_on, in_force, plan_of
from lianfang.science.plan import Clause, Plan, clauses_of, load_shipped, shipped


def observed_in(area_path: str, day: date) -> set[UUID]:
    """The persons under observation on the day."""
    running = Enrolment.objects.filter(
        Q(last_day__isnull=True) | Q(last_day__gte=day),
        area_path__startswith=area_path,
        observed=True,
        closed_at__isnull=True,
        voided_at__isnull=True,
    )
    return set(running.values_list("subject", flat=True))


def load_of(area_path: str, day: date) -> dict[str, int]:
    """Duty → how often it is owed on the day; only duties with slots, which recur."""
    standing = Q(enrolment__closed_at__isnull=True) | Q(opens_at__lt=F("enrolment__closed_at"))
    owed = Obligation.objects.filter(
        standing,
        area_path__startswith=area_path,
        day=day,
        duty__shape="slot",
        enrolment__voided_at__isnull=True,
    )
    return dict(owed.values_list("duty__code").annotate(count=Count("pk")).order_by("duty__code"))


# --- plans -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """A plan that can be put in force: shipped or uploaded, in its newest version."""

    plan: Plan
    version: PlanVersion | None
    shipped: bool
    areas: list[Activation]


def known_plans(day: date) -> list[Known]:
    """Every shipped plan and every registered one, the newest version of each, with where it is in force."""
    newest: dict[str, PlanVersion] = {}
    for version in PlanVersion.objects.order_by("registered_at", "pk"):
        newest[version.code] = version
    active: dict[str, list[Activation]] = {}
    for activation in activations_on(day).select_related("plan_version").order_by("area_path"):
        active.setdefault(activation.plan_version.code, []).append(activation)
    codes = [*shipped(), *sorted(set(newest) - set(shipped()))]
    return [
        Known(
            plan=plan_of(newest[code].pk) if code in newest else load_shipped(code),
            version=newest.get(code),
            shipped=code in shipped(),
            areas=active.get(code, []),
        )
        for code in codes
    ]


def plan_at(code: str, version: str = "") -> Plan | None:
    """A version of a plan: registered, or as it is shipped. Without a version the newest registered one."""
    found = PlanVersion.objects.filter(code=code, **({"version": version} if version else {}))
    if registered := found.order_by("-registered_at", "-pk").first():
        return plan_of(registered.pk)
    plan = load_shipped(code) if code in shipped() else None
    return plan if plan is not None and version in ("", plan.version) else None


def versions_of(code: str) -> list[PlanVersion]:
    return list(PlanVersion.objects.filter(code=code).order_by("-registered_at", "-pk"))


def activations_of(code: str) -> list[Activation]:
    """Where and when the plan was or is in force, the latest first."""
    found = Activation.objects.filter(plan_version__code=code).select_related("plan_version")
    return list(found.order_by("-starts_on", "area_path"))


# --- clause trace ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Traced:
    """A clause with the figures of the duties that carry it. `due` is None where no duty carries it."""

    clause: Clause
    due: int | None = None
    done: int | None = None
    gap: int | None = None
    duties: tuple[DutySummary, ...] = ()


@dataclass(frozen=True)
class Trace:
    plan: Plan
    activation: Activation | None
    clauses: list[Traced]

    @property
    def carried(self) -> int:
        return sum(one.clause.carried for one in self.clauses)

    @property
    def not_yet(self) -> int:
        return len(self.clauses) - self.carried


def trace(*, area_path: str, as_of: datetime) -> Trace | None:
    """Every clause of the plan in force in the area with what is due, done and missing at the moment."""
    activation = in_force(area_path, local_day(as_of))
    if activation is None:
        return None
    plan = plan_of(activation.plan_version_id)
    found = {summary.code: summary for summary in summaries(area_path=area_path, as_of=as_of)}
    return Trace(plan, activation, [_traced(clause, found) for clause in clauses_of(plan.plan).values()])


def trace_of(plan: Plan) -> Trace:
    """What carries each clause of a plan that is not in force: no figures."""
    return Trace(plan, None, [Traced(clause) for clause in clauses_of(plan.plan).values()])


def _traced(clause: Clause, found: dict[str, DutySummary]) -> Traced:
    if not clause.duties:
        return Traced(clause)
    counted = tuple(found[code] for code in clause.duties if code in found)
    return Traced(
        clause=clause,
        due=sum(one.due for one in counted),
        done=sum(one.done for one in counted),
        gap=sum(one.outstanding for one in counted),
        duties=counted,
    )
