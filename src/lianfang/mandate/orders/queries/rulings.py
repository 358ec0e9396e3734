"""Reads of orders about persons and of releases."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.models import PersonOrder, Release
from lianfang.mandate.orders.rules import PLACEMENT


def basis_of(enrolment: Enrolment) -> str:
    """What an observation rests on, in the plan's own words: the document, the law of the time, the clauses."""
    plan = enrolment.activation.plan_version.plan
    pathway = plan.pathways[enrolment.pathway]
    period = pathway.period
    clauses = [*period.clauses, *period.days.clauses] if period else []
    if pathway.home is not None:
        clauses += pathway.home.clauses
    codes = "、".join(dict.fromkeys(clauses))
    return "；".join(part for part in (str(plan.title), str(plan.authority), str(plan.legal.basis), codes) if part)[
        :500
    ]


def orders_in(area_path: str, *, state: str = "") -> QuerySet[PersonOrder]:
    """Orders about people of the area, those that wait first, the latest before the earlier."""
    rows = PersonOrder.objects.filter(
        enrolment__area_path__startswith=area_path, person__withdrawn_at__isnull=True
    ).select_related("person__household", "enrolment")
    return (rows.filter(state=state) if state else rows).order_by("-state", "-proposed_at", "-pk")


def placements(people: Iterable[UUID], at: datetime) -> dict[UUID, PersonOrder]:
    """Person → the approved order by which the person stays elsewhere than at home on the day."""
    today = local_day(at)
    rows = PersonOrder.objects.filter(
        person__uid__in=list(people),
        kind=PLACEMENT,
        state="approved",
        decided_at__lte=at,
        first_day__lte=today,
        last_day__gte=today,
    )
    return {row.person.uid: row for row in rows.select_related("person").order_by("decided_at")}


def releases_of(enrolments: Iterable[int]) -> dict[int, Release]:
    return {row.enrolment_id: row for row in Release.objects.filter(enrolment__in=list(enrolments))}
