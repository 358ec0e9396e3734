"""People of a list to be looked for: what a village finds out, what waits for one, what the sender gets back."""

from io import BytesIO
from pathlib import PurePath
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lianfang.field.screening import referrals, referring
from lianfang.field.screening.models import OUTCOMES, Referral
from lianfang.field.screening.returning import outcome_words, results_workbook
from lianfang.field.screening.villages import VillageFinder
from lianfang.mandate.intake.models import Batch
from lianfang.mandate.intake.queries import listed_for
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.audit import actions as audit
from lianfang.registry.people.queries import staff_names
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import is_exercise, names_of
from lianfang.web.asked import whole_number, words
from lianfang.web.fragments import go_to

PER_PAGE = 25
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """Whom the account's areas have to look for: those without an outcome first."""
    paths = scope_for(request.user).paths.get(Permission.RECORD, ())
    if not paths:
        raise PermissionDenied
    rows = referrals.within(paths).filter(placed=True)
    done = request.GET.get("show") == "done"
    chosen = rows.exclude(outcome="") if done else rows.filter(outcome="")
    page = Paginator(chosen.order_by("area_path", "registered_at", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _shown(request, list(page.object_list)),
        "done": done,
        "waiting": 0 if done else page.paginator.count,
        "unplaced": _unplaced(request).count() if scope_for(request.user).has(Permission.IMPORT) else 0,
    }
    return render(request, "screening/tasks.html", context)


def _shown(request: HttpRequest, rows: list[Referral]) -> list[dict]:
    """The rows with what the list says in full, for whoever has to ring or go there: the opening is logged."""
    places = names_of({row.area_path for row in rows})
    names = staff_names({row.outcome_by for row in rows if row.outcome_by})
    if rows:
        data = {"people": [str(row.uid) for row in rows]}
        audit.record(
            by=request.user.actor, action="referrals.read", at=timezone.now(), area_path=rows[0].area_path, data=data
        )
    return [
        {
            "row": one.referral,
            "told": one.told,
            "village": places.get(one.referral.area_path, one.referral.area_path),
            "outcome": outcome_words(one.referral.outcome),
            "by": names.get(one.referral.outcome_by, one.referral.outcome_by),
            "choices": [(code, outcome_words(code)) for code in OUTCOMES],
        }
        for one in referrals.told_of(rows)
    ]


@require_POST
def tell(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What came of it: one press of the village."""
    found = _mine(request, uid, Permission.RECORD)
    fault = ""
    outcome, version = request.POST.get("outcome", ""), whole_number(request.POST.get("version"))
    if outcome not in OUTCOMES or version is None:
        fault = _("No outcome is chosen. Press what you found out.")
    else:
        try:
            found = referring.tell_outcome(
                by=request.user.actor,
                at=timezone.now(),
                uid=uid,
                outcome=outcome,
                version=version,
                note=words(request, "note", 200),
            )
        except referring.ChangedMeanwhile:
            found.refresh_from_db()
            fault = _("Somebody else has told of this person meanwhile. This is how it stands now.")
    if not request.headers.get("HX-Request"):
        return go_to(request, reverse("screening:tasks"))
    (entry,) = _shown(request, [found])
    context = {"entry": entry, "fault": fault}
    return render(request, "screening/_task.html", context, status=409 if fault else 200)


def _mine(request: HttpRequest, uid: UUID, permission: Permission) -> Referral:
    paths = scope_for(request.user).paths.get(permission, ())
    return get_object_or_404(referrals.within(paths), uid=uid)


def _unplaced(request: HttpRequest):
    return referrals.within(scope_for(request.user).paths.get(Permission.IMPORT, ())).filter(placed=False)


@require_GET
def unplaced(request: HttpRequest) -> HttpResponse:
    """What names no village of ours: an officer says which village it is, with the likeliest first."""
    scope = scope_for(request.user)
    if not scope.has(Permission.IMPORT):
        raise PermissionDenied
    page = Paginator(_unplaced(request).order_by("registered_at", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    finders: dict[str, VillageFinder] = {}
    rows = []
    for one in referrals.told_of(page.object_list):
        finder = finders.setdefault(one.referral.area_path, VillageFinder(one.referral.area_path))
        rows.append({"row": one.referral, "likely": finder.suggest(one.referral.place_text), "all": finder.all()})
    return render(request, "screening/unplaced.html", {"page": page, "rows": rows})


@require_POST
def place(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = _mine(request, uid, Permission.IMPORT)
    path, version = words(request, "village"), whole_number(request.POST.get("version"))
    village = Area.objects.filter(path=path, path__length=12).first()
    if village is None or version is None or not scope_for(request.user).allows(Permission.IMPORT, path):
        return HttpResponse(status=422)
    try:
        referring.place(by=request.user.actor, at=timezone.now(), uid=found.uid, area_path=path, version=version)
    except referring.ChangedMeanwhile:
        return HttpResponse(status=409)
    if not request.headers.get("HX-Request"):
        return go_to(request, reverse("screening:unplaced"))
    return render(request, "screening/_placed.html", {"row": found, "village": village.name})


def _batch(request: HttpRequest, uid: UUID) -> Batch:
    if not scope_for(request.user).has(Permission.IMPORT):
        raise PermissionDenied
    return get_object_or_404(listed_for(request.user), uid=uid)


@require_GET
def progress(request: HttpRequest, uid: UUID) -> HttpResponse:
    """How far a list is, as a part of its page."""
    batch = _batch(request, uid)
    counts = referrals.counts_of_lists([batch.uid]).get(batch.uid)
    return render(request, "screening/_progress.html", {"batch": batch, "counts": counts})


@require_GET
def results(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The sender's own rows in the sender's own columns, with who was checked before and what came of it now.

    It works as soon as the list has been read: nothing has to be imported.
    """
    batch = _batch(request, uid)
    if batch.state not in ("checked", "confirmed", "committed") or batch.original_sealed is None:
        raise Http404
    data = {"batch": str(batch.uid), "outcome": "results"}
    audit.record(
        by=request.user.actor, action="list.rows_exported", at=timezone.now(), area_path=batch.area_path, data=data
    )
    content = BytesIO()
    results_workbook(batch, content, exercise=is_exercise())
    response = HttpResponse(content.getvalue(), content_type=_XLSX)
    name = f"{PurePath(batch.filename).stem} {_('results')}.xlsx"
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response
