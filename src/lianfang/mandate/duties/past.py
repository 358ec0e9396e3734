"""What was overdue and outstanding at past hours: counted once by a tick, derived where it changed since.

The list of a past moment reads every row that was there. What was known at an hour stays what it was, but for what
moves, is merged or comes late; the database says of which area and since when (`PastChange`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import connection

from lianfang.mandate.duties.states import UNDONE_STATES, local_day, parameters

_COUNTED = (
    UNDONE_STATES.replace("%(as_of)s", "m.as_of").replace("%(today)s", "m.today")
    + """
SELECT area_path, count(*) FILTER (WHERE state = 'overdue') AS overdue, count(*) AS outstanding
  FROM states WHERE state IN ('overdue', 'open') GROUP BY area_path"""
)
# For each moment, every area under a path; or the areas that are named beside the moment.
UNDER = f"""
  FROM unnest(%(moments)s::timestamptz[], %(days)s::date[]) AS m(as_of, today) CROSS JOIN LATERAL ({_COUNTED}) c"""  # noqa: S608 - put together from constants
OF_AREAS = f"""
  FROM (SELECT t.as_of, t.today, array_agg(t.area_path) AS areas
          FROM unnest(%(moments)s::timestamptz[], %(days)s::date[], %(areas)s::text[]) AS t(as_of, today, area_path)
         GROUP BY 1, 2) AS m CROSS JOIN LATERAL ({_COUNTED}) c""".replace(  # noqa: S608 - put together from constants
    "area_path LIKE %(under)s", "area_path = ANY(m.areas)"
)
_SUM = "SELECT m.as_of, sum(c.overdue)::int, sum(c.outstanding)::int"

_STORED = """
SELECT m.as_of,
       c.stored AND NOT EXISTS (SELECT 1 FROM duties_pastchange e WHERE e.area_path = '' AND e.since <= m.as_of),
       e.areas, coalesce(c.overdue, 0), coalesce(c.outstanding, 0)
  FROM unnest(%(moments)s::timestamptz[]) AS m(as_of)
 CROSS JOIN LATERAL (
       SELECT coalesce(array_agg(DISTINCT e.area_path), '{}') AS areas FROM duties_pastchange e
        WHERE e.area_path LIKE %(under)s AND e.since <= m.as_of) e
 CROSS JOIN LATERAL (
       SELECT bool_or(p.area_path = '') IS TRUE AS stored, sum(p.overdue) AS overdue, sum(p.outstanding) AS outstanding
         FROM duties_pastcount p
        WHERE p.at = m.as_of AND (p.area_path = '' OR p.area_path LIKE %(under)s) AND p.area_path <> ALL(e.areas)) c
"""

_ROWS = """
SELECT coalesce(sum(undone + done + excused + untimed + untimed_done), 0)::int, count(DISTINCT area_path)
  FROM duties_tally WHERE area_path LIKE %(under)s
"""
_MOST_ROWS = 3_000_000  # some two seconds of the database


def full_hour(moment: datetime) -> datetime:
    """The latest full hour at or before the moment."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def past_counts(*, area_path: str, hours: Sequence[datetime]) -> list[tuple[int, int] | None]:
    """(overdue, outstanding) at each of the full hours, carried slots included: what the list of the hour holds.

    None where it is not counted yet and would take too long to derive: after a list that told of a whole county's past,
    until the ticks have counted again.
    """
    values = parameters(area_path, max(hours))
    stored = {row[0]: row[1:] for row in _rows(_STORED, values | {"moments": list(hours)})}
    told = {hour: (overdue, outstanding) for hour, (known, _areas, overdue, outstanding) in stored.items() if known}
    missing = [hour for hour in stored if hour not in told]
    changed = [(hour, area) for hour, (known, areas, *_n) in stored.items() if known for area in areas]
    if _too_many(values, len(missing), len(changed)):
        unsure = {hour for hour, _area in changed}
        return [told.get(hour) if hour not in unsure else None for hour in map(_utc, hours)]
    for hour, (overdue, outstanding) in [*derived(area_path, missing).items(), *_derived_of(changed).items()]:
        before = told.get(hour, (0, 0))
        told[hour] = (before[0] + overdue, before[1] + outstanding)
    return [told[hour] for hour in map(_utc, hours)]


def _utc(hour: datetime) -> datetime:
    return hour.astimezone(UTC)


def _too_many(values: dict, hours: int, areas_at_hours: int) -> bool:
    """Whether to derive so many hours, and so many single areas at some hour, would read more rows than a page may."""
    if not hours and not areas_at_hours:
        return False
    ((rows, areas),) = _rows(_ROWS, values)
    return (hours + areas_at_hours / max(areas, 1)) * rows > _MOST_ROWS


def derived(area_path: str, moments: Sequence[datetime]) -> dict[datetime, tuple[int, int]]:
    """(overdue, outstanding) of the area at each moment, from the rows themselves."""
    if not moments:
        return {}
    values = parameters(area_path, max(moments)) | with_days(moments)
    found = _rows(f"{_SUM} {UNDER} GROUP BY 1", values)
    return dict.fromkeys(moments, (0, 0)) | {moment: (overdue, outstanding) for moment, overdue, outstanding in found}


def _derived_of(places: Sequence[tuple[datetime, str]]) -> dict[datetime, tuple[int, int]]:
    if not places:
        return {}
    values = {
        "subjects": None,
        **with_days([hour for hour, _area in places]),
        "areas": [area for _hour, area in places],
    }
    found = _rows(f"SELECT m.as_of, sum(c.overdue)::int, sum(c.outstanding)::int {OF_AREAS} GROUP BY 1", values)
    return {moment: (overdue, outstanding) for moment, overdue, outstanding in found}


def with_days(moments: Sequence[datetime]) -> dict:
    """Parameters: the moments with the local day of each."""
    return {"moments": list(moments), "days": [local_day(moment) for moment in moments]}


def _rows(sql: str, values: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
