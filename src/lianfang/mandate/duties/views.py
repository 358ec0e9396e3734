"""The pages of what is outstanding. Every count and every row comes from `queries`."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lianfang.mandate.duties import actions
from lianfang.mandate.duties.forms import (
    SHOWS,
    TABS,
    ExcuseForm,
    GapFilter,
    Place,
    Show,
    export_url,
    moment_of,
    place_of,
)
from lianfang.mandate.duties.models import ExcuseProposal, Obligation
from lianfang.mandate.duties.overdue import waiting
from lianfang.mandate.duties.queries import (
    AreaCount,
    DutySummary,
    Item,
    OwnedCount,
    by_area,
    by_owner,
    items,
    name_owners,
    summaries,
)
from lianfang.mandate.duties.rules import minutes_late
from lianfang.mandate.duties.wording import DutyWords, Row, duty_words, owner_key, row_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.actions import log_reading
from lianfang.registry.people.queries import visible_to
from lianfang.registry.places.queries import children_of
from lianfang.web.fragments import go_to, render_page, wants_fragment
from lianfang.web.reading import of_one_moment

_PAGE = 50
_OPEN_STATES = ["overdue", "open", "untimed"]


class _Listed:
    """The rows behind one number, read page by page. Its length is the number itself, from the summaries."""

    def __init__(self, place: Place, as_of: datetime, told: dict[str, str], found: list[DutySummary]) -> None:
        self._where = {"area_path": place.path, "as_of": as_of, "duty": told.get("duty")}
        self._show: Show = SHOWS[told.get("state", "outstanding")]
        self._owner = told.get("owner", "")
        self._count = sum(self._show.count(summary) for summary in found)
        self._all = self._read() if self._owner else None

    def _items(self, **part) -> list[Item]:
        return items(**self._where, states=list(self._show.states), earlier=self._show.earlier, **part)

    def _read(self) -> list[Item]:
        return [item for item in self._items() if owner_key(item) == self._owner]

    def __len__(self) -> int:
        return self._count if self._all is None else len(self._all)

    def __getitem__(self, part: slice) -> list[Item]:
        if self._all is not None:
            return self._all[part]
        start, stop = part.start or 0, part.stop
        return self._items(limit=stop - start, offset=start)


@require_GET
@of_one_moment
def gaps(request: HttpRequest) -> HttpResponse:
    """What is outstanding by duty, by owner, by area; and the list behind each number."""
    place = place_of(request, Permission.SEE_PEOPLE)
    as_of = moment_of(request)
    told = GapFilter(request.GET).told()
    found = summaries(area_path=place.path, as_of=as_of, duty=told.get("duty"))
    words = duty_words(found)
    query = {"area": place.path, **({"as_of": as_of.isoformat()} if request.GET.get("as_of") else {})}
    context = _frame(request, place, as_of, told, query)
    if wants_fragment(request):
        return render(request, "duties/_items.html", context | _list(request, place, as_of, told, found, words))
    tab = told.get("tab", "duty")
    if tab == "area":
        context |= _by_area(place, as_of, told, found, words, query)
    elif tab == "owner" and "owner" not in told:
        context |= _by_owner(request, place, as_of, told, words)
    else:
        context["cards"] = [_card(summary, words[summary.code], query, as_of) for summary in found]
        if {"duty", "state", "owner"} & set(told):
            context |= _list(request, place, as_of, told, found, words)
    return render(request, "duties/gaps.html", context)


def _frame(request: HttpRequest, place: Place, as_of: datetime, told: dict[str, str], query: dict[str, str]) -> dict:
    url = reverse("duties:gaps")
    tab = told.get("tab", "owner" if "owner" in told else "duty")
    may_export = scope_for(request.user).allows(Permission.EXPORT, place.path)
    return {
        "place": place,
        "as_of": as_of,
        "past": "as_of" in query,
        "now_url": f"{url}?{urlencode({'area': place.path, **told})}",
        "crumbs": place.crumbs(url, {**told, **{key: query[key] for key in query if key != "area"}}),
        "tab": tab,
        "tabs": [
            {"label": label, "url": f"{url}?{urlencode({**query, 'tab': code})}", "here": code == tab}
            for code, label in TABS.items()
        ],
        "export_url": export_url("gaps", query, told) if may_export else "",
        "overdue_url": f"{reverse('duties:overdue')}?{urlencode(query)}",
    }


def _card(summary: DutySummary, words: DutyWords, query: dict[str, str], as_of: datetime) -> dict:
    """One duty with its numbers; each number is a link to the rows that it counts."""
    shown = [("due", ""), ("done", ""), ("missing", "overdue" if summary.overdue else "due")]
    shown += [("overdue", "overdue")] if summary.overdue and summary.open else []
    shown += [("late", "late")] if summary.late else []
    shown += [("excused", "excused")] if summary.excused else []
    return {
        "summary": summary,
        "words": words,
        "oldest_minutes": minutes_late(summary.oldest, as_of),
        "numbers": [_number(summary, code, query) | {"kind": kind} for code, kind in shown],
        "apart": [_number(summary, code, query) for code in ("carried", "untimed") if getattr(summary, code)],
        "list_url": _url({**query, "duty": summary.code}) if summary.outstanding else "",
        "reports_query": urlencode(query) if words.is_report else "",
    }


def _number(summary: DutySummary, code: str, query: dict[str, str]) -> dict:
    return {
        "code": code,
        "label": SHOWS[code].label,
        "value": SHOWS[code].count(summary),
        "url": _url({**query, "duty": summary.code, "state": code}),
    }


def _url(query: dict[str, str]) -> str:
    return f"{reverse('duties:gaps')}?{urlencode(query)}"


def _list(
    request: HttpRequest,
    place: Place,
    as_of: datetime,
    told: dict[str, str],
    found: list[DutySummary],
    words: dict[str, DutyWords],
) -> dict:
    """The rows, what they are, and the other lists of the same duty."""
    page = Paginator(_Listed(place, as_of, told, found), _PAGE).get_page(request.GET.get("page"))
    state = told.get("state", "outstanding")
    query = {key: value for key, value in request.GET.items() if key not in ("page", "state", "owner", "tab")}
    choices = [
        {"label": show.label, "count": count, "url": _url({**query, "state": code}), "here": code == state}
        for code, show in SHOWS.items()
        if (count := sum(show.count(summary) for summary in found)) or code in ("outstanding", state)
    ]
    duty = told.get("duty", "")
    return {
        "page": page,
        "rows": _rows(request, page.object_list, as_of),
        "show": SHOWS[state].label,
        "choices": [] if told.get("owner") else choices,
        "list_title": words[duty].title if duty in words else "",
        "owner": told.get("owner", ""),
        "as_of": as_of,
        "one_duty": bool(duty),
    }


def _rows(request: HttpRequest, found: list[Item], as_of: datetime) -> list[Row]:
    scope = scope_for(request.user)
    unsettled = [item.id for item in found if item.state in _OPEN_STATES]
    proposals = {one.obligation_id: one for one in (waiting(unsettled, as_of) if unsettled else [])}
    return [
        replace(
            row_of(item, as_of),
            may_excuse=item.state in _OPEN_STATES
            and item.id not in proposals
            and scope.allows(Permission.ASSIGN, item.area_path),
            waiting=proposals.get(item.id),
            may_decide=scope.allows(Permission.REVIEW, item.area_path),
        )
        for item in found
    ]


def _by_owner(
    request: HttpRequest, place: Place, as_of: datetime, told: dict[str, str], words: dict[str, DutyWords]
) -> dict:
    """Who has what to do: in the order of areas, then names. It is no ranking, so never by number."""
    show = SHOWS[told.get("state", "outstanding")]
    where = {"area_path": place.path, "as_of": as_of, "duty": told.get("duty")}
    owners: dict[tuple[str, str], dict] = {}
    for one in by_owner(**where, states=list(show.states), earlier=show.earlier):
        # Without a phone nothing tells two people of one name apart but where they work.
        key = (owner_key(one), "" if one.owner_phone else one.area_path)
        owner = owners.setdefault(key, {"first": one, "counts": Counter(), "oldest": 0})
        owner["counts"][one.code] += one.count
        owner["oldest"] = max(owner["oldest"], minutes_late(one.oldest, as_of))
        owner["first"] = min(owner["first"], one, key=lambda this: this.area_path)
    ordered = sorted(owners.items(), key=lambda one: _order(one[1]["first"]))
    page = Paginator(ordered, _PAGE).get_page(request.GET.get("page"))
    here = {key: value for key, value in request.GET.items() if key not in ("tab", "page")}
    # A county has thousands of owners: only those of the page are put into words.
    page.object_list = [
        _owner_row(owner, words) | {"url": _url({**here, "area": area or place.path, "owner": key})}
        for (key, area), owner in page.object_list
    ]
    return {"owners": page}


def _order(one: OwnedCount) -> tuple[str, str, str]:
    return one.area_path, one.owner, one.owner_phone


def _owner_row(owner: dict, words: dict[str, DutyWords]) -> dict:
    first, counts = owner["first"], owner["counts"]
    return {
        "name": first.owner,
        "phone": first.owner_phone,
        "vacant": first.owner_vacant,
        "path": first.area_path,
        "area": first.area_name,
        "oldest": owner["oldest"],
        "total": counts.total(),
        "duties": [{"title": words[code].title, "count": counts[code]} for code in words if counts[code]],
    }


def _by_area(
    place: Place,
    as_of: datetime,
    told: dict[str, str],
    found: list[DutySummary],
    words: dict[str, DutyWords],
    query: dict[str, str],
) -> dict:
    """The areas one level below, each with due, done and overdue of every duty."""
    children = children_of(place.path)
    if not children:
        return {"areas": [], "duties": []}
    counted: dict[tuple[str, str], AreaCount] = {
        (row.path, row.code): row
        for row in by_area(area_path=place.path, as_of=as_of, length=len(children[0].path), duty=told.get("duty"))
    }
    areas = []
    for child in children:
        here = {**query, "area": child.path}
        cells = [_cell(counted.get((child.path, summary.code)), words[summary.code], here) for summary in found]
        areas.append(
            {
                "name": child.name,
                "url": _url({**here, "tab": "area"}) if len(child.path) < 12 else _url(here),
                "cells": cells,
            }
        )
    return {"areas": areas, "duties": [words[summary.code] for summary in found]}


def _cell(count: AreaCount | None, words: DutyWords, query: dict[str, str]) -> dict:
    here = {**query, "duty": words.code}
    return {
        "title": words.title,
        "count": count,
        "url": _url({**here, "state": "due"}),
        "overdue_url": _url({**here, "state": "overdue"}),
    }


@require_GET
def person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What is due for one person now and next: a part of the person's card; the reading is logged."""
    card = get_object_or_404(visible_to(request.user), uid=uid)
    now = timezone.now()
    log_reading(by=request.user.actor, at=now, person=card, action="person.duties_read")
    here = {"area_path": card.area_path, "subjects": [card.uid], "owned": False}
    found = items(**here, as_of=now, states=[*_OPEN_STATES, "excused"])
    # The same question, asked for the first moment of tomorrow, tells what that day will bring.
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    found += [item for item in items(**here, as_of=midnight, states=["open"]) if item.day == midnight.date()]
    name_owners(found, now)
    rows = _rows(request, found, now)
    context = {
        "as_of": now,
        "now": [row for row in rows if row.item.opens_at <= now],
        "next": [row for row in rows if row.item.opens_at > now],
    }
    return render(request, "duties/_person.html", context)


@require_http_methods(["GET", "POST"])
def excuse(request: HttpRequest, obligation: int) -> HttpResponse:
    """Say why an obligation need not be met."""
    owed = get_object_or_404(Obligation, pk=obligation)
    if not scope_for(request.user).allows(Permission.ASSIGN, owed.area_path):
        raise Http404
    now = timezone.now()
    found = items(area_path=owed.area_path, as_of=now, subjects=[owed.subject], states=_OPEN_STATES)
    item = next((one for one in found if one.id == owed.pk), None)
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = _url({"area": owed.area_path[:12]})
    form = ExcuseForm(request.POST or None)
    if request.method == "POST" and item is None:
        form.add_error(None, _("It has been done or explained in the meantime; nothing was changed."))
    elif request.method == "POST" and form.is_valid() and _explain(request, form, owed, item, now):
        return go_to(request, back)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "row": row_of(item, now) if item else None, "as_of": now, "back": back}
    context |= {"by_two": actions.by_two(owed)}
    context |= {"action": request.get_full_path()}
    return render_page(request, "duties/excuse.html", "duties/_excuse.html", context, status=status)


def _explain(request: HttpRequest, form: ExcuseForm, owed: Obligation, item: Item, now: datetime) -> bool:
    """Excused, or proposed where the plan asks for two; False where one waits already."""
    reason = form.cleaned_data["reason"]
    try:
        made = actions.explain(by=request.user.actor, at=now, obligation=owed, reason=reason)
    except actions.CannotConfirm:
        form.add_error(None, _("An explanation waits for a second person already; nothing was changed."))
        return False
    words = _("Explained: %(name)s. It stays visible with its reason.")
    if isinstance(made, ExcuseProposal):
        words = _("Explained: %(name)s. It stays outstanding until a second person confirms.")
    messages.success(request, words % {"name": item.name})
    return True
