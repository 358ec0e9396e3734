"""Reads: which plan is in force where and when."""

from datetime import date
from functools import lru_cache

from django.db.models import Q

from lianfang.mandate.response.models import Activation, PlanVersion
from lianfang.science.plan import Plan


def activations_on(day: date):
    return Activation.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)


def in_force(area_path: str, day: date) -> Activation | None:
    """The activation that governs the area on the day: the nearest one at or above it."""
    above = [a for a in activations_on(day).select_related("plan_version") if area_path.startswith(a.area_path)]
    return max(above, key=lambda activation: len(activation.area_path), default=None)


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
