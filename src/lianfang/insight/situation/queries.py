"""Figures. Each counts the rows of a list that can be opened; none has a statement of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, QuerySet, Value
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lianfang.field.observation import queries as observation
from lianfang.field.screening import queries as screening
from lianfang.mandate.duties.queries import DutySummary, summaries
from lianfang.mandate.duties.states import STATES, local_day
from lianfang.mandate.response.queries import plan_of

DAYS = 14  # of a trend: the width of the page, no rule of a plan


@dataclass(frozen=True)
class Figure:
    """`value`: a count, or the percentage of numerator and denominator; None where not established."""

    value: float | None
    label: str
    numerator: int | None = None
    denominator: int | None = None


@dataclass(frozen=True)
class Trend:
    """What was known at the same clock time of each day, oldest first; `joined`: the 24 hours before it."""

    moments: list[datetime]
    registered: list[int]
    joined: list[int]
    under_observation: list[int]
    fever: list[int]
    overdue: list[int]
    outstanding: list[int]


def figures(*, area_path: str, as_of: datetime, found: Sequence[DutySummary] | None = None) -> dict[str, Figure]:
    """Code → figure of the area at the moment; `found`: the duties, where the caller has them already."""
    where = {"area_path": area_path, "as_of": as_of}
    duties = summaries(**where) if found is None else found
    seen = observation.counts(**where)
    made = {
        code: Figure(count, label)
        for code, (count, label) in {
            "registered_arrivals": (screening.count_registered_arrivals(**where), _("Registered arrivals")),
            "key_area_arrivals": (screening.count_key_area_arrivals(**where), _("Arrivals from key areas")),
            "incomplete_cards": (screening.count_incomplete_cards(**where), _("Incomplete cards")),
            "under_observation": (seen.under_observation, _("Under observation")),
            "fever_alerts": (seen.fever, _("Persons with fever alert so far")),
            "new_today": (seen.new, _("New under observation today")),
            "released_today": (seen.released, _("Released today")),
        }.items()
    }
    made["outstanding"] = Figure(sum(duty.outstanding for duty in duties), _("Outstanding"))
    made["villages_silent"] = silence(duties)
    return made | {f"done_{duty.code}": _done(duty) for duty in duties}


def _done(duty: DutySummary) -> Figure:
    title = plan_of(duty.plan_version_id).duties[duty.code].title.of(get_language() or "zh-hans")
    words = _("%(duty)s: done so far") if duty.shape == "clock" else _("%(duty)s: done today")
    return Figure(duty.share.percent, words % {"duty": title}, duty.done, duty.due)


def silence(duties: Sequence[DutySummary]) -> Figure:
    """Villages that owe a report today and have said nothing: neither a number nor an explicit zero."""
    reports = [duty for duty in duties if duty.code in _report_duties(duty.plan_version_id)]
    owed = sum(duty.due for duty in reports)
    silent = sum(duty.overdue + duty.open for duty in reports)
    return Figure(silent if owed else None, _("Villages without a report today"), silent, owed)


def _report_duties(plan_version_id: int) -> set[str]:
    duties = plan_of(plan_version_id).duties.values()
    return {duty.code for duty in duties if "zero_report" in duty.evidence}


def report_duty(duties: Sequence[DutySummary]) -> str:
    """The code of the duty that villages report by; empty where the plan asks for none."""
    return next((duty.code for duty in duties if duty.code in _report_duties(duty.plan_version_id)), "")


# --- trend ------------------------------------------------------------------------------------------------


def trend(*, area_path: str, as_of: datetime, days: int = DAYS) -> Trend:
    """The last days in five statements, each the list's own, asked for every moment at once."""
    moments = _same_clock(as_of, days + 1)
    registered = _count(lambda moment: screening.people_who_arrived(paths=[area_path], as_of=moment), moments, "pk")
    overdue, outstanding = _overdue(area_path, moments[1:])
    return Trend(
        moments=moments[1:],
        registered=registered[1:],
        joined=[max(now - before, 0) for before, now in zip(registered, registered[1:], strict=False)],
        under_observation=_count(
            lambda moment: observation.under_observation(area_path, moment), moments[1:], "subject"
        ),
        fever=_count(lambda moment: observation.fever_alerts(area_path, moment), moments[1:], "person"),
        overdue=overdue,
        outstanding=outstanding,
    )


def _same_clock(as_of: datetime, days: int) -> list[datetime]:
    """The moment and the same clock time on the days before it, oldest first."""
    zone = timezone.get_default_timezone()
    local = timezone.localtime(as_of, zone)
    return [
        timezone.make_aware((local - timedelta(days=back)).replace(tzinfo=None), zone) for back in reversed(range(days))
    ]


def _count(rows_at: Callable[[datetime], QuerySet], moments: Sequence[datetime], what: str) -> list[int]:
    """Different `what` among the rows of each moment, in one statement."""
    parts = [
        rows_at(moment)
        .order_by()
        .values(nth=Value(place))
        .annotate(n=Count(what, distinct=True))
        .values_list("nth", "n")
        for place, moment in enumerate(moments)
    ]
    counted = dict(parts[0].union(*parts[1:], all=True))
    return [counted.get(place, 0) for place in range(len(moments))]


_OVERDUE = (
    """
SELECT counted.overdue, counted.outstanding
  FROM unnest(%(moments)s::timestamptz[], %(days)s::date[]) WITH ORDINALITY AS m(as_of, today, place)
 CROSS JOIN LATERAL ("""
    + STATES.replace("%(as_of)s", "m.as_of").replace("%(today)s", "m.today")
    + """
SELECT count(*) FILTER (WHERE state = 'overdue') AS overdue,
       count(*) FILTER (WHERE state IN ('overdue', 'open')) AS outstanding
  FROM states) AS counted ORDER BY m.place
"""
)


def _overdue(area_path: str, moments: list[datetime]) -> tuple[list[int], list[int]]:
    """What was overdue and what outstanding at each moment, carried slots included."""
    values = {
        "moments": moments,
        "days": [local_day(moment) for moment in moments],
        "under": f"{area_path}%",
        "subjects": None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, values)
        rows = cursor.fetchall()
    return [row[0] for row in rows], [row[1] for row in rows]
