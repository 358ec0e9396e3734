"""The areas below a township or county as one who works there meets them today."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from lianfang.field.observation.queries.burden import Burden, burden
from lianfang.field.observation.queries.counts import fever_alerts, under_observation
from lianfang.field.observation.queries.today import Task, tasks_of
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.queries import by_area
from lianfang.mandate.response.models import Duty
from lianfang.registry.places.queries import children_of


@dataclass(frozen=True)
class AreaToday:
    """Counts of one area: due = done + what is left or excused."""

    path: str
    name: str
    observed: int
    due: int
    done: int
    overdue: int
    forms: int
    records: int


def areas_today(area_path: str, as_of: datetime) -> list[AreaToday]:
    """The areas one level below, those with something overdue first."""
    below = children_of(area_path)
    if not below:
        return []
    length = len(below[0].path)
    counts: dict[str, Counter] = {}
    for one in by_area(area_path=area_path, as_of=as_of, length=length):
        counts.setdefault(one.path, Counter()).update(due=one.due, done=one.done, overdue=one.overdue)
    watched = Counter(
        path[:length]
        for path in under_observation(area_path, as_of)
        .order_by("subject")
        .distinct("subject")
        .values_list("area_path", flat=True)
    )
    asked = burden(area_path, as_of, length=length)
    found = [
        AreaToday(
            area.path,
            area.name,
            watched[area.path],
            **_three(counts.get(area.path, Counter())),
            **_asked(asked.get(area.path)),
        )
        for area in below
    ]
    return sorted(found, key=lambda one: (-one.overdue, one.path))


def _asked(found: Burden | None) -> dict[str, int]:
    return {"forms": found.forms, "records": found.records} if found else {"forms": 0, "records": 0}


def _three(counter: Counter) -> dict[str, int]:
    return {name: counter[name] for name in ("due", "done", "overdue")}


def fevers_waiting(area_path: str, as_of: datetime) -> list[Task]:
    """People with fever for whom care is not arranged, so that nobody has to look village by village."""
    alerts = fever_alerts(area_path, as_of).values("uid")
    waiting = Enrolment.objects.filter(
        cause__in=alerts,
        activation__plan_version__in=Duty.objects.filter(evidence__contains=["referral"]).values("plan_version"),
    )
    people = list(waiting.values_list("subject", flat=True).distinct())
    if not people:
        return []
    found = tasks_of(area_path=area_path, as_of=as_of, subjects=people, states=["overdue", "open"])
    return [task for task in found if "referral" in task.kinds]
