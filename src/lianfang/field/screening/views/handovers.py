"""Hand-overs between areas: what waits for an answer, one offer, and sending a person to another area."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.transaction import atomic
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lianfang.field.screening import handing, handover
from lianfang.field.screening.forms import AcceptForm, AreaSearch, ReasonForm, SendForm
from lianfang.field.screening.handover import NotPossible
from lianfang.field.screening.models import Handover
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.actions import log_reading
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import visible_to
from lianfang.web.fragments import go_to

PER_PAGE = 50


@require_GET
def handovers(request: HttpRequest) -> HttpResponse:
    """Offers that came in and went out, those that wait first."""
    if not scope_for(request.user).has(Permission.SEE_PEOPLE):
        raise PermissionDenied
    found = handing.between(request.user).select_related("person__household")
    waiting = list(found.filter(state__in=Handover.OPEN).order_by("sent_at", "pk")[:PER_PAGE])
    page = Paginator(found.exclude(state__in=Handover.OPEN).order_by("-decided_at", "-pk"), PER_PAGE)
    closed = page.get_page(request.GET.get("page"))
    rows = handing.rows([*waiting, *closed.object_list], timezone.localdate())
    context = {"waiting": rows[: len(waiting)], "closed": rows[len(waiting) :], "page": closed, "now": timezone.now()}
    return render(request, "screening/handovers.html", context)


@require_http_methods(["GET", "POST"])
@atomic
def offer(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One hand-over, with what the reader may do about it. What it says of the person is logged as read."""
    found = get_object_or_404(handing.between(request.user).select_related("person__household", "follows"), uid=uid)
    scope = scope_for(request.user)
    takes = found.state == "sent" and scope.allows(Permission.ASSIGN, found.to_path)
    sends = found.state in Handover.OPEN and scope.allows(Permission.ASSIGN, found.from_path)
    if request.method == "POST":
        return _decide(request, found, takes=takes, sends=sends)
    return _offer(request, found, takes=takes, sends=sends)


def _offer(request: HttpRequest, found: Handover, *, takes: bool, sends: bool, status: int = 200, **forms):
    now = timezone.now()
    log_reading(by=request.user.actor, at=now, person=found.person, action="person.handover_read")
    context = {
        "row": handing.rows([found], timezone.localdate(now))[0],
        "takes": takes,
        "sends": sends,
        "accept_form": forms.get("accept") or AcceptForm(villages=handing.villages_in(found.to_path)),
        "reason_form": forms.get("reason") or ReasonForm(),
        "now": now,
    }
    return render(request, "screening/handover.html", context, status=status)


def _decide(request: HttpRequest, found: Handover, *, takes: bool, sends: bool) -> HttpResponse:
    decision, act = request.POST.get("decision"), {"by": request.user.actor, "at": timezone.now(), "handover": found}
    accepting = AcceptForm(request.POST, villages=handing.villages_in(found.to_path))
    reason = ReasonForm(request.POST)
    try:
        if decision == "accept" and takes:
            if not accepting.is_valid():
                return _offer(request, found, takes=takes, sends=sends, status=422, accept=accepting)
            handover.accept(**act, village=accepting.cleaned_data["village"], door=accepting.cleaned_data["door"])
            messages.success(request, _("Taken over: the card and what is still to be done are here now."))
            return go_to(request, reverse("people:card", args=[found.person.uid]))
        if decision == "reject" and takes:
            if not reason.is_valid():
                return _offer(request, found, takes=takes, sends=sends, status=422, reason=reason)
            handover.reject(**act, reason=reason.cleaned_data["reason"])
            messages.success(request, _("Sent back with the reason."))
        elif decision == "withdraw" and sends:
            handover.withdraw(**act)
            messages.success(request, _("Withdrawn: the person stays with you."))
        else:
            raise PermissionDenied
    except NotPossible:
        messages.error(request, _("Somebody decided on this hand-over already."))
    return go_to(request, reverse("screening:handovers"))


@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Send a person to another area, or elsewhere after a rejection."""
    person = get_object_or_404(visible_to(request.user).select_related("household"), uid=uid)
    if not scope_for(request.user).allows(Permission.ASSIGN, person.area_path):
        raise PermissionDenied
    rejected = person.handovers.filter(state="rejected").first()
    search = AreaSearch(request.GET or None)
    named = search.cleaned_data["q"] if search.is_bound and search.is_valid() else ""
    areas = handing.areas_named(named, person.area_path) if named else []
    form = SendForm(request.POST if request.method == "POST" else None, areas=areas, initial={"record": uuid4()})
    if request.method == "POST" and form.is_valid():
        return _send(request, person, rejected, form.cleaned_data)
    context = {"person": person, "rejected": rejected, "search": search, "areas": areas, "form": form, "named": named}
    return render(request, "screening/hand_over.html", context, status=422 if form.errors else 200)


def _send(request: HttpRequest, person: Person, rejected: Handover | None, told: dict) -> HttpResponse:
    act = {"by": request.user.actor, "at": timezone.now(), "uid": told["record"]}
    act |= {"to_path": told["to"], "reason": told["reason"]}
    try:
        if rejected is not None:
            handover.reroute(**act, handover=rejected)
        else:
            handover.send(**act, person=person)
    except NotPossible:
        messages.error(request, _("This person is being handed over already."))
    else:
        messages.success(request, _("Sent. Until somebody there accepts, the person stays with you."))
    return go_to(request, reverse("screening:handovers"))
