"""Import: a list goes in, is checked, confirmed, decided upon. Whoever looks at its rows is in the log."""

from datetime import datetime
from pathlib import PurePath
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lianfang.mandate.intake import actions, pairs, queries, sheets_out, showing, templates_out
from lianfang.mandate.intake.actions.mending import OPEN_STATES
from lianfang.mandate.intake.forms import FOLLOWS, KINDS, ListForm
from lianfang.mandate.intake.importing import importers
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission, Scope
from lianfang.registry.audit import actions as audit
from lianfang.registry.people.queries import staff_names
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import full_name, is_exercise, names_of
from lianfang.web.fragments import go_to, render_page, wants_fragment

KIND = "arrivals"
_PER_PAGE = 20
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLOW_SECONDS = 60  # the worker looks every few seconds: whoever waits longer is told why that may be


@require_http_methods(["GET", "HEAD", "POST"])
def batches(request: HttpRequest) -> HttpResponse:
    scope = _scope(request)
    now = timezone.now()
    area = _area_asked(request, scope)
    areas = queries.areas_to_import(request.user)
    if request.method != "POST":
        return _list_page(request, ListForm(areas=areas, now=now, area=area), area)
    form = ListForm(request.POST, request.FILES, areas=areas, now=now)
    if not form.is_valid():
        return _list_page(request, form, area, status=422)
    told = form.cleaned_data
    file = actions.NewFile(told["kind"], told["area"], told["file"].name, told["file"].read())
    batch = actions.receive(by=request.user.actor, at=told["at"], file=file, now=now)
    return go_to(request, address(batch))


def _list_page(request: HttpRequest, form: ListForm, area: str, *, status: int = 200) -> HttpResponse:
    found = queries.listed_for(request.user).filter(area_path__startswith=area).order_by("-arrived_at", "-pk")
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    counts = queries.counts_of(page.object_list)
    places = names_of({batch.area_path for batch in page.object_list})
    workers = staff_names({batch.by for batch in page.object_list})
    rows = [
        {
            "batch": batch,
            "place": places.get(batch.area_path, batch.area_path),
            "by": workers.get(batch.by, batch.by),
            "counts": counts[batch.pk],
            "kind": showing.state_kind(batch.state),
            "state": showing.state_words(batch.state),
        }
        for batch in page.object_list
    ]
    context = {"form": form, "page": page, "rows": rows, "area": area, "kinds": _kinds(area)}
    return render(request, "intake/list.html", context, status=status)


def _kinds(area: str) -> list[dict[str, Any]]:
    """Every kind of list that an account may bring in: what becomes of its rows, and its template."""
    query = {"area": area} if area else {}
    kinds = [
        {
            "title": title,
            "what": FOLLOWS[code],
            "template": f"{reverse('intake:template')}?{urlencode({'kind': code, **query})}",
        }
        for code, title in KINDS.items()
    ]
    organisation = {
        "title": _("Organisation: bodies, posts and who holds them"),
        "what": _("Leading groups, member units and posts of the area; what has no holder stands among the vacancies."),
        "template": f"{reverse('ledger:template')}?{urlencode(query)}",
        "page": f"{reverse('ledger:organisation')}?{urlencode(query)}",
    }
    return [*kinds, organisation]


@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """An empty list to fill in, with the names of the account's townships and villages."""
    scope = _scope(request)
    area = _area_asked(request, scope) or scope.paths[Permission.IMPORT][0]
    places = list(Area.objects.under(area).order_by("path").values_list("kind", "name", "path"))
    lists = templates_out.Lists(
        townships=[name for level, name, _path in places if level == "township"],
        villages=[name for level, name, _path in places if level in ("village", "community")],
    )
    kind = request.GET.get("kind", KIND)
    if kind not in KINDS:
        raise Http404
    title = "" if kind == KIND else str(KINDS[kind])
    content = templates_out.template(importers()[kind].fields, lists, exercise=is_exercise(), title=title)
    return _file(content, title or _("Arrivals template"))


@require_GET
@transaction.atomic
def batch(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = batch_of(request, uid)
    now = timezone.now()
    if found.state in showing.WAITING:
        context = _frame(found, now)
        return render_page(request, "intake/batch.html", "intake/_waiting.html", context)
    if wants_fragment(request):
        return go_to(request, address(found))
    return render(request, "intake/batch.html", _frame(found, now) | _rows(request, found, now))


def _frame(batch: Batch, now: datetime) -> dict[str, Any]:
    waited = int((now - batch.arrived_at).total_seconds())
    return {
        "batch": batch,
        "place": full_name(batch.area_path),
        "given_by": staff_names({batch.by}).get(batch.by, batch.by),
        "waiting": batch.state in showing.WAITING,
        "steps": showing.steps(batch.state),
        "kind": showing.state_kind(batch.state),
        "state": showing.state_words(batch.state),
        "as_of": now,
        "layouts": queries.layouts_of(batch) if batch.state in ("checked", "failed") else [],
        "slow": batch.state == "received" and waited > _SLOW_SECONDS,
        "progress": showing.progress(batch) if batch.state in showing.WAITING else None,
        "fault": showing.messages_of([batch.fault]) if batch.fault else [],
        "warnings": showing.messages_of(batch.warnings),
        "undone_by": staff_names({batch.undone_by}).get(batch.undone_by, batch.undone_by) if batch.undone_by else "",
        "still_used": showing.still_used(batch),
    }


def _rows(request: HttpRequest, batch: Batch, now: datetime) -> dict[str, Any]:
    """The rows of the open tab. Whoever sees rows is in the log."""
    counts = queries.counts(batch)
    tabs = showing.tabs(batch, counts, request.GET.get("tab", ""))
    outcome = next(tab.code for tab in tabs if tab.active)
    rows = batch.rows.filter(outcome=outcome).order_by("pk")
    noted = rows.exclude(rules=[]).count() if outcome == "accepted" else 0
    only_noted = bool(noted) and request.GET.get("only") == "noted"
    rows = rows.exclude(rules=[]) if only_noted else rows
    pages = Paginator(rows, showing.ROWS_A_PAGE[outcome])
    pages.count = noted if only_noted else counts[outcome]  # counted for the tabs already
    page = pages.get_page(request.GET.get("page"))
    shown = list(page.object_list)
    if shown:
        _log(
            request,
            batch,
            now,
            "list.rows_opened",
            {"outcome": outcome, "page": page.number, "rows": len(shown)},
        )
    return {
        "counts": counts,
        "tabs": tabs,
        "tab": outcome,
        "page": page,
        "rows": showing.entries(batch, outcome, shown, request.user),
        "undecided": queries.undecided(batch) if counts["review"] else 0,
        "noted": noted,
        "only_noted": only_noted,
        "before": queries.same_file_before(batch) if batch.state == "checked" else None,
        "importable": counts["rows"] > counts["rejected"],
        "mendable": batch.state in OPEN_STATES and bool(batch.kept),
        "repeated": showing.repeated_faults(batch) if outcome == "rejected" and batch.kept else [],
    }


@require_POST
def confirm(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = batch_of(request, uid)
    actions.confirm(by=request.user.actor, at=timezone.now(), batch=found)
    return go_to(request, address(found))


@require_POST
def whole(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Somebody compared a list that ends at its format's last row with the original."""
    found = batch_of(request, uid)
    actions.say_it_is_whole(by=request.user.actor, at=timezone.now(), batch=found)
    return go_to(request, address(found))


@require_POST
def drop(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = batch_of(request, uid)
    actions.drop(by=request.user.actor, at=timezone.now(), batch=found)
    messages.success(request, _("Nothing was imported. The file and what was read from it are deleted."))
    return go_to(request, reverse("intake:list"))


@require_POST
def decide(request: HttpRequest, uid: UUID, row: int) -> HttpResponse:
    found, held = _held(request, uid, row)
    if not pairs.may_decide(held, request.user):
        return _pair(request, found, held, _("The other card lies outside your areas. The county decides on it."))
    try:
        decision = request.POST.get("decision", "")
        held = actions.decide(by=request.user.actor, at=timezone.now(), row=held, decision=decision)
    except actions.NotDecidable:
        held.refresh_from_db()
        return _pair(request, found, held, _("Nothing was decided: somebody may have been quicker. Look again."))
    return _pair(request, found, held)


@require_POST
def undo(request: HttpRequest, uid: UUID, row: int) -> HttpResponse:
    found, held = _held(request, uid, row)
    if not pairs.may_decide(held, request.user):
        return _pair(request, found, held, _("The other card lies outside your areas. The county decides on it."))
    try:
        held = actions.undo_decision(by=request.user.actor, at=timezone.now(), row=held)
    except actions.NotDecidable:
        held.refresh_from_db()
        return _pair(request, found, held, _("There was no decision to take back. Look again."))
    return _pair(request, found, held)


def _pair(request: HttpRequest, batch: Batch, held: StagedRow, fault: str = "") -> HttpResponse:
    """The pair as it stands now; without scripts, the page that it stands on."""
    if not request.headers.get("HX-Request"):
        if fault:
            messages.error(request, fault)
        return go_to(request, f"{address(batch)}?tab=review&page={request.POST.get('page') or 1}#row-{held.pk}")
    (pair,) = showing.decided_pairs(batch, [held], request.user)
    context = {
        "batch": batch,
        "pair": pair,
        "fault": fault,
        "undecided": queries.undecided(batch),
        "as_of": timezone.now(),
    }
    return render(request, "intake/_decided.html", context, status=422 if fault else 200)


@require_GET
@transaction.atomic
def corrections(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The rows to correct, to be put right in Excel and sent in again."""
    found = batch_of(request, uid)
    rows = list(found.rows.filter(outcome="rejected").order_by("pk"))
    if not rows:
        raise Http404
    _log(request, found, timezone.now(), "list.rows_exported", {"outcome": "rejected", "rows": len(rows)})
    content = sheets_out.corrections(found, rows, exercise=is_exercise())
    return _file(content, f"{PurePath(found.filename).stem} {_('to correct')}")


def _scope(request: HttpRequest) -> Scope:
    scope = scope_for(request.user)
    if not scope.has(Permission.IMPORT):
        raise PermissionDenied
    return scope


def _area_asked(request: HttpRequest, scope: Scope) -> str:
    area = request.GET.get("area", "")
    if area and not scope.allows(Permission.IMPORT, area):
        raise Http404
    return area


def batch_of(request: HttpRequest, uid: UUID) -> Batch:
    _scope(request)
    return get_object_or_404(queries.listed_for(request.user), uid=uid)


def _held(request: HttpRequest, uid: UUID, row: int) -> tuple[Batch, StagedRow]:
    found = batch_of(request, uid)
    return found, get_object_or_404(found.rows, pk=row, outcome="review")


def address(batch: Batch) -> str:
    return reverse("intake:batch", args=[batch.uid])


def _log(request: HttpRequest, batch: Batch, at: datetime, action: str, data: dict[str, Any]) -> None:
    told = {"batch": str(batch.uid), **data}
    audit.record(by=request.user.actor, action=action, at=at, area_path=batch.area_path, data=told)


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_XLSX)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.xlsx")
    return response
