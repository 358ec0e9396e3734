"""Reads: which plan is in force where and when."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Q
from django.utils import timezone

from lianfang.mandate.response.models import Activation, PlanOrder, PlanVersion
from lianfang.registry.places import remembered
from lianfang.science.plan import Departure, Plan, compare, load_shipped, shipped


def activations_on(day: date):
    return Activation.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)


def is_on(activation: Activation, day: date) -> bool:
    return activation.starts_on <= day and (activation.ends_on is None or day < activation.ends_on)


def in_force(area_path: str, day: date) -> Activation | None:
    """The activation that governs the area on the day: the nearest one at or above it."""
    return in_force_in([area_path], day)[area_path]


def in_force_in(area_paths: Iterable[str], day: date) -> dict[str, Activation | None]:
    """`in_force` of many areas in one query. The plan's text is read only where a process has not read it before."""
    running = sorted(running_on(day), key=lambda activation: len(activation.area_path), reverse=True)
    return {path: next((one for one in running if path.startswith(one.area_path)), None) for path in set(area_paths)}


def running_on(day: date) -> list[Activation]:
    """Without the text of the plans. There are few in all; pages remember them."""
    everything = Activation.objects.select_related("plan_version").defer("plan_version__document")
    known = remembered.remember("activations", lambda: list(everything))
    return [one for one in known if is_on(one, day)]


def midnight(day: date) -> datetime:
    """The moment at which the local day begins."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()), timezone.get_default_timezone())


def governed_before(activation: Activation) -> Activation | None:
    """What governed the area until then: the area's own plan that ended on that day, else the one above."""
    start = activation.starts_on
    earlier = Activation.objects.filter(Q(starts_on__lt=start) | Q(starts_on=start, pk__lt=activation.pk))
    until_then = earlier.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=start))
    here = [one for one in until_then.select_related("plan_version") if activation.area_path.startswith(one.area_path)]
    return max(here, key=lambda one: len(one.area_path), default=None)


def takes_over_at(activation: Activation) -> datetime:
    """The first midnight; where another plan governed until the very day of the order, the order's own moment.

    Nobody can do in the afternoon what a plan of the afternoon asks for in the morning.
    """
    if _is_of_that_day(activation.ordered_at, activation.starts_on):
        before = governed_before(activation)
        if before is not None and before.ordered_at < activation.ordered_at:
            return activation.ordered_at
    return midnight(activation.starts_on)


def ends_at(activation: Activation) -> datetime:
    """Of one that ends: the midnight of `ends_on`, or the moment of an order of that very day."""
    ordered = activation.end_ordered_at
    return ordered if ordered and _is_of_that_day(ordered, activation.ends_on) else midnight(activation.ends_on)


def _is_of_that_day(moment: datetime, day: date) -> bool:
    return timezone.localtime(moment, timezone.get_default_timezone()).date() == day


def nearest(area_path: str, day: date) -> Activation | None:
    """As `in_force`, else the first one below: a city's office reads the words of its counties' plan."""
    found = in_force(area_path, day)
    if found is not None:
        return found
    below = [one for one in running_on(day) if one.area_path.startswith(area_path)]
    return min(below, key=lambda activation: activation.area_path, default=None)


@lru_cache(maxsize=64)
def plan_of(plan_version_id: int) -> Plan:
    """The plan of a version; versions never change, so they are kept in memory."""
    return PlanVersion.objects.get(pk=plan_version_id).plan


def upper_plan(plan: Plan, area_path: str, day: date) -> Plan | None:
    """The plan that this one stands under in the area: the one in force above it, else the one that it names."""
    above = [a for a in activations_on(day).select_related("plan_version") if _is_above(a.area_path, area_path)]
    if above:
        return plan_of(max(above, key=lambda activation: len(activation.area_path)).plan_version_id)
    return newest(plan.under) if plan.under else None


def _is_above(higher: str, area_path: str) -> bool:
    return area_path.startswith(higher) and higher != area_path


def newest(code: str) -> Plan | None:
    """The plan of the code as it was registered last, else as it is shipped."""
    version = PlanVersion.objects.filter(code=code).order_by("-registered_at", "-pk").first()
    if version is not None:
        return plan_of(version.pk)
    return load_shipped(code) if code in shipped() else None


def departures_of(plan: Plan, area_path: str, day: date) -> list[Departure]:
    """Where the plan would loosen or exceed the one above it in the area."""
    upper = upper_plan(plan, area_path, day)
    return compare(plan, upper) if upper is not None else []


def measure_rule(area_path: str, measure: str, day: date) -> str:
    """What the plan in force says of a general measure: forbidden, allowed, required, or nothing."""
    activation = in_force(area_path, day)
    ruled = plan_of(activation.plan_version_id).measures.get(measure) if activation else None
    return ruled.rule if ruled else ""


def open_orders(area_path: str):
    """Proposals that wait for a second person, at or below the area."""
    return PlanOrder.objects.filter(decision="", area_path__startswith=area_path).select_related("plan_version")
