"""Responsibility teams: places and persons covered, whose team is incomplete, what each member carries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import get_language

from lianfang.field.observation.queries.counts import under_observation
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.rules import Share
from lianfang.mandate.response.models import Activation
from lianfang.science.plan import Plan, Team

# One row for each running observation whose plan asks for a team: its required places and those that are empty.
_TEAMS = """
WITH n AS ({observed}), wanted AS (
    SELECT * FROM unnest(%(activations)s::bigint[], %(pathways)s::text[], %(slots)s::text[], %(positions)s::int[])
        AS w(activation_id, pathway, slot, position)
), team AS (
    SELECT n.id, n.subject, n.area_path, n.activation_id, n.pathway, count(*) AS places,
           array_agg(w.slot ORDER BY w.position) FILTER (WHERE h.slot IS NULL) AS empty,
           count(*) FILTER (WHERE h.slot IS NULL) AS missing
      FROM n JOIN wanted w USING (activation_id, pathway)
      LEFT JOIN (SELECT DISTINCT t.enrolment_id, t.slot FROM duties_teammember t
                  WHERE t.since <= %(as_of)s AND t.registered_at <= %(as_of)s
                    AND (t.until IS NULL OR t.until > %(as_of)s)) AS h ON h.enrolment_id = n.id AND h.slot = w.slot
     GROUP BY n.id, n.subject, n.area_path, n.activation_id, n.pathway
)
"""
_COVERAGE = "SELECT count(*), count(*) FILTER (WHERE missing = 0), sum(places), sum(places - missing) FROM team"
_EMPTY = "SELECT slot, count(*) FROM team CROSS JOIN unnest(empty) AS slot GROUP BY slot ORDER BY 2 DESC, 1"
_INCOMPLETE = """
SELECT t.id, t.activation_id, t.pathway, t.subject, t.area_path, t.empty, p.name, h.door, v.name
  FROM team t JOIN people_person p ON p.uid = t.subject
  LEFT JOIN people_household h ON h.id = p.household_id
  LEFT JOIN places_area v ON v.path = t.area_path
 WHERE t.missing > 0 ORDER BY t.area_path, h.door, p.pinyin, t.id LIMIT %(limit)s OFFSET %(offset)s
"""
_LOADS = """
SELECT m.name, m.phone, array_agg(DISTINCT m.slot), count(DISTINCT n.subject), array_agg(DISTINCT n.activation_id),
       array_agg(DISTINCT n.pathway)
  FROM n JOIN duties_teammember m ON m.enrolment_id = n.id
 WHERE m.since <= %(as_of)s AND m.registered_at <= %(as_of)s AND (m.until IS NULL OR m.until > %(as_of)s)
 GROUP BY m.name, m.phone ORDER BY 4 DESC, 1, 2 LIMIT 500
"""


@dataclass(frozen=True)
class Coverage:
    """Persons whose required places are all filled, beside the places; `empty` counts the empty ones by role."""

    persons: int
    covered: int
    places: int
    filled: int
    empty: tuple[tuple[str, int], ...]

    @property
    def share(self) -> Share:
        return Share(self.covered, self.persons)


@dataclass(frozen=True)
class Incomplete:
    """One person whose team has an empty required place; `empty` names the roles in words."""

    enrolment: int
    subject: UUID
    name: str
    village: str
    door: str
    empty: tuple[str, ...]


@dataclass(frozen=True)
class Load:
    """A member and the persons under observation that they carry; flagged beyond the plan's limit."""

    name: str
    phone: str
    roles: tuple[str, ...]
    persons: int
    limit: int | None

    @property
    def too_many(self) -> bool:
        return self.limit is not None and self.persons > self.limit


class Teams:
    """The teams of an area at a moment; plans and places are looked up once for all questions."""

    def __init__(self, area_path: str, as_of: datetime) -> None:
        self.plans, values = _wanted(area_path, as_of)
        self.sql, params = _with_observed(area_path, as_of)
        self.values = values | params
        self.words = _role_words(self.plans.values())

    def coverage(self) -> Coverage:
        """C11: counts and the empty roles of the area at the moment."""
        ((persons, covered, places, filled),) = self._rows(_COVERAGE)
        counts: Counter = Counter()
        for slot, count in self._rows(_EMPTY):
            counts[self.words.get(slot, slot)] += count
        return Coverage(persons, covered, int(places or 0), int(filled or 0), tuple(counts.most_common()))

    def incomplete(self, *, limit: int, offset: int = 0) -> list[Incomplete]:
        """The people whose team is not complete, door by door."""
        rows = self._rows(_INCOMPLETE, limit=limit, offset=offset)
        return [
            Incomplete(
                key, subject, name, village or path, door or "", tuple(self.words.get(slot, slot) for slot in empty)
            )
            for key, _activation, _pathway, subject, path, empty, name, door, village in rows
        ]

    def loads(self) -> list[Load]:
        """What each member carries, the most first; the limit is the smallest of the plans worked under."""
        return [
            Load(
                name=name,
                phone=phone,
                roles=self._titled(slots),
                persons=persons,
                limit=_limit(self.plans, activations, pathways),
            )
            for name, phone, slots, persons, activations, pathways in self._rows(_LOADS)
        ]

    def titles(self) -> dict[str, tuple[str, bool]]:
        """Slot → (title, optional): what can be filled for many at once."""
        language = get_language() or "zh-hans"
        return {
            slot.code: (slot.title.of(language), slot.optional)
            for (_activation, pathway), plan in self.plans.items()
            if (team := plan.team_of(plan.pathways[pathway])) is not None
            for slot in team.slots
        }

    def _titled(self, slots: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.words.get(slot, slot) for slot in slots)

    def _rows(self, question: str, **more: int) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql + question, self.values | more)
            return cursor.fetchall()


def _limit(plans: dict[tuple[int, str], Plan], activations: Iterable[int], pathways: Iterable[str]) -> int | None:
    teams: list[Team | None] = [
        plan.team_of(plan.pathways[pathway])
        for (activation, pathway), plan in plans.items()
        if activation in activations and pathway in pathways
    ]
    limits = [team.max_load.value for team in teams if team is not None and team.max_load is not None]
    return min(limits, default=None)


def _wanted(area_path: str, as_of: datetime) -> tuple[dict[tuple[int, str], Plan], dict]:
    """(activation, pathway) → plan, for those that observe anybody here; and the places that they require."""
    found = set(under_observation(area_path, as_of).order_by().values_list("activation_id", "pathway").distinct())
    rows = Activation.objects.filter(pk__in={pk for pk, _pathway in found}).select_related("plan_version")
    by_pk = {row.pk: row.plan_version.plan for row in rows}
    plans = {(pk, pathway): by_pk[pk] for pk, pathway in sorted(found)}
    wanted = [
        (pk, pathway, slot.code, position)
        for (pk, pathway), plan in plans.items()
        if (team := plan.team_of(plan.pathways[pathway])) is not None
        for position, slot in enumerate(team.required)
    ]
    columns = list(zip(*wanted, strict=True)) or [(), (), (), ()]
    names = ("activations", "pathways", "slots", "positions")
    return plans, {name: list(column) for name, column in zip(names, columns, strict=True)} | {"as_of": as_of}


def _with_observed(area_path: str, as_of: datetime) -> tuple[str, dict]:
    """The statement over the running observations of the area: the one filter that every count uses."""
    fields = ("id", "subject", "area_path", "activation_id", "pathway")
    sql, given = under_observation(area_path, as_of).order_by().values(*fields).query.sql_with_params()
    names = {f"p{number}": value for number, value in enumerate(given)}
    return _TEAMS.replace("{observed}", sql % tuple(f"%({name})s" for name in names)), names


def _role_words(plans: Iterable[Plan]) -> dict[str, str]:
    language = get_language() or "zh-hans"
    return {slot.code: slot.title.of(language) for plan in plans for team in plan.teams.values() for slot in team.slots}


def observations(pks: Iterable[int]) -> list[Enrolment]:
    return list(Enrolment.objects.filter(pk__in=list(pks)).select_related("activation__plan_version"))
