"""Issuing notices and recording how they reached the person: printed is not served."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import connection, transaction

from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.rules import NewEvidence
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.models import Delivery, Notice
from lianfang.mandate.orders.queries import fitting_notices, is_voluntary, observations_of
from lianfang.mandate.orders.rules import notice_kind
from lianfang.mandate.response.queries import in_force
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import is_minor


class NoPlanInForce(ValueError):
    """A notice states its basis: without a plan in force for the person's area there is none to state."""


@dataclass(frozen=True)
class NewDelivery:
    """An outcome to record; `received_by` empty lets a guardian receive for a minor, else the person."""

    uid: UUID
    person: Person
    outcome: str
    at: datetime
    received_by: str = ""


@transaction.atomic
def issue(
    *, by: Actor, at: datetime, people: Sequence[Person], happened: dict[UUID, tuple[UUID, datetime]]
) -> list[Notice]:
    """Issue one notice a person; `happened` gives person → (record id, moment). Returns the notices made.

    The notice of a person under observation carries the observation's last day.
    """
    _one_writer_at_a_time()
    observed = observations_of([person.uid for person in people], at)
    numbers = _numbers(len(people))
    made, evidence = [], []
    plans = {path: in_force(path, local_day(at)) for path in {person.area_path for person in people}}
    for person, number in zip(people, numbers, strict=True):
        enrolment = observed.get(person.uid)
        activation = enrolment.activation if enrolment else plans[person.area_path]
        if activation is None:
            raise NoPlanInForce
        uid, moment = happened[person.uid]
        made.append(
            Notice(
                uid=uid,
                number=number,
                person=person,
                kind=notice_kind(observed=enrolment is not None, voluntary=is_voluntary(enrolment)),
                plan_version=activation.plan_version,
                first_day=enrolment.first_day if enrolment else None,
                last_day=enrolment.last_day if enrolment else None,
                issued_at=moment,
                issued_by=by.name,
                registered_at=at,
            )
        )
        evidence.append(NewEvidence(uid, person.uid, "notice_issued", moment))
    Notice.objects.bulk_create(made, batch_size=2000)
    duties.add_evidence(at=at, evidence=evidence)
    audit.record(by=by, action="notices.issued", at=at, data={"notices": len(made)})
    return made


def _one_writer_at_a_time() -> None:
    """Two workers at one door must not make two notices, nor two notices take one number."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE orders_notice IN SHARE ROW EXCLUSIVE MODE")


def _numbers(count: int) -> list[int]:
    """The next running numbers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(number), 0) FROM orders_notice")
        start = cursor.fetchone()[0]
    return list(range(start + 1, start + 1 + count))


@transaction.atomic
def deliver(*, by: Actor, at: datetime, deliveries: Sequence[NewDelivery]) -> int:
    """Record that notices were served or refused; one not issued yet is issued by the same act.

    A notice that was served already is not served again: such a record changes nothing.
    """
    _one_writer_at_a_time()
    notices = fitting_notices([new.person.uid for new in deliveries], at)
    missing = {new.person.uid: new for new in deliveries if new.person.uid not in notices}
    if missing:
        issued = issue(
            by=by,
            at=at,
            people=[new.person for new in missing.values()],
            happened={person: (uuid5(new.uid, "notice"), new.at) for person, new in missing.items()},
        )
        notices |= {notice.person.uid: notice for notice in issued}
    served = set(
        Delivery.objects.filter(notice__in=notices.values(), outcome="served").values_list("notice_id", flat=True)
    )
    rows, evidence = [], []
    for new in deliveries:
        notice = notices[new.person.uid]
        if notice.pk in served:
            continue
        if new.outcome == "served":
            served.add(notice.pk)
        rows.append(_delivery(new, notice, by, at))
        evidence.append(NewEvidence(new.uid, new.person.uid, f"notice_{new.outcome}", new.at))
    Delivery.objects.bulk_create(rows, batch_size=2000)
    duties.add_evidence(at=at, evidence=evidence)
    audit.record(by=by, action="notices.delivered", at=at, data={"deliveries": len(rows)})
    return len(rows)


def _delivery(new: NewDelivery, notice: Notice, by: Actor, at: datetime) -> Delivery:
    minor = is_minor(new.person.birth_date, local_day(new.at))
    return Delivery(
        uid=new.uid,
        notice=notice,
        outcome=new.outcome,
        received_by=new.received_by or ("guardian" if minor else "self"),
        at=new.at,
        by=by.name,
        registered_at=at,
    )
