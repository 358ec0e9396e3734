"""操作日志: who did what, when, to whom. Reading it is an act that it keeps."""

from datetime import datetime, time
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lianfang.command.oversight import actions, queries
from lianfang.command.oversight.forms import LogFilter, NumberForm
from lianfang.command.oversight.wording import ACTS, act_words, details_words
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.accounts.views.showing import full_names
from lianfang.registry.audit.queries import head
from lianfang.registry.people.queries import staff_names, visible_to
from lianfang.web.asked import whole_number
from lianfang.web.fragments import go_to


@require_GET
def log(request: HttpRequest) -> HttpResponse:
    paths = _may_read(request)
    form = LogFilter(request.GET or None, within=paths)
    refused = form.is_bound and not form.is_valid()
    asked = queries.Asked() if refused or not form.is_bound else _asked(form.cleaned_data, request)
    rows, following = ([], None) if refused else queries.log_page(request.user, asked)
    actions.log_reading_of_log(by=request.user.actor, at=timezone.now(), area_path=asked.area or paths[0], asked=asked)
    before = f"{following[0].isoformat()}~{following[1]}" if following else ""
    kept = {name: value for name, value in request.GET.items() if name != "before" and value}
    context = {
        "form": form,
        "rows": _shown(request, rows),
        "asked": asked,
        "narrowed": bool(kept),
        "head": head(),
        "number_form": NumberForm(),
        "next_url": f"?{urlencode(kept | {'before': before})}" if before else "",
    }
    return render(request, "oversight/log.html", context, status=422 if refused else 200)


@require_POST
def about_person(request: HttpRequest) -> HttpResponse:
    """Who saw this person: the number comes in the body, the address carries the pseudonym only."""
    paths = _may_read(request)
    form = NumberForm(request.POST)
    found = queries.found_by_number(form.cleaned_data["number"]) if form.is_valid() else None
    if found is None:
        form.add_error("number", _("No card has this number. Check it, or filter the log by day and area."))
        log_filter = LogFilter(within=paths)
        context = {"form": log_filter, "rows": [], "number_form": form, "asked": queries.Asked(), "head": head()}
        return render(request, "oversight/log.html", context, status=422)
    return go_to(request, f"{reverse('oversight:log')}?{urlencode({'person': found.uid})}")


def _may_read(request: HttpRequest) -> tuple[str, ...]:
    paths = scope_for(request.user).paths.get(Permission.AUDIT, ())
    if not paths:
        raise PermissionDenied
    return paths


def _asked(told: dict, request: HttpRequest) -> queries.Asked:
    moment, _sign, number = request.GET.get("before", "").rpartition("~")
    at, key = _moment(moment), whole_number(number)
    day = timezone.make_aware(datetime.combine(told["day"], time())) if told["day"] else None
    return queries.Asked(
        person=told["person"],
        actor=told["actor"],
        action=told["action"],
        kind=told["kind"],
        area=told["area"],
        day=day,
        before=(at, key) if at and key is not None else None,
    )


def _moment(text: str) -> datetime | None:
    """The moment of the address; what is none, or has no offset, begins the log anew."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _shown(request: HttpRequest, rows: list) -> list[dict]:
    """Names of workers and areas; of persons only where the reader may see them, else their pseudonym."""
    people: set[UUID] = {row.subject for row in rows if row.subject_kind == "person" and row.subject}
    known = dict(visible_to(request.user).filter(uid__in=people).values_list("uid", "name"))
    workers = staff_names(row.actor for row in rows)
    areas = full_names({path for row in rows for path in (row.area_path, row.data.get("from", "")) if _is_area(path)})
    return [
        {
            "event": row,
            "words": act_words(row.action),
            "alarm": row.action in ACTS and ACTS[row.action].kind == "alarm",
            "worker": workers.get(row.actor, ""),
            "area": areas.get(row.area_path, ""),
            "person": known.get(row.subject, ""),
            "pseudonym": str(row.subject)[:8] if row.subject_kind == "person" and row.subject else "",
            "data": details_words(row.data, areas),
        }
        for row in rows
    ]


def _is_area(path: str) -> bool:
    return path.isdigit()
