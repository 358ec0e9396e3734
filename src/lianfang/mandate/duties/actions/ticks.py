"""The steps of a tick that belong to the engine."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from lianfang.mandate.duties.actions.changes import go_over
from lianfang.mandate.duties.actions.enrolments import end_of_days, enrol_areas
from lianfang.mandate.duties.generation import generate
from lianfang.mandate.duties.states import TOWNSHIP, local_day
from lianfang.mandate.response.queries import activations_on
from lianfang.registry.audit.rules import Actor


@transaction.atomic
def generate_due(*, at: datetime) -> int:
    """The tick's step: obligations for the day and the coming one, for every open enrolment."""
    for activation in activations_on(local_day(at)):
        enrol_areas(activation=activation)
    return generate(local_day(at) + timedelta(days=1))


def catch_up(*, as_of: datetime, now: datetime) -> int:
    """Before a list of a moment that no tick has reached: the rows that a tick would have made by then.

    Never beyond the present: a slip in the year of a question must not make the duties of a century.
    """
    go_over(by=Actor("lianfang"), at=min(as_of, now))
    return generate_due(at=min(as_of, now))


@transaction.atomic
def close_ended(*, at: datetime) -> int:
    """The tick's step: an observation whose days are done ends at 24:00 of its last day, by itself."""
    return end_of_days(at)


# Of what is undone now and was due. Steps that are logged are sorted out by one join, not tried again one by one. Two
# ticks at once write in one order, so that neither waits for the other in a circle; what one logged the other leaves.
_ESCALATE = """
WITH ladder AS MATERIALIZED (
    SELECT d.id, t.after, t.level
      FROM response_duty d CROSS JOIN LATERAL unnest(d.ladder_after, d.ladder_to) AS t(after, level)
)
INSERT INTO duties_escalationstep (obligation_id, level, reached_at, logged_at)
SELECT o.id, l.level, o.due_at + l.after, %(as_of)s
  FROM duties_obligation o JOIN ladder l ON l.id = o.duty_id
 WHERE o.done_at IS NULL AND NOT o.excused AND o.ended_at IS NULL AND o.known_at <= %(as_of)s
   AND o.due_at < %(as_of)s AND o.due_at + l.after <= %(as_of)s
   AND NOT EXISTS (SELECT 1 FROM duties_escalationstep e WHERE e.obligation_id = o.id AND e.level = l.level)
 ORDER BY o.id, l.level
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def escalate(*, at: datetime) -> int:
    """The tick's step: each overdue obligation climbs its plan's ladder, one logged step a level."""
    with connection.cursor() as cursor:
        cursor.execute(_ESCALATE, {"as_of": at})
        return cursor.rowcount


# Obligations made and evidence written at the same moment, in two transactions, have not seen each other.
_MISSED = """
SELECT o.id
  FROM (SELECT * FROM duties_evidence e
         WHERE e.arrived_at > now() - interval '5 minutes' AND e.withdrawn_at IS NULL OFFSET 0) e
 CROSS JOIN LATERAL (
       SELECT * FROM duties_obligation o
        WHERE o.subject = e.subject AND o.done_at IS NULL AND e.at >= o.accepts_from
          AND (o.accepts_until IS NULL OR e.at < o.accepts_until) OFFSET 0) o
 CROSS JOIN LATERAL (SELECT * FROM duties_enrolment n WHERE n.id = o.enrolment_id OFFSET 0) n
  JOIN response_duty d ON d.id = o.duty_id
 WHERE e.kind = ANY(d.evidence) AND (NOT d.per_role OR e.slot = o.slot) AND (e.about IS NULL OR e.about = n.cause)
"""
# What was counted of past hours meanwhile did not know it.
_TOLD_ANEW = """
INSERT INTO duties_pastchange (area_path, since)
SELECT area_path, min(greatest(known_at, opens_at - interval '25 hours')) FROM duties_obligation
 WHERE id = ANY(%s) GROUP BY 1
"""
# What is not summed yet goes to the townships, whose rows are made anew; each statement sees both before or both after.
_SUM_UP = """
WITH fresh AS (
    UPDATE duties_tally SET summed = true WHERE NOT summed
    RETURNING left(area_path, %s) AS area_path, duty_id, day, slot, due_at, opens_at, since, undone, done, late,
              excused, untimed, untimed_done
), gone AS (
    DELETE FROM duties_widetally WHERE EXISTS (SELECT 1 FROM fresh)
    RETURNING area_path, duty_id, day, slot, due_at, opens_at, since, undone, done, late, excused, untimed, untimed_done
)
INSERT INTO duties_widetally (area_path, duty_id, day, slot, due_at, opens_at, since, undone, done, late, excused,
       untimed, untimed_done)
SELECT area_path, duty_id, day, slot, due_at, opens_at, max(since), sum(undone), sum(done), sum(late), sum(excused),
       sum(untimed), sum(untimed_done)
  FROM (SELECT * FROM fresh UNION ALL SELECT * FROM gone) told GROUP BY 1, 2, 3, 4, 5, 6
"""
_COMPACT = """
WITH many AS (
    SELECT area_path, duty_id, day, slot, due_at, opens_at FROM duties_tally WHERE summed
     GROUP BY area_path, duty_id, day, slot, due_at, opens_at HAVING count(*) > 4
), gone AS (
    DELETE FROM duties_tally t USING many m
     WHERE t.summed AND t.area_path = m.area_path AND t.duty_id = m.duty_id AND t.slot = m.slot
       AND (t.day, t.due_at, t.opens_at) IS NOT DISTINCT FROM (m.day, m.due_at, m.opens_at)
    RETURNING t.*
)
INSERT INTO duties_tally (area_path, duty_id, day, slot, due_at, opens_at, since, undone, done, late, excused,
       untimed, untimed_done, summed)
SELECT area_path, duty_id, day, slot, due_at, opens_at, max(since), sum(undone), sum(done), sum(late), sum(excused),
       sum(untimed), sum(untimed_done), true
  FROM gone GROUP BY area_path, duty_id, day, slot, due_at, opens_at
"""


@transaction.atomic
def settle(*, at: datetime) -> int:
    """The tick's step: settle what two transactions could not see of each other, add up the tally."""
    with connection.cursor() as cursor:
        cursor.execute(_MISSED)
        missed = [row[0] for row in cursor.fetchall()]
        if missed:
            cursor.execute("SELECT duties_settle(%s)", [missed])
            cursor.execute(_TOLD_ANEW, [missed])
        cursor.execute(_SUM_UP, [TOWNSHIP])
        cursor.execute(_COMPACT)
    return len(missed)
