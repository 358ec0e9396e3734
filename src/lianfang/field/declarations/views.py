"""What units' staff declare: each unit's return rate, its ledger with who has not answered first, one answer."""

from uuid import UUID, uuid4

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

from lianfang.field.declarations import actions, queries
from lianfang.field.declarations.forms import SHOWS, DeclarationForm, LedgerFilter, PlaceForm
from lianfang.field.declarations.models import Declaration
from lianfang.registry.accounts.asking import moment_of, place_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.audit import actions as audit
from lianfang.registry.organisation.models import Body
from lianfang.registry.places.models import Area
from lianfang.web.fragments import go_to

PER_PAGE = 50
STATES = dict(SHOWS) | {"requested": dict(SHOWS)["missing"]}


@require_GET
def units(request: HttpRequest) -> HttpResponse:
    """Each unit's return rate, those with most missing first."""
    where, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    scope = scope_for(request.user)
    page = Paginator(queries.rates(area_path=where.path, as_of=as_of), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "place": where,
        "as_of": as_of,
        "page": page,
        "may_import": scope.has(Permission.IMPORT),
        "may_export": scope.allows(Permission.EXPORT, where.path),
    }
    return render(request, "declarations/units.html", context)


@require_GET
@transaction.atomic
def ledger(request: HttpRequest, unit: UUID) -> HttpResponse:
    """One unit's staff with what they declared; opening it is logged."""
    scope, as_of = scope_for(request.user), moment_of(request)
    found = get_object_or_404(Body, uid=unit)
    if not scope.allows(Permission.SEE_PEOPLE, found.area_path):
        raise Http404
    form = LedgerFilter(request.GET)
    show = form.cleaned_data["show"] if form.is_valid() else ""
    rows, counts = queries.ledger_of(found, as_of)
    pages = Paginator(queries.shown(rows, show), PER_PAGE)
    pages.count = counts[show]  # told already
    page = pages.get_page(request.GET.get("page"))
    entries = queries.entries(page.object_list)
    data = {"unit": str(found.uid), "people": len(entries)}
    audit.record(
        by=request.user.actor, action="declarations.read", at=timezone.now(), area_path=found.area_path, data=data
    )
    context = {
        "unit": found,
        "as_of": as_of,
        "form": form,
        "page": page,
        "rows": [(one, STATES[one.state]) for one in entries],
        "rate": queries.rate(found, counts),
        "show": show,
        "may_record": scope.allows(Permission.RECORD, found.area_path),
        "may_export": scope.allows(Permission.EXPORT, found.area_path),
    }
    return render(request, "declarations/ledger.html", context)


@require_http_methods(["GET", "POST"])
@transaction.atomic
def entry(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One person's declaration, as it was told or to be recorded now."""
    found = _mine(request, uid)
    may_record = scope_for(request.user).allows(Permission.RECORD, found.unit.area_path)
    sent = request.POST if request.method == "POST" else None
    if sent is not None and not may_record:
        raise PermissionDenied
    form = DeclarationForm(sent, today=timezone.localdate(), initial={"record": uuid4()})
    if sent is not None and form.is_valid():
        return _save(request, found, form)
    return _page(request, found, form, may_record=may_record)


def _page(request: HttpRequest, found: Declaration, form: DeclarationForm, *, may_record: bool) -> HttpResponse:
    now = timezone.now()
    row = queries.declarations(area_path=found.unit.area_path, as_of=now).get(pk=found.pk)
    data = {"unit": str(found.unit.uid), "people": 1, "declaration": str(found.uid)}
    audit.record(by=request.user.actor, action="declarations.read", at=now, area_path=found.unit.area_path, data=data)
    (one,) = queries.entries([row])
    waits = may_record and one.state == "submitted"
    context = {
        "one": one,
        "state": STATES[one.state],
        "form": form,
        "may_record": may_record and one.state == "requested",
        "place_form": PlaceForm(villages=_villages(found.unit.area_path)) if waits else None,
    }
    return render(request, "declarations/entry.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, found: Declaration, form: DeclarationForm) -> HttpResponse:
    if actions.submit(by=request.user.actor, at=timezone.now(), answers=[form.answer(found.uid)]):
        messages.success(request, _("Recorded. What the plan asks for because of it has begun."))
    else:
        messages.error(request, _("Somebody recorded this declaration already. This is how it stands."))
    return go_to(request, reverse("declarations:ledger", args=[found.unit.uid]))


@require_POST
def place(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The village of somebody who has answered and stands on no card."""
    found = _mine(request, uid)
    if not scope_for(request.user).allows(Permission.RECORD, found.unit.area_path):
        raise PermissionDenied
    form = PlaceForm(request.POST, villages=_villages(found.unit.area_path))
    if form.is_valid():
        actions.place(by=request.user.actor, at=timezone.now(), declaration=found, village=form.cleaned_data["village"])
    return go_to(request, reverse("declarations:entry", args=[found.uid]))


def _mine(request: HttpRequest, uid: UUID) -> Declaration:
    return get_object_or_404(queries.visible_to(request.user).select_related("unit", "person"), uid=uid)


def _villages(area_path: str) -> list[tuple[str, str]]:
    """The villages of the unit's area: who lives elsewhere is handed over from the card."""
    found = Area.objects.under(area_path[:12]).filter(path__length=12).order_by("path")
    return list(found.values_list("path", "name"))
