"""需求: what people are short of, with its clock, until it is met."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lianfang.field.observation.actions import meet_need
from lianfang.field.observation.models import Need
from lianfang.field.observation.queries.needs import needs_in, rows_of
from lianfang.field.observation.views.frame import frame, paged
from lianfang.field.observation.wording import NEEDS
from lianfang.mandate.duties.forms import moment_of, place_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.queries import visible_to
from lianfang.web.asked import words
from lianfang.web.fragments import go_to


@require_GET
def needs(request: HttpRequest) -> HttpResponse:
    place, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    met = request.GET.get("show") == "met"
    page = paged(request, needs_in(place.path, as_of, met=met))
    context = frame(place, as_of, "needs") | {
        "page": page,
        "rows": [(NEEDS[row.need.category], row) for row in rows_of(list(page.object_list), as_of)],
        "met": met,
        "may_record": scope_for(request.user).allows(Permission.RECORD, place.path),
    }
    return render(request, "observation/needs.html", context)


@require_POST
def met(request: HttpRequest, uid: UUID) -> HttpResponse:
    people = visible_to(request.user, Permission.RECORD)
    need = get_object_or_404(Need.objects.filter(person__in=people).select_related("person"), uid=uid)
    meet_need(by=request.user.actor, at=timezone.now(), need=need, note=words(request, "note"))
    messages.success(request, _("The need of %(name)s is met.") % {"name": need.person.name})
    area = request.GET.get("area", "")
    return go_to(request, f"{reverse('observation:needs')}?area={area if area.isdigit() else need.person.area_path}")
