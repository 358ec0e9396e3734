"""总体情况, the start page, and lists out."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lianfang.insight.situation.actions import log_export
from lianfang.insight.situation.exports import FORMATS, KINDS, Wanted, table, write
from lianfang.insight.situation.forms import ExportForm, is_format, narrowed
from lianfang.insight.situation.queries import Figure, Trend, figures, report_duty, trend
from lianfang.mandate.duties.forms import Place, moment_of, place_of
from lianfang.mandate.duties.queries import AreaCount, DutySummary, summaries, summaries_with_areas
from lianfang.mandate.duties.rules import Share
from lianfang.mandate.duties.wording import duty_words
from lianfang.registry.accounts.queries import roles_of, scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.accounts.views.login import fresh_login
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import children_of
from lianfang.web.reading import of_one_moment
from lianfang.web.wording import day_words, number_words, share_words

_VILLAGE = 12
# Classes of the map, in percent of a duty done: a way of drawing, no rule of a plan.
_CLASSES = (60, 80, 95, 100)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Field accounts start with their day, offices with the overview; who has no area is told why."""
    scope = scope_for(request.user)
    paths = scope.paths.get(Permission.SEE_FIGURES, ())
    if not paths:
        if scope.has(Permission.ADMINISTER):
            return redirect("accounts:staff")
        return render(request, "situation/no_area.html", {"roles": roles_of(request.user)})
    works_in_a_village = min(map(len, paths)) >= _VILLAGE and scope.has(Permission.RECORD)
    return redirect("observation:today" if works_in_a_village else "situation:overview")


@require_GET
@of_one_moment
def overview(request: HttpRequest) -> HttpResponse:
    """Figures, today's duties, one duty by area; each figure opens its list. The trend comes after them."""
    place, as_of, query = _asked(request)
    children = children_of(place.path)
    length = len(children[0].path) if children else len(place.path)
    found, counts = summaries_with_areas(area_path=place.path, as_of=as_of, length=length)
    told = figures(area_path=place.path, as_of=as_of, found=found)
    words = duty_words(found)
    url = reverse("situation:overview")
    context = {
        "place": place,
        "as_of": as_of,
        "past": "as_of" in query,
        "now_url": f"{url}?{urlencode({'area': place.path})}",
        "crumbs": place.crumbs(url, {key: query[key] for key in query if key != "area"}),
        "figures": _figure_row(told, None, found, query),
        "duties": [
            {
                "summary": summary,
                "words": words[summary.code],
                "so_far": summary.shape == "clock",
                "url": _link("duties:gaps", query, duty=summary.code),
                "missing_url": _link("duties:gaps", query, duty=summary.code, state="missing"),
                "missing": summary.overdue + summary.open,
            }
            for summary in found
        ],
        "coverage": _coverage(children, counts, query, _shown_duty(request, found), found),
        "exports": _exports(request, place, query),
        "overdue_url": _overdue_url(request, place, query),
        "trend_url": _link("situation:trend", query),
    }
    return render(request, "situation/overview.html", context)


@require_GET
@of_one_moment
def trend_part(request: HttpRequest) -> HttpResponse:
    """The way over the last days: the charts, and the figures again with their change since yesterday."""
    place, as_of, query = _asked(request)
    found = summaries(area_path=place.path, as_of=as_of)
    days = trend(area_path=place.path, as_of=as_of, found=found)
    told = figures(area_path=place.path, as_of=as_of, found=found)
    row = _figure_row(told, days, found, query)
    return render(request, "situation/_trend.html", {"as_of": as_of, "figures": row, "again": True, **_charts(days)})


def _asked(request: HttpRequest) -> tuple[Place, datetime, dict[str, str]]:
    """(area, moment, what the links of the page carry on)."""
    place, as_of = place_of(request, Permission.SEE_FIGURES), moment_of(request)
    return place, as_of, {"area": place.path, **({"as_of": as_of.isoformat()} if request.GET.get("as_of") else {})}


def _shown_duty(request: HttpRequest, found: list[DutySummary]) -> DutySummary | None:
    """?duty=, else the temperatures, else the plan's first: shares of different units are never added up."""
    duties = {summary.code: summary for summary in found}
    if asked := request.GET.get("duty"):
        if asked not in duties:
            raise Http404
        return duties[asked]
    return duties.get("temperature") or next(iter(found), None)


def _exports(request: HttpRequest, place: Place, query: dict[str, str]) -> list[dict]:
    """Lists that no other page offers as a whole."""
    if not scope_for(request.user).allows(Permission.EXPORT, place.path):
        return []
    labels = {"arrivals": _("Export arrivals"), "persons": _("Export persons")}
    return [
        {"label": label, "url": f"{reverse('situation:export', args=[kind])}?{urlencode(query)}"}
        for kind, label in labels.items()
    ]


def _overdue_url(request: HttpRequest, place: Place, query: dict[str, str]) -> str:
    sees = scope_for(request.user).allows(Permission.SEE_PEOPLE, place.path)
    return _link("duties:overdue", query) if sees else ""


def _link(name: str, query: dict[str, str], **more: str) -> str:
    return f"{reverse(name)}?{urlencode({**query, **more})}"


def _figure_row(
    told: dict[str, Figure], days: Trend | None, found: list[DutySummary], query: dict[str, str]
) -> list[dict]:
    """The row on top: what it counts, its list, and where there is one, its way over the last days."""
    flow = _("today +%(new)d, released %(released)d") % {
        "new": told["new_today"].value,
        "released": told["released_today"].value,
    }
    fevers = told["fever_alerts"].value
    late, carried = (sum(getattr(one, what) for one in found) for what in ("overdue", "carried"))
    behind = _("of it overdue %(late)s, of earlier days %(carried)s")
    row = [
        ("registered_arrivals", _link("screening:list", query), {"spark": days and days.registered}),
        ("key_area_arrivals", _link("screening:list", query, key_area="on"), {}),
        (
            "under_observation",
            _link("observation:list", query),
            {"spark": days and days.under_observation, "note": flow},
        ),
        (
            "fever_alerts",
            _link("observation:list", query, show="fever"),
            {"spark": days and days.fever, "state": "fever" if fevers else ""},
        ),
        ("incomplete_cards", _link("screening:list", query, incomplete="on"), {}),
        (
            "outstanding",
            _link("duties:gaps", query, state="outstanding"),
            {
                "spark": days and days.outstanding,
                "state": "overdue" if late or carried else "",
                "note": behind % {"late": number_words(late), "carried": number_words(carried)},
            },
        ),
    ]
    if report_duty(found):
        silent = _link("reporting:list", query, show="silent")
        row.append(("villages_silent", silent, {"state": "overdue" if told["villages_silent"].value else ""}))
    return [{"figure": told[code], "href": href} | _change(more) for code, href, more in row]


def _change(more: dict) -> dict:
    """The change since the same clock time of the day before."""
    values = more.get("spark")
    if not values:
        return more
    if None in values:  # hours that are being counted again
        return {name: value for name, value in more.items() if name != "spark"}
    return {**more, "delta": values[-1] - values[-2]}


def _coverage(
    children: list[Area],
    counts: Mapping[tuple[str, str], AreaCount],
    query: dict[str, str],
    duty: DutySummary | None,
    found: list[DutySummary],
) -> dict | None:
    """The areas one level below with the share of one duty done, as a map and as a table."""
    if not children or duty is None:
        return None
    length = len(children[0].path)
    page = "situation:overview" if length < _VILLAGE else "duties:gaps"
    rows = []
    for area in children:
        here, count = query | {"area": area.path, "duty": duty.code}, counts.get((area.path, duty.code))
        rows.append(
            {
                "name": area.name,
                "path": area.path,
                "url": _link(page, here),
                "overdue_url": _link("duties:gaps", here, state="overdue"),
                "share": count.share if count else Share(0, 0),
                # Something is there and nothing of it is due: its clock cannot start.
                "untimed": duty.untimed if count and not count.due else 0,
                "overdue": count.overdue if count else 0,
            }
        )
    words = duty_words(found)
    choices = [
        {"label": words[one.code].title, "url": _link("situation:overview", query, duty=one.code), "here": one is duty}
        for one in found
    ]
    told = {"rows": rows, "legend": _legend(), "villages": length == _VILLAGE, "choices": choices}
    return told | {"title": words[duty.code].title, "so_far": duty.shape == "clock", **_drawing(children, rows)}


def _drawing(children: list[Area], rows: list[dict]) -> dict:
    """A map where every area has imported borders, else tiles in the order of codes."""
    cells = [
        {
            "name": row["name"],
            "value": share_words(row["share"].numerator, None if row["untimed"] else row["share"].denominator),
            "level": _level(row["share"]),
            "href": row["url"],
        }
        for row in rows
    ]
    if not all(area.boundary for area in children):
        return {"tiles": cells}
    features = [
        {"type": "Feature", "properties": cell, "geometry": area.boundary}
        for area, cell in zip(children, cells, strict=True)
    ]
    return {"shapes": {"type": "FeatureCollection", "features": features}}


def _level(share: Share) -> int | None:
    percent = share.percent
    return None if percent is None else sum(percent >= limit for limit in _CLASSES)


def _legend() -> list[str]:
    edges = [f"{low}–{high}%" for low, high in zip(_CLASSES, _CLASSES[1:], strict=False)]
    return [_("below %(limit)d%%") % {"limit": _CLASSES[0]}, *edges, f"{_CLASSES[-1]}%"]


def _charts(days: Trend) -> dict:
    x = [day_words(timezone.localtime(moment).date()) for moment in days.moments]
    return {
        "joined": {
            "x": x,
            "series": [{"name": _("Newly registered"), "values": days.joined, "state": "due"}],
        },
        "observed": {"x": x, "series": [{"name": _("Under observation"), "values": days.under_observation}]},
        "overdue": {"x": x, "series": [{"name": _("Overdue"), "values": days.overdue, "state": "overdue"}]},
        "counting": None in days.overdue,
        "days": len(x),
    }


@require_http_methods(["GET", "POST"])
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """?format= gives the masked list at once; else a page asks for form and purpose."""
    if kind not in KINDS:
        raise Http404
    scope = scope_for(request.user)
    if not scope.has(Permission.EXPORT):
        raise PermissionDenied
    place, as_of = place_of(request, Permission.EXPORT), moment_of(request)
    wanted = Wanted(kind, place.path, as_of, narrowed=narrowed(kind, request.GET))
    told = request.GET.get("format", "")
    if request.method == "GET" and told:
        if not is_format(told):
            raise Http404
        return _file(request, wanted, told)
    may_identify = scope.allows(Permission.IDENTIFY, place.path)
    form = ExportForm(request.POST or None, may_identify=may_identify)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if asked.get("identify"):
            return _in_full(request, replace(wanted, in_full=True), asked["format"], asked["purpose"])
        return _file(request, wanted, asked["format"])
    context = {
        "form": form,
        "place": place,
        "as_of": as_of,
        "kind": KINDS[kind],
        "action": request.get_full_path(),
    }
    return render(request, "situation/export.html", context, status=422 if form.errors else 200)


@fresh_login
def _in_full(request: HttpRequest, wanted: Wanted, extension: str, purpose: str) -> HttpResponse:
    """Numbers in full leave the house only after a log-in of a moment ago."""
    return _file(request, wanted, extension, purpose)


def _file(request: HttpRequest, wanted: Wanted, extension: str, purpose: str = "") -> FileResponse:
    """Written whole before it is logged and sent: the log says how many rows went out."""
    told = table(wanted)
    # Small lists stay in memory; the file is gone with the answer.
    out = tempfile.SpooledTemporaryFile(max_size=5 * 2**20)  # noqa: SIM115 - closed by the answer
    count = write(told, extension, out)
    out.seek(0)
    log_export(
        by=request.user.actor,
        at=timezone.now(),
        kind=wanted.kind,
        area_path=wanted.area_path,
        count=count,
        purpose=purpose,
        in_full=wanted.in_full,
    )
    name = f"{told.filename}.{extension}"
    answer = FileResponse(out, as_attachment=True, filename=name, content_type=FORMATS[extension])
    answer.headers["Cache-Control"] = "no-store"
    return answer
