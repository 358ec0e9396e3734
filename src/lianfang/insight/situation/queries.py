"""Figures. Each counts the rows of a list that can be opened; none has a statement of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lianfang.field.observation import queries as observation
from lianfang.field.screening import queries as screening
from lianfang.mandate.duties.past import full_hour, past_counts
from lianfang.mandate.duties.queries import DutySummary, summaries
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
    """What was known at the same clock time of each day, oldest first; `joined`: the 24 hours before it.

    None: the hour is being counted again.
    """

    moments: list[datetime]
    registered: list[int]
    joined: list[int]
    under_observation: list[int]
    fever: list[int]
    overdue: list[int | None]
    outstanding: list[int | None]


def figures(*, area_path: str, as_of: datetime, found: Sequence[DutySummary] | None = None) -> dict[str, Figure]:
    """Code → figure of the area at the moment; `found`: the duties, where the caller has them already."""
    where = {"area_path": area_path, "as_of": as_of}
    duties = summaries(**where) if found is None else found
    seen, arrived = observation.counts(**where), screening.count_arrivals(**where)
    made = {
        code: Figure(count, label)
        for code, (count, label) in {
            "registered_arrivals": (arrived.registered, _("Registered arrivals")),
            "key_area_arrivals": (arrived.key_area, _("Arrivals from key areas")),
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


def trend(*, area_path: str, as_of: datetime, found: Sequence[DutySummary] | None = None, days: int = DAYS) -> Trend:
    """The last days in few statements, however many; `found`: the duties at the moment, where the caller has them.

    What is overdue and outstanding is told of the last full hour before each moment of an earlier day.
    """
    moments = _same_clock(as_of, days + 1)
    duties = summaries(area_path=area_path, as_of=as_of) if found is None else found
    before = past_counts(area_path=area_path, hours=[full_hour(moment) for moment in moments[1:-1]])
    registered, observed, fever = _people(
        moments,
        screening.spells_of_arrivals(area_path),
        observation.spells_under_observation(area_path),
        observation.spells_of_fever(area_path),
    )
    return Trend(
        moments=moments[1:],
        registered=registered[1:],
        joined=[max(now - earlier, 0) for earlier, now in zip(registered, registered[1:], strict=False)],
        under_observation=observed[1:],
        fever=fever[1:],
        overdue=[*(one and one[0] for one in before), sum(duty.overdue + duty.carried for duty in duties)],
        outstanding=[*(one and one[1] for one in before), sum(duty.outstanding for duty in duties)],
    )


def _same_clock(as_of: datetime, days: int) -> list[datetime]:
    """The moment and the same clock time on the days before it, oldest first."""
    zone = timezone.get_default_timezone()
    local = timezone.localtime(as_of, zone)
    return [
        timezone.make_aware((local - timedelta(days=back)).replace(tzinfo=None), zone) for back in reversed(range(days))
    ]


# Each spell is read once: at which of the moments it is under way are the bits of a number.
_PEOPLE = """
SELECT {place}, moments, count(*)
  FROM (SELECT who, bit_or((1::bigint << until) - (1::bigint << since)) AS moments
          FROM (SELECT who, width_bucket(since - interval '1 microsecond', %s::timestamptz[]) AS since,
                       CASE WHEN until IS NULL THEN %s
                            ELSE width_bucket(until - interval '1 microsecond', %s::timestamptz[]) END AS until
                  FROM ({spells}) AS spells(who, since, until)) AS places
         WHERE since < until GROUP BY who) AS told
 GROUP BY moments
"""


def _people(moments: Sequence[datetime], *kinds: QuerySet) -> list[list[int]]:
    """Of each kind of spell (who, from when, until before when): how many people have one under way at each moment."""
    parts, values = [], []
    for place, spells in enumerate(kinds):
        sql, more = spells.query.sql_with_params()
        parts.append(_PEOPLE.format(place=place, spells=sql))
        values += [list(moments), len(moments), list(moments), *more]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        counted = cursor.fetchall()
    return [
        [sum(n for kind, bits, n in counted if kind == one and bits >> place & 1) for place in range(len(moments))]
        for one in range(len(kinds))
    ]
