"""Rows put right on the page, columns named by the user, an import taken back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from lianfang.mandate.intake import actions, columns, queries, showing
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.views.lists import address, batch_of
from lianfang.web.fragments import go_to

_LONGEST = 500


@require_POST
def mend(request: HttpRequest, uid: UUID, row: int) -> HttpResponse:
    """Save a row that was put right; it is judged again, and the answer is the row as it stands now."""
    found = batch_of(request, uid)
    wrong = get_object_or_404(found.rows, pk=row)
    cells = {
        name.removeprefix("cell-"): text[:_LONGEST].strip()
        for name, text in request.POST.items()
        if name.startswith("cell-")
    }
    fault = ""
    try:
        version = int(request.POST.get("version", ""))
        wrong = actions.mend(by=request.user.actor, at=timezone.now(), row=wrong, version=version, cells=cells)
    except actions.ChangedMeanwhile:
        fault = _("Somebody else has changed this row meanwhile. This is how it stands now; nothing was overwritten.")
    except (actions.NotMendable, ValueError):
        fault = _("This row is not to be corrected any more. Open the list again.")
    wrong.refresh_from_db()
    return _row(request, found, wrong, fault)


def _row(request: HttpRequest, batch: Batch, row: StagedRow, fault: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        if fault:
            messages.error(request, fault)
        return go_to(request, f"{address(batch)}?tab=rejected&page={request.POST.get('page') or 1}#row-{row.pk}")
    context = _counters(batch) | {
        "entry": showing.rejected(batch, row),
        "fault": fault,
        "outcome": showing.outcome_words(row),
    }
    return render(request, "intake/_mended.html", context, status=409 if fault else 200)


def _counters(batch: Batch) -> dict[str, Any]:
    counts = queries.counts(batch)
    return {"batch": batch, "counts": counts, "tabs": showing.tabs(batch, counts, "rejected"), "tab": "rejected"}


@require_POST
def replace(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One word for another in all rejected rows that have it."""
    found = batch_of(request, uid)
    told = {name: request.POST.get(name, "")[:_LONGEST].strip() for name in ("field", "wrong", "right")}
    if not told["right"]:
        messages.error(request, _("No new value is given. Enter what is to stand in these rows."))
        return go_to(request, f"{address(found)}?tab=rejected")
    try:
        done = actions.replace_everywhere(by=request.user.actor, at=timezone.now(), batch=found, **told)
    except actions.NotMendable:
        messages.error(request, _("This row is not to be corrected any more. Open the list again."))
    else:
        words = ngettext("%(rows)s row is corrected", "%(rows)s rows are corrected", done.rows)
        left = _("%(left)s of them have another fault") % {"left": done.left}
        text = f"{words % {'rows': done.rows}}; {left}" if done.left else words % {"rows": done.rows}
        messages.success(request, f"{text}.")
    return go_to(request, f"{address(found)}?tab=rejected")


@require_http_methods(["GET", "HEAD", "POST"])
def columns_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What the columns are: every heading with what stands under it, and a choice of fields."""
    found = batch_of(request, uid)
    form = columns.ColumnsForm(found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.map_columns(by=request.user.actor, at=timezone.now(), batch=found, said=form.said)
        return go_to(request, address(found))
    status = 422 if request.method == "POST" else 200
    return render(request, "intake/columns.html", {"batch": found, "form": form}, status=status)


@require_POST
def undo_import(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = batch_of(request, uid)
    try:
        actions.ask_undo(by=request.user.actor, at=timezone.now(), batch=found)
    except actions.NotUndoable:
        messages.error(request, _("There is no import to take back. Look again."))
    return go_to(request, address(found))
