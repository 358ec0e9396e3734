"""Obligations from enrolments, set by set: idempotent, safe in parallel, never a loop over subjects."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db import connection

from lianfang.mandate.response.models import Activation, Duty
from lianfang.science.plan import Duty as PlanDuty
from lianfang.science.plan import Plan

_TARGETS = """
    n.activation_id = %(activation)s AND n.pathway = %(pathway)s
    AND n.closed_at IS NULL AND n.voided_at IS NULL
    AND (n.generated_through IS NULL OR n.generated_through < %(through)s)
    AND (%(only)s::bigint[] IS NULL OR n.id = ANY(%(only)s))
"""

# A slot that ended before the subject was registered is not owed. An enrolment that goes on from another owes the slots
# that open after it began; the one under way stays with the other. A reading belongs to the last slot begun that day,
# so each slot accepts until the next one opens, the last one until midnight. The hours are reckoned once a day.
# Where clocks go forward, a window within the hour that is left out is not there that day. All slots of a subject are
# written beside each other: in most indexes they are neighbours.
_SLOTS = f"""
WITH targets AS MATERIALIZED (
SELECT n.id, n.subject, n.area_path, n.registered_at, n.origin_id, n.last_day,
       greatest(n.first_day, n.generated_through + 1) AS since
  FROM duties_enrolment n WHERE {_TARGETS}
), windows AS MATERIALIZED (
SELECT d.day::date AS day, s.duty, s.slot,
       (d.day + make_interval(mins => s.start)) AT TIME ZONE %(zone)s AS opens,
       (d.day + make_interval(mins => s.finish)) AT TIME ZONE %(zone)s AS due,
       (d.day + make_interval(mins => s.until)) AT TIME ZONE %(zone)s AS until
  FROM generate_series(
       (SELECT min(greatest(n.since, (n.registered_at AT TIME ZONE %(zone)s)::date)) FROM targets n)::timestamp,
       least(%(through)s, %(ends)s::date)::timestamp, interval '1 day') AS d(day)
 CROSS JOIN unnest(%(duties)s::bigint[], %(slots)s::text[], %(starts)s::int[], %(finishes)s::int[], %(untils)s::int[])
       AS s(duty, slot, start, finish, until)
)
INSERT INTO duties_obligation
       (enrolment_id, duty_id, subject, area_path, day, slot, accepts_from, opens_at, due_at, accepts_until,
        known_at)
SELECT n.id, w.duty, n.subject, n.area_path, w.day, w.slot, w.opens, w.opens, w.due, greatest(w.until, w.due),
       n.registered_at
  FROM targets n
  JOIN windows w ON w.day >= n.since AND (n.last_day IS NULL OR w.day <= n.last_day)
 WHERE w.opens < least(w.due, w.until)
   AND CASE WHEN n.origin_id IS NULL THEN w.due > n.registered_at ELSE w.opens >= n.registered_at END
 ORDER BY n.id, w.opens
ON CONFLICT DO NOTHING
"""  # noqa: S608 - put together from constants; every value is a parameter

# A clock counts from registration or from the moment that the plan names. Where that moment is unknown, or lies
# before the plan was in force, the obligation has no due time: it is listed outside the percentage. A clock from the
# last day opens at its midnight: the review of a release is not owed earlier. What a chain of enrolments has begun to
# owe is not owed again by the next of them, but the review: each last day has its own.
_CLOCK = f"""
INSERT INTO duties_obligation
       (enrolment_id, duty_id, subject, area_path, day, slot, accepts_from, opens_at, due_at, accepts_until,
        known_at)
SELECT n.id, %(duty)s, n.subject, n.area_path, (w.opens AT TIME ZONE %(zone)s)::date, role.code,
       CASE WHEN %(from_last_day)s AND n.origin_id IS NOT NULL THEN w.opens
            ELSE least(w.opens, n.anchor_on::timestamp AT TIME ZONE %(zone)s) END, w.opens,
       CASE WHEN w.started THEN w.opens + %(within)s END, NULL, n.registered_at
  FROM duties_enrolment n
  JOIN response_activation a ON a.id = n.activation_id
 CROSS JOIN LATERAL (SELECT %(from_registration)s OR (%(from_last_day)s AND n.last_day IS NOT NULL)
       OR coalesce(n.anchor_at >= a.starts_on::timestamp AT TIME ZONE %(zone)s, false) AS started) AS s
 CROSS JOIN LATERAL (SELECT s.started,
       CASE WHEN %(from_last_day)s AND n.last_day IS NOT NULL
            THEN greatest(n.registered_at, n.last_day::timestamp AT TIME ZONE %(zone)s)
            WHEN s.started AND NOT %(from_registration)s THEN n.anchor_at ELSE n.registered_at END AS opens) AS w
 CROSS JOIN unnest(%(roles)s::text[]) AS role(code)
 WHERE {_TARGETS} AND n.generated_through IS NULL
   AND (n.last_day IS NULL OR n.last_day >= (n.registered_at AT TIME ZONE %(zone)s)::date)
   AND (n.origin_id IS NULL OR %(from_last_day)s OR NOT EXISTS (
        SELECT 1 FROM duties_enrolment m JOIN duties_obligation p ON p.enrolment_id = m.id
          JOIN response_duty q ON q.id = p.duty_id
         WHERE coalesce(m.origin_id, m.id) = n.origin_id AND m.id <> n.id AND m.voided_at IS NULL
           AND q.code = %(code)s AND p.slot = role.code AND p.opens_at < n.registered_at))
ON CONFLICT DO NOTHING
"""  # noqa: S608 - put together from constants; every value is a parameter

# What was recorded before its obligation was made closes it at once. Slots of a day still to come cannot have any.
# Each enrolment's rows are looked up by key (OFFSET 0), whatever the planner believes of tables that were empty.
_SETTLE = f"""
SELECT duties_settle(array_agg(o.id))
  FROM (SELECT n.id, n.generated_through FROM duties_enrolment n
         WHERE {_TARGETS} AND (n.generated_through IS NULL
               OR n.generated_through < (now() AT TIME ZONE %(zone)s)::date)
           AND EXISTS (SELECT 1 FROM duties_evidence e WHERE e.subject = n.subject) OFFSET 0) n
 CROSS JOIN LATERAL (
       SELECT o.id FROM duties_obligation o
        WHERE o.enrolment_id = n.id AND (n.generated_through IS NULL OR o.day > n.generated_through)
          AND o.accepts_from <= now() + interval '1 day' OFFSET 0) o
"""  # noqa: S608 - put together from constants; every value is a parameter
# The day on which an observation goes on as another has parts under both.
_SETTLE_CHAIN = f"""
SELECT duties_settle(array_agg(o.id))
  FROM (SELECT n.origin_id, n.registered_at FROM duties_enrolment n
         WHERE {_TARGETS} AND n.generated_through IS NULL AND n.origin_id IS NOT NULL OFFSET 0) n
 CROSS JOIN LATERAL (SELECT m.id FROM duties_enrolment m
                      WHERE coalesce(m.origin_id, m.id) = n.origin_id OFFSET 0) m
 CROSS JOIN LATERAL (
       SELECT o.id, o.duty_id FROM duties_obligation o
        WHERE o.enrolment_id = m.id AND o.day >= (n.registered_at AT TIME ZONE %(zone)s)::date OFFSET 0) o
  JOIN response_duty d ON d.id = o.duty_id AND d.completes <> ''
"""  # noqa: S608 - put together from constants; every value is a parameter

_MARK = f"UPDATE duties_enrolment n SET generated_through = %(through)s WHERE {_TARGETS}"  # noqa: S608 - constants

# A connection keeps the plans of its triggers. Those made while the table was empty would read all of it for each row.
_MANY = 1000


def generate(through: date, only: list[int] | None = None, activation: Activation | None = None) -> int:
    """Make every obligation due up to the local day `through`; returns how many are new. Call in a transaction."""
    made = 0
    asked = {} if activation is None else {"pk": activation.pk}
    with connection.cursor() as cursor:
        for found in Activation.objects.filter(**asked).select_related("plan_version").order_by("pk"):
            made += _generate_for(cursor, found, through, only)
        if made >= _MANY:
            cursor.execute("DISCARD PLANS")
    return made


def _generate_for(cursor, activation: Activation, through: date, only: list[int] | None) -> int:
    plan = activation.plan_version.plan
    duty_ids = dict(Duty.objects.filter(plan_version=activation.plan_version).values_list("code", "pk"))
    zone = settings.TIME_ZONE
    made = 0
    chosen = _by_pathway(cursor, activation, only)
    for pathway_code in plan.pathways:
        if chosen is not None and pathway_code not in chosen:
            continue
        base = {
            "activation": activation.pk,
            "pathway": pathway_code,
            "through": through,
            "ends": activation.ends_on - timedelta(days=1) if activation.ends_on else None,
            "only": chosen and chosen[pathway_code],
            "zone": zone,
        }
        for sql, values in _statements(plan, pathway_code, duty_ids):
            cursor.execute(sql, {**base, **values})
            made += cursor.rowcount
        for settle in (_SETTLE, _SETTLE_CHAIN):
            cursor.execute(settle, base)
        cursor.execute(_MARK, base)
    return made


def _by_pathway(cursor, activation: Activation, only: list[int] | None) -> dict[str, list[int]] | None:
    """The enrolments named, each beside its pathway: no statement looks at those of another."""
    if only is None:
        return None
    cursor.execute(
        "SELECT pathway, array_agg(id) FROM duties_enrolment WHERE id = ANY(%s) AND activation_id = %s GROUP BY 1",
        [only, activation.pk],
    )
    return dict(cursor.fetchall())


def _statements(plan: Plan, pathway_code: str, duty_ids: dict[str, int]):
    """All slots of the pathway at once, then each duty that has a clock."""
    pathway = plan.pathways[pathway_code]
    duties = [plan.duties[code] for code in pathway.duties]
    if slots := [slot for duty in duties for slot in _slots(duty, duty_ids[duty.code])]:
        names = ("duties", "slots", "starts", "finishes", "untils")
        yield _SLOTS, dict(zip(names, map(list, zip(*slots, strict=True)), strict=True))
    for duty in duties:
        if duty.shape != "slot":
            yield _CLOCK, {"duty": duty_ids[duty.code], **_clock(plan, duty, pathway.team)}


def _slots(duty: PlanDuty, key: int) -> Iterator[tuple[int, str, int, int, int]]:
    """(duty, slot, minutes of the day from which, to which and until which it accepts) of each slot."""
    if duty.shape == "slot":
        ends = [slot.start_minute for slot in duty.slots[1:]] + [1440]
        for slot, until in zip(duty.slots, ends, strict=True):
            yield key, slot.code, slot.start_minute, slot.end_minute, until


def _clock(plan: Plan, duty: PlanDuty, team: str | None) -> dict[str, object]:
    roles = [slot.code for slot in plan.teams[team].required] if duty.per_role and team else [""]
    return {
        "within": duty.within.value if duty.within else None,
        "from_registration": duty.start == "registration",
        "from_last_day": duty.start == "last_day",
        "roles": roles,
        "code": duty.code,
    }
