"""责任小组: whose team is complete, what each member carries, and many people given their members at once."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from lianfang.field.observation.actions import Assigned, assign_many, give_up, hand_over
from lianfang.field.observation.forms.course import HandOverForm, TeamForm
from lianfang.field.observation.queries.teams import Teams, observations
from lianfang.field.observation.views.frame import PER_PAGE, frame
from lianfang.mandate.duties.actions import PlaceTaken
from lianfang.mandate.duties.forms import Place, moment_of, place_of
from lianfang.mandate.duties.models import TeamMember
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.queries import visible_to
from lianfang.web.fragments import go_to

_MANY = 500  # people that one act can give a team


@require_http_methods(["GET", "POST"])
def teams(request: HttpRequest) -> HttpResponse:
    place, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    may_assign = scope_for(request.user).allows(Permission.ASSIGN, place.path)
    told = request.GET.get("page", "1")
    number = max(int(told), 1) if told.isdigit() and len(told) < 6 else 1
    posted = request.method == "POST"
    if posted and not may_assign:
        raise PermissionDenied
    found = Teams(place.path, as_of)
    rows = found.incomplete(limit=_MANY if posted else PER_PAGE + 1, offset=0 if posted else (number - 1) * PER_PAGE)
    form = TeamForm(
        request.POST if posted else None,
        titles=found.titles(),
        people=[(str(row.enrolment), row.name) for row in rows],
    )
    if posted and form.is_valid():
        return _assign(request, place, form)
    context = frame(place, as_of, "teams") | {
        "coverage": found.coverage(),
        "rows": rows[:PER_PAGE],
        "following": number + 1 if len(rows) > PER_PAGE else 0,
        "earlier": number - 1,
        "loads": found.loads(),
        "form": form,
        "ticked": set(form["people"].value() or []) if form.is_bound else set(),
        "may_assign": may_assign,
    }
    return render(request, "observation/teams.html", context, status=422 if form.errors else 200)


def _assign(request: HttpRequest, place: Place, form: TeamForm) -> HttpResponse:
    enrolments = observations(int(pk) for pk in form.cleaned_data["people"])
    told = assign_many(by=request.user.actor, at=timezone.now(), enrolments=enrolments, places=form.places)
    messages.success(request, _told(told))
    return go_to(request, f"{reverse('observation:teams')}?area={place.path}")


def _told(told: Assigned) -> str:
    words = [ngettext("%(n)d place filled.", "%(n)d places filled.", told.filled) % {"n": told.filled}]
    if told.taken:
        words.append(_("%(n)d were held by somebody already and stay so.") % {"n": told.taken})
    if told.twice:
        words.append(_("%(n)d were not filled: nobody holds two places of one team.") % {"n": told.twice})
    return " ".join(words)


@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, record: UUID) -> HttpResponse:
    """Hand a place over, or give it up. The record of the place names it: every change makes a new one."""
    found = get_object_or_404(TeamMember.objects.select_related("enrolment__activation__plan_version"), record=record)
    path = found.enrolment.area_path
    person = visible_to(request.user).filter(uid=found.enrolment.subject).select_related("household").first()
    if person is None or not scope_for(request.user).allows(Permission.ASSIGN, path):
        raise Http404
    form = HandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told, by, now = form.cleaned_data, request.user.actor, timezone.now()
        name = told["name"].strip()
        try:
            if name:
                hand_over(by=by, at=now, member=found, name=name, phone=told["phone"], uid=told["record"])
            else:
                give_up(by=by, at=now, member=found)
        except PlaceTaken:
            form.add_error("name", _("This person holds another place of the team, or the place has changed hands."))
        else:
            words = _("Handed over.") if name else _("The place is empty now and stands among what is outstanding.")
            messages.success(request, words)
            return go_to(request, reverse("people:card", args=[person.uid]))
    title = Teams(path, timezone.now()).titles().get(found.slot, (found.slot, False))[0]
    context = {"member": found, "person": person, "title": title, "form": form, "history": _history(found)}
    return render(request, "observation/member.html", context, status=422 if form.errors else 200)


def _history(found: TeamMember) -> list[TeamMember]:
    rows = TeamMember.objects.filter(enrolment=found.enrolment, slot=found.slot)
    return list(rows.order_by("since", "pk"))
