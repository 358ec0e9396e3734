"""Reads: what is due and done, and every gap with its owner. Page, list, export and command use these alone."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from lianfang.mandate.duties.owners import resolve
from lianfang.mandate.duties.rules import Share, minutes_late
from lianfang.mandate.duties.states import STATES, parameters

_COUNTED = "NOT earlier AND state IN ('done', 'late', 'overdue', 'open', 'excused')"

_SUMMARY = (
    STATES
    + f"""
SELECT code, min(duty_id), min(plan_version_id), min(shape), min(position),
       count(*) FILTER (WHERE {_COUNTED}) AS due,
       count(*) FILTER (WHERE NOT earlier AND state IN ('done', 'late')) AS done,
       count(*) FILTER (WHERE NOT earlier AND state = 'late') AS late,
       count(*) FILTER (WHERE NOT earlier AND state = 'overdue') AS overdue,
       count(*) FILTER (WHERE NOT earlier AND state = 'open') AS open,
       count(*) FILTER (WHERE NOT earlier AND state = 'excused') AS excused,
       count(*) FILTER (WHERE earlier) AS carried,
       count(*) FILTER (WHERE state = 'untimed') AS untimed,
       min(due_at) FILTER (WHERE state = 'overdue') AS oldest
  FROM states GROUP BY code ORDER BY min(position), code
"""  # noqa: S608 - put together from constants; every value is a parameter
)

_BY_AREA = (
    STATES
    + f"""
SELECT left(area_path, %(length)s) AS path, code,
       count(*) FILTER (WHERE {_COUNTED}) AS due,
       count(*) FILTER (WHERE NOT earlier AND state IN ('done', 'late')) AS done,
       count(*) FILTER (WHERE NOT earlier AND state = 'overdue') AS overdue
  FROM states WHERE %(duty)s::text IS NULL OR code = %(duty)s GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 - put together from constants; every value is a parameter
)

_ITEMS = (
    STATES
    + """
SELECT s.id, s.enrolment_id, s.code, s.duty_id, s.plan_version_id, s.subject_kind, s.subject, s.cause, s.pathway,
       s.area_path, s.day, s.slot, s.opens_at, s.due_at, s.done_at, s.state, s.level, s.owner, s.earlier,
       coalesce(p.name, a.name) AS name, v.name AS area_name, h.door, h.uid AS household, p.pinyin
  FROM states s
  LEFT JOIN people_person p ON s.subject_kind = 'person' AND p.uid = s.subject
  LEFT JOIN people_household h ON h.id = p.household_id
  LEFT JOIN places_area a ON s.subject_kind = 'area' AND a.uid = s.subject
  LEFT JOIN places_area v ON v.path = s.area_path
 WHERE (%(duty)s::text IS NULL OR s.code = %(duty)s) AND s.state = ANY(%(states)s)
   AND (%(earlier)s::boolean IS NULL OR s.earlier = %(earlier)s)
 ORDER BY s.position, s.due_at NULLS LAST, s.area_path, p.pinyin, s.slot, s.id
 LIMIT %(limit)s OFFSET %(offset)s
"""
)

GAP_STATES = ["overdue", "open"]


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
    owner: str = ""
    owner_phone: str = ""
    owner_vacant: bool = False
    age_minutes: int = 0


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
    rows = _rows(_SUMMARY, parameters(area_path, as_of))
    return [summary for row in rows if (summary := DutySummary(*row)).code == duty or duty is None]


def by_area(*, area_path: str, as_of: datetime, length: int, duty: str | None = None) -> list[AreaCount]:
    """The same counts for each area whose path has the length."""
    values = parameters(area_path, as_of) | {"length": length, "duty": duty}
    return [AreaCount(*row) for row in _rows(_BY_AREA, values)]


def items(
    *,
    area_path: str,
    as_of: datetime,
    duty: str | None = None,
    states: list[str] | None = None,
    subjects: list[UUID] | None = None,
    earlier: bool | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Item]:
    """The obligations behind a figure, oldest first, with owners; a fixed number of queries whatever the length.

    `earlier` True gives only what earlier days left, False only the day itself.
    """
    values = parameters(area_path, as_of, subjects) | {
        "duty": duty,
        "states": states or GAP_STATES,
        "earlier": earlier,
        "limit": limit,
        "offset": offset,
    }
    found = [Item(*row) for row in _rows(_ITEMS, values)]
    owners = resolve(found, as_of)
    for item in found:
        owner = owners[item.id]
        item.owner, item.owner_phone, item.owner_vacant = owner.name, owner.phone, owner.vacant
        item.age_minutes = minutes_late(item.due_at, as_of)
    return found


def _rows(sql: str, values: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
