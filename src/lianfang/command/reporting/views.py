"""零报告: what a village says each day, and who has said nothing."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lianfang.command.reporting.forms import ReportFilter, ReportForm
from lianfang.command.reporting.queries import zero_reports
from lianfang.field.observation.views.saving import NotStored, store
from lianfang.mandate.duties.forms import Place, moment_of, place_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.web.fragments import go_to, render_page, wants_fragment
from lianfang.web.reading import of_one_moment

VILLAGE = 12


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """A village's report of today, for the page of today."""
    place = _village(request, Permission.SEE_FIGURES)
    return _fragment(request, place, ReportForm())


@require_POST
def submit(request: HttpRequest) -> HttpResponse:
    place, now = _village(request, Permission.RECORD), timezone.now()
    form = ReportForm(request.POST)
    if form.is_valid():
        try:
            store(request, at=now, lines=lambda known: [form.line(place.path, known or now)])
        except NotStored as refused:
            form.refuse(refused.faults)
    if form.errors:
        return _fragment(request, place, form, status=422)
    if wants_fragment(request):
        return _fragment(request, place, ReportForm())
    messages.success(request, _("The report of %(village)s is recorded.") % {"village": place.name})
    return go_to(request, f"{reverse('observation:today')}?area={place.path}")


def _village(request: HttpRequest, permission: Permission) -> Place:
    place = place_of(request, permission)
    if len(place.path) != VILLAGE:
        raise Http404
    return place


def _fragment(request: HttpRequest, place: Place, form: ReportForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    found = zero_reports(place.path, now)
    if not found:
        raise Http404
    context = {
        "place": place,
        "village": found[0],
        "form": form,
        "as_of": now,
        "may_record": scope_for(request.user).allows(Permission.RECORD, place.path),
    }
    return render_page(request, "reporting/today.html", "reporting/_today.html", context, status=status)


@require_GET
@of_one_moment
def reports(request: HttpRequest) -> HttpResponse:
    place, as_of = place_of(request, Permission.SEE_FIGURES), moment_of(request)
    form = ReportFilter(request.GET)
    if not form.is_valid():
        raise BadRequest
    found = zero_reports(place.path, as_of)
    show = form.cleaned_data["show"]
    asked = [one for one in found if one.state]
    silent = [one for one in asked if one.kind == "silent" and one.state != "excused"]
    query = {"as_of": request.GET["as_of"]} if request.GET.get("as_of") else {}
    context = {
        "place": place,
        "as_of": as_of,
        "crumbs": place.crumbs(reverse("reporting:list"), query),
        "form": form,
        "rows": [one for one in found if not show or one.kind == show],
        "wide": len(place.path) < 9,
        "due": len(asked),
        "reported": sum(one.report is not None for one in asked),
        "zero": sum(one.kind == "zero" for one in asked),
        "silent": len(silent),
        "silent_state": "overdue" if any(one.state == "overdue" for one in silent) else "",
        "silent_url": f"?{urlencode({'area': place.path, **query, 'show': 'silent'})}",
    }
    return render(request, "reporting/list.html", context)
