"""The tick's step that counts past hours, and counts again what changed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from lianfang.mandate.duties.models import PastChange, PastCount
from lianfang.mandate.duties.past import OF_AREAS, UNDER, full_hour, with_days

_KEPT = timedelta(days=15)  # a day more than a trend looks back
# Most of what is written at the end of an hour is committed by then; what is not is counted again.
_LATER = timedelta(minutes=5)
_AT_ONCE = 3  # hours that a tick counts: one as a rule, more while it catches up
_MENDED = 2_000  # counts of one area at one hour that a tick mends; the others wait, and are derived where read
_MANY = 10_000  # so many are not mended: their hours are counted as if they never had been, what a trend asks first

_CHANGES = """
WITH gone AS (DELETE FROM duties_pastchange RETURNING area_path, since)
SELECT area_path, min(since) FROM gone GROUP BY area_path
"""
_AFFECTED = """
SELECT p.at, c.area_path FROM duties_pastcount p
  JOIN unnest(%(areas)s::text[], %(since)s::timestamptz[]) AS c(area_path, since) ON p.at >= c.since
 WHERE p.area_path = ''
"""
_FORGET = """
DELETE FROM duties_pastcount p USING unnest(%(moments)s::timestamptz[], %(areas)s::text[]) AS c(at, area_path)
 WHERE p.at = c.at AND p.area_path = c.area_path
"""
_STORE = "INSERT INTO duties_pastcount (at, area_path, overdue, outstanding) "
_COUNTED = "SELECT m.as_of, c.area_path, c.overdue, c.outstanding"
_MEND = f"{_STORE}{_COUNTED}{OF_AREAS}"
_HOURS = f"""{_STORE}
SELECT m.as_of, '', 0, 0 FROM unnest(%(moments)s::timestamptz[]) AS m(as_of) UNION ALL {_COUNTED}{UNDER}"""  # noqa: S608 - put together from constants


@transaction.atomic
def count_past(*, at: datetime) -> int:
    """The tick's step: hours that are over, and what changed in those that are counted.

    What changed is taken before anything is counted: a change that the count did not see stands there afterwards.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES)
        since = dict(cursor.fetchall())
        everywhere = since.pop("", None)
        if everywhere is not None:
            PastCount.objects.filter(at__gte=everywhere).delete()
        if since:
            _mend(cursor, since)
        PastCount.objects.filter(at__lt=at - _KEPT).delete()
        hours = missing_hours(at)[:_AT_ONCE]
    count_hours(hours)
    return len(hours)


def count_hours(hours: Sequence[datetime]) -> None:
    """Count full hours that are over and not counted yet, for every area."""
    if hours:
        with connection.cursor() as cursor:
            cursor.execute(_HOURS, {"under": "%", "subjects": None, **with_days(hours)})


def _mend(cursor, since: dict[str, datetime]) -> None:
    """Count again what changed, the latest first; what is too much for one tick is written back for the next."""
    cursor.execute(_AFFECTED, {"areas": list(since), "since": list(since.values())})
    affected: dict[str, list[datetime]] = defaultdict(list)
    for hour, area in cursor.fetchall():
        affected[area].append(hour)
    if sum(map(len, affected.values())) > _MANY:
        PastCount.objects.filter(at__gte=min(since.values())).delete()
        return
    now: list[tuple[datetime, str]] = []
    later = []
    for area, hours in sorted(affected.items(), key=lambda one: len(one[1])):
        if now and len(now) + len(hours) > _MENDED:
            later.append(PastChange(area_path=area, since=since[area]))
        else:
            now += [(hour, area) for hour in hours]
    PastChange.objects.bulk_create(later)
    if now:
        values = {"subjects": None, "areas": [area for _hour, area in now], **with_days([hour for hour, _area in now])}
        cursor.execute(_FORGET, values)
        cursor.execute(_MEND, values)


def missing_hours(at: datetime) -> list[datetime]:
    """Full hours that are over and not counted, the latest first, then those that a trend asks for beside it."""
    newest = full_hour(at - _LATER)
    counted = set(PastCount.objects.filter(area_path="", at__lte=newest).values_list("at", flat=True))
    back = [timedelta(hours=hours) for hours in range(int(_KEPT / timedelta(hours=1)))]
    same_clock_first = sorted(back, key=lambda ago: (ago % timedelta(days=1), ago))
    return [newest - ago for ago in same_clock_first if newest - ago not in counted]
