"""Reads: which plan is in force where and when."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.db.models import Q

from lianfang.mandate.response.models import Activation, PlanVersion
from lianfang.science.plan import Plan


def activations_on(day: date):
    return Activation.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)


def in_force(area_path: str, day: date) -> Activation | None:
    """The activation that governs the area on the day: the nearest one at or above it."""
    return in_force_in([area_path], day)[area_path]


def in_force_in(area_paths: Iterable[str], day: date) -> dict[str, Activation | None]:
    """`in_force` of many areas in one query. The plan's text is read only where a process has not read it before."""
    running = list(activations_on(day).select_related("plan_version").defer("plan_version__document"))
    running.sort(key=lambda activation: len(activation.area_path), reverse=True)
    return {path: next((one for one in running if path.startswith(one.area_path)), None) for path in set(area_paths)}


def nearest(area_path: str, day: date) -> Activation | None:
    """As `in_force`, else the first one below: a city's office reads the words of its counties' plan."""
    found = in_force(area_path, day)
    if found is not None:
        return found
    below = activations_on(day).filter(area_path__startswith=area_path).select_related("plan_version")
    return below.order_by("area_path").first()


@lru_cache(maxsize=64)
def plan_of(plan_version_id: int) -> Plan:
    """The plan of a version; versions never change, so they are kept in memory."""
    return PlanVersion.objects.get(pk=plan_version_id).plan
