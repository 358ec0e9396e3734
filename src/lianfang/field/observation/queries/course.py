"""The line of states of one observation: registered, notice served, started, day n, release."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from lianfang.field.observation.models import AlertStep, Difficulty, HomeAssessment, Loss
from lianfang.field.observation.queries.counts import fever_alerts
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.models import Delivery, PersonOrder, Release
from lianfang.mandate.orders.rules import PLACEMENT
from lianfang.registry.people.models import Person
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
    home: HomeAssessment | None = None
    difficulties: Sequence[Difficulty] = field(default=())


def course_of(person: Person, as_of: datetime) -> Course:
    latest = (
        Enrolment.objects.filter(subject=person.uid, observed=True, voided_at__isnull=True, registered_at__lte=as_of)
        .select_related("activation__plan_version")
        .order_by("-registered_at", "-pk")
        .first()
    )
    if latest is None:
        return Course()
    plan = latest.activation.plan_version.plan
    orders = list(PersonOrder.objects.filter(person=person).order_by("-proposed_at", "-pk"))
    release = Release.objects.filter(enrolment=latest).first()
    return Course(
        enrolment=latest,
        marks=tuple(_marks(person, latest, orders, release, as_of)),
        orders=orders,
        release=release,
        voluntary=plan.pathways[latest.pathway].voluntary,
        home=HomeAssessment.objects.filter(person=person).order_by("-at", "-pk").first(),
        difficulties=list(Difficulty.objects.filter(person=person).order_by("-at", "-pk")),
    )


def _marks(
    person: Person, one: Enrolment, orders: Sequence[PersonOrder], release: Release | None, as_of: datetime
) -> list[Mark]:
    today = local_day(as_of)
    served = (
        Delivery.objects.filter(notice__person=person, notice__withdrawn_at__isnull=True, outcome="served")
        .exclude(notice__last_day__isnull=True)
        .order_by("-at")
        .first()
    )
    marks = [
        Mark(_("registered"), "done", when_words(one.registered_at, as_of)),
        Mark(_("notice served"), "done", when_words(served.at, as_of))
        if served
        else Mark(_("notice served"), "due", _("not yet")),
        Mark(_("started"), "done", day_words(one.first_day))
        if one.first_day <= today
        else Mark(_("starts"), "due", day_words(one.first_day)),
    ]
    ended = one.closed_at is not None and one.closed_at <= as_of
    over = ended or (one.last_day is not None and one.last_day < today)
    if not over and one.first_day <= today:
        marks.append(Mark(_("day %(n)d") % {"n": (today - one.first_day).days + 1}, "due"))
    marks += _troubles(person, orders, as_of)
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


def _troubles(person: Person, orders: Sequence[PersonOrder], as_of: datetime) -> list[Mark]:
    """What interrupts the days: an alert without outcome, no contact, another place."""
    found = []
    alerts = fever_alerts(person.area_path, as_of).filter(person=person)
    closed = AlertStep.objects.filter(step="outcome", registered_at__lte=as_of).values("alert")
    if alerts.exclude(pk__in=closed).exists():
        found.append(Mark(_("symptom alert"), "fever", _("outcome not known yet")))
    if lost := Loss.objects.filter(person=person, found_at__isnull=True).first():
        found.append(Mark(_("lost to follow-up"), "overdue", _("since %(day)s") % {"day": day_words(lost.since)}))
    today = local_day(as_of)
    for order in orders:
        if order.kind == PLACEMENT and order.state == "approved" and order.first_day <= today <= order.last_day:
            found.append(Mark(_("at a centralised site"), "due", day_words(order.last_day)))
    return found
