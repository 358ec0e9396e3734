"""The page of what is overdue (逾期与催办), reminders to its owners, and explanations that a second person decides."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lianfang.mandate.duties import actions
from lianfang.mandate.duties.forms import (
    OverdueFilter,
    Place,
    ReminderForm,
    export_url,
    moment_of,
    place_of,
)
from lianfang.mandate.duties.models import ExcuseProposal, Obligation
from lianfang.mandate.duties.overdue import (
    Narrowed,
    OverdueCount,
    beside,
    overdue_counts,
    overdue_ids,
    overdue_items,
    posts_above,
    reminders_here,
)
from lianfang.mandate.duties.queries import Item
from lianfang.mandate.duties.rules import minutes_late
from lianfang.mandate.duties.wording import LEVEL_WORDS, duty_words, level_words, row_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission, Scope
from lianfang.registry.places.queries import children_of
from lianfang.web.fragments import go_to, render_page

_PAGE = 50
_VILLAGE = 12


class _Listed:
    """The rows page by page; their number is that of the counts above them."""

    def __init__(self, count: int, **where) -> None:
        self._count, self._where = count, where

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, part: slice) -> list[Item]:
        start = part.start or 0
        return overdue_items(**self._where, limit=part.stop - start, offset=start)


@require_GET
def overdue(request: HttpRequest) -> HttpResponse:
    """What is overdue by level and duty, row by row with its owner, its steps and its reminders."""
    place, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    asked = OverdueFilter(request.GET)
    narrowed, told = asked.narrowed(), asked.told()
    counts = overdue_counts(area_path=place.path, as_of=as_of, hours=narrowed.hours)
    here = [one for one in counts if one.earlier == narrowed.earlier]
    listed = [one for one in here if narrowed.duty in ("", one.code) and narrowed.level in ("", one.level)]
    where = {"area_path": place.path, "as_of": as_of, "narrowed": narrowed}
    page = Paginator(_Listed(sum(one.count for one in listed), **where), _PAGE).get_page(request.GET.get("page"))
    scope = scope_for(request.user)
    query = {"area": place.path, **({"as_of": as_of.isoformat()} if request.GET.get("as_of") else {})}
    titles = {code: words.title for code, words in duty_words(here).items()}
    context = {
        "place": place,
        "as_of": as_of,
        "past": "as_of" in query,
        "crumbs": place.crumbs(reverse("duties:overdue"), {**told, **{k: v for k, v in query.items() if k != "area"}}),
        "form": OverdueFilter({**query, **told}, duties=titles),
        "levels": _levels(here, narrowed, query, told),
        "areas": _areas(place, query, told),
        "page": page,
        "rows": _rows(page.object_list, as_of, scope),
        "earlier": sum(one.count for one in counts if one.earlier),
        "earlier_url": _url({**query, "earlier": "on"}),
        "oldest": max((minutes_late(one.oldest, as_of) for one in listed), default=0),
        "remind_url": _remind_url(place, told, narrowed, scope, query) if listed else "",
        "gaps_url": f"{reverse('duties:gaps')}?{urlencode({**query, 'tab': 'owner', 'state': 'overdue'})}",
        "export_url": export_url("overdue", query, told) if scope.allows(Permission.EXPORT, place.path) else "",
    }
    return render(request, "duties/overdue.html", context)


def _url(query: dict[str, str]) -> str:
    return f"{reverse('duties:overdue')}?{urlencode(query)}"


def _levels(
    here: Sequence[OverdueCount], narrowed: Narrowed, query: dict[str, str], told: dict[str, str]
) -> list[dict]:
    """How many stand at each level of the ladder, each number with its list."""
    of_duty = [one for one in here if narrowed.duty in ("", one.code)]
    others = {name: value for name, value in told.items() if name != "level"}
    return [
        {
            "label": level_words(level),
            "count": sum(one.count for one in of_duty if one.level == level),
            "url": _url({**query, **others, "level": level}),
            "here": narrowed.level == level,
        }
        for level in LEVEL_WORDS
    ]


def _areas(place: Place, query: dict[str, str], told: dict[str, str]) -> list[dict]:
    """The areas below, to look at one of them."""
    if len(place.path) >= _VILLAGE:
        return []
    return [{"name": area.name, "url": _url({**query, **told, "area": area.path})} for area in children_of(place.path)]


def _remind_url(place: Place, told: dict[str, str], narrowed: Narrowed, scope: Scope, query: dict[str, str]) -> str:
    """Everybody on the list at once: where one may, and only for the present."""
    if "as_of" in query or narrowed.earlier or posts_above(scope, place.path) is None:
        return ""
    return f"{reverse('duties:remind')}?{urlencode({'area': place.path, **told})}"


def _rows(found: Sequence[Item], as_of: datetime, scope: Scope) -> list[dict]:
    told = beside([item.id for item in found], as_of)
    rows = []
    for item in found:
        above = posts_above(scope, item.area_path)
        rows.append(
            {
                "row": row_of(item, as_of),
                "steps": [(level_words(step.level), step.reached_at) for step in told[item.id].steps],
                "said": told[item.id].said,
                "proposal": told[item.id].proposal,
                "may_remind": above is not None and item.owner_rule not in above and not item.earlier,
                "may_decide": scope.allows(Permission.REVIEW, item.area_path),
            }
        )
    return rows


# --- reminders -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def remind(request: HttpRequest) -> HttpResponse:
    """`?obligation=`: the owner of one; else the owners of a list, asked for as the list is."""
    place, now = place_of(request, Permission.ASSIGN, Permission.REVIEW), timezone.now()
    asked = OverdueFilter(request.GET)
    narrowed, number = asked.narrowed(), request.GET.get("obligation", "")
    above = posts_above(scope_for(request.user), place.path)
    if above is None or not (number.isdecimal() and len(number) < 19 or not number):
        raise Http404
    where = {"area_path": place.path, "narrowed": narrowed, "obligation": int(number) if number else None}
    count = len(overdue_ids(**where, as_of=now, above=above))
    form = ReminderForm(request.POST or None, initial={"batch": uuid4()})
    back = _back(request, _url({"area": place.path, **asked.told()}))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        new = actions.NewReminder(told["batch"], **where, note=told["note"].strip())
        try:
            made = actions.remind(by=request.user.actor, at=now, new=new, above=above)
        except actions.CannotRemind:
            form.add_error(None, _("Nothing of it is overdue any more; nobody was reminded."))
        else:
            words = ngettext("Reminded of %(n)d overdue duty.", "Reminded of %(n)d overdue duties.", made.covered)
            messages.success(request, words % {"n": made.covered})
            return go_to(request, back)
    context = {"form": form, "place": place, "count": count, "back": back, "action": request.get_full_path()}
    context |= {"item": _one(place, narrowed, int(number), now) if number else None}
    status = 422 if request.method == "POST" else 200
    return render_page(request, "duties/remind.html", "duties/_remind.html", context, status=status)


def _one(place: Place, narrowed: Narrowed, number: int, now: datetime) -> dict | None:
    owed = Obligation.objects.filter(pk=number, area_path__startswith=place.path).first()
    if owed is None:
        raise Http404
    found = overdue_items(area_path=owed.area_path, as_of=now, narrowed=narrowed, subjects=[owed.subject])
    item = next((one for one in found if one.id == number), None)
    return {"row": row_of(item, now), "as_of": now} if item else None


def _back(request: HttpRequest, usual: str) -> str:
    told = request.GET.get("next", "")
    return told if url_has_allowed_host_and_scheme(told, allowed_hosts=None) else usual


@require_GET
def reminded(request: HttpRequest) -> HttpResponse:
    """A part of the village's page of today: what its people were reminded of and is not done yet."""
    place = place_of(request, Permission.SEE_PEOPLE)
    if len(place.path) < _VILLAGE:
        raise PermissionDenied
    now = timezone.now()
    context = {"found": reminders_here(place.path), "as_of": now, "url": _url({"area": place.path})}
    return render(request, "duties/_reminded.html", context)


# --- explanations by two ---------------------------------------------------------------------------------------


@require_POST
def decide_excuse(request: HttpRequest, number: int) -> HttpResponse:
    """A second person confirms an explanation, or does not."""
    proposal = get_object_or_404(ExcuseProposal.objects.select_related("obligation"), pk=number)
    if not scope_for(request.user).allows(Permission.REVIEW, proposal.obligation.area_path):
        raise Http404
    accept = request.POST.get("accept") == "yes"
    try:
        actions.decide_excuse(by=request.user.actor, at=timezone.now(), proposal=proposal, accept=accept)
    except actions.CannotConfirm as refused:
        words = {
            "own": _("Who proposed an explanation does not confirm it: another person must."),
            "decided": _("Somebody has decided this explanation already."),
            "excused": _("It is explained already."),
        }
        messages.error(request, words[str(refused)])
    else:
        messages.success(request, _("Explanation confirmed.") if accept else _("Explanation not accepted."))
    return go_to(request, _back(request, _url({"area": proposal.obligation.area_path[:_VILLAGE]})))
