"""Orders about one person: proposed by one with basis, reason and last day, decided by another."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.orders.actions.releases import release
from lianfang.mandate.orders.models import PersonOrder
from lianfang.mandate.orders.queries.rulings import basis_of
from lianfang.mandate.orders.rules import CENTRALISED, EARLY, EARLY_RELEASE, EXTENSION, PLACEMENT
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person


class CannotOrder(ValueError):
    """`rule`: no_reason, no_basis, no_last_day, not_later, not_earlier, waiting, decided, same_person or ended."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True)
class NewOrder:
    """What is proposed for whom; without a basis of its own it rests on that of the plan."""

    uid: UUID
    kind: str
    reason: str
    first_day: date
    last_day: date | None
    basis: str | None = None


@transaction.atomic
def propose(*, by: Actor, at: datetime, enrolment: Enrolment, new: NewOrder) -> PersonOrder:
    """Put an order before somebody else to decide; what has no basis, reason or end cannot be proposed."""
    if known := PersonOrder.objects.filter(uid=new.uid).first():
        return known
    basis = basis_of(enrolment) if new.basis is None else new.basis.strip()
    _check(enrolment, new, basis)
    try:
        with transaction.atomic():
            made = PersonOrder.objects.create(
                uid=new.uid,
                person=Person.objects.get(uid=enrolment.subject),
                enrolment=enrolment,
                plan_version=enrolment.activation.plan_version,
                kind=new.kind,
                basis=basis[:500],
                reason=new.reason.strip()[:300],
                first_day=new.first_day,
                last_day=new.last_day,
                proposed_by=by.name,
                proposed_at=at,
                registered_at=at,
            )
    except IntegrityError as error:
        raise CannotOrder("waiting") from error
    _log(by, at, made, "order.proposed")
    return made


def _check(enrolment: Enrolment, new: NewOrder, basis: str) -> None:
    if enrolment.closed_at is not None or enrolment.voided_at is not None:
        raise CannotOrder("ended")
    if not new.reason.strip():
        raise CannotOrder("no_reason")
    if not basis:
        raise CannotOrder("no_basis")
    if new.last_day is None:
        raise CannotOrder("no_last_day")
    running = enrolment.last_day
    if new.kind == EXTENSION and (running is None or new.last_day <= running):
        raise CannotOrder("not_later")
    if new.kind == EARLY_RELEASE and running is not None and new.last_day >= running:
        raise CannotOrder("not_earlier")


@transaction.atomic
def decide(*, by: Actor, at: datetime, order: PersonOrder, approve: bool, note: str = "") -> PersonOrder:
    """Approve or decline what another proposed; approval carries it out in the same transaction."""
    order = PersonOrder.objects.select_for_update().get(pk=order.pk)
    if order.state != "proposed":
        raise CannotOrder("decided")
    if order.proposed_by == by.name:
        raise CannotOrder("same_person")
    order.state = "approved" if approve else "declined"
    order.decided_by, order.decided_at, order.decision_note = by.name, at, note.strip()[:300]
    order.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
    if approve:
        _carry_out(by, at, order)
    _log(by, at, order, f"order.{order.state}")
    return order


def _carry_out(by: Actor, at: datetime, order: PersonOrder) -> None:
    running = (
        Enrolment.objects.filter(
            subject=order.enrolment.subject, observed=True, closed_at__isnull=True, voided_at__isnull=True
        )
        .order_by("-registered_at", "-pk")
        .first()
    )
    if running is None:
        raise CannotOrder("ended")
    if order.kind == EXTENSION:
        duties.extend(by=by, at=at, enrolment=running, last_day=order.last_day, reason=order.reason)
    elif order.kind == PLACEMENT:
        duties.change_place(by=by, at=at, enrolment=running, place=CENTRALISED, reason=order.reason)
    elif order.kind == EARLY_RELEASE:
        proposer = Actor(order.proposed_by)
        release(
            by=proposer,
            at=at,
            enrolments=[running.pk],
            kind=EARLY,
            reason=order.reason,
            approved_by=by.name,
        )


def _log(by: Actor, at: datetime, order: PersonOrder, action: str) -> None:
    audit.record(
        by=by,
        action=action,
        at=at,
        subject_kind="person",
        subject=order.person.uid,
        area_path=order.enrolment.area_path,
        data={"kind": order.kind, "last_day": order.last_day.isoformat()},
    )
