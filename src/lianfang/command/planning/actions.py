"""What an order about plans does to people: they go over, are released or newly matched; and the count beforehand."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from lianfang.command.planning.queries import load_of, observed_in
from lianfang.field.screening.actions import close_unadmitted, match_everyone
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.actions.enrolments import midnight
from lianfang.mandate.duties.generation import generate
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response import actions as response
from lianfang.mandate.response.actions import InForce
from lianfang.mandate.response.models import PlanOrder
from lianfang.registry.audit.rules import Actor


@dataclass(frozen=True)
class Preview:
    """What the order would change: persons under observation, and what is owed on its first whole day."""

    at: datetime
    day: date
    matched: list[UUID]
    released: list[UUID]
    moved: list[UUID]
    before: dict[str, int]
    after: dict[str, int]

    def as_json(self) -> dict:
        return {
            "at": self.at.isoformat(),
            "day": self.day.isoformat(),
            "matched": [str(uid) for uid in self.matched],
            "released": [str(uid) for uid in self.released],
            "moved": [str(uid) for uid in self.moved],
            "before": self.before,
            "after": self.after,
        }


@transaction.atomic
def approve(*, by: Actor, at: datetime, order: PlanOrder) -> InForce:
    """The second person's yes: the plan is in force, and everybody is matched against it, in one transaction."""
    changed = response.approve(by=by, at=at, order=order)
    _match_anew(by=by, at=at, order=order, changed=changed)
    return changed


@transaction.atomic
def preview(*, by: Actor, at: datetime, order: PlanOrder) -> Preview:
    """Do what the order would do, count, and take it back: no estimate, the engine itself answers."""
    day = max(order.starts_on, local_day(at) + timedelta(days=1))
    with transaction.atomic():
        generate(day)
        before, owed = observed_in(order.area_path), load_of(order.area_path, day)
        changed = response.carry_out(at=at, order=order)
        _match_anew(by=by, at=at, order=order, changed=changed)
        generate(day)
        after, then = observed_in(order.area_path), load_of(order.area_path, day)
        transaction.set_rollback(True)
    told = Preview(
        at=at,
        day=day,
        matched=sorted(after - before),
        released=sorted(before - after),
        moved=sorted(before & after),
        before=owed,
        after=then,
    )
    PlanOrder.objects.filter(pk=order.pk).update(preview=told.as_json())
    return told


def _match_anew(*, by: Actor, at: datetime, order: PlanOrder, changed: InForce) -> None:
    """Those under the old plan go over; who was registered before and is matched by the new one now joins."""
    old, new = changed.old, changed.new
    if order.kind == "end":
        duties.enrol_areas(activation=old)  # where it came to govern since the last tick
        ending = Enrolment.objects.filter(activation=old, closed_at__isnull=True, voided_at__isnull=True)
        duties.close(enrolments=ending, at=midnight(order.starts_on), reason="plan_ended")
        if new is not None:
            match_everyone(activation=new, at=max(at, midnight(order.starts_on)))
        return
    if old is not None:
        duties.transfer(by=by, at=at, old=old, new=new)
        close_unadmitted(old=old, new=new)
    else:
        duties.enrol_areas(activation=new)
    match_everyone(activation=new, at=at)
