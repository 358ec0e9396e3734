"""Who was not reached for the plan's number of days is lost to follow-up until somebody has contact again."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from lianfang.field.observation.models import Loss
from lianfang.field.observation.rules import CONTACT_KINDS
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor

_TICK = Actor("tick")

# The days without contact begin after the last one, never before the first day that asked for any. Who was reached
# lately, as nearly everybody is, falls out by one look at the index before anything is reckoned.
_MARK = """
INSERT INTO observation_loss (person_id, enrolment_id, since, marked_at)
SELECT p.id, n.id, c.since, %(at)s
  FROM duties_enrolment n
  JOIN people_person p ON p.uid = n.subject AND p.withdrawn_at IS NULL
 CROSS JOIN LATERAL (
       SELECT greatest(n.first_day, (n.registered_at AT TIME ZONE %(zone)s)::date,
                       (max(e.at) AT TIME ZONE %(zone)s)::date + 1) AS since
         FROM duties_evidence e
        WHERE e.subject = n.subject AND e.kind = ANY(%(kinds)s) AND e.withdrawn_at IS NULL AND e.at <= %(at)s) AS c
 WHERE n.activation_id = %(activation)s AND n.observed AND n.subject_kind = 'person'
   AND n.closed_at IS NULL AND n.voided_at IS NULL AND (n.last_day IS NULL OR n.last_day >= %(today)s)
   AND n.first_day <= %(today)s - %(days)s
   AND NOT EXISTS (
       SELECT 1 FROM duties_evidence e
        WHERE e.subject = n.subject AND e.kind = ANY(%(kinds)s) AND e.withdrawn_at IS NULL AND e.at <= %(at)s
          AND e.at >= (%(today)s - %(days)s)::timestamp AT TIME ZONE %(zone)s)
   AND %(today)s - c.since >= %(days)s
ON CONFLICT DO NOTHING
"""

_FOUND = """
UPDATE observation_loss l SET found_at = greatest(l.marked_at, c.at)
  FROM (SELECT o.id, (SELECT min(e.at) FROM duties_evidence e
                       WHERE e.subject = p.uid AND e.kind = ANY(%(kinds)s) AND e.withdrawn_at IS NULL AND e.at <= %(at)s
                         AND (e.at AT TIME ZONE %(zone)s)::date >= o.since) AS at
          FROM observation_loss o JOIN people_person p ON p.id = o.person_id WHERE o.found_at IS NULL) AS c
 WHERE c.id = l.id AND c.at IS NOT NULL
"""


@transaction.atomic
def mark_lost(*, at: datetime) -> int:
    """The tick's step: end the losses of those found again, then mark who is lost now."""
    today = local_day(at)
    values = {"at": at, "zone": settings.TIME_ZONE, "kinds": list(CONTACT_KINDS), "today": today}
    marked = 0
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, values)
        running = Activation.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today))
        for activation in running.select_related("plan_version"):
            if (lost := activation.plan_version.plan.lost) is not None:
                cursor.execute(_MARK, values | {"activation": activation.pk, "days": lost.missed_days.value})
                marked += cursor.rowcount
    if marked:
        audit.record(by=_TICK, action="observations.lost", at=at, data={"people": marked})
    return marked


def found_again(*, people: Iterable[int], at: datetime) -> None:
    """Somebody had contact with these people (primary keys): they are lost no longer."""
    lost = Loss.objects.filter(found_at__isnull=True, marked_at__lte=at)
    # One array instead of a thousand values: so the statement is put together at once.
    lost.extra(where=["person_id = ANY(%s)"], params=[list(people)]).update(found_at=at)
