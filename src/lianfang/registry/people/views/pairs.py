"""Two cards that may be one person: the proposals, both cards side by side, the decision and its undo."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people import comparing, queries
from lianfang.registry.people.actions import log_reading, merge, refuse_pair, undo_merge
from lianfang.registry.people.forms import DecisionForm, OtherCardFilter, PairsFilter
from lianfang.registry.people.merging import CardGone, LaterMergeFirst
from lianfang.registry.people.models import Merge, Person, PersonQuerySet
from lianfang.registry.people.searching import search
from lianfang.web.fragments import go_to

PER_PAGE, CHOICES = 50, 20


@require_GET
def pairs(request: HttpRequest) -> HttpResponse:
    """Open proposals of the account's areas, the newest first."""
    if not scope_for(request.user).has(Permission.IMPORT):
        raise PermissionDenied
    area = request.GET.get("area", "")
    if not queries.paths_shown(request.user, area, Permission.IMPORT):
        raise Http404
    form = PairsFilter(request.GET or None, options=queries.area_steps(request.user, area, Permission.IMPORT))
    page = Paginator(comparing.open_pairs(request.user, area), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": comparing.proposed(page.object_list),
        "beyond": comparing.beyond(request.user, area),
    }
    return render(request, "people/pairs.html", context)


@require_http_methods(["GET", "POST"])
@transaction.atomic
def pair(request: HttpRequest, uid: UUID, other: UUID) -> HttpResponse:
    """Both cards side by side; whoever opens them reads two people, and the log says so."""
    found = {person.uid: person for person in _reach(request).filter(uid__in=[uid, other])}
    if len(found) != 2:
        raise Http404
    here, there, now = found[uid], found[other], timezone.now()
    form = DecisionForm(request.POST if request.method == "POST" else None, cards=[here, there])
    if request.method == "POST" and form.is_valid():
        return _decide(request, form, here, there)
    for person in (here, there):
        log_reading(by=request.user.actor, at=now, person=person, action="person.compared")
    reasons, lines = comparing.compare(here, there)
    context = {"here": here, "there": there, "form": form, "lines": lines, "reasons": reasons}
    return render(request, "people/pair.html", context, status=422 if form.errors else 200)


def _decide(request: HttpRequest, form: DecisionForm, here: Person, there: Person) -> HttpResponse:
    told, now = form.cleaned_data, timezone.now()
    if told["decision"] == "apart":
        refuse_pair(by=request.user.actor, at=now, one=here, other=there)
        messages.success(request, _("Noted: two people. This pair is not proposed again."))
        return go_to(request, reverse("people:pairs"))
    kept, merged = (here, there) if told["kept"] == str(here.uid) else (there, here)
    try:
        merge(by=request.user.actor, at=now, kept=kept, merged=merged, reason=told["reason"])
    except CardGone as fault:  # somebody else decided in the meantime
        raise Http404 from fault
    messages.success(request, _("One card now. The merge can be undone on this card."))
    return go_to(request, reverse("people:card", args=[kept.uid]))


@require_POST
@transaction.atomic
def undo(request: HttpRequest, uid: UUID, merge_uid: UUID) -> HttpResponse:
    person = _decidable(request, uid)
    made = get_object_or_404(Merge, uid=merge_uid, kept=person)
    try:
        undo_merge(by=request.user.actor, at=timezone.now(), merge=made)
    except LaterMergeFirst:
        messages.error(request, _("Another merge followed on this card. Undo that one first."))
    else:
        messages.success(request, _("Two cards again, each with its own records."))
    return go_to(request, reverse("people:card", args=[uid]))


@require_GET
def other_card(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Look for another card of the same person, to put the two side by side."""
    person = _decidable(request, uid)
    form = OtherCardFilter(request.GET or None)
    text = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    reach = queries.visible_to(request.user, Permission.IMPORT)
    found = search(reach, text).exclude(pk=person.pk) if text else reach.none()
    people = list(found.select_related("household").order_by("pinyin", "pk")[:CHOICES])
    context = {
        "person": person,
        "form": form,
        "asked": bool(text),
        "rows": queries.entries(people, on=timezone.localdate(), wide=True),
    }
    return render(request, "people/other.html", context)


def _decidable(request: HttpRequest, uid: UUID) -> Person:
    return get_object_or_404(_reach(request), uid=uid)


def _reach(request: HttpRequest) -> PersonQuerySet:
    return queries.visible_to(request.user, Permission.IMPORT).select_related("household")
