"""What a person's card shows of the observation: days, team, readings, needs, alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from lianfang.field.observation.models import Alert, Need, Reading, Referral
from lianfang.field.observation.queries.checks import verified
from lianfang.field.observation.queries.household import Period, fever_threshold, period_of
from lianfang.mandate.duties.models import Enrolment, TeamMember
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import in_force
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import name_of

READINGS_SHOWN = 60


@dataclass(frozen=True)
class Place:
    """A place of the responsibility team; `member` None while it is empty."""

    title: str
    member: TeamMember | None


@dataclass(frozen=True)
class Stretch:
    """One observation: by which pathway of which plan, its days, what of it the document does not state."""

    plan: str
    pathway: str
    anchor_on: Any
    period: Period
    ended_at: datetime | None
    is_over: bool
    assumed: str
    team_assumed: str
    team: tuple[Place, ...]


@dataclass(frozen=True)
class Health:
    """Readings newest first; `limit` is the threshold of the plan in force where the person is.

    Readings and referrals tell the name of who recorded them (`name`), readings whether they are `verified`.
    """

    readings: Sequence[Reading]
    limit: Decimal | None
    limit_assumed: str
    needs: Sequence[Need]
    alerts: Sequence[Alert]

    @property
    def temperatures(self) -> list[Reading]:
        return [reading for reading in self.readings if reading.kind == "temperature"]

    def curve(self) -> dict[str, Any]:
        """The temperatures, oldest first, beside the threshold."""
        told = self.temperatures[::-1]
        moments = [timezone.localtime(reading.at, timezone.get_default_timezone()) for reading in told]
        values = {"name": _("Temperature"), "values": [float(reading.celsius) for reading in told]}
        series = [values]
        if self.limit is not None:
            limit = {"name": _("Threshold"), "values": [float(self.limit)] * len(told), "state": "fever"}
            series.append(limit)
        return {"x": [f"{at.month}-{at.day} {at:%H:%M}" for at in moments], "series": series}


def stretches(found: Sequence[Enrolment], as_of: datetime) -> list[Stretch]:
    """A person's observations in words, in the same order."""
    members = TeamMember.objects.filter(enrolment__in=found, until__isnull=True).order_by("pk")
    held = {(member.enrolment_id, member.slot): member for member in members}
    return [_stretch(enrolment, held, as_of) for enrolment in found]


def _stretch(enrolment: Enrolment, held: dict[tuple[int, str], TeamMember], as_of: datetime) -> Stretch:
    language = get_language() or "zh-hans"
    plan = enrolment.activation.plan_version.plan
    pathway = plan.pathways[enrolment.pathway]
    team = plan.team_of(pathway)
    period, today = pathway.period, local_day(as_of)
    words = [period.assumed, period.days.assumed] if period else []
    closed = enrolment.closed_at if enrolment.closed_at and enrolment.closed_at <= as_of else None
    return Stretch(
        plan=plan.title.of(language),
        pathway=pathway.title.of(language),
        anchor_on=enrolment.anchor_on,
        period=period_of(enrolment, today),
        ended_at=closed,
        is_over=closed is not None or (enrolment.last_day is not None and enrolment.last_day < today),
        assumed=pgettext("between two notes", "; ").join(one.of(language) for one in words if one),
        team_assumed=team.assumed.of(language) if team and team.assumed else "",
        team=tuple(
            Place(slot.title.of(language), held.get((enrolment.pk, slot.code))) for slot in (team.slots if team else ())
        ),
    )


def health(person: Person, as_of: datetime) -> Health:
    readings = Reading.objects.filter(person=person, withdrawn_at__isnull=True, at__lte=as_of)
    readings = readings.annotate(name=name_of("by"), verified=verified())
    alerts = Alert.objects.filter(person=person, withdrawn_at__isnull=True).select_related("reading")
    referrals = Prefetch("referrals", Referral.objects.annotate(name=name_of("by")))
    activation = in_force(person.area_path, local_day(as_of))
    return Health(
        readings=list(readings.order_by("-at", "-pk")[:READINGS_SHOWN]),
        limit=fever_threshold(activation),
        limit_assumed=_limit_assumed(activation),
        needs=list(Need.objects.filter(person=person).order_by("-at")),
        alerts=list(alerts.prefetch_related(referrals).order_by("-raised_at")),
    )


def _limit_assumed(activation: Activation | None) -> str:
    """Why the threshold is assumed, where the document does not state it."""
    plan = activation.plan_version.plan if activation else None
    used = {alert.when.temperature_at_least for alert in plan.alerts.values()} if plan else set()
    words = [plan.thresholds[code].assumed for code in sorted(used)] if plan else []
    return next((one.of(get_language() or "zh-hans") for one in words if one), "")
