"""The one derivation of what is done, late, overdue, open, excused: every list and figure reads this statement."""

from datetime import date, datetime

from django.utils import timezone

# The value that the database keeps is true for each moment from `changed_at` on; before it the records tell. What was
# done by then in a slot of an earlier day is in no list and no figure: it is not looked at.
_KEPT = """
    SELECT o.id, o.enrolment_id, o.duty_id, o.subject, o.area_path, o.day, o.slot, o.opens_at, o.due_at,
           d.code, d.shape, d.position, d.owner, d.ladder_after, d.ladder_to, d.plan_version_id,
           CASE WHEN o.changed_at > %(as_of)s THEN duties_excused_at(o.id, %(as_of)s) ELSE o.excused END AS excused,
           CASE WHEN o.changed_at IS NULL OR o.changed_at <= %(as_of)s THEN o.done_at
                WHEN d.completes <> '' THEN duties_done_at(o.id, d.completes, %(as_of)s)
                ELSE (SELECT min(e.at) FROM duties_evidence e
                       WHERE e.subject = o.subject AND e.kind = ANY(d.evidence) AND (NOT d.per_role OR e.slot = o.slot)
                         AND (e.about IS NULL
                              OR e.about = (SELECT n.cause FROM duties_enrolment n WHERE n.id = o.enrolment_id))
                         AND e.at >= o.accepts_from AND (o.accepts_until IS NULL OR e.at < o.accepts_until)
                         AND e.at <= %(as_of)s AND e.registered_at <= %(as_of)s
                         AND (e.withdrawn_at IS NULL OR e.withdrawn_at > %(as_of)s)) END AS done_at
      FROM duties_obligation o
      JOIN response_duty d ON d.id = o.duty_id
     WHERE o.area_path LIKE %(under)s
       AND (%(subjects)s::uuid[] IS NULL OR o.subject = ANY(%(subjects)s))
       AND o.known_at <= %(as_of)s AND (o.ended_at IS NULL OR o.ended_at > %(as_of)s)
       AND CASE d.shape WHEN 'slot' THEN o.day <= %(today)s ELSE o.opens_at <= %(as_of)s END
       AND (d.shape <> 'slot' OR o.day = %(today)s OR o.done_at IS NULL OR o.changed_at > %(as_of)s)
"""
_UNDONE = "o.done_at IS NULL AND NOT o.excused AND o.ended_at IS NULL"
# The latest moment at which anything changed in the area: for a question after it, what is kept is all there is.
LATEST = "(SELECT max(t.since) FROM duties_tally t WHERE t.area_path LIKE %(under)s)"
# Of a township and wider, the sums of townships tell the same as the rows of villages.
TOWNSHIP = 9
_TALLY = "duties_tally t"
_COUNTS = "area_path, duty_id, day, slot, due_at, opens_at, since, undone, done, late, excused, untimed, untimed_done"
_WIDE_TALLY = f"""(SELECT {_COUNTS} FROM duties_widetally
        UNION ALL SELECT {_COUNTS} FROM duties_tally WHERE NOT summed) t"""  # noqa: S608 - put together from constants

# How far up its ladder what is due has climbed.
LEVEL = """coalesce((SELECT t.level FROM unnest(ladder_after, ladder_to) WITH ORDINALITY AS t(after, level, step)
                      WHERE due_at + t.after <= %(as_of)s ORDER BY t.step DESC LIMIT 1), 'worker')"""
_NAMED = f"""
), named AS (
    SELECT b.*, CASE
             WHEN done_at IS NOT NULL AND due_at IS NULL THEN 'untimed_done'
             WHEN done_at > due_at THEN 'late'
             WHEN done_at IS NOT NULL THEN 'done'
             WHEN excused THEN 'excused'
             WHEN due_at IS NULL THEN 'untimed'
             WHEN due_at < %(as_of)s OR (shape = 'slot' AND day < %(today)s) THEN 'overdue'
             ELSE 'open' END AS state,
           shape = 'slot' AND day < %(today)s AS earlier
      FROM base b
), states AS (
    SELECT *, {LEVEL} AS level
      FROM named
     WHERE NOT (earlier AND state <> 'overdue')
)
"""  # noqa: S608 - put together from constants

# One row per obligation that counts at the moment `as_of`. Slotted duties: the whole local day, and of earlier days
# what is still unclosed (carried). One-off duties: everything opened by then, until it is done or excused.
STATES = f"WITH base AS MATERIALIZED ({_KEPT}{_NAMED}"
# The same rows without what earlier days left: the day's slots and the clocks, which an index each has.
DAYS_STATES = f"""WITH base AS MATERIALIZED ({_KEPT} AND d.shape = 'slot' AND o.day = %(today)s
    UNION ALL {_KEPT} AND d.shape <> 'slot' AND o.accepts_until IS NULL{_NAMED}"""
# The same rows as far as they are neither done nor excused, read from an index that holds no others.
UNDONE_STATES = f"""WITH base AS MATERIALIZED ({_KEPT} AND {_UNDONE}
    UNION ALL {_KEPT} AND NOT ({_UNDONE}) AND (o.changed_at > %(as_of)s OR o.ended_at > %(as_of)s)
       AND {LATEST} > %(as_of)s{_NAMED}"""  # noqa: S608 - put together from constants; every value is a parameter
# What follows reads at the present alone, each duty's undone rows from an index that has them by their end. It gives no
# row where the moment lies before the latest change. A slot ends by the midnight after its day.
UNDONE_OF_DUTY = f"""o.duty_id = d.id AND {_UNDONE} AND o.area_path LIKE %(under)s
              AND o.due_at > CASE WHEN d.shape = 'slot' AND %(earlier)s::boolean = false
                                  THEN %(midnight)s::timestamptz ELSE '-infinity' END
              AND o.due_at <= CASE WHEN d.shape <> 'slot' THEN 'infinity'
                                   WHEN %(earlier)s::boolean = true THEN %(midnight)s::timestamptz
                                   ELSE %(next_midnight)s::timestamptz END
              AND o.due_at < CASE WHEN 'open' = ANY(%(states)s) THEN 'infinity' ELSE %(as_of)s::timestamptz END
              AND o.due_at >= CASE WHEN 'overdue' = ANY(%(states)s) THEN '-infinity' ELSE %(as_of)s::timestamptz END"""
AT_PRESENT = f"(%(duty)s::text IS NULL OR d.code = %(duty)s) AND coalesce({LATEST} <= %(as_of)s, true)"
# The first rows of a long list, in whose order the index stands: as many of each duty are read as the page needs.
FIRST_UNDONE_STATES = f"""WITH base AS MATERIALIZED (
    SELECT o.id, o.enrolment_id, o.duty_id, o.subject, o.area_path, o.day, o.slot, o.opens_at, o.due_at,
           d.code, d.shape, d.position, d.owner, d.ladder_after, d.ladder_to, d.plan_version_id,
           o.excused, o.done_at
      FROM response_duty d
     CROSS JOIN LATERAL (
           SELECT * FROM duties_obligation o
            WHERE {UNDONE_OF_DUTY}
              AND CASE d.shape WHEN 'slot' THEN o.day <= %(today)s ELSE o.opens_at <= %(as_of)s END
            ORDER BY o.due_at, o.area_path, o.id LIMIT %(offset)s + %(limit)s) o
     WHERE {AT_PRESENT}{_NAMED}"""  # noqa: S608 - put together from constants
UNDONE = frozenset({"overdue", "open", "untimed"})


def parameters(area_path: str, as_of: datetime, subjects: list | None = None) -> dict:
    """The values that STATES takes; `today` is the local day of the moment."""
    literal = area_path.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return {"under": f"{literal}%", "as_of": as_of, "today": local_day(as_of), "subjects": subjects}


def by_width(sql: str, values: dict) -> str:
    """The statement as it is cheapest for the area: `length` is that of the areas that are told apart."""
    wide = len(values["under"]) <= TOWNSHIP + 1 and values.get("length", 0) <= TOWNSHIP
    return sql.replace(_TALLY, _WIDE_TALLY) if wide else sql


def local_day(moment: datetime) -> date:
    return timezone.localtime(moment, timezone.get_default_timezone()).date()
