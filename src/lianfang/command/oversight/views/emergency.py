"""紧急查看: one person outside the own area, for a reason, for an hour, in the sight of everybody responsible."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lianfang.command.oversight import actions, queries
from lianfang.command.oversight.forms import EmergencyForm, ReviewForm
from lianfang.field.observation.models import Alert, Need, Reading
from lianfang.registry.accounts.models import Emergency
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.accounts.views.showing import full_names
from lianfang.registry.people import queries as people
from lianfang.registry.people.actions import log_search
from lianfang.registry.people.models import Person
from lianfang.web.fragments import go_to

SHOWN = 20


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    scope, now = scope_for(request.user), timezone.now()
    if not scope.has(Permission.SEE_PEOPLE):
        raise PermissionDenied
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = queries.found_by_number(form.cleaned_data["number"])
        if person is not None and scope.allows(Permission.SEE_PEOPLE, person.area_path):
            return go_to(request, f"/people/{person.uid}/")
        if person is not None:
            reason = form.cleaned_data["reason"]
            made = actions.open_emergency(by=request.user, at=now, person=person, reason=reason)
            return redirect("oversight:emergency", made.uid)
        log_search(by=request.user.actor, at=now, area_path=scope.home, kind="emergency", elsewhere=None)
        form.add_error("number", _("No card has this number. It must be typed in full; a name finds nobody here."))
    context = {"form": form, "open": queries.open_emergencies(request.user, now), "now": now}
    return render(request, "oversight/ask.html", context, status=422 if form.errors else 200)


@require_GET
@transaction.atomic
def emergency(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The one person, while the hour lasts, for who opened it; every look is logged."""
    now = timezone.now()
    found = get_object_or_404(queries.open_emergencies(request.user, now), uid=uid)
    person = Person.objects.select_related("household").filter(uid=found.subject, withdrawn_at__isnull=True).first()
    if person is None:
        raise Http404
    actions.log_emergency_reading(by=request.user.actor, at=now, emergency=found)
    day = timezone.localdate(now)
    context = {
        "emergency": found,
        "now": now,
        "entry": people.entries([person], on=day, wide=True)[0],
        "numbers": people.numbers_of([person.uid], in_full=True)[person.uid],
        "area": full_names({person.area_path})[person.area_path],
        "readings": Reading.objects.filter(person=person, withdrawn_at__isnull=True).order_by("-at")[:SHOWN],
        "alerts": Alert.objects.filter(person=person).order_by("-raised_at")[:SHOWN],
        "needs": Need.objects.filter(person=person, met_at__isnull=True).order_by("-at")[:SHOWN],
    }
    return render(request, "oversight/emergency.html", context)


@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """What was opened in the areas that one answers for; looking at it takes the notice down."""
    scope, now = scope_for(request.user), timezone.now()
    if not (scope.has(Permission.REVIEW) or scope.has(Permission.SEE_PEOPLE)):
        raise PermissionDenied
    found = list(queries.emergencies_seen_by(request.user)[: SHOWN * 5])
    names = full_names({one.area_path for one in found})
    actions.take_note(account=request.user)
    request.user.alerted_at = None
    rows = [
        {
            "emergency": one,
            "area": names[one.area_path],
            "overdue": one.reviewed_at is None and one.review_by < now,
            "may_review": one.reviewed_at is None
            and one.account_id != request.user.pk
            and scope.allows(Permission.REVIEW, one.area_path),
        }
        for one in found
    ]
    return render(request, "oversight/reviews.html", {"rows": rows, "form": ReviewForm(), "now": now})


@require_POST
def review(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(Emergency, uid=uid, reviewed_at__isnull=True)
    if not scope_for(request.user).allows(Permission.REVIEW, found.area_path):
        raise Http404
    if found.account_id == request.user.pk:
        raise PermissionDenied
    form = ReviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say whether it was justified, and why."))
        return redirect("oversight:reviews")
    told = form.cleaned_data
    actions.review_emergency(
        by=request.user,
        at=timezone.now(),
        emergency=found,
        justified=told["justified"] == "yes",
        finding=told["finding"],
    )
    messages.success(request, _("The review is recorded."))
    return redirect("oversight:reviews")
