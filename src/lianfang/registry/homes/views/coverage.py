"""网格与小组: how much stands in grids and groups, what is missing by name, and the register of groups."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lianfang.registry.accounts.asking import Place, moment_of, place_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.homes import actions, forms, queries, wording
from lianfang.registry.homes.models import Compound, Group
from lianfang.registry.homes.rules import VILLAGE, grid_state, group_state
from lianfang.registry.organisation import queries as organisation
from lianfang.registry.people.queries import paths_shown
from lianfang.registry.places.queries import children_of
from lianfang.registry.places.rules import LENGTHS
from lianfang.web.asked import words
from lianfang.web.fragments import go_to
from lianfang.web.wording import share_words

_NAMED = 50  # names on the page; the list has them all


@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    place, as_of = place_of(request, Permission.SEE_FIGURES), moment_of(request)
    return _coverage(request, place, as_of)


def _coverage(request: HttpRequest, place: Place, as_of: datetime, status: int = 200, **bound: Any) -> HttpResponse:
    query = {"as_of": as_of.isoformat()} if request.GET.get("as_of") else {}
    length = min(next((n for n in LENGTHS if n > len(place.path)), VILLAGE), VILLAGE)
    limits = queries.limits(place.path, as_of)
    covers = queries.coverage(place.path, as_of, length, limits)
    whole = queries.total(covers.values(), place.path)
    village = place.path[:VILLAGE] if len(place.path) >= VILLAGE else ""
    may_see = bool(paths_shown(request.user, place.path))
    scope = scope_for(request.user)
    may_assign = bool(village) and scope.allows(Permission.ASSIGN, place.path)
    grids = _grids(village, as_of) if village else []
    context = {
        "place": place,
        "as_of": as_of,
        "crumbs": place.crumbs(reverse("homes:coverage"), query),
        "whole": whole,
        "columns": _columns(whole, place.path if may_see else ""),
        "rows": [] if village else _rows(place, covers, length, query),
        "village": village,
        "grids": grids,
        "limit": queries.limit_of(place.path, limits),
        "missing": _missing(place.path, as_of) if village and may_see else {},
        "compounds": queries.compounds_without_grid(place.path, as_of),
        "unstaffed": [] if village else organisation.grids_without_worker(place.path, as_of)[:_NAMED],
        "list_url": reverse("homes:list") if may_see else "",
        "compound_form": bound.get("compound_form") or forms.CompoundForm(grids=[one["grid"] for one in grids])
        if may_assign
        else None,
    }
    return render(request, "homes/coverage.html", context, status=status)


def _columns(cover: queries.Cover, area: str) -> list[dict[str, Any]]:
    """The figures on top; each opens the households that are missing from it."""
    told = [
        ("in_grid", _("In a grid"), "no_grid"),
        ("in_group", _("In a joint-control group"), "no_group"),
        ("fresh", _("Checked and fresh"), "stale" if cover.checked > cover.fresh else "unverified"),
    ]
    return [
        {
            "label": label,
            "share": share_of(cover, name),
            "done": getattr(cover, name),
            "due": cover.households,
            "missing": cover.households - getattr(cover, name),
            "url": f"{reverse('homes:list')}?{urlencode({'area': area, 'show': show})}" if area else "",
        }
        for name, label, show in told
    ]


def share_of(cover: queries.Cover, name: str) -> str:
    """Never 100 % while anybody lives behind no known door; no households, no percentage."""
    done, due = getattr(cover, name), cover.households or None
    if due is not None and cover.doorless and done == due:
        return share_words(done * 1000 - 1, due * 1000)
    return share_words(done, due)


def _rows(place: Place, covers: dict[str, queries.Cover], length: int, query: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    for area in children_of(place.path):
        cover = covers.get(area.path[:length], queries.Cover(area.path))
        found.append(
            {
                "name": area.name,
                "url": f"{reverse('homes:coverage')}?{urlencode({'area': area.path, **query})}",
                "cover": cover,
                "grid": share_of(cover, "in_grid"),
                "group": share_of(cover, "in_group"),
                "fresh": share_of(cover, "fresh"),
            }
        )
    return found


def _grids(village: str, at: datetime) -> list[dict[str, Any]]:
    grids = queries.grids_of(village, at)
    counts = queries.households_by_grid(village, at)
    workers = organisation.grid_workers([grid.path for grid in grids], at)
    return [
        {
            "grid": grid,
            "households": counts.get(grid.path, 0),
            "worker": workers.get(grid.path),
            "state": wording.GRID_STATES[
                grid_state(
                    staffed=grid.path in workers,
                    households=counts.get(grid.path, 0),
                    ended_on=grid.valid_to,
                    today=timezone.localdate(at),
                )
            ],
        }
        for grid in grids
    ]


def _missing(area: str, at: datetime) -> dict[str, Any]:
    """By name who is outside; all of them stand in the list that each heading opens."""
    told = {
        show: {"count": len(homes), "homes": homes[:_NAMED], "more": max(0, len(homes) - _NAMED)}
        for show, homes in queries.outside(area, at).items()
    }
    return told | {"doorless": list(queries.doorless(area, at).order_by("pinyin", "pk")[:_NAMED])}


def _compound_form(village: str, at: datetime, data: Any = None) -> forms.CompoundForm:
    return forms.CompoundForm(data, grids=queries.grids_of(village, at))


@require_POST
def register_compound(request: HttpRequest) -> HttpResponse:
    place, now = _village(request), timezone.now()
    form = _compound_form(place.path[:VILLAGE], now, request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            actions.register_compound(
                by=request.user.actor,
                at=now,
                area_path=place.path[:VILLAGE],
                name=told["name"],
                kind=told["kind"],
                grid_path=told["grid"],
                manager=told["manager"],
                manager_phone=told["phone"],
            )
        except actions.Unfit as fault:
            form.add_error("name", wording.refusal(fault.rule, fault.value))
        else:
            messages.success(request, _("The compound %(name)s is registered.") % {"name": told["name"]})
            return go_to(request, f"{reverse('homes:coverage')}?area={place.path}")
    return _coverage(request, place, now, status=422, compound_form=form)


@require_POST
def compound_grid(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Which grid a compound belongs to."""
    compound, now = get_object_or_404(Compound, uid=uid, closed_at=None), timezone.now()
    if not scope_for(request.user).allows(Permission.ASSIGN, compound.area_path):
        raise PermissionDenied
    try:
        actions.give_compound_grid(by=request.user.actor, at=now, compound=compound, grid_path=words(request, "grid"))
    except actions.Unfit as fault:
        messages.error(request, wording.refusal(fault.rule, fault.value))
    return go_to(request, f"{reverse('homes:coverage')}?area={compound.area_path}")


# --- the register of groups -------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def groups(request: HttpRequest) -> HttpResponse:
    """The groups of an area. In a village: form them by the order of doors."""
    if request.method == "POST":
        return _form_groups(request)
    place, as_of = place_of(request, Permission.SEE_FIGURES), moment_of(request)
    return _groups(request, place, as_of, forms.FormGroupsForm())


def _groups(
    request: HttpRequest, place: Place, as_of: datetime, form: forms.FormGroupsForm, status: int = 200
) -> HttpResponse:
    village = place.path[:VILLAGE] if len(place.path) >= VILLAGE else ""
    found = list(queries.groups_of(place.path, as_of).order_by("area_path", "position", "pk")[:500])
    counts = queries.households_in(found, as_of)
    names = {area.path: area.name for area in children_of(place.path)} | place.names
    may_assign = bool(village) and scope_for(request.user).allows(Permission.ASSIGN, place.path)
    context = {
        "place": place,
        "as_of": as_of,
        "crumbs": place.crumbs(reverse("homes:groups"), {}),
        "rows": [
            {
                "group": group,
                "village": names.get(group.area_path[:VILLAGE], group.area_path),
                "kind": wording.GROUPS[group.kind],
                "households": counts.get(group.pk, 0),
                "state": wording.GROUP_STATES[group_state(group.activated_at, group.dissolved_at, as_of)],
            }
            for group in found
        ],
        "village": village,
        "form": form if may_assign else None,
        "may_open": bool(paths_shown(request.user, place.path)),
        "outside": queries.narrowed(queries.lived_in(village, as_of), "no_group", as_of, ()).count() if village else 0,
    }
    return render(request, "homes/groups.html", context, status=status)


def _form_groups(request: HttpRequest) -> HttpResponse:
    place, now = _village(request), timezone.now()
    form = forms.FormGroupsForm(request.POST)
    if not form.is_valid():
        return _groups(request, place, now, form, status=422)
    told = form.cleaned_data
    formed = actions.form_groups(
        by=request.user.actor, at=now, area_path=place.path, kind=told["kind"], size=told["size"]
    )
    made, left = len(formed.groups), len(formed.left_over)
    words = ngettext("%(count)d group formed.", "%(count)d groups formed.", made) % {"count": made}
    if left:
        outside = ngettext(
            "%(count)d household fills no whole group and stays outside: see below.",
            "%(count)d households fill no whole group and stay outside: see below.",
            left,
        )
        messages.warning(request, f"{words} {outside % {'count': left}}")
    else:
        messages.success(request, words)
    return go_to(request, f"{reverse('homes:groups')}?area={place.path}")


def _village(request: HttpRequest) -> Place:
    place = place_of(request, Permission.ASSIGN)
    if len(place.path) < VILLAGE:
        raise PermissionDenied
    return place


@require_http_methods(["GET", "HEAD", "POST"])
def group(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One group: its households, its coordinator, its end."""
    found, now = get_object_or_404(Group, uid=uid), timezone.now()
    scope = scope_for(request.user)
    if not scope.allows(Permission.SEE_PEOPLE, found.area_path):
        raise PermissionDenied
    may_assign = scope.allows(Permission.ASSIGN, found.area_path)
    form = forms.CoordinatorForm(
        request.POST or None, initial={"coordinator": found.coordinator, "phone": found.coordinator_phone}
    )
    if request.method == "POST":
        if not may_assign:
            raise PermissionDenied
        if "dissolve" in request.POST or form.is_valid():
            return _change(request, found, form, now)
    homes = queries.in_door_order(queries.members_of(found, now))
    context = {
        "group": found,
        "place": place_of_path(found.area_path),
        "kind": wording.GROUPS[found.kind],
        "state": wording.GROUP_STATES[group_state(found.activated_at, found.dissolved_at, now)],
        "lines": queries.rows(homes, now),
        "form": form if may_assign and found.dissolved_at is None else None,
        "as_of": now,
    }
    return render(request, "homes/group.html", context, status=422 if form.errors else 200)


def place_of_path(path: str) -> str:
    return queries.names_of({path[:VILLAGE]}).get(path[:VILLAGE], path)


def _change(request: HttpRequest, found: Group, form: forms.CoordinatorForm, now: datetime) -> HttpResponse:
    by = request.user.actor
    try:
        if "dissolve" in request.POST:
            count = actions.dissolve_group(by=by, at=now, group=found)
            words = ngettext(
                "The group is dissolved; %(count)d household is in no group now.",
                "The group is dissolved; %(count)d households are in no group now.",
                count,
            )
            messages.success(request, words % {"count": count})
        else:
            told = form.cleaned_data
            actions.activate_group(by=by, at=now, group=found, coordinator=told["coordinator"], phone=told["phone"])
            messages.success(request, _("%(name)s looks after the group.") % {"name": told["coordinator"]})
    except actions.Unfit as fault:
        messages.error(request, wording.refusal(fault.rule, fault.value))
    return go_to(request, reverse("homes:group", args=[found.uid]))
