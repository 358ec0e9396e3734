"""The household ledger: the list, one household with its history, and what is told of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.homes import actions, forms, queries, wording
from lianfang.registry.homes.models import Belonging, Compound, Group
from lianfang.registry.homes.rules import VILLAGE
from lianfang.registry.people import queries as people
from lianfang.registry.people.actions import log_door
from lianfang.registry.people.models import Household, Person
from lianfang.registry.people.searching import search
from lianfang.web.asked import whole_number
from lianfang.web.fragments import go_to

PER_PAGE = 50


@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    """Households of the account's areas, by what they lack; in one village they can be sorted into grids and groups."""
    now = timezone.now()
    area = request.GET.get("area", "")
    paths = people.paths_shown(request.user, area)
    if not paths:
        raise Http404 if area else PermissionDenied
    form = forms.LedgerFilter(request.GET or None, options=people.area_steps(request.user, area))
    refused = form.is_bound and not form.is_valid()
    told = form.cleaned_data if form.is_bound and not refused else {}
    limits = queries.limits(area, now)
    found = _found(request, area, told, now, limits)
    page = Paginator(Household.objects.none() if refused else found, PER_PAGE).get_page(request.GET.get("page"))
    village = area[:VILLAGE] or (paths[0][:VILLAGE] if len(paths) == 1 else "")
    context = {
        "form": form,
        "page": page,
        "rows": [_line(row) for row in queries.rows(page.object_list, now, limits)],
        "narrowed": bool(refused or told.get("q") or told.get("show") or area),
        "refused": refused,
        "area": area,
        "village": village if len(village) == VILLAGE else "",
        "as_of": now,
        "coverage_url": f"{reverse('homes:coverage')}?area={area}" if area else reverse("homes:coverage"),
        "assign": _assign_form(request, village, now),
    }
    return render(request, "homes/list.html", context, status=422 if refused else 200)


def _found(request: HttpRequest, area: str, told: dict[str, Any], now: datetime, limits: list[queries.Limit]):
    lived = Exists(Person.objects.as_of(now).filter(household=OuterRef("pk")))
    homes = queries.visible_homes(request.user).filter(lived)
    if area:
        homes = homes.filter(pk__in=queries.lived_in(area, now).values("pk"))
    if text := "".join(sign for sign in told.get("q", "") if sign.isprintable()).strip():
        named = search(Person.objects.as_of(now), text).filter(household=OuterRef("pk"))
        homes = homes.filter(Q(door__contains=text) | Exists(named))
    homes = queries.narrowed(homes, told.get("show", ""), now, limits)
    return homes.order_by("area_path", Length("door_key"), "door_key", "pk")


def _line(row: queries.Row) -> dict[str, Any]:
    return {
        "row": row,
        "kind": wording.RESIDENTS.get(row.kind, ""),
        "flags": [wording.VULNERABILITIES[flag] for flag in row.all_flags],
        "state": wording.FRESHNESS[row.state],
    }


def _assign_form(request: HttpRequest, village: str, now: datetime, data=None) -> forms.AssignForm | None:
    if len(village) != VILLAGE or not scope_for(request.user).allows(Permission.ASSIGN, village):
        return None
    return forms.AssignForm(
        data,
        grids=queries.grids_of(village, now),
        groups=list(queries.groups_of(village, now).order_by("position", "pk")),
        compounds=list(queries.compounds_of(village, now).order_by("name")),
    )


@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """The ticked households of a village go into a grid, a group, a compound, or out of it."""
    now, village = timezone.now(), request.POST.get("village", "")
    form = _assign_form(request, village, now, request.POST)
    if form is None:
        raise PermissionDenied
    back = request.POST.get("back", "")
    url = f"{reverse('homes:list')}?{back}" if back else f"{reverse('homes:list')}?area={village}"
    keys = [key for value in request.POST.getlist("home") if (key := whole_number(value)) is not None]
    mine = queries.visible_homes(request.user, Permission.ASSIGN)
    homes = list(mine.filter(pk__in=keys, area_path=village))
    if not form.is_valid() or not homes:
        wrong = form.errors.get("to", [""])[0] if homes else wording.refusal("nothing_chosen", "")
        messages.error(request, wrong)
        return go_to(request, url)
    try:
        count = _assign(request, now, homes, *form.target)
    except actions.Unfit as fault:
        messages.error(request, wording.refusal(fault.rule, fault.value))
    else:
        words = ngettext("%(count)d household changed.", "%(count)d households changed.", count)
        messages.success(request, words % {"count": count})
    return go_to(request, url)


def _assign(request: HttpRequest, now: datetime, homes: list[Household], kind: str, which: str) -> int:
    told = {"by": request.user.actor, "at": now, "households": homes}
    if kind == "grid":
        return actions.assign_grid(**told, grid_path=which)
    if kind == "group":
        return actions.assign_group(**told, group=Group.objects.get(uid=which))
    if kind == "compound":
        return actions.assign_compound(**told, compound=Compound.objects.get(uid=which))
    return actions.release(**told, sort=which)


# --- one household ----------------------------------------------------------------------------------------


@require_GET
@transaction.atomic
def household(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Who lives here, where it belongs, when it was checked, and everything that was before. Opening it is logged."""
    home, now = _home(request, uid), timezone.now()
    return _page(request, home, now)


def _page(request: HttpRequest, home: Household, now: datetime, status: int = 200, **bound) -> HttpResponse:
    (row,) = queries.rows([home], now)
    if row.people:
        log_door(by=request.user.actor, at=now, people=row.people)
    scope = scope_for(request.user)
    may_record = scope.allows(Permission.RECORD, home.area_path)
    checks, history = queries.checks_of(home), queries.history(home)
    names = people.staff_names({one.by for one in (*checks, *history)})
    residents = [
        {
            "person": person,
            "kind": wording.RESIDENTS.get(row.kinds.get(person.pk, ""), ""),
            "flags": [wording.VULNERABILITIES[flag] for flag in row.flags.get(person.pk, [])],
            "form": forms.ResidentForm(
                initial={"kind": row.kinds.get(person.pk, ""), "flags": row.flags.get(person.pk, [])},
                prefix=f"p{person.pk}",
            )
            if may_record
            else None,
        }
        for person in row.people
    ]
    context = {
        "home": home,
        "line": _line(row),
        "row": row,
        "residents": residents,
        "history": _history(history, names),
        "moves": queries.moves_of(home),
        "checks": [{"check": check, "by": names.get(check.by, check.by)} for check in checks],
        "as_of": now,
        "check_form": (bound.get("check") or forms.CheckForm(now=now)) if may_record else None,
        "move_form": (bound.get("move") or forms.MoveForm()) if may_record and row.people else None,
    }
    return render(request, "homes/household.html", context, status=status)


def _history(found: list[Belonging], staff: dict[str, str]) -> list[dict[str, Any]]:
    names = people.names_of({one.grid_path for one in found if one.grid_path})
    return [
        {
            "sort": wording.SORTS[one.sort],
            "what": one.group or one.compound or names.get(one.grid_path, one.grid_path),
            "one": one,
            "by": staff.get(one.by, one.by),
        }
        for one in found
    ]


@require_POST
def verify(request: HttpRequest, uid: UUID) -> HttpResponse:
    home, now = _home(request, uid, Permission.RECORD), timezone.now()
    form = forms.CheckForm(request.POST, now=now)
    if not form.is_valid():
        return _page(request, home, now, status=422, check=form)
    told = form.cleaned_data
    check = actions.NewCheck(told["record"], home, told["at"], told["note"])
    actions.verify(by=request.user.actor, at=now, checks=[check])
    messages.success(request, _("The entry is checked. It counts until the limit of the plan."))
    return go_to(request, reverse("homes:household", args=[home.uid]))


@require_POST
def residents(request: HttpRequest, uid: UUID) -> HttpResponse:
    """As what the people of the door live here, and who needs particular care."""
    home, now = _home(request, uid, Permission.RECORD), timezone.now()
    told = []
    for person in Person.objects.as_of(now).filter(household=home):
        form = forms.ResidentForm(request.POST, prefix=f"p{person.pk}")
        if f"p{person.pk}-kind" in request.POST and form.is_valid():
            asked = form.cleaned_data
            told.append(actions.Told(person, asked["kind"] or None, frozenset(asked["flags"])))
    count = actions.tell_residents(by=request.user.actor, at=now, told=told)
    words = ngettext("%(count)d person changed.", "%(count)d persons changed.", count)
    messages.success(request, words % {"count": count})
    return go_to(request, reverse("homes:household", args=[home.uid]))


@require_POST
def move(request: HttpRequest, uid: UUID) -> HttpResponse:
    home, now = _home(request, uid, Permission.RECORD), timezone.now()
    form = forms.MoveForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            made = actions.move_household(
                by=request.user.actor, at=now, uid=told["record"], household=home, door=told["door"]
            )
        except actions.Unfit as fault:
            form.add_error("door", wording.refusal(fault.rule, fault.value))
        else:
            messages.success(request, _("The household has moved. Both doors keep their history."))
            return go_to(request, reverse("homes:household", args=[made.reached.uid]))
    return _page(request, home, now, status=422, move=form)


def _home(request: HttpRequest, uid: UUID, permission: Permission = Permission.SEE_PEOPLE) -> Household:
    scope = scope_for(request.user)
    if not scope.has(permission):
        raise PermissionDenied
    return get_object_or_404(queries.visible_homes(request.user, permission), uid=uid)
