"""预警: alerts with their routes. Buttons receive, arrange, close; none stands between a person and care."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lianfang.field.observation.actions import arrange_care, close_alert, receive_alert
from lianfang.field.observation.forms.course import AlertForm
from lianfang.field.observation.models import Alert
from lianfang.field.observation.queries.alerts import Route, alerts_in, route_of, routes_of
from lianfang.field.observation.queries.household import heads_of
from lianfang.field.observation.views.frame import frame, paged
from lianfang.field.observation.wording import ALERT_OUTCOMES, STAGES, reading_words
from lianfang.mandate.duties.forms import moment_of, place_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.actions import log_reading
from lianfang.registry.people.queries import phones_to_call, staff_names, visible_to
from lianfang.registry.places.queries import names_of
from lianfang.web.fragments import go_to

_TOWNSHIP, _COUNTY = 9, 6  # lengths of paths


@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    place, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    closed = request.GET.get("show") == "all"
    page = paged(request, alerts_in(place.path, as_of, open_only=not closed))
    routes = routes_of(list(page.object_list), as_of=as_of)
    names = names_of({route.alert.person.area_path for route in routes})
    context = frame(place, as_of, "alerts") | {
        "page": page,
        "rows": [_row(route, names) for route in routes],
        "all": closed,
    }
    return render(request, "observation/alerts.html", context)


def _row(route: Route, names: dict[str, str]) -> dict:
    person = route.alert.person
    return {
        "route": route,
        "person": person,
        "village": names.get(person.area_path, person.area_path),
        "what": reading_words(route.alert.reading),
        "waiting": STAGES[route.waiting.code] if route.waiting else "",
        "outcome": ALERT_OUTCOMES.get(route.outcome, ""),
    }


@require_http_methods(["GET", "POST"])
def alert(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One alert: what was told, its route with the minutes of each stage, what comes next and who does it."""
    rows = Alert.objects.filter(withdrawn_at__isnull=True, person__in=visible_to(request.user))
    found = get_object_or_404(rows.select_related("person__household", "reading"), uid=uid)
    now, levels = timezone.now(), _levels(request, found.person.area_path)
    form = AlertForm(request.POST or None)
    if request.method == "POST":
        return _act(request, found, form, levels)
    log_reading(by=request.user.actor, at=now, person=found.person, action="person.health_read")
    return _alert(request, found, form, levels)


def _alert(
    request: HttpRequest, found: Alert, form: AlertForm, levels: dict[str, bool], status: int = 200
) -> HttpResponse:
    now, person = timezone.now(), found.person
    route = route_of(found, as_of=now)
    workers = staff_names({stage.by for stage in route.stages})
    head = heads_of({person.area_path[:12]}, now).get(person.area_path[:12])
    context = {
        "alert": found,
        "person": person,
        "as_of": now,
        "village": names_of({person.area_path}).get(person.area_path, ""),
        "what": reading_words(found.reading),
        "stages": [(STAGES[stage.code], stage, workers.get(stage.by, stage.by)) for stage in route.stages],
        "outcome": ALERT_OUTCOMES.get(route.outcome, ""),
        "pending": {stage.code for stage in route.stages if not stage.done},
        "levels": levels,
        "phones": phones_to_call([person.uid]).get(person.uid, []),
        "head": head,
        "form": form,
    }
    return render(request, "observation/alert.html", context, status=status)


def _levels(request: HttpRequest, path: str) -> dict[str, bool]:
    """What the account may say: a township receives for its township, the county for the county."""
    where = [own for own in scope_for(request.user).paths.get(Permission.RECORD, ()) if path.startswith(own)]
    return {
        "township": any(len(own) == _TOWNSHIP for own in where),
        "county": any(len(own) <= _COUNTY for own in where),
        "record": bool(where),
    }


def _act(request: HttpRequest, found: Alert, form: AlertForm, levels: dict[str, bool]) -> HttpResponse:
    by, now, act = request.user.actor, timezone.now(), request.POST.get("act", "")
    if not levels["record"] or (act in ("township", "county") and not levels[act]):
        raise PermissionDenied
    if not form.is_valid() or (act == "outcome" and not form.cleaned_data["outcome"]):
        if form.is_bound and not form.errors:
            form.add_error("outcome", _("Choose what came of it."))
        return _alert(request, found, form, levels, status=422)
    told = form.cleaned_data
    if act in ("township", "county"):
        receive_alert(by=by, at=now, alert=found, level=act)
        messages.success(request, _("Received."))
    elif act == "care":
        arrange_care(by=by, at=now, alert=found, note=told["note"])
        messages.success(request, _("Care arranged."))
    elif act == "outcome":
        close_alert(by=by, at=now, alert=found, outcome=told["outcome"], note=told["note"])
        messages.success(request, _("The alert is closed."))
    return go_to(request, reverse("observation:alert", args=[found.uid]))
