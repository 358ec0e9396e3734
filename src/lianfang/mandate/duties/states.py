"""The one derivation of what is done, late, overdue, open, excused: every list and figure reads this statement."""

from datetime import date, datetime

from django.utils import timezone

# One row per obligation that counts at the moment `as_of`. Slotted duties: the whole local day, and of earlier days
# what is still unclosed (carried). One-off duties: everything opened by then, until it is done or excused.
STATES = """
WITH base AS (
    SELECT o.id, o.enrolment_id, o.duty_id, o.subject, o.area_path, o.day, o.slot, o.opens_at, o.due_at,
           d.code, d.shape, d.completes, d.position, d.owner, d.ladder_after, d.ladder_to, d.plan_version_id,
           n.subject_kind, n.pathway, n.cause, n.observed, coalesce(n.origin_id, n.id) AS chain,
           EXISTS (SELECT 1 FROM duties_excuse x WHERE x.obligation_id = o.id AND x.excused_at <= %(as_of)s
                      AND (x.withdrawn_at IS NULL OR x.withdrawn_at > %(as_of)s)) AS excused,
           (SELECT min(e.at) FROM duties_evidence e
             WHERE e.subject = o.subject AND e.kind = ANY(d.evidence)
               AND (NOT d.per_role OR e.slot = o.slot) AND (e.about IS NULL OR e.about = n.cause)
               AND e.at >= o.accepts_from AND (o.accepts_until IS NULL OR e.at < o.accepts_until)
               AND e.at <= %(as_of)s AND e.registered_at <= %(as_of)s
               AND (e.withdrawn_at IS NULL OR e.withdrawn_at > %(as_of)s)) AS own_done_at
      FROM duties_obligation o
      JOIN duties_enrolment n ON n.id = o.enrolment_id
      JOIN response_duty d ON d.id = o.duty_id
     WHERE o.area_path LIKE %(under)s
       AND (%(subjects)s::uuid[] IS NULL OR o.subject = ANY(%(subjects)s))
       AND n.registered_at <= %(as_of)s
       AND (n.voided_at IS NULL OR n.voided_at > %(as_of)s)
       AND (n.closed_at IS NULL OR n.closed_at > %(as_of)s OR o.opens_at < n.closed_at)
       AND CASE d.shape WHEN 'slot' THEN o.day <= %(today)s ELSE o.opens_at <= %(as_of)s END
), parts AS (
    SELECT chain, day, code, count(*) = count(own_done_at) AS complete, max(own_done_at) AS done_at
      FROM base WHERE shape = 'slot' AND completes = '' GROUP BY chain, day, code
), judged AS (
    SELECT b.*, CASE WHEN b.completes = '' THEN b.own_done_at WHEN p.complete THEN p.done_at END AS done_at
      FROM base b LEFT JOIN parts p ON p.chain = b.chain AND p.day = b.day AND p.code = b.completes
), named AS (
    SELECT j.*, CASE
             WHEN done_at IS NOT NULL AND due_at IS NULL THEN 'untimed_done'
             WHEN done_at > due_at THEN 'late'
             WHEN done_at IS NOT NULL THEN 'done'
             WHEN excused THEN 'excused'
             WHEN due_at IS NULL THEN 'untimed'
             WHEN due_at < %(as_of)s OR (shape = 'slot' AND day < %(today)s) THEN 'overdue'
             ELSE 'open' END AS state,
           shape = 'slot' AND day < %(today)s AS earlier
      FROM judged j
), states AS (
    SELECT *, coalesce((SELECT t.level FROM unnest(ladder_after, ladder_to) WITH ORDINALITY AS t(after, level, step)
                         WHERE due_at + t.after <= %(as_of)s ORDER BY t.step DESC LIMIT 1), 'worker') AS level
      FROM named
     WHERE NOT (earlier AND state <> 'overdue')
)
"""


def parameters(area_path: str, as_of: datetime, subjects: list | None = None) -> dict:
    """The values that STATES takes; `today` is the local day of the moment."""
    literal = area_path.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return {"under": f"{literal}%", "as_of": as_of, "today": local_day(as_of), "subjects": subjects}


def local_day(moment: datetime) -> date:
    return timezone.localtime(moment, timezone.get_default_timezone()).date()
