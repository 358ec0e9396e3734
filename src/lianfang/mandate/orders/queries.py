"""Reads of notices."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.orders.models import Notice


def observation_of(person: UUID, at: datetime) -> Enrolment | None:
    """The observation that the person is under at the moment, as the engine has it."""
    return observations_of([person], at).get(person)


def observations_of(people: Iterable[UUID], at: datetime) -> dict[UUID, Enrolment]:
    """Person → open observation enrolment, the latest where there are several."""
    rows = Enrolment.objects.filter(
        subject__in=list(people), observed=True, voided_at__isnull=True, registered_at__lte=at
    ).exclude(closed_at__lte=at)
    return {row.subject: row for row in rows.select_related("activation__plan_version").order_by("registered_at")}


def latest_notices(people: Iterable[UUID]) -> dict[UUID, Notice]:
    rows = Notice.objects.filter(person__uid__in=list(people), withdrawn_at__isnull=True)
    return {row.person.uid: row for row in rows.select_related("person").order_by("issued_at", "pk")}
