"""在管人员: the list of people under observation, the part of a person's card, and what somebody needs."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lianfang.field.observation import queries
from lianfang.field.observation.forms import ListFilter, NeedForm
from lianfang.field.observation.queries.card import health, stretches
from lianfang.field.observation.queries.course import course_of, observations_of_person
from lianfang.field.observation.queries.observed import SORTS, observed_people, observed_rows
from lianfang.field.observation.views.frame import tabs
from lianfang.field.observation.views.saving import NotStored, store
from lianfang.field.observation.wording import CHANNELS, GIVERS, NEEDS, reading_words
from lianfang.mandate.duties.forms import Place, moment_of, place_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.audit import actions as audit
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import programme_words, visible_to, within
from lianfang.registry.people.searching import search
from lianfang.registry.places.queries import children_of
from lianfang.web.fragments import go_to, render_page, wants_fragment
from lianfang.web.reading import of_one_moment

PER_PAGE = 50
VILLAGE = 12


@require_GET
@of_one_moment
def people(request: HttpRequest) -> HttpResponse:
    place, as_of = place_of(request, Permission.SEE_PEOPLE), moment_of(request)
    form = ListFilter(request.GET)
    if not form.is_valid():
        raise BadRequest
    told = form.cleaned_data
    # The cards that counted at the moment: one withdrawn since then stands in the figure of that moment.
    cards = within([place.path]).as_of(as_of)
    found = observed_people(cards, area_path=place.path, as_of=as_of, show=told["show"])
    found = search(found, told["q"]).select_related("household").order_by(*_order(request.GET.get("sort", "")))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = observed_rows(list(page.object_list), area_path=place.path, as_of=as_of)
    return render(request, "observation/list.html", _frame(request, place, as_of, form) | {"page": page, "rows": rows})


def _order(sort: str) -> list[str]:
    """By village and door unless a column is asked for."""
    columns = SORTS.get(sort.removeprefix("-"), SORTS["village"])
    first = f"-{columns[0]}" if sort.startswith("-") and sort.removeprefix("-") in SORTS else columns[0]
    return [first, *columns[1:]]


def _frame(request: HttpRequest, place: Place, as_of: datetime, form: ListFilter) -> dict:
    here = {"area": place.path, **({"as_of": as_of.isoformat()} if request.GET.get("as_of") else {})}
    url = reverse("observation:list")
    found = queries.counts(area_path=place.path, as_of=as_of)
    figures = [
        ("", _("Under observation"), found.under_observation, ""),
        ("new", _("New today"), found.new, ""),
        ("released", _("Released today"), found.released, ""),
        ("fever", _("Fever"), found.fever, "fever" if found.fever else ""),
    ]
    below = children_of(place.path) if len(place.path) < VILLAGE else []
    may_export = scope_for(request.user).allows(Permission.EXPORT, place.path)
    return {
        "place": place,
        "as_of": as_of,
        "tabs": tabs(place.path, "list"),
        "crumbs": place.crumbs(url, {key: here[key] for key in here if key != "area"}),
        "areas": [{"name": area.name, "url": f"{url}?{urlencode(here | {'area': area.path})}"} for area in below],
        "figures": [
            {
                "label": label,
                "value": value,
                "state": state,
                "url": f"{url}?{urlencode(here | {'show': show})}",
            }
            for show, label, value, state in figures
        ],
        "form": form,
        "export_query": urlencode(here) if may_export else "",
    }


@require_GET
@transaction.atomic
def person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A part of the person's card; what it tells of somebody's health is logged by itself."""
    card, now = _card(request, uid, Permission.SEE_PEOPLE), timezone.now()
    audit.record(
        by=request.user.actor,
        action="person.health_read",
        at=now,
        subject_kind="person",
        subject=card.uid,
        area_path=card.area_path,
    )
    told = health(card, now)
    observations = observations_of_person(card, now)
    context = {
        "person": card,
        "as_of": now,
        "stretches": stretches(observations, now),
        "health": told,
        "curve": told.curve() if told.temperatures else None,
        "told": [_told(reading, told.limit) for reading in told.readings],
        "course": course_of(card, now, observations),
        "may_assign": scope_for(request.user).allows(Permission.ASSIGN, card.area_path),
        "alerts": [
            (alert, [(one, _recorder(one)) for one in alert.referrals.all()], reading_words(alert.reading))
            for alert in told.alerts
        ],
        "needs": [(NEEDS[one.category], one) for one in told.needs],
        "may_record": scope_for(request.user).allows(Permission.RECORD, card.area_path),
    }
    return render(request, "observation/_person.html", context)


def _recorder(record: Any) -> str:
    """Who recorded it, as people know them."""
    return programme_words(record.by) or record.name


def _told(reading: Any, limit: Decimal | None) -> dict:
    """A reading as a line: what, by whom given, by which channel, recorded by whom."""
    return {
        "at": reading.at,
        "words": reading_words(reading),
        "is_fever": reading.celsius is not None and limit is not None and reading.celsius >= limit,
        "note": reading.note,
        "given_by": GIVERS[reading.given_by],
        "channel": CHANNELS[reading.channel],
        "by": _recorder(reading),
        "verified": reading.verified,
    }


def _card(request: HttpRequest, uid: UUID, permission: Permission) -> Person:
    return get_object_or_404(visible_to(request.user, permission), uid=uid)


@require_http_methods(["GET", "POST"])
def need(request: HttpRequest) -> HttpResponse:
    """需求: what somebody needs becomes a duty of the village."""
    now = timezone.now()
    if told := request.GET.get("person"):
        cards = [_card(request, _uuid(told), Permission.RECORD)]
        path = cards[0].area_path
    else:
        place = place_of(request, Permission.RECORD)
        path = place.path
        if len(path) < VILLAGE:
            raise Http404
        found = visible_to(request.user, Permission.RECORD).under(path).select_related("household")
        cards = list(found.order_by("household__door", "pinyin", "pk"))
    form = NeedForm(request.POST or None, people=[(str(card.uid), _door_and_name(card)) for card in cards])
    if request.method == "POST" and form.is_valid():
        try:
            store(request, at=now, lines=lambda known: [form.line(known or now)])
        except NotStored as refused:
            form.refuse(refused.faults)
        else:
            return _need_stored(request, path)
    context = {"form": form, "as_of": now, "one": cards[0] if told and cards else None, "path": path}
    status = 422 if form.errors else 200
    return render_page(request, "observation/need.html", "observation/_need.html", context, status=status)


def _need_stored(request: HttpRequest, path: str) -> HttpResponse:
    if wants_fragment(request):
        return render(request, "observation/_need_stored.html", {"path": path})
    messages.success(request, _("The need is recorded. It is a duty of the village until it is met."))
    return go_to(request, f"{reverse('observation:today')}?area={path}")


def _door_and_name(card: Person) -> str:
    return f"{card.household.door} {card.name}" if card.household else card.name


def _uuid(told: str) -> UUID:
    try:
        return UUID(told)
    except ValueError as error:
        raise Http404 from error
