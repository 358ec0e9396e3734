"""Putting a plan in force."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from lianfang.mandate.response.models import Activation, Duty, PlanVersion
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.queries import is_exercise
from lianfang.science.plan import Plan, to_json


class CannotActivate(ValueError):
    """The order cannot be given; `rule` says why: historic_live, no_basis, no_second_person, already_in_force."""

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
    exercise = is_exercise()
    if not exercise:
        _check_live(plan, order, by)
    version = register_version(plan=plan, at=at)
    try:
        with transaction.atomic():
            made = Activation.objects.create(
                plan_version=version,
                area_path=order.area_path,
                starts_on=order.starts_on,
                exercise=exercise,
                basis=order.basis,
                ordered_by=by.name,
                approved_by=order.approved_by,
                ordered_at=at,
            )
    except IntegrityError as error:
        raise CannotActivate("already_in_force") from error
    audit.record(
        by=by,
        action="plan.activated",
        at=at,
        area_path=order.area_path,
        data={"plan": plan.plan, "version": version.version, "from": order.starts_on.isoformat()},
    )
    return made


def _check_live(plan: Plan, order: Order, by: Actor) -> None:
    if plan.status == "historic":
        raise CannotActivate("historic_live")
    if not order.basis.strip():
        raise CannotActivate("no_basis")
    if order.approved_by.strip() in ("", by.name):
        raise CannotActivate("no_second_person")
