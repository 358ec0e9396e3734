"""The list of people who arrived, and on a person's card: arrivals, stays, first verification."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.transaction import atomic
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from lianfang.field.screening import handing, queries
from lianfang.field.screening.actions import NewVerification, verify_first
from lianfang.field.screening.forms import ArrivalsFilter, VerificationForm
from lianfang.field.screening.models import Handover
from lianfang.mandate.duties.forms import moment_of, place_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people import queries as people
from lianfang.registry.people.actions import log_reading
from lianfang.registry.people.models import Person
from lianfang.web.fragments import go_to, set_event

PER_PAGE = 50


@require_GET
def arrivals(request: HttpRequest) -> HttpResponse:
    """People who arrived, one row a person with the latest arrival; its count is the figure's count."""
    place, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    form = ArrivalsFilter(request.GET or None, options=people.area_steps(request.user, place.path))
    refused = form.is_bound and not form.is_valid()
    chosen = form.cleaned_data if form.is_bound else {}
    listed = queries.listed(area_path=place.path, as_of=as_of, chosen=chosen)
    # What was asked for and not understood finds nobody: everybody would be an answer to another question.
    page = Paginator(listed.none() if refused else listed, PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.rows(list(page.object_list), area_path=place.path, as_of=as_of)
    entries = people.entries([row.arrival.person for row in rows], on=timezone.localdate(as_of))
    context = {
        "place": place,
        "form": form,
        "page": page,
        "rows": list(zip(rows, entries, strict=True)),
        "narrowed": refused or any(chosen.get(name) for name in ("q", "key_area", "incomplete", "hour_unknown")),
        "as_of": as_of,
        "may_export": scope_for(request.user).allows(Permission.EXPORT, place.path),
        "may_import": scope_for(request.user).has(Permission.IMPORT),
        "handovers": handing.waiting(request.user),
    }
    return render(request, "screening/list.html", context, status=422 if refused else 200)


@require_GET
@atomic
def person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The person's arrivals, as a part of the card, logged by itself; alone it leads to the card."""
    found = _person(request, uid)
    if not request.headers.get("HX-Request"):
        return go_to(request, reverse("people:card", args=[found.uid]))
    return _section(request, found, timezone.now())


@require_POST
def verify(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Record the first verification, or an attempt that reached nobody."""
    found, now = _person(request, uid), timezone.now()
    if not scope_for(request.user).allows(Permission.RECORD, found.area_path):
        raise PermissionDenied
    form = VerificationForm(request.POST, now=now, auto_id="verification-%s")
    if not form.is_valid():
        return _section(request, found, now, form=form, status=422)
    told = form.cleaned_data
    new = NewVerification(told["record"], found, told["at"], told["outcome"], told["channel"])
    with suppress(IntegrityError):  # the same click may arrive twice: the record of the first is there
        verify_first(by=request.user.actor, at=now, verifications=[new])
    if not request.headers.get("HX-Request"):
        return go_to(request, reverse("people:card", args=[found.uid]))
    return set_event(_section(request, found, now), "person-changed")


def _person(request: HttpRequest, uid: UUID) -> Person:
    return get_object_or_404(people.visible_to(request.user).select_related("household"), uid=uid)


def _section(
    request: HttpRequest,
    found: Person,
    now: datetime,
    *,
    form: VerificationForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """What is shown of the person is in the log, also under an answer that refuses a form."""
    log_reading(by=request.user.actor, at=now, person=found, action="person.arrivals_read")
    lang = get_language() or "zh-hans"
    told = queries.arrivals_of(found, now, lang)
    plan = queries.plan_for(found, now)
    back = queries.look_back(plan) if plan else None
    attempts = queries.attempts_of(found)
    context = {
        "person": found,
        "arrivals": told,
        "from_key_area": any(stay.key_area for one in told for stay in one.stays),
        "unplaced": any(not one.stays for one in told),
        "look_back": back,
        "look_back_assumed": back.assumed.of(lang) if back and back.assumed else "",
        "plan": plan,
        "checked": queries.check_of(found, attempts, now),
        "attempts": attempts,
        "may_record": scope_for(request.user).allows(Permission.RECORD, found.area_path),
        "may_assign": scope_for(request.user).allows(Permission.ASSIGN, found.area_path),
        "offer": found.handovers.filter(state__in=Handover.OPEN).first(),
        "form": form or VerificationForm(now=now, initial={"record": uuid4()}, auto_id="verification-%s"),
        "now": now,
    }
    return render(request, "screening/_person.html", context, status=status)
