"""The people under observation as a list, and what is known of each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from lianfang.field.observation.models import Reading
from lianfang.field.observation.queries.checks import verified
from lianfang.field.observation.queries.counts import (
    fever_alerts,
    newly_observed,
    released,
    under_observation,
)
from lianfang.field.observation.queries.household import Period, fever_threshold, period_of
from lianfang.mandate.duties.models import Enrolment, TeamMember
from lianfang.mandate.duties.queries import GAP_STATES, Item, items, late_subjects
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.models import Delivery, Notice
from lianfang.registry.people.models import Person, PersonQuerySet
from lianfang.registry.places.queries import names_of

SHOWS = ("", "overdue", "fever", "ending", "new", "released")
SORTS = {
    "name": ("pinyin", "area_path", "pk"),
    "village": ("area_path", "household__door", "pinyin", "pk"),
    "last_day": ("last_day", "area_path", "pinyin", "pk"),
    "temperature": ("celsius", "pinyin", "pk"),
}


@dataclass(frozen=True)
class Observed:
    """One person of the list; counts and deadlines as of the moment asked for."""

    person: Person
    village: str
    period: Period
    ended: bool
    reading: Reading | None
    verified: bool
    is_fever: bool
    notice: str
    filled: int
    places: int
    overdue: int
    outstanding: int
    next_due: datetime | None

    @property
    def celsius_words(self) -> str:
        return f"{self.reading.celsius} {_('°C')}" if self.reading else ""


def observed_people(people: PersonQuerySet, *, area_path: str, as_of: datetime, show: str) -> PersonQuerySet:
    """Those of `people` that the list shows, with the last day and the last temperature to sort by."""
    found = people.filter(uid__in=_subjects(area_path, as_of, show))
    if show == "overdue":  # one array: each of a county's many would be a parameter of its own
        late = late_subjects(area_path=area_path, as_of=as_of)
        found = found.extra(where=['"people_person"."uid" = ANY(%s::uuid[])'], params=[late])
    latest = Enrolment.objects.filter(subject=OuterRef("uid"), observed=True, registered_at__lte=as_of)
    latest = latest.filter(Q(voided_at__isnull=True) | Q(voided_at__gt=as_of)).order_by("-registered_at")
    readings = _temperatures(as_of).filter(person=OuterRef("pk")).order_by("-at", "-pk")
    return found.annotate(
        last_day=Subquery(latest.values("last_day")[:1]), celsius=Subquery(readings.values("celsius")[:1])
    )


def _subjects(area_path: str, as_of: datetime, show: str):
    if show == "fever":
        return fever_alerts(area_path, as_of).values("person__uid")
    if show == "new":
        return newly_observed(area_path, as_of).values("subject")
    if show == "released":
        return released(area_path, as_of).values("subject")
    observed = under_observation(area_path, as_of)
    if show == "ending":
        return observed.filter(last_day=local_day(as_of)).values("subject")
    return observed.values("subject")


def _temperatures(as_of: datetime):
    return Reading.objects.filter(
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=as_of),
        kind="temperature",
        at__lte=as_of,
        registered_at__lte=as_of,
    )


def observed_rows(people: Sequence[Person], *, area_path: str, as_of: datetime) -> list[Observed]:
    """What the list says of a page of people; a fixed number of queries whatever its length."""
    uids = [person.uid for person in people]
    enrolments = _enrolments(uids, as_of)
    readings = {
        reading.person_id: reading
        for reading in _temperatures(as_of)
        .filter(person__in=people)
        .annotate(verified=verified())
        .order_by("person_id", "-at", "-pk")
        .distinct("person_id")
    }
    gaps: dict[UUID, list[Item]] = {}
    for item in items(area_path=area_path, as_of=as_of, states=GAP_STATES, subjects=uids, owned=False):
        gaps.setdefault(item.subject, []).append(item)
    notices = _notices(people, as_of)
    names = names_of({person.area_path for person in people})
    return [
        _row(
            person,
            enrolments.get(person.uid),
            as_of,
            village=names.get(person.area_path, person.area_path),
            reading=readings.get(person.pk),
            notice=notices.get(person.pk, ""),
            gaps=gaps.get(person.uid, []),
        )
        for person in people
    ]


def _row(
    person: Person,
    enrolment: Enrolment | None,
    as_of: datetime,
    *,
    village: str,
    reading: Reading | None,
    notice: str,
    gaps: list[Item],
) -> Observed:
    today = local_day(as_of)
    places, limit, ended = 0, None, True
    period = Period(today, None, today)
    if enrolment is not None:
        plan = enrolment.activation.plan_version.plan
        team = plan.team_of(plan.pathways[enrolment.pathway])
        places, limit = len(team.required) if team else 0, fever_threshold(enrolment.activation)
        period, ended = period_of(enrolment, today), _ended(enrolment, as_of)
    dues = [item.due_at for item in gaps if item.due_at and item.due_at >= as_of]
    return Observed(
        person=person,
        village=village,
        period=period,
        ended=ended,
        reading=reading,
        verified=reading is not None and reading.verified,
        is_fever=bool(reading and limit is not None and reading.celsius >= limit),
        notice=notice,
        filled=enrolment.filled if enrolment else 0,
        places=places,
        overdue=sum(item.state == "overdue" for item in gaps),
        outstanding=len(gaps),
        next_due=min(dues, default=None),
    )


def _ended(enrolment: Enrolment, as_of: datetime) -> bool:
    closed = enrolment.closed_at is not None and enrolment.closed_at <= as_of
    return closed or (enrolment.last_day is not None and enrolment.last_day < local_day(as_of))


def _enrolments(uids: list[UUID], as_of: datetime) -> dict[UUID, Enrolment]:
    """Person → the latest observation, ended ones too, with how many places of its team are filled."""
    rows = Enrolment.objects.filter(
        Q(voided_at__isnull=True) | Q(voided_at__gt=as_of),
        subject__in=uids,
        observed=True,
        registered_at__lte=as_of,
    )
    held = TeamMember.objects.filter(
        Q(until__isnull=True) | Q(until__gt=as_of), enrolment=OuterRef("pk"), registered_at__lte=as_of
    )
    counted = held.values("enrolment").annotate(held=Count("pk")).values("held")
    rows = rows.select_related("activation__plan_version").annotate(filled=Coalesce(Subquery(counted), 0))
    return {row.subject: row for row in rows.order_by("registered_at")}


def _notices(people: Sequence[Person], as_of: datetime) -> dict[int, str]:
    """Person → served, refused or issued: the furthest that any notice came."""
    counted = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=as_of)
    issued = Notice.objects.filter(counted, person__in=people, registered_at__lte=as_of)
    told = Delivery.objects.filter(notice=OuterRef("pk"), registered_at__lte=as_of).order_by("pk")
    states: dict[int, str] = {}
    for person, outcomes in issued.values_list("person_id", ArraySubquery(told.values("outcome"))):
        states.setdefault(person, "issued")
        for outcome in outcomes:
            if states[person] != "served":
                states[person] = outcome
    return states
