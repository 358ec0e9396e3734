"""Ending observations: by their days, early, by what the person turned out to have, or because the person wishes it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.rules import NewEnrolment, NewEvidence
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.rules import COMPLETED, CONVERSIONS, WITHDREW
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor

# One statement for one person and for twenty thousand. A day that is done ends at 24:00 of the last day, whenever the
# certificate is made; what is ended before ends at the moment of the decision. Nobody is released twice.
_RELEASE = """
INSERT INTO orders_release (uid, number, person_id, enrolment_id, plan_version_id, kind, reason, first_day, last_day,
                            ends_at, decided_by, approved_by, registered_at)
SELECT gen_random_uuid(),
       (SELECT coalesce(max(number), 0) FROM orders_release) + row_number() OVER (ORDER BY n.area_path, n.id),
       p.id, n.id, a.plan_version_id, %(kind)s, %(reason)s, n.first_day,
       CASE WHEN %(completed)s THEN n.last_day ELSE least(n.last_day, greatest(%(today)s, n.first_day)) END,
       CASE WHEN %(completed)s THEN (n.last_day + 1)::timestamp AT TIME ZONE %(zone)s ELSE %(at)s END,
       %(by)s, %(approved_by)s, %(at)s
  FROM duties_enrolment n
  JOIN response_activation a ON a.id = n.activation_id
  JOIN people_person p ON p.uid = n.subject
 WHERE n.id = ANY(%(enrolments)s) AND n.observed AND n.voided_at IS NULL AND n.subject_kind = 'person'
   AND (n.closed_at IS NULL OR n.closed_reason = 'days_done')
   AND CASE WHEN %(completed)s THEN n.last_day <= %(today)s ELSE n.closed_at IS NULL END
   AND NOT EXISTS (SELECT 1 FROM orders_release r WHERE r.enrolment_id = n.id)
RETURNING uid, enrolment_id, (SELECT subject FROM duties_enrolment n WHERE n.id = enrolment_id)
"""


@transaction.atomic
def release(
    *,
    by: Actor,
    at: datetime,
    enrolments: Sequence[int],
    kind: str = COMPLETED,
    reason: str = "",
    approved_by: str = "",
) -> int:
    """End the observations and number their certificates; returns how many. Those already released are left alone.

    `completed` takes only those whose last day has come: before it an early release is needed, with a reason and a
    second person.
    """
    values = {
        "enrolments": list(enrolments),
        "kind": kind,
        "completed": kind == COMPLETED,
        "reason": reason[:300],
        "today": local_day(at),
        "zone": settings.TIME_ZONE,
        "by": by.name,
        "approved_by": approved_by,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE orders_release IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_RELEASE, values)
        made = cursor.fetchall()
    evidence = [NewEvidence(uid, subject, "release_review", at) for uid, _enrolment, subject in made]
    duties.add_evidence(at=at, evidence=evidence)
    if kind != COMPLETED:
        duties.close(enrolments=Enrolment.objects.filter(pk__in=[row[1] for row in made]), at=at, reason=kind)
    audit.record(by=by, action="observations.released", at=at, data={"kind": kind, "people": len(made)})
    return len(made)


@transaction.atomic
def convert(*, by: Actor, at: datetime, enrolment: Enrolment, into: str, reason: str, uid: UUID) -> list[Enrolment]:
    """The person is suspected, confirmed or transferred: the observation ends, and the plan says what follows.

    `uid` is the cause of what follows, so that sending it twice opens it once.
    """
    if into not in CONVERSIONS:
        raise ValueError(into)
    ended = release(by=by, at=at, enrolments=[enrolment.pk], kind=into, reason=reason)
    pathway = enrolment.activation.plan_version.plan.conversions.get(into)
    if not (ended and pathway):
        return []
    following = NewEnrolment(
        subject_kind="person",
        subject=enrolment.subject,
        pathway=pathway,
        area_path=enrolment.area_path,
        anchor_on=local_day(at),
        anchor_at=at,
        cause=uid,
    )
    return duties.enrol(activation=enrolment.activation, at=at, joining=[following])


class NotVoluntary(ValueError):
    """The observation was ordered: it ends by its days or by an order, not by the person's wish."""


@transaction.atomic
def withdraw_from_monitoring(*, by: Actor, at: datetime, enrolment: Enrolment) -> int:
    """Whoever monitors their health of their own will may stop at any time, without giving a reason."""
    plan = enrolment.activation.plan_version.plan
    if plan.pathways[enrolment.pathway].compulsion != "voluntary":
        raise NotVoluntary
    return release(by=by, at=at, enrolments=[enrolment.pk], kind=WITHDREW)
