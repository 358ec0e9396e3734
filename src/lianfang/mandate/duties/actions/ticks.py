"""The steps of a tick that belong to the engine."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from lianfang.mandate.duties.actions.enrolments import enrol_areas
from lianfang.mandate.duties.generation import generate
from lianfang.mandate.duties.states import STATES, local_day, parameters
from lianfang.mandate.response.models import Activation


@transaction.atomic
def generate_due(*, at: datetime) -> int:
    """The tick's step: obligations for the day and the coming one, for every open enrolment."""
    for activation in Activation.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=local_day(at))):
        enrol_areas(activation=activation)
    return generate(local_day(at) + timedelta(days=1))


def catch_up(*, as_of: datetime, now: datetime) -> int:
    """Before a list of a moment that no tick has reached: the rows that a tick would have made by then.

    Never beyond the present: a slip in the year of a question must not make the duties of a century.
    """
    return generate_due(at=min(as_of, now))


@transaction.atomic
def close_ended(*, at: datetime) -> int:
    """The tick's step: an observation whose days are done ends at 24:00 of its last day, by itself."""
    sql = """
        UPDATE duties_enrolment SET closed_reason = 'days_done',
               closed_at = greatest(registered_at, (last_day + 1)::timestamp AT TIME ZONE %(zone)s)
         WHERE closed_at IS NULL AND voided_at IS NULL AND last_day < %(today)s AND generated_through >= last_day
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"zone": settings.TIME_ZONE, "today": local_day(at)})
        return cursor.rowcount


_ESCALATE = (
    STATES
    + """
INSERT INTO duties_escalationstep (obligation_id, level, reached_at, logged_at)
SELECT s.id, t.level, s.due_at + t.after, %(as_of)s
  FROM states s CROSS JOIN LATERAL unnest(s.ladder_after, s.ladder_to) AS t(after, level)
 WHERE s.state = 'overdue' AND s.due_at + t.after <= %(as_of)s
ON CONFLICT DO NOTHING
"""
)


@transaction.atomic
def escalate(*, at: datetime) -> int:
    """The tick's step: each overdue obligation climbs its plan's ladder, one logged step a level."""
    with connection.cursor() as cursor:
        cursor.execute(_ESCALATE, parameters("", at))
        return cursor.rowcount
