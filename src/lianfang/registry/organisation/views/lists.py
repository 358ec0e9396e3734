"""What is vacant, whom to call, who is responsible for what, which venues have their four parties."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lianfang.registry.accounts.asking import Place, moment_of, place_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.organisation import actions, forms, queries, wording
from lianfang.registry.organisation.rules import PARTIES
from lianfang.registry.places.models import Area
from lianfang.web.fragments import go_to

_PER_PAGE = 100


def _frame(request: HttpRequest, place: Place, as_of: datetime, name: str) -> dict[str, Any]:
    query = {"as_of": as_of.isoformat()} if request.GET.get("as_of") else {}
    return {
        "place": place,
        "as_of": as_of,
        "crumbs": place.crumbs(reverse(f"organisation:{name}"), query),
        "may_export": scope_for(request.user).allows(Permission.EXPORT, place.path),
    }


@require_GET
def vacancies(request: HttpRequest) -> HttpResponse:
    """Every vacant post by name, how long it has been so, and the share that is filled."""
    place, as_of = place_of(request, Permission.SEE_FIGURES), moment_of(request)
    kind = request.GET.get("kind", "")
    if kind and kind not in wording.VACANCIES:
        raise BadRequest
    found, counts = queries.look(place.path, as_of)
    url = f"{reverse('organisation:vacancies')}?area={place.path}"
    kinds = [
        {
            "kind": one.kind,
            "label": wording.COVERED[one.kind],
            "title": wording.VACANCIES[one.kind],
            "one": one,
            "url": f"{url}&kind={one.kind}",
        }
        for one in counts
    ]
    shown = [one for one in found if not kind or one.kind == kind]
    page = Paginator(shown, _PER_PAGE).get_page(request.GET.get("page"))
    context = _frame(request, place, as_of, "vacancies") | {
        "kinds": kinds,
        "kind": kind,
        "title": wording.VACANCIES.get(kind, ""),
        "page": page,
        "rows": [
            {
                "one": one,
                "title": wording.VACANCIES[one.kind],
                "parties": [wording.POSTS[party] for party in one.parties],
                "url": _remedy(one),
            }
            for one in page.object_list
        ],
        "all_url": url,
        "total": len(found),
    }
    return render(request, "organisation/vacancies.html", context)


def _remedy(one: queries.Vacancy) -> str:
    """Where the post can be filled."""
    if one.body:
        return reverse("organisation:body", args=[one.body.uid])
    name = "venues" if one.venue else "chart"
    return f"{reverse(f'organisation:{name}')}?area={one.area_path}"


@require_GET
@transaction.atomic
def directory(request: HttpRequest) -> HttpResponse:
    """Whom to call. It shows phones of workers, so opening it is logged."""
    place, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    form = forms.DirectoryFilter(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    page = Paginator(queries.directory(place.path, as_of, text), _PER_PAGE).get_page(request.GET.get("page"))
    found = queries.members(list(page.object_list))
    actions.log_directory(by=request.user.actor, at=timezone.now(), area_path=place.path, count=len(found))
    context = _frame(request, place, as_of, "directory") | {
        "form": form,
        "page": page,
        "rows": [{"one": one, "post": wording.post_words(one.post)} for one in found],
        "narrowed": bool(text),
    }
    return render(request, "organisation/directory.html", context)


@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """责任清单: who is responsible for what in an area, on a day."""
    place, as_of = place_of(request, Permission.SEE_FIGURES), moment_of(request)
    page = Paginator(queries.register(place.path, as_of), _PER_PAGE).get_page(request.GET.get("page"))
    context = _frame(request, place, as_of, "register") | {
        "page": page,
        "rows": [{"one": one, "post": wording.post_words(one.post)} for one in page.object_list],
    }
    return render(request, "organisation/register.html", context)


@require_GET
def decisions(request: HttpRequest) -> HttpResponse:
    """The acts of command, each with who was first responsible on its day."""
    place, as_of = place_of(request, Permission.SEE_FIGURES), moment_of(request)
    rows = [{"one": one, "words": wording.decision_words(one.action)} for one in queries.decisions(place.path, as_of)]
    return render(request, "organisation/decisions.html", _frame(request, place, as_of, "decisions") | {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def venues(request: HttpRequest) -> HttpResponse:
    """Venues, units and projects with their four responsible parties; one missing, and nothing is fixed."""
    if request.method == "POST":
        return _change(request)
    place, as_of = place_of(request, Permission.SEE_FIGURES), moment_of(request)
    return _venues(request, place, as_of)


def _venues(request: HttpRequest, place: Place, as_of: datetime, status: int = 200, **bound: Any) -> HttpResponse:
    found = queries.venues(place.path, as_of)
    may = scope_for(request.user).allows(Permission.ASSIGN, place.path) and not request.GET.get("as_of")
    names = dict(
        Area.objects.filter(path__in={one.area_path for one, _terms, _gaps in found}).values_list("path", "name")
    )
    context = _frame(request, place, as_of, "venues") | {
        "parties": [wording.POSTS[party] for party in PARTIES],
        "rows": [
            {
                "venue": venue,
                "area": names.get(venue.area_path, ""),
                "kind": wording.VENUES[venue.kind],
                "cells": [(wording.POSTS[party], terms.get(party)) for party in PARTIES],
                "missing": [wording.POSTS[party] for party in missing],
            }
            for venue, terms, missing in found
        ],
        "fixed": sum(not missing for _venue, _terms, missing in found),
        "due": len(found),
        "venue_form": (bound.get("venue") or _venue_form(place)) if may else None,
        "party_form": (bound.get("party") or _party_form(place, as_of)) if may and found else None,
    }
    return render(request, "organisation/venues.html", context, status=status)


def _venue_form(place: Place, data: Any = None) -> forms.VenueForm:
    areas = Area.objects.under(place.path).valid_on(timezone.localdate()).exclude(path__length=15).order_by("path")
    return forms.VenueForm(data, areas=list(areas[:500]))


def _party_form(place: Place, now: datetime, data: Any = None) -> forms.PartyForm:
    known = [venue for venue, _terms, _gaps in queries.venues(place.path, now)]
    return forms.PartyForm(data, now=now, posts=PARTIES, venues=known)


def _change(request: HttpRequest) -> HttpResponse:
    place, now = place_of(request, Permission.ASSIGN), timezone.now()
    back, by = f"{reverse('organisation:venues')}?area={place.path}", request.user.actor
    if "venue" not in request.POST:
        form = _venue_form(place, request.POST)
        if form.is_valid():
            told = form.cleaned_data
            try:
                actions.register_venue(
                    by=by,
                    at=now,
                    area_path=told["village"],
                    name=told["name"],
                    kind=told["kind"],
                    address=told["address"],
                )
            except actions.Unfit as fault:
                form.add_error("name", wording.refusal(fault.rule, fault.value))
            else:
                messages.success(request, _("%(name)s is registered. Name its four parties.") % {"name": told["name"]})
                return go_to(request, back)
        return _venues(request, place, now, status=422, venue=form)
    party = _party_form(place, now, request.POST)
    if party.is_valid():
        told, venue = party.cleaned_data, party.chosen
        new = actions.NewTerm(
            area_path=venue.area_path,
            post=told["post"],
            name=told["name"],
            since=party.moment,
            venue=venue,
            unit=told["unit"],
            phone=told["phone"],
            basis=told["basis"],
        )
        try:
            actions.appoint(by=by, at=now, new=new)
        except actions.Unfit as fault:
            party.add_error("since", wording.refusal(fault.rule, fault.value))
        else:
            messages.success(request, _("%(name)s holds the post.") % {"name": told["name"]})
            return go_to(request, back)
    return _venues(request, place, now, status=422, party=party)
