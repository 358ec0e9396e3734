"""A wrong origin or day of arrival is put right on a page of its own: what was told before stays beside it."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.transaction import atomic
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lianfang.field.screening.actions import CorrectedMeanwhile, Correction, correct_arrival
from lianfang.field.screening.forms import CorrectionForm
from lianfang.field.screening.models import Arrival
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.actions import log_reading
from lianfang.registry.people.queries import visible_to
from lianfang.web.fragments import go_to


@require_http_methods(["GET", "POST"])
@atomic
def correct(request: HttpRequest, arrival: UUID) -> HttpResponse:
    """Where the person came from and when, as it was; the reading is logged, the correction is an act of its own."""
    found = get_object_or_404(
        Arrival.objects.select_related("person"), uid=arrival, person__in=visible_to(request.user).values("pk")
    )
    if not scope_for(request.user).allows(Permission.RECORD, found.person.area_path):
        raise PermissionDenied
    before = (found.origin_text, found.arrived_on)
    sent = request.POST if request.method == "POST" else None
    form = CorrectionForm(sent, before=before, today=timezone.localdate(), initial={"record": uuid4()})
    if sent is not None and form.is_valid():
        return _save(request, found, form)
    log_reading(by=request.user.actor, at=timezone.now(), person=found.person, action="person.arrivals_read")
    context = {"arrival": found, "person": found.person, "form": form}
    return render(request, "screening/correct.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, found: Arrival, form: CorrectionForm) -> HttpResponse:
    told = form.cleaned_data
    right = Correction(told["arrived_on"], told["origin"], form.path, told["reason"])
    try:
        correct_arrival(by=request.user.actor, at=timezone.now(), arrival=found, uid=told["record"], told=right)
    except CorrectedMeanwhile:
        messages.error(request, _("Somebody else corrected this arrival meanwhile. This is how it stands now."))
    else:
        messages.success(request, _("Corrected. What the plan asks for follows the new origin; the old one is kept."))
    return go_to(request, reverse("people:card", args=[found.person.uid]))
