"""After the plan's retention period the identity of those whose observation is over is removed, and that is logged."""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.forgetting import forget

_TICK = Actor("tick")

# The last of a person's observations counts, under whatever plan; whoever is observed again keeps the card whole.
_DUE = """
INSERT INTO observation_erasure (person_id, plan_version_id, ended_on, retention_days, erased_at)
SELECT p.id, %(version)s, l.ended_on, %(days)s, %(at)s
  FROM (SELECT DISTINCT subject FROM duties_enrolment
         WHERE activation_id = %(activation)s AND observed AND voided_at IS NULL AND subject_kind = 'person'
           AND least(last_day, (closed_at AT TIME ZONE %(zone)s)::date) < %(today)s - %(days)s) AS c
  JOIN people_person p ON p.uid = c.subject
 CROSS JOIN LATERAL (
       SELECT max(least(n.last_day, (n.closed_at AT TIME ZONE %(zone)s)::date)) AS ended_on,
              bool_or(n.closed_at IS NULL AND (n.last_day IS NULL OR n.last_day >= %(today)s)) AS running,
              (array_agg(n.activation_id ORDER BY n.registered_at DESC, n.id DESC))[1] AS activation_id
         FROM duties_enrolment n WHERE n.subject = p.uid AND n.observed AND n.voided_at IS NULL) AS l
 WHERE l.activation_id = %(activation)s AND NOT l.running AND l.ended_on < %(today)s - %(days)s
   AND NOT EXISTS (SELECT 1 FROM observation_erasure e WHERE e.person_id = p.id)
RETURNING person_id
"""


@transaction.atomic
def erase_identities(*, at: datetime) -> int:
    """The tick's step: for each plan that sets a period, everybody whose observation ended before it."""
    erased = 0
    for activation in Activation.objects.select_related("plan_version"):
        rule = activation.plan_version.plan.retention.observation_days
        if rule is not None:
            erased += _erase(activation, rule.value, at)
    return erased


def _erase(activation: Activation, days: int, at: datetime) -> int:
    values = {
        "activation": activation.pk,
        "version": activation.plan_version.pk,
        "days": days,
        "today": local_day(at),
        "zone": settings.TIME_ZONE,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, values)
        people = [row[0] for row in cursor.fetchall()]
    if not people:
        return 0
    forget(people=people)
    audit.record(
        by=_TICK,
        action="identities.erased",
        at=at,
        area_path=activation.area_path,
        data={"people": len(people), "days": days, "plan": activation.plan_version.code},
    )
    return len(people)
