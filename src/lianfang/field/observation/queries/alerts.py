"""Alerts and their routes: from the entry to the outcome, each stage with its minutes or how long it is overdue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from lianfang.field.observation.models import Alert, AlertStep, Referral
from lianfang.field.observation.queries.counts import fever_alerts
from lianfang.mandate.duties.queries import Item, items
from lianfang.mandate.response.queries import plan_of

STAGES = ("entered", "township", "county", "care", "outcome")
_STATES = ["overdue", "open", "done", "late"]
_EVIDENCE = {
    "alert_received_township": "township",
    "alert_received_county": "county",
    "referral": "care",
}


@dataclass(frozen=True)
class Stage:
    """`minutes` since the stage before it, where both are known; `due_at` where the plan sets the stage a clock."""

    code: str
    at: datetime | None = None
    by: str = ""
    note: str = ""
    minutes: int | None = None
    due_at: datetime | None = None
    overdue_minutes: int = 0

    @property
    def done(self) -> bool:
        return self.at is not None


@dataclass(frozen=True)
class Route:
    """One alert with its stages in order."""

    alert: Alert
    stages: tuple[Stage, ...]
    outcome: str = ""

    @property
    def is_closed(self) -> bool:
        return self.stages[-1].done

    @property
    def waiting(self) -> Stage | None:
        """The first stage that has not happened."""
        return next((stage for stage in self.stages if not stage.done), None)

    @property
    def overdue(self) -> int:
        return max(stage.overdue_minutes for stage in self.stages)


def alerts_in(area_path: str, as_of: datetime, *, open_only: bool) -> QuerySet[Alert]:
    """Alerts of the area, the latest first; `open_only` leaves out those with an outcome."""
    found = fever_alerts(area_path, as_of).select_related("person__household", "reading")
    if open_only:
        closed = AlertStep.objects.filter(alert=OuterRef("pk"), step="outcome", registered_at__lte=as_of)
        found = found.filter(~Exists(closed))
    return found.order_by("-raised_at", "-pk")


def route_of(alert: Alert, *, as_of: datetime) -> Route:
    return routes_of([alert], as_of=as_of)[0]


def routes_of(alerts: Sequence[Alert], *, as_of: datetime) -> list[Route]:
    """The routes of many alerts; a fixed number of queries."""
    if not alerts:
        return []
    people = sorted({alert.person.uid for alert in alerts})
    owed: dict[tuple, Item] = {}
    common = _common([alert.person.area_path for alert in alerts])
    for item in items(area_path=common, as_of=as_of, states=_STATES, subjects=people, owned=False):
        for kind in plan_of(item.plan_version_id).duties[item.code].evidence:
            if kind in _EVIDENCE:
                owed[(item.cause, _EVIDENCE[kind])] = item
    told = {"alert__in": [alert.pk for alert in alerts], "registered_at__lte": as_of}
    steps = {(step.alert_id, step.step): step for step in AlertStep.objects.filter(**told)}
    cared = {referral.alert_id: referral for referral in Referral.objects.filter(**told).order_by("-at")}
    return [_route(alert, steps, cared.get(alert.pk), owed) for alert in alerts]


def _common(paths: Sequence[str]) -> str:
    """The longest path under which all of them lie."""
    low, high = min(paths), max(paths)
    same = next((n for n, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
    return low[:same]


def _route(alert: Alert, steps: dict, cared, owed: dict[tuple, Item]) -> Route:
    reading = alert.reading
    stages, before = [Stage("entered", alert.raised_at, reading.by)], alert.raised_at
    outcome = ""
    for code in STAGES[1:]:
        done = cared if code == "care" else steps.get((alert.pk, code))
        item = owed.get((alert.uid, code))
        if done is None:
            due = item.due_at if item else None
            stages.append(Stage(code, due_at=due, overdue_minutes=item.age_minutes if item else 0))
            continue
        minutes = int((done.at - before).total_seconds() // 60) if done.at >= before else 0
        due = item.due_at if item else None
        stages.append(Stage(code, done.at, done.by, done.note, minutes, due))
        before = max(before, done.at)
        outcome = done.outcome if code == "outcome" else outcome
    return Route(alert, tuple(stages), outcome)
