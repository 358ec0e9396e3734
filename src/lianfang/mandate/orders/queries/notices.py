"""Reads of notices: which one a person should have, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.models import Delivery, Notice
from lianfang.mandate.orders.rules import HEALTH, notice_kind
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import staff_names


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


def fitting_notices(people: Iterable[UUID], at: datetime) -> dict[UUID, Notice]:
    """Person → the last notice, where it is the one that the person should have at the moment."""
    uids = list(people)
    observed = observations_of(uids, at)
    return {uid: notice for uid, notice in latest_notices(uids).items() if _fits(notice, observed.get(uid))}


def _fits(notice: Notice, observed: Enrolment | None) -> bool:
    """Advice does not replace the notice of an observation, nor does one of an earlier end or of another place."""
    if observed is None:
        return True
    here = not observed.place or notice.registered_at >= observed.registered_at
    return notice.kind != HEALTH and notice.last_day == observed.last_day and here


def needed_kind(person: Person, at: datetime) -> str | None:
    """The kind of notice that the person should get and has not got; None where the last one still fits."""
    if fitting_notices([person.uid], at):
        return None
    observation = observation_of(person.uid, at)
    return notice_kind(observed=observation is not None, voluntary=is_voluntary(observation))


def is_voluntary(enrolment: Enrolment | None) -> bool:
    """Whether the plan leaves the observation to the person."""
    if enrolment is None:
        return False
    return enrolment.activation.plan_version.plan.pathways[enrolment.pathway].voluntary


# --- what became of a person's notices ----------------------------------------------------------------------


@dataclass(frozen=True)
class Handed:
    """One delivery with the name of the worker who recorded it."""

    delivery: Delivery
    by: str


@dataclass(frozen=True)
class Issued:
    """A notice with what became of it, oldest first; `served` once somebody has received it."""

    notice: Notice
    number: str
    by: str
    day: date
    handed: list[Handed]

    @property
    def served(self) -> bool:
        return any(one.delivery.outcome == "served" for one in self.handed)


def notices_of(person: Person) -> list[Issued]:
    """The person's notices, latest first."""
    rows = list(
        person.notices.filter(withdrawn_at__isnull=True).prefetch_related("deliveries").order_by("-issued_at", "-pk")
    )
    names = staff_names({row.issued_by for row in rows} | {one.by for row in rows for one in row.deliveries.all()})
    return [
        Issued(
            notice=row,
            number=notice_number(row),
            by=names.get(row.issued_by, row.issued_by),
            day=local_day(row.issued_at),
            handed=[
                Handed(one, names.get(one.by, one.by))
                for one in sorted(row.deliveries.all(), key=lambda one: (one.at, one.pk))
            ],
        )
        for row in rows
    ]


def notice_number(notice: Notice) -> str:
    """The running number with its year, as it stands on paper."""
    return f"{local_day(notice.issued_at).year}-{notice.number:06d}"
