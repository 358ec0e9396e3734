"""Reads: what is due and done, and every gap with its owner. Page, list, export and command use these alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.utils.timezone import get_default_timezone, make_aware

from lianfang.mandate.duties.owners import resolve
from lianfang.mandate.duties.rules import Share, minutes_late
from lianfang.mandate.duties.states import (
    AT_PRESENT,
    DAYS_STATES,
    FIRST_UNDONE_STATES,
    LATEST,
    STATES,
    UNDONE,
    UNDONE_OF_DUTY,
    UNDONE_STATES,
    by_width,
    parameters,
)

_SUM = """
       sum(due)::int AS due, sum(done)::int AS done, sum(late)::int AS late, sum(overdue)::int AS overdue,
       sum(open)::int AS open, sum(excused)::int AS excused, sum(carried)::int AS carried,
       sum(untimed)::int AS untimed, min(oldest) AS oldest
"""

# Counts of single obligations, for any moment.
_OF_ROWS = f"""
{STATES}, counted AS (
SELECT left(area_path, %(length)s) AS path, duty_id,
       count(*) FILTER (WHERE NOT earlier AND state IN ('done', 'late', 'overdue', 'open', 'excused')) AS due,
       count(*) FILTER (WHERE NOT earlier AND state IN ('done', 'late')) AS done,
       count(*) FILTER (WHERE NOT earlier AND state = 'late') AS late,
       count(*) FILTER (WHERE NOT earlier AND state = 'overdue') AS overdue,
       count(*) FILTER (WHERE NOT earlier AND state = 'open') AS open,
       count(*) FILTER (WHERE NOT earlier AND state = 'excused') AS excused,
       count(*) FILTER (WHERE earlier) AS carried,
       count(*) FILTER (WHERE state = 'untimed') AS untimed,
       min(due_at) FILTER (WHERE state = 'overdue') AS oldest
  FROM states GROUP BY 1, 2
)"""  # noqa: S608 - put together from constants; every value is a parameter

# The same counts from the tally, which holds from its latest change on. Slots of a key end at one time; of one-off
# duties what is undone has each its own, so those rows are looked at.
_OF_TALLY = """
WITH keys AS (
SELECT left(t.area_path, %(length)s) AS path, t.duty_id, t.day, t.slot, t.due_at, d.shape,
       sum(t.undone) AS undone, sum(t.done) AS done, sum(t.late) AS late, sum(t.excused) AS excused,
       sum(t.untimed) AS untimed, sum(t.untimed_done) AS untimed_done
  FROM duties_tally t JOIN response_duty d ON d.id = t.duty_id
 WHERE t.area_path LIKE %(under)s AND (t.day IS NULL OR t.day <= %(today)s)
   AND (t.opens_at IS NULL OR t.opens_at <= %(as_of)s)
 GROUP BY 1, 2, 3, 4, 5, 6
), slots AS (
SELECT path, duty_id, day = %(today)s AS now, CASE WHEN undone > 0 THEN due_at END AS oldest, untimed, done, late,
       excused, undone, due_at < %(as_of)s AS over
  FROM keys WHERE shape = 'slot'
), parts AS (
SELECT path, duty_id, done + undone + excused AS due, done, late, CASE WHEN over THEN undone ELSE 0 END AS overdue,
       CASE WHEN over THEN 0 ELSE undone END AS open, excused, 0 AS carried, untimed, 0 AS kept,
       CASE WHEN over THEN oldest END AS oldest
  FROM slots WHERE now
UNION ALL
SELECT path, duty_id, 0, 0, 0, 0, 0, 0, undone, 0, 0, oldest FROM slots WHERE NOT now AND undone > 0
UNION ALL
SELECT path, duty_id, done + excused, done, late, 0, 0, excused, 0, untimed, untimed_done, NULL
  FROM keys WHERE shape <> 'slot'
UNION ALL
SELECT left(o.area_path, %(length)s), o.duty_id, count(*), 0, 0, count(*) FILTER (WHERE o.due_at < %(as_of)s),
       count(*) FILTER (WHERE o.due_at >= %(as_of)s), 0, 0, 0, 0, min(o.due_at) FILTER (WHERE o.due_at < %(as_of)s)
  FROM duties_obligation o
 WHERE o.done_at IS NULL AND NOT o.excused AND o.ended_at IS NULL AND o.due_at IS NOT NULL
   AND o.duty_id = ANY(ARRAY(SELECT id FROM response_duty WHERE shape <> 'slot')) AND o.area_path LIKE %(under)s
   AND o.opens_at <= %(as_of)s
 GROUP BY 1, 2
), counted AS (
SELECT path, duty_id, sum(due) AS due, sum(done) AS done, sum(late) AS late, sum(overdue) AS overdue,
       sum(open) AS open, sum(excused) AS excused, sum(carried) AS carried, sum(untimed) AS untimed,
       min(oldest) AS oldest
  FROM parts GROUP BY 1, 2 HAVING sum(due) + sum(carried) + sum(untimed) + sum(kept) > 0
)"""

_SUMMARY = f"""
SELECT d.code, min(c.duty_id), min(d.plan_version_id), min(d.shape), min(d.position), {_SUM}
  FROM counted c JOIN response_duty d ON d.id = c.duty_id
 GROUP BY d.code ORDER BY min(d.position), d.code
"""  # noqa: S608 - put together from constants; every value is a parameter
_BY_AREA = f"""
SELECT c.path, d.code, {_SUM}
  FROM counted c JOIN response_duty d ON d.id = c.duty_id
 WHERE %(duty)s::text IS NULL OR d.code = %(duty)s GROUP BY c.path, d.code ORDER BY c.path, d.code
"""  # noqa: S608 - put together from constants; every value is a parameter
# Both at once, the area's own row without a path: adding up the tally is what takes the time.
_WITH_AREAS = f"""
SELECT d.code, c.path, min(c.duty_id), min(d.plan_version_id), min(d.shape), min(d.position), {_SUM}
  FROM counted c JOIN response_duty d ON d.id = c.duty_id
 GROUP BY GROUPING SETS ((d.code), (d.code, c.path)) ORDER BY min(d.position), d.code, c.path
"""  # noqa: S608 - put together from constants; every value is a parameter


def _counts(what: str, values: dict) -> list[tuple]:
    """From the tally where the moment lies after everything that is counted; else from the obligations."""
    sql = f"{_OF_TALLY} SELECT l.since, told.* FROM (SELECT {LATEST} AS since) l LEFT JOIN ({what}) told ON true"  # noqa: S608 - put together from constants
    found = _rows(sql, values)
    since = found[0][0]
    if since is not None and since > values["as_of"]:
        return _rows(_OF_ROWS + what, values)
    return [row[1:] for row in found if row[1] is not None]


# The page is cut by what an index knows, then names are read for its rows alone; within it people stand by name.
_ITEMS = """
, page AS (
SELECT s.* FROM states s
 WHERE (%(duty)s::text IS NULL OR s.code = %(duty)s) AND s.state = ANY(%(states)s)
   AND (%(earlier)s::boolean IS NULL OR s.earlier = %(earlier)s)
   AND (%(level)s::text IS NULL OR s.level = %(level)s)
   AND (%(before)s::timestamptz IS NULL OR s.due_at <= %(before)s)
 ORDER BY s.position, s.due_at NULLS LAST, s.area_path, s.id
 LIMIT %(limit)s OFFSET %(offset)s
)
SELECT s.id, s.enrolment_id, s.code, s.duty_id, s.plan_version_id, n.subject_kind, s.subject, n.cause, n.pathway,
       s.area_path, s.day, s.slot, s.opens_at, s.due_at, s.done_at, s.state, s.level, s.owner, s.earlier,
       coalesce(p.name, a.name) AS name, v.name AS area_name, h.door, h.uid AS household, p.pinyin, o.accepts_until
  FROM page s
  JOIN duties_obligation o ON o.id = s.id
  JOIN duties_enrolment n ON n.id = s.enrolment_id
  LEFT JOIN people_person p ON n.subject_kind = 'person' AND p.uid = s.subject
  LEFT JOIN people_household h ON h.id = p.household_id
  LEFT JOIN places_area a ON n.subject_kind = 'area' AND a.uid = s.subject
  LEFT JOIN places_area v ON v.path = s.area_path
 ORDER BY s.position, s.due_at NULLS LAST, s.area_path, p.pinyin, s.slot, s.id
"""

_TEAMS = """SELECT n.subject FROM duties_teammember m JOIN duties_enrolment n ON n.id = m.enrolment_id
                   WHERE n.voided_at IS NULL"""
# Who has how much to do: counted for each area, and for each subject that has a team.
_OF_OWNERS = f"""
, owned AS (
SELECT s.owner, CASE WHEN s.owner LIKE 'team.%%' AND s.subject IN ({_TEAMS}) THEN s.subject END AS subject,
       s.area_path, s.code, count(*) AS count, min(s.due_at) AS oldest
  FROM states s
 WHERE (%(duty)s::text IS NULL OR s.code = %(duty)s) AND s.state = ANY(%(states)s)
   AND (%(earlier)s::boolean IS NULL OR s.earlier = %(earlier)s)
 GROUP BY 1, 2, 3, 4
)"""  # noqa: S608 - put together from constants; every value is a parameter


def _counted(subject: str, which: str) -> str:
    return f"""SELECT {subject} AS subject, o.area_path, count(*) AS count, min(o.due_at) AS oldest
                FROM duties_obligation o
               WHERE {which} AND {UNDONE_OF_DUTY}
                 AND (d.shape = 'slot' OR %(earlier)s::boolean IS NOT TRUE AND o.opens_at <= %(as_of)s)
               GROUP BY 1, 2"""  # noqa: S608 - put together from constants; every value is a parameter


# The same at the present. Where no team is asked for, the index alone tells: no row is read.
_BY_TEAM = f"(d.owner LIKE 'team.%%' AND EXISTS ({_TEAMS}))"
_OWNERS_NOW = f"""
WITH owned AS (
SELECT d.owner, o.subject, o.area_path, d.code, o.count, o.oldest
  FROM response_duty d
 CROSS JOIN LATERAL (
       {_counted("NULL::uuid", f"NOT {_BY_TEAM}")}
       UNION ALL
       {_counted(f"CASE WHEN o.subject IN ({_TEAMS}) THEN o.subject END", _BY_TEAM)}) o
 WHERE {AT_PRESENT}
)"""  # noqa: S608 - put together from constants; every value is a parameter
_OWNED = """
SELECT row_number() OVER (), o.owner, o.subject, o.area_path, v.name, o.code, o.count, o.oldest
  FROM owned o LEFT JOIN places_area v ON v.path = o.area_path
"""

_LATE = "SELECT DISTINCT subject FROM states WHERE state = 'overdue'"
_LATE_NOW = f"""
SELECT DISTINCT o.subject
  FROM response_duty d
 CROSS JOIN LATERAL (SELECT o.subject FROM duties_obligation o WHERE {UNDONE_OF_DUTY}) o
 WHERE {AT_PRESENT}
"""  # noqa: S608 - put together from constants; every value is a parameter

GAP_STATES = ["overdue", "open"]
_WIDE = len("140931101%")  # from a township up a list is long: its first rows are read, not all


@dataclass(frozen=True)
class DutySummary:
    """Counts of one duty: `due = done + overdue + open + excused`, `done` includes `late`.

    `carried` counts unclosed slots of earlier days, `untimed` those whose clock cannot start; neither is in `due`.
    """

    code: str
    duty_id: int
    plan_version_id: int
    shape: str
    position: int
    due: int
    done: int
    late: int
    overdue: int
    open: int
    excused: int
    carried: int
    untimed: int
    oldest: datetime | None

    @property
    def share(self) -> Share:
        return Share(self.done, self.due)

    @property
    def outstanding(self) -> int:
        """What the gap list shows: overdue, still open, and carried from earlier days."""
        return self.overdue + self.open + self.carried


@dataclass
class Item:
    """One obligation with its subject's name and its owner, resolved at the moment of reading."""

    id: int
    enrolment_id: int
    code: str
    duty_id: int
    plan_version_id: int
    subject_kind: str
    subject: UUID
    cause: UUID
    pathway: str
    area_path: str
    day: date
    slot: str
    opens_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    state: str
    level: str
    owner_rule: str
    earlier: bool
    name: str
    area_name: str
    door: str | None
    household: UUID | None
    pinyin: str | None
    accepts_until: datetime | None
    owner: str = ""
    owner_phone: str = ""
    owner_vacant: bool = False
    age_minutes: int = 0


@dataclass
class OwnedCount:
    """How many obligations of one duty somebody has in an area, and since when the oldest is due.

    `id` is the row's place among the counts.
    """

    id: int
    owner_rule: str
    subject: UUID | None
    area_path: str
    area_name: str
    code: str
    count: int
    oldest: datetime | None
    owner: str = ""
    owner_phone: str = ""
    owner_vacant: bool = False


@dataclass(frozen=True)
class AreaCount:
    path: str
    code: str
    due: int
    done: int
    overdue: int

    @property
    def share(self) -> Share:
        return Share(self.done, self.due)


def summaries(*, area_path: str, as_of: datetime, duty: str | None = None) -> list[DutySummary]:
    """One row a duty that has anything in the area at the moment, in the plan's order."""
    rows = _counts(_SUMMARY, parameters(area_path, as_of) | {"length": 0})
    return [summary for row in rows if (summary := DutySummary(*row)).code == duty or duty is None]


def summaries_with_areas(
    *, area_path: str, as_of: datetime, length: int
) -> tuple[list[DutySummary], dict[tuple[str, str], AreaCount]]:
    """What `summaries` and `by_area` tell, from one sum; the areas' counts by path and duty."""
    found, areas = [], {}
    for code, path, *more in _counts(_WITH_AREAS, parameters(area_path, as_of) | {"length": length}):
        told = DutySummary(code, *more)
        if path is None:
            found.append(told)
        else:
            areas[path, code] = AreaCount(path, code, told.due, told.done, told.overdue)
    return found, areas


def by_area(*, area_path: str, as_of: datetime, length: int, duty: str | None = None) -> list[AreaCount]:
    """The same counts for each area whose path has the length."""
    values = parameters(area_path, as_of) | {"length": length, "duty": duty}
    return [
        AreaCount(path, code, due, done, overdue)
        for path, code, due, done, _late, overdue, *_more in _counts(_BY_AREA, values)
    ]


def items(
    *,
    area_path: str,
    as_of: datetime,
    duty: str | None = None,
    states: list[str] | None = None,
    subjects: list[UUID] | None = None,
    earlier: bool | None = None,
    level: str | None = None,
    before: datetime | None = None,
    limit: int | None = None,
    offset: int = 0,
    owned: bool = True,
) -> list[Item]:
    """The obligations behind a figure, oldest first, with owners; a fixed number of queries whatever the length.

    `earlier` True gives only what earlier days left, False only the day itself. `level`: how far it has climbed;
    `before`: due until then. Where nobody asks whose they are (`owned` False) it is one query.
    """
    values = parameters(area_path, as_of, subjects) | {
        "duty": duty,
        "states": states or GAP_STATES,
        "earlier": earlier,
        "level": level,
        "before": before,
        "limit": limit,
        "offset": offset,
    }
    found = [Item(*row) for row in _found(values)]
    for item in found:
        item.age_minutes = minutes_late(item.due_at, as_of)
    if owned:
        name_owners(found, as_of)
    return found


def name_owners(found: Sequence[Item | OwnedCount], as_of: datetime) -> None:
    """Whose each of them is at the moment."""
    owners = resolve(found, as_of)
    for one in found:
        owner = owners[one.id]
        one.owner, one.owner_phone, one.owner_vacant = owner.name, owner.phone, owner.vacant


def late_subjects(*, area_path: str, as_of: datetime) -> list[UUID]:
    """Whoever has something overdue: the subjects of `items`, without a row for each thing that they owe."""
    values = parameters(area_path, as_of) | {"duty": None, "states": ["overdue"], "earlier": None}
    found = _rows(_LATE_NOW, values | midnights(values)) or _rows(UNDONE_STATES + _LATE, values)
    return [subject for (subject,) in found]


def by_owner(
    *, area_path: str, as_of: datetime, duty: str | None, states: list[str], earlier: bool | None
) -> list[OwnedCount]:
    """What `items` lists, counted by whose it is."""
    values = parameters(area_path, as_of) | {"duty": duty, "states": states, "earlier": earlier}
    found = [OwnedCount(*row) for row in _owned(values)]
    name_owners(found, as_of)
    return found


def _owned(values: dict) -> list[tuple]:
    """By the cheapest statement that counts every row."""
    if not UNDONE.issuperset(values["states"]):
        return _rows(STATES + _OF_OWNERS + _OWNED, values)
    counted = [] if "untimed" in values["states"] else _rows(_OWNERS_NOW + _OWNED, values | midnights(values))
    return counted or _rows(UNDONE_STATES + _OF_OWNERS + _OWNED, values)


def midnights(values: dict) -> dict:
    """Between which the day of the moment lies."""
    days = {"midnight": values["today"], "next_midnight": values["today"] + timedelta(days=1)}
    return {name: make_aware(datetime.combine(day, time()), get_default_timezone()) for name, day in days.items()}


def _found(values: dict) -> list[tuple]:
    """By the cheapest statement that has every row of the list."""
    if not UNDONE.issuperset(values["states"]):
        day = values["earlier"] is False or "overdue" not in values["states"]
        return _rows((DAYS_STATES if day else STATES) + _ITEMS, values)
    paged = values["limit"] is not None and values["subjects"] is None and len(values["under"]) <= _WIDE
    paged = paged and values["level"] is None  # the first rows of a list have climbed highest: a level may lie behind
    if paged and "untimed" not in values["states"]:
        first = _rows(FIRST_UNDONE_STATES + _ITEMS, values | midnights(values))
        if first or values["limit"] == 0:
            return first
    return _rows(UNDONE_STATES + _ITEMS, values)


def _rows(sql: str, values: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(by_width(sql, values), values)
        return cursor.fetchall()
