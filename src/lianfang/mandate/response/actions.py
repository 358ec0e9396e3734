"""Putting a plan in force, changing and ending it: by order of one person and decision of another."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from lianfang.mandate.response.models import Activation, Duty, PlanOrder, PlanVersion
from lianfang.mandate.response.queries import activations_on, departures_of, in_force
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes.actions import set_freshness
from lianfang.registry.places.queries import is_exercise
from lianfang.science.plan import Plan, Words, to_json, with_key_area


class CannotActivate(ValueError):
    """The order cannot be given; `rule` says why.

    historic_live, no_basis, no_second_person, already_in_force, needs_order, decided, departs, not_in_force,
    starts_in_the_past, order_open, key_area_listed.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True)
class Order:
    """Where and from when a plan is to be in force, on what basis, approved by whom (two persons for a live one)."""

    area_path: str
    starts_on: date
    basis: str = ""
    approved_by: str = ""


@transaction.atomic
def register_version(*, plan: Plan, at: datetime) -> PlanVersion:
    """Keep the text of a plan once; its duties are copied for the engine."""
    found, made = PlanVersion.objects.get_or_create(
        code=plan.plan, version=plan.version, defaults={"document": to_json(plan), "registered_at": at}
    )
    if made:
        Duty.objects.bulk_create(
            Duty(
                plan_version=found,
                code=code,
                position=position,
                shape=duty.shape,
                evidence=list(duty.evidence),
                completes=duty.completes or "",
                per_role=duty.per_role,
                owner=duty.owner,
                ladder_after=[step.after for step in duty.escalate.steps],
                ladder_to=[step.to for step in duty.escalate.steps],
            )
            for position, (code, duty) in enumerate(plan.duties.items())
        )
    return found


@transaction.atomic
def activate(*, by: Actor, at: datetime, plan: Plan, order: Order) -> Activation:
    """Put the plan in force. Historic plans only in an exercise; a live one needs a basis and a second person."""
    made = _put_in_force(at=at, version=register_version(plan=plan, at=at), order=order, ordered_by=by.name)
    audit.record(
        by=by,
        action="plan.activated",
        at=at,
        area_path=order.area_path,
        data={"plan": plan.plan, "version": plan.version, "from": order.starts_on.isoformat()},
    )
    return made


def check_first(area_path: str) -> None:
    """The operator's command puts a plan in force where none ever was; afterwards two persons order the change."""
    if not is_exercise() and Activation.objects.filter(area_path=area_path).exists():
        raise CannotActivate("needs_order")


def _put_in_force(*, at: datetime, version: PlanVersion, order: Order, ordered_by: str) -> Activation:
    exercise = is_exercise()
    if not exercise:
        _check_live(version.plan, order, ordered_by)
    try:
        with transaction.atomic():
            made = Activation.objects.create(
                plan_version=version,
                area_path=order.area_path,
                starts_on=order.starts_on,
                exercise=exercise,
                basis=order.basis,
                ordered_by=ordered_by,
                approved_by=order.approved_by,
                ordered_at=at,
            )
    except IntegrityError as error:
        raise CannotActivate("already_in_force") from error
    _tell_ledger(at, version.plan, order, ordered_by)
    return made


def _tell_ledger(at: datetime, plan: Plan, order: Order, ordered_by: str) -> None:
    """How long a check of the household ledger counts, from the plan's first day on: the registry reads no plans."""
    if plan.ledger is None:
        return
    first = timezone.make_aware(datetime.combine(order.starts_on, time.min))
    days, basis = plan.ledger.fresh_days.value, plan.title.zh
    set_freshness(by=Actor(ordered_by), at=max(at, first), area_path=order.area_path, days=days, basis=basis)


def _check_live(plan: Plan, order: Order, ordered_by: str) -> None:
    if plan.status == "historic":
        raise CannotActivate("historic_live")
    if not order.basis.strip():
        raise CannotActivate("no_basis")
    if order.approved_by.strip() in ("", ordered_by):
        raise CannotActivate("no_second_person")


# --- orders by two persons ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewOrder:
    """What is proposed. `departures` are the codes that the proposer names and answers for."""

    kind: str
    area_path: str
    plan_version: PlanVersion
    starts_on: date
    basis: str
    reason: str = ""
    departures: tuple[str, ...] = ()


@dataclass(frozen=True)
class InForce:
    """What a decision changed: the activation that governed the area before, and the one that does now."""

    old: Activation | None
    new: Activation | None


@transaction.atomic
def propose(*, by: Actor, at: datetime, order: NewOrder) -> PlanOrder:
    """Keep the proposal; nothing changes before a second person approves it."""
    _check_order(order, at)
    try:
        with transaction.atomic():
            made = PlanOrder.objects.create(
                uid=uuid4(),
                kind=order.kind,
                area_path=order.area_path,
                plan_version=order.plan_version,
                starts_on=order.starts_on,
                basis=order.basis.strip(),
                reason=order.reason.strip(),
                departures=sorted(order.departures),
                proposed_by=by.name,
                proposed_at=at,
            )
    except IntegrityError as error:
        raise CannotActivate("order_open") from error
    audit.record(by=by, action="plan.proposed", at=at, area_path=order.area_path, data=_told(made))
    return made


def _check_order(order: NewOrder, at: datetime) -> None:
    """The same when it is proposed and when it is approved: meanwhile the plan above may have changed."""
    if not order.basis.strip():
        raise CannotActivate("no_basis")
    if order.starts_on < _local_day(at):
        raise CannotActivate("starts_in_the_past")
    if order.kind == "end":
        if _own(order.area_path, order.starts_on) is None:
            raise CannotActivate("not_in_force")
        return
    plan = order.plan_version.plan
    if plan.status == "historic" and not is_exercise():
        raise CannotActivate("historic_live")
    if {departure.code for departure in departures_of(plan, order.area_path, order.starts_on)} - set(order.departures):
        raise CannotActivate("departs")


@transaction.atomic
def approve(*, by: Actor, at: datetime, order: PlanOrder) -> InForce:
    """The second person's yes: the plan comes in force, or ends. What follows for people is the caller's step."""
    order = PlanOrder.objects.select_for_update().select_related("plan_version").get(pk=order.pk)
    if order.decision:
        raise CannotActivate("decided")
    if by.name == order.proposed_by:
        raise CannotActivate("no_second_person")
    _decide(by=by, at=at, order=order, decision="approved")
    changed = carry_out(at=at, order=order)
    audit.record(by=by, action="plan.approved", at=at, area_path=order.area_path, data=_told(order))
    return changed


def carry_out(*, at: datetime, order: PlanOrder) -> InForce:
    """The change itself, without the decision: a preview does it and takes it back."""
    new = NewOrder(
        kind=order.kind,
        area_path=order.area_path,
        plan_version=order.plan_version,
        starts_on=order.starts_on,
        basis=order.basis,
        departures=tuple(order.departures),
    )
    _check_order(new, at)
    old = in_force(order.area_path, order.starts_on)
    own = _own(order.area_path, order.starts_on)
    if own is not None:
        own.ends_on, own.end_ordered_at = order.starts_on, at
        own.save(update_fields=["ends_on", "end_ordered_at"])
    if order.kind == "end":
        return InForce(own, in_force(order.area_path, order.starts_on))
    given = Order(order.area_path, order.starts_on, order.basis, order.decided_by or "—")
    made = _put_in_force(at=at, version=order.plan_version, order=given, ordered_by=order.proposed_by)
    return InForce(old, made)


@transaction.atomic
def turn_down(*, by: Actor, at: datetime, order: PlanOrder, note: str = "") -> PlanOrder:
    """The second person's no; or the proposer takes the proposal back."""
    order = PlanOrder.objects.select_for_update().get(pk=order.pk)
    if order.decision:
        raise CannotActivate("decided")
    decision = "withdrawn" if by.name == order.proposed_by else "rejected"
    order.note = note.strip()[:300]
    _decide(by=by, at=at, order=order, decision=decision)
    audit.record(by=by, action=f"plan.{decision}", at=at, area_path=order.area_path, data=_told(order))
    return order


def _decide(*, by: Actor, at: datetime, order: PlanOrder, decision: str) -> None:
    order.decision, order.decided_by, order.decided_at = decision, by.name, at
    order.save(update_fields=["decision", "decided_by", "decided_at", "note"])


def _own(area_path: str, day: date) -> Activation | None:
    """The activation of this very area that would be in force on the day."""
    return activations_on(day).filter(area_path=area_path).first()


def _local_day(at: datetime) -> date:
    return timezone.localtime(at, timezone.get_default_timezone()).date()


def _told(order: PlanOrder) -> dict:
    version = order.plan_version
    return {
        "order": str(order.uid),
        "kind": order.kind,
        "plan": version.code,
        "version": version.version,
        "from": order.starts_on.isoformat(),
    }


@transaction.atomic
def add_key_area(*, at: datetime, version: PlanVersion, path: str, name: str, since: date, basis: str) -> PlanVersion:
    """The same plan with one more key area, registered as a version of its own; an order puts it in force."""
    plan = version.plan
    if any(area.path == path and area.until is None for area in plan.key_areas):
        raise CannotActivate("key_area_listed")
    wider = with_key_area(plan, path=path, name=Words(zh=name, en=name), since=since, basis=basis)
    return register_version(plan=wider, at=at)
