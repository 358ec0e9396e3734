"""Plans in force, over HTTP."""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import activations_on
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.tokens.access import needs
from lianfang.registry.tokens.asking import InArea, areas_asked

router = Router(tags=["plans"])


class PlanOut(Schema):
    """`ends_on` is the first day on which the plan is no longer in force; null without an end."""

    plan: str
    version: str
    title: dict[str, str]
    area: str
    starts_on: date
    ends_on: date | None
    exercise: bool


@router.get("/plans", auth=needs(Permission.SEE_FIGURES), response=list[PlanOut], summary=_("Plans in force"))
def plans(request: HttpRequest, query: Query[InArea]):
    """The plans that govern the area today, and those of areas within it."""
    paths = areas_asked(request, Permission.SEE_FIGURES, query.area)
    running = activations_on(timezone.localdate()).select_related("plan_version").order_by("area_path", "pk")
    return [_plan(one) for one in running if any(_touch(one.area_path, path) for path in paths)]


def _touch(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _plan(activation: Activation) -> PlanOut:
    plan = activation.plan_version.plan
    return PlanOut(
        plan=activation.plan_version.code,
        version=activation.plan_version.version,
        title={"zh": plan.title.of("zh"), "en": plan.title.of("en")},
        area=activation.area_path,
        starts_on=activation.starts_on,
        ends_on=activation.ends_on,
        exercise=activation.exercise,
    )
