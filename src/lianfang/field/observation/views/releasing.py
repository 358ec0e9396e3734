"""解除: whose days are done, released in one act; and orders about people, decided by a second person."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lianfang.field.observation.actions import CannotCall, answer_callback, release_ready
from lianfang.field.observation.forms.course import AnswerForm
from lianfang.field.observation.models import Callback
from lianfang.field.observation.queries.checks import agreement, callbacks_in, lost
from lianfang.field.observation.queries.releasing import due_for_release, review_rows, without_open_alert
from lianfang.field.observation.views.frame import frame, paged
from lianfang.field.observation.wording import CALLBACK_OUTCOMES, ORDER_KINDS, ORDER_STATES, order_fault, reading_words
from lianfang.mandate.duties.forms import moment_of, place_of
from lianfang.mandate.orders.actions import CannotOrder, decide
from lianfang.mandate.orders.models import PersonOrder
from lianfang.mandate.orders.queries.rulings import orders_in
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.queries import staff_names, visible_to
from lianfang.registry.places.queries import names_of
from lianfang.web.asked import whole_number
from lianfang.web.asked import words as words_of
from lianfang.web.fragments import go_to


@require_http_methods(["GET", "POST"])
def release(request: HttpRequest) -> HttpResponse:
    """Everybody whose last day has come; one act makes all certificates but those that wait for a doctor."""
    place, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    may_release = scope_for(request.user).allows(Permission.REVIEW, place.path)
    if request.method == "POST":
        if not may_release:
            raise PermissionDenied
        # Nobody ticked means everybody; somebody ticked who is nobody never does.
        ticked = request.POST.getlist("one")
        told = [key for one in ticked if (key := whole_number(one)) is not None] if ticked else None
        done, left = release_ready(by=request.user.actor, at=timezone.now(), area_path=place.path, only=told)
        words = ngettext("%(n)d person released.", "%(n)d people released.", done) % {"n": done}
        if left:
            words += " " + _("%(n)d wait for the outcome of an alert.") % {"n": left}
        messages.success(request, words)
        return go_to(request, f"{reverse('observation:release')}?area={place.path}")
    found = due_for_release(place.path, as_of)
    page = paged(request, found.order_by("last_day", "area_path", "pk"))
    context = frame(place, as_of, "release") | {
        "page": page,
        "rows": review_rows(list(page.object_list), as_of),
        "ready": without_open_alert(found, as_of).count(),
        "may_release": may_release,
    }
    return render(request, "observation/release.html", context)


@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    place, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    everything = request.GET.get("show") == "all"
    page = paged(request, orders_in(place.path, state="" if everything else "proposed"))
    rows = list(page.object_list)
    names = names_of({row.enrolment.area_path for row in rows})
    workers = staff_names({row.proposed_by for row in rows} | {row.decided_by for row in rows})
    scope = scope_for(request.user)
    context = frame(place, as_of, "orders") | {
        "page": page,
        "all": everything,
        "rows": [
            {
                "order": row,
                "kind": ORDER_KINDS[row.kind],
                "state": ORDER_STATES[row.state],
                "village": names.get(row.enrolment.area_path, row.enrolment.area_path),
                "proposed_by": workers.get(row.proposed_by, row.proposed_by),
                "decided_by": workers.get(row.decided_by, row.decided_by),
                "is_mine": row.proposed_by == request.user.username,
                "may_decide": scope.allows(Permission.REVIEW, row.enrolment.area_path),
            }
            for row in rows
        ],
    }
    return render(request, "observation/orders.html", context)


@require_POST
def decide_order(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Approve or decline: never by the one who proposed it."""
    rows = PersonOrder.objects.filter(person__in=visible_to(request.user, Permission.REVIEW))
    order, by = get_object_or_404(rows.select_related("enrolment"), uid=uid), request.user.actor
    decision, note = request.POST.get("decision"), words_of(request, "note")
    if decision not in ("approve", "decline"):
        raise BadRequest
    approve = decision == "approve"
    try:
        decide(by=by, at=timezone.now(), order=order, approve=approve, note=note)
    except CannotOrder as refused:
        messages.error(request, order_fault(refused.rule))
    else:
        messages.success(request, _("Approved and carried out.") if approve else _("Declined."))
    area = request.GET.get("area", "")
    return go_to(
        request, f"{reverse('observation:orders')}?area={area if area.isdigit() else order.enrolment.area_path}"
    )


@require_GET
def lost_people(request: HttpRequest) -> HttpResponse:
    """失访: who has not been reached for the plan's days; the target is nobody."""
    place, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    page = paged(request, lost(place.path, as_of))
    rows = list(page.object_list)
    names = names_of({row.person.area_path for row in rows})
    context = frame(place, as_of, "lost") | {
        "page": page,
        "rows": [(row, names.get(row.person.area_path, row.person.area_path)) for row in rows],
        "total": page.paginator.count,
        "may_record": scope_for(request.user).allows(Permission.RECORD, place.path),
    }
    return render(request, "observation/lost.html", context)


@require_GET
def callbacks(request: HttpRequest) -> HttpResponse:
    """抽查回访: the sample, what people said, and how far the records agree."""
    place, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    page = paged(request, callbacks_in(place.path, as_of))
    rows = list(page.object_list)
    names = names_of({row.area_path for row in rows})
    workers = staff_names({row.by for row in rows} | {row.reading.by for row in rows})
    context = frame(place, as_of, "callbacks") | {
        "page": page,
        "agreement": agreement(place.path, as_of),
        "outcomes": CALLBACK_OUTCOMES.items(),
        "may_record": scope_for(request.user).allows(Permission.RECORD, place.path),
        "rows": [
            {
                "callback": row,
                "village": names.get(row.area_path, row.area_path),
                "what": reading_words(row.reading),
                "recorded_by": workers.get(row.reading.by, row.reading.by),
                "by": workers.get(row.by, row.by),
                "outcome": CALLBACK_OUTCOMES.get(row.outcome, ""),
                "is_mine": row.reading.by == request.user.username,
            }
            for row in rows
        ],
    }
    return render(request, "observation/callbacks.html", context)


@require_POST
def answer(request: HttpRequest, callback: int) -> HttpResponse:
    people = visible_to(request.user, Permission.RECORD)
    found = get_object_or_404(Callback.objects.filter(reading__person__in=people), pk=callback)
    form = AnswerForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            answer_callback(
                by=request.user.actor,
                at=timezone.now(),
                callback=found,
                outcome=told["outcome"],
                note=told["note"],
            )
        except CannotCall as refused:
            messages.error(request, order_fault(refused.rule))
        else:
            messages.success(request, _("Recorded."))
    else:
        messages.error(request, _("Choose what the person said: confirmed, differs or not reached."))
    return _back(request, "callbacks", found.area_path)


def _back(request: HttpRequest, name: str, path: str) -> HttpResponse:
    """To the list as it was asked for."""
    area = request.GET.get("area", "")
    return go_to(request, f"{reverse(f'observation:{name}')}?area={area if area.isdigit() else path}")
