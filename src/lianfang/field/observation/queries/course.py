"""The line of states of one observation: registered, notice served, started, day n, release."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Subquery
from django.utils.translation import gettext as _

from lianfang.field.observation.models import AlertStep, Difficulty, HomeAssessment, Loss
from lianfang.field.observation.queries.counts import fever_alerts
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.models import Delivery, PersonOrder, Release
from lianfang.mandate.orders.rules import PLACEMENT
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import name_of
from lianfang.web.wording import day_words, when_words


@dataclass(frozen=True)
class Mark:
    """One state: `state` is a colour of the pages, `note` when it came or what it waits for."""

    words: str
    state: str
    note: str = ""


@dataclass(frozen=True)
class Course:
    """Where the latest observation of a person stands; empty for somebody never observed."""

    enrolment: Enrolment | None = None
    marks: tuple[Mark, ...] = ()
    orders: Sequence[PersonOrder] = ()
    release: Release | None = None
    voluntary: bool = False


def home_of(person: Person, as_of: datetime) -> HomeAssessment | None:
    """What was found last of the person's home; `name`: of who looked at it."""
    found = person.home_assessments.filter(registered_at__lte=as_of).annotate(name=name_of("by"))
    return found.order_by("-at", "-pk").first()


def difficulties_of(person: Person, as_of: datetime) -> list[Difficulty]:
    """What made it hard to keep to the observation, the latest first; `name`: of who recorded it."""
    found = person.difficulties.filter(registered_at__lte=as_of).annotate(name=name_of("by"))
    return list(found.order_by("-at", "-pk"))


def observations_of_person(person: Person, as_of: datetime) -> list[Any]:
    """Every observation of the person, the latest first, each with what a line of states tells beside its own days.

    `served_at`: a notice of an observation reached the person; `alerted`: an alert has no outcome; `lost_since`.
    """
    served = Delivery.objects.filter(notice__person=person, notice__withdrawn_at__isnull=True, outcome="served")
    served = served.exclude(notice__last_day__isnull=True).order_by("-at")
    closed = AlertStep.objects.filter(step="outcome", registered_at__lte=as_of).values("alert")
    alerts = fever_alerts(person.area_path, as_of).filter(person=person).exclude(pk__in=closed)
    lost = Loss.objects.filter(person=person, found_at__isnull=True)
    rows = Enrolment.objects.filter(
        subject=person.uid, observed=True, voided_at__isnull=True, registered_at__lte=as_of
    ).annotate(
        served_at=Subquery(served.values("at")[:1]),
        alerted=Exists(alerts),
        lost_since=Subquery(lost.values("since")[:1]),
    )
    return list(rows.select_related("activation__plan_version", "release").order_by("-registered_at", "-pk"))


def course_of(person: Person, as_of: datetime, observations: Sequence[Any]) -> Course:
    """Of the latest of the person's observations."""
    if not observations:
        return Course()
    latest = observations[0]
    plan = latest.activation.plan_version.plan
    orders = list(PersonOrder.objects.filter(person=person).order_by("-proposed_at", "-pk"))
    release = getattr(latest, "release", None)
    return Course(
        enrolment=latest,
        marks=tuple(_marks(latest, orders, release, as_of)),
        orders=orders,
        release=release,
        voluntary=plan.pathways[latest.pathway].voluntary,
    )


def _marks(one: Any, orders: Sequence[PersonOrder], release: Release | None, as_of: datetime) -> list[Mark]:
    today = local_day(as_of)
    marks = [
        Mark(_("registered"), "done", when_words(one.registered_at, as_of)),
        Mark(_("notice served"), "done", when_words(one.served_at, as_of))
        if one.served_at
        else Mark(_("notice served"), "due", _("not yet")),
        Mark(_("started"), "done", day_words(one.first_day))
        if one.first_day <= today
        else Mark(_("starts"), "due", day_words(one.first_day)),
    ]
    ended = one.closed_at is not None and one.closed_at <= as_of
    over = ended or (one.last_day is not None and one.last_day < today)
    if not over and one.first_day <= today:
        marks.append(Mark(_("day %(n)d") % {"n": (today - one.first_day).days + 1}, "due"))
    marks += _troubles(one, orders, as_of)
    if one.last_day is not None and release is None and one.last_day <= today and not _ended_otherwise(one):
        marks.append(Mark(_("release review"), "due", _("open since %(day)s") % {"day": day_words(one.last_day)}))
    if release is not None:
        marks.append(Mark(_("released"), "done", when_words(release.ends_at, as_of)))
    elif over:
        marks.append(Mark(_("ended"), "neutral", day_words(local_day(one.closed_at) if ended else one.last_day)))
    elif one.last_day is not None and one.last_day > today:
        marks.append(Mark(_("release review"), "neutral", _("opens %(day)s") % {"day": day_words(one.last_day)}))
    return marks


def _ended_otherwise(one: Enrolment) -> bool:
    return one.closed_reason not in ("", "days_done")


def _troubles(one: Any, orders: Sequence[PersonOrder], as_of: datetime) -> list[Mark]:
    """What interrupts the days: an alert without outcome, no contact, another place."""
    found = []
    if one.alerted:
        found.append(Mark(_("symptom alert"), "fever", _("outcome not known yet")))
    if one.lost_since:
        since = _("since %(day)s") % {"day": day_words(one.lost_since)}
        found.append(Mark(_("lost to follow-up"), "overdue", since))
    today = local_day(as_of)
    for order in orders:
        if order.kind == PLACEMENT and order.state == "approved" and order.first_day <= today <= order.last_day:
            found.append(Mark(_("at a centralised site"), "due", day_words(order.last_day)))
    return found
