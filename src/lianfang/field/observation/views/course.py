"""The course of one person's observation: where it stands, and what may be decided about it."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lianfang.field.observation.actions import NewDifficulty, record_difficulty
from lianfang.field.observation.forms.course import ConversionForm, DifficultyForm, EarlyRelease, Proposal
from lianfang.field.observation.queries.course import course_of, difficulties_of, home_of, observations_of_person
from lianfang.field.observation.wording import (
    DIFFICULTIES,
    ENDINGS,
    HOME,
    NEEDS,
    ORDER_KINDS,
    ORDER_STATES,
    order_fault,
)
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.actions import (
    CannotOrder,
    NewOrder,
    NotVoluntary,
    convert,
    propose,
    withdraw_from_monitoring,
)
from lianfang.mandate.orders.queries import observation_of
from lianfang.mandate.orders.rules import EARLY_RELEASE, EXTENSION
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.actions import log_reading
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import visible_to
from lianfang.web.fragments import go_to

_ACTS = ("extend", "early", "convert", "difficulty", "withdraw")


@require_http_methods(["GET", "POST"])
def course(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = get_object_or_404(visible_to(request.user).select_related("household"), uid=uid)
    now = timezone.now()
    enrolment = observation_of(person.uid, now)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    forms = {
        "extend": Proposal(request.POST if act == "extend" else None, prefix="extend"),
        "early": EarlyRelease(request.POST if act == "early" else None, prefix="early"),
        "convert": ConversionForm(request.POST if act == "convert" else None),
        "difficulty": DifficultyForm(request.POST if act == "difficulty" else None),
    }
    if request.method == "POST":
        if not scope_for(request.user).allows(Permission.RECORD, person.area_path):
            raise PermissionDenied
        if act not in _ACTS or enrolment is None:
            raise Http404
        if act == "convert" and not scope_for(request.user).allows(Permission.REVIEW, person.area_path):
            raise PermissionDenied
        if (act == "withdraw" or forms[act].is_valid()) and _done(request, person, enrolment, act, forms):
            return go_to(request, reverse("people:card", args=[person.uid]))
    log_reading(by=request.user.actor, at=now, person=person, action="person.health_read")
    scope = scope_for(request.user)
    told, home = course_of(person, now, observations_of_person(person, now)), home_of(person, now)
    context = {
        "person": person,
        "as_of": now,
        "course": told,
        "ending": ENDINGS.get(told.release.kind, "") if told.release else "",
        "orders": [(ORDER_KINDS[one.kind], ORDER_STATES[one.state], one) for one in told.orders],
        "home": home,
        "lacking": [HOME.get(code, code) for code in home.lacking] if home else [],
        "difficulties": [
            (DIFFICULTIES[one.reason], [NEEDS.get(code, code) for code in one.helps], one)
            for one in difficulties_of(person, now)
        ],
        "forms": forms,
        "act": act,
        "running": enrolment,
        "voluntary": told.voluntary,
        "may_record": scope.allows(Permission.RECORD, person.area_path),
        "may_review": scope.allows(Permission.REVIEW, person.area_path),
    }
    return render(request, "observation/course.html", context, status=422 if act else 200)


def _done(request: HttpRequest, person: Person, enrolment: Enrolment, act: str, forms: dict) -> bool:
    """Carry the act out; False where it was refused, with the reason in its form."""
    by, now = request.user.actor, timezone.now()
    told = {} if act == "withdraw" else forms[act].cleaned_data
    try:
        if act in ("extend", "early"):
            kind = EXTENSION if act == "extend" else EARLY_RELEASE
            last = told.get("last_day") or max(local_day(now), enrolment.first_day)
            new = NewOrder(told["record"], kind, told["reason"], enrolment.first_day, last)
            propose(by=by, at=now, enrolment=enrolment, new=new)
            messages.success(request, _("Proposed. Somebody else decides: it stands under Orders."))
        elif act == "convert":
            convert(by=by, at=now, enrolment=enrolment, into=told["into"], reason=told["reason"], uid=told["record"])
            messages.success(request, _("The observation has ended; what follows is in the plan."))
        elif act == "difficulty":
            new_one = NewDifficulty(told["record"], person, told["reason"], now, tuple(told["helps"]), told["note"])
            record_difficulty(by=by, at=now, new=new_one)
            messages.success(request, _("Recorded. What would help is a need with its deadline now."))
        else:
            withdraw_from_monitoring(by=by, at=now, enrolment=enrolment)
            messages.success(request, _("The monitoring has ended at the person's wish."))
    except NotVoluntary as fault:  # no page offers it
        raise PermissionDenied from fault
    except CannotOrder as refused:
        forms[act].add_error(None, order_fault(refused.rule))
        return False
    return True
