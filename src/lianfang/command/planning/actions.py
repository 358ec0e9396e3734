"""What an order about plans does to people: they go over, are released or newly matched; and the count beforehand."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from lianfang.command.planning.queries import load_of, observed_in
from lianfang.field.screening.actions import close_unadmitted, match_everyone
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.generation import generate
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response import actions as response
from lianfang.mandate.response.actions import InForce
from lianfang.mandate.response.models import Activation, PlanOrder
from lianfang.mandate.response.queries import activations_on, ends_at, governed_before, in_force, midnight
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


@dataclass(frozen=True)
class Carried:
    """Who came under a plan as an order was carried out, beside those who went over from another."""

    areas: int
    persons: int


@transaction.atomic
def approve(*, by: Actor, at: datetime, order: PlanOrder) -> InForce:
    """The second person's yes. An order for today is carried out in the same transaction, a later one on its first day.

    What is owed until now is owed under the plan before, whether or not a tick has run.
    """
    duties.catch_up(as_of=at, now=at)
    changed = response.approve(by=by, at=at, order=order)
    carry_out_due(by=by, at=at)
    return changed


@transaction.atomic
def carry_out_due(*, by: Actor, at: datetime) -> Carried:
    """Whoever is under a plan that has given way goes over; everybody registered is matched with what is new."""
    today = local_day(at)
    went_over = {(old, new) for old, new in duties.go_over(by=by, at=at) if new is not None}
    fresh = activations_on(today).filter(matched_at__isnull=True).select_related("plan_version")
    begun_now = list(fresh.order_by("starts_on", "area_path"))
    # Not only who went over just now: before a list somebody may have gone over already.
    went_over |= {(old, new) for new in begun_now if (old := governed_before(new)) is not None}
    for old, new in sorted(went_over, key=lambda pair: pair[1].pk):
        if new.area_path.startswith(old.area_path):
            close_unadmitted(old=old, new=new)
    areas = persons = 0
    for ended in Activation.objects.filter(ends_on__lte=today, finished_at__isnull=True).order_by("ends_on"):
        above = in_force(ended.area_path, ended.ends_on)
        if above is not None and above.area_path != ended.area_path:
            areas += duties.enrol_areas(activation=above)
            persons += match_everyone(activation=above, at=ends_at(ended), within=ended.area_path)
        Activation.objects.filter(pk=ended.pk).update(finished_at=at)
    for begun in begun_now:
        areas += duties.enrol_areas(activation=begun)
        moment = max(midnight(begun.starts_on), begun.ordered_at)
        persons += match_everyone(activation=begun, at=moment, within=begun.area_path)
        Activation.objects.filter(pk=begun.pk).update(matched_at=at)
    return Carried(areas, persons)


def carry_out_orders(*, at: datetime) -> int:
    """The tick's step: orders that were given ahead, on their first day."""
    return carry_out_due(by=Actor("lianfang"), at=at).persons


@transaction.atomic
def preview(*, by: Actor, at: datetime, order: PlanOrder) -> Preview:
    """Do what the order would do, count, and take it back: no estimate, the engine itself answers."""
    moment = max(at, midnight(order.starts_on))
    day = max(order.starts_on, local_day(at) + timedelta(days=1))
    with transaction.atomic():
        carry_out_due(by=by, at=moment)  # what is in force by then without this order
        generate(day)
        before, owed = observed_in(order.area_path, day), load_of(order.area_path, day)
        response.carry_out(at=at, order=order)
        carry_out_due(by=by, at=moment)
        generate(day)
        after, then = observed_in(order.area_path, day), load_of(order.area_path, day)
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
