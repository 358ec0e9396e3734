"""今日: what is due in one village now, household by household; above it, the areas below with counts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lianfang.field.observation.actions import NewAssessment, arrange_care, assess_home, meet_need
from lianfang.field.observation.forms import HouseholdForm, ReachedForm
from lianfang.field.observation.queries.counts import under_observation
from lianfang.field.observation.queries.household import (
    PersonDay,
    called_today,
    contacts_today,
    first_contact,
    household_day,
    members,
    to_verify,
    with_fever,
)
from lianfang.field.observation.queries.today import Day, Progress, Row, name_heads, village_day
from lianfang.field.observation.queries.villages import areas_today, fevers_waiting
from lianfang.field.observation.views.fevers import fevers_of
from lianfang.field.observation.views.saving import NotStored, store
from lianfang.mandate.duties.forms import Place, place_of
from lianfang.mandate.duties.overdue import Said, said_of
from lianfang.mandate.duties.states import local_day
from lianfang.registry.accounts.models import Role
from lianfang.registry.accounts.queries import roles_of, scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.actions import log_door
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import visible_to
from lianfang.registry.places.queries import names_of
from lianfang.web.asked import whole_number
from lianfang.web.fragments import go_to, render_page, wants_fragment
from lianfang.web.moments import BadMoment, read_moment
from lianfang.web.wording import distance_words

SECTIONS = {"overdue": 20, "todo": 20, "done": 10}
VILLAGE = 12  # length of a village's path


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    place, now = place_of(request, Permission.RECORD), timezone.now()
    if len(place.path) < VILLAGE:
        return _areas(request, place, now)
    day = _day(request, place.path, now)
    duty = request.GET.get("duty", "")
    if wants_fragment(request) and (section := request.GET.get("section")) in SECTIONS:
        (told,) = _sections(request, day, [section], place.path, now)
        return render(request, "observation/_section.html", told)
    title = next((one.title for one in [*day.progress, *day.once, *day.later] if one.code == duty), "")
    context = {
        "place": place,
        "crumbs": place.crumbs(reverse("observation:today"), {}),
        "as_of": now,
        "today": timezone.localdate(now),
        "roles": _roles(request, place.path),
        "others": _others(place),
        "day": day,
        "deadlines": _deadlines(day, now),
        "duty": duty,
        "duty_title": title,
        "sections": _sections(request, day, SECTIONS, place.path, now),
    }
    return render(request, "observation/today.html", context)


def _day(request: HttpRequest, path: str, now: datetime) -> Day:
    may_assign = scope_for(request.user).allows(Permission.ASSIGN, path)
    return village_day(area_path=path, as_of=now, may_assign=may_assign)


def _sections(request: HttpRequest, day: Day, names: Iterable[str], path: str, now: datetime) -> list[dict]:
    """Of each a part from `?from=` on; the rest is fetched when asked for. What rows show is asked once for all."""
    duty = request.GET.get("duty", "")
    start = {request.GET.get("section"): whole_number(request.GET.get("from")) or 0}
    found = {name: day.at(name, duty) for name in names}
    parts = {name: rows[start.get(name, 0) :][: SECTIONS[name]] for name, rows in found.items()}
    every = [row for part in parts.values() for row in part]
    name_heads(every)
    shown = {one["row"].uid: one for one in _shown(every, now)}
    return [
        {
            "section": name,
            "rows": [shown[row.uid] for row in part],
            "total": len(found[name]),
            "following": start.get(name, 0) + len(part),
            "left_over": len(found[name]) - start.get(name, 0) - len(part),
            "area_path": path,
            "as_of": now,
            "duty": duty,
        }
        for name, part in parts.items()
    ]


def _shown(rows: Sequence[Row], now: datetime) -> list[dict]:
    """Rows with their deadlines in words; beside a fever, the reading and whom to call."""
    fevers = fevers_of(rows, now)
    contacts = contacts_today([uid for row in rows for uid in row.names], now)
    said = said_of([task.item.id for row in rows for task in row.open_tasks if task.item.state == "overdue"], now)
    return [
        {
            "row": row,
            "due_words": _due_words(row.due_at, now),
            "fever": fevers.get(row.uid),
            "contact": contacts.get(row.uid),
            "reminded": row.reminded,
            "said": _last_said(row, said),
        }
        for row in rows
    ]


def _last_said(row: Row, said: dict[int, Said]) -> Said | None:
    """The latest reminder about something overdue in the household."""
    found = [said[task.item.id] for task in row.open_tasks if task.item.id in said]
    return max(found, key=lambda one: one.last.reminded_at, default=None)


def _deadlines(day: Day, now: datetime) -> list[tuple[Progress, str]]:
    """The slots begun, each with its deadline in words."""
    return [(one, _due_words(one.due_at, now)) for one in day.progress]


def _due_words(due_at: datetime | None, now: datetime) -> str:
    """逾期 35 分钟; 12:00 for a deadline of today; else what is left of the time."""
    if due_at is None:
        return ""
    local = timezone.localtime(due_at)
    if due_at >= now and local.date() == timezone.localdate(now):
        return _("until %(time)s") % {"time": local.strftime("%H:%M")}
    return distance_words(due_at, now, due=True)


def _roles(request: HttpRequest, path: str) -> list[str]:
    """The account's roles here, in words."""
    mine = [one for one in roles_of(request.user) if path.startswith(one.area_path)]
    return list(dict.fromkeys(str(Role(one.role).label) for one in mine))


def _others(place: Place) -> list[tuple[str, str]]:
    """The account's other areas, for one who works in several: (path, name)."""
    paths = [path for path in place.within if not place.path.startswith(path)]
    return sorted(names_of(set(paths)).items()) if paths else []


def _areas(request: HttpRequest, place: Place, now: datetime) -> HttpResponse:
    context = {
        "place": place,
        "crumbs": place.crumbs(reverse("observation:today"), {}),
        "as_of": now,
        "areas": areas_today(place.path, now),
        "fevers": fevers_waiting(place.path, now),
        "roles": _roles(request, place.path),
        "others": _others(place),
    }
    return render(request, "observation/areas.html", context)


@require_http_methods(["GET", "POST"])
def household(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One household opened: who is asked what. One save records everything that was found out."""
    now = timezone.now()
    found = members(visible_to(request.user, Permission.RECORD), uid)
    if not found:
        raise Http404
    may_assign = scope_for(request.user).allows(Permission.ASSIGN, found[0].area_path)
    days = household_day(found, _opened(request, now))
    channel = request.GET.get("channel", "")
    form = HouseholdForm(request.POST or None, days=days, now=now, may_assign=may_assign, channel=channel)
    if request.method == "GET":
        log_door(by=request.user.actor, at=now, people=found)
        return _household(request, uid, form, now)
    if not form.is_valid():
        return _household(request, uid, form, now, status=422)
    try:
        store(request, at=now, lines=form.lines, steps=_steps(request, form, now))
    except NotStored as refused:
        form.refuse(refused.faults)
        return _household(request, uid, form, now, status=422)
    return _saved(request, uid, found, form, now)


def _opened(request: HttpRequest, now: datetime) -> datetime:
    """When the form was opened today: it is read as it was asked, though much may have been done since.

    So a form that is sent twice says the same twice, and nothing is lost because a colleague was faster.
    """
    try:
        opened = read_moment(request.POST.get("opened", ""))
    except BadMoment:
        return now
    return opened if opened <= now and local_day(opened) == local_day(now) else now


def _household(request: HttpRequest, uid: UUID, form: HouseholdForm, now: datetime, status: int = 200) -> HttpResponse:
    days = [one.day for one in form.people]
    first = days[0].person
    # A form that comes back was asked a while ago: a colleague may have reached somebody since then.
    later = status != 200 and contacts_today([day.person.uid for day in days], now)
    context = {
        "uid": uid,
        "form": form,
        "as_of": now,
        "area_path": first.area_path,
        "door": first.household.door if first.household else "",
        "several": len(form.people) > 1,
        "contact": next(iter(later.values()), None) if later else first_contact(days),
        "in_row": wants_fragment(request),
    }
    return render_page(request, "observation/household.html", "observation/_household.html", context, status=status)


def _steps(request: HttpRequest, form: HouseholdForm, now: datetime) -> list[partial]:
    """Homes looked at, needs met and care arranged: acts of their own, taken with the records."""
    by, batch = request.user.actor, form.visit.cleaned_data["batch"]
    steps: list[partial] = []
    for person in form.people:
        if (home := person.home) is not None:
            uid = uuid5(batch, f"{person.day.person.uid}:home")
            new = NewAssessment(uid, person.day.person, *home, form.visit.moment(None))
            steps.append(partial(assess_home, by=by, at=now, new=new))
        needs = {need.uid: need for need in person.day.needs}
        alerts = {alert.uid: alert for alert in person.day.alerts}
        steps += [
            partial(meet_need, by=by, at=now, need=needs[uid], note=note) for uid, note in person.settled(person.needs)
        ]
        steps += [
            partial(arrange_care, by=by, at=now, alert=alerts[uid], note=note, uid=uuid5(batch, f"{uid}:referral"))
            for uid, note in person.settled(person.alerts)
        ]
    return steps


def _saved(
    request: HttpRequest, uid: UUID, found: Sequence[Person], form: HouseholdForm, now: datetime
) -> HttpResponse:
    """The row as it is now, and the counts above it."""
    path = found[0].area_path
    if not wants_fragment(request):
        messages.success(request, _("Recorded."))
        return go_to(request, f"{reverse('observation:today')}?area={path}#row-{uid}")
    day = _day(request, path, now)
    row = day.row(uid)
    if row is None:
        return HttpResponse()
    name_heads([row])
    context = {
        "day": day,
        "deadlines": _deadlines(day, now),
        "as_of": now,
        "area_path": path,
        "unreached": _unreached(form),
        "saved": True,
    }
    response = render(request, "observation/_saved.html", context | _shown([row], now)[0])
    # The form aims at its own place, where an answer with errors belongs; a saved one replaces the row.
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = f"#row-{uid}", "outerHTML"
    return response


def _unreached(form: HouseholdForm) -> list[PersonDay]:
    """Somebody who was not reached may need something: the row offers a need and a visit."""
    return [one.day for one in form.people if one.cleaned_data.get("contact") == "not_reached"]


@require_http_methods(["GET", "POST"])
def reached(request: HttpRequest) -> HttpResponse:
    """No symptoms, for the people ticked as reached: the one mark that is made for many at once."""
    place, now = place_of(request, Permission.RECORD), timezone.now()
    if len(place.path) < VILLAGE:
        raise Http404
    people = _watched(request, place.path, now)
    form = ReachedForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            unverified = to_verify(place.path, now)
            store(request, at=now, lines=lambda known: form.lines(known or now, unverified))
        except NotStored as refused:
            form.refuse(refused.faults)
        else:
            count = len(form.cleaned_data["people"])
            words = ngettext("No symptoms recorded for %(n)d person.", "No symptoms recorded for %(n)d people.", count)
            messages.success(request, words % {"n": count})
            return go_to(request, f"{reverse('observation:today')}?area={place.path}")
    called, fevers = called_today([person.pk for person in people], now), with_fever(people, now)
    shown = [
        {"person": one, "ticked": str(one.uid) in form.ticked, "called": one.pk in called, "fever": fevers.get(one.pk)}
        for one in people
    ]
    context = {
        "form": form,
        "place": place,
        "anybody": bool(shown),
        "waiting": [one for one in shown if not one["called"]],
        "called": [one for one in shown if one["called"]],
        "called_open": any(one["called"] and one["ticked"] for one in shown),
        "as_of": now,
    }
    status = 422 if form.errors else 200
    return render_page(request, "observation/reached.html", "observation/_reached.html", context, status=status)


def _watched(request: HttpRequest, path: str, now: datetime) -> list[Person]:
    """The people under observation in the area, door by door."""
    observed = under_observation(path, now).values("subject")
    found = visible_to(request.user, Permission.RECORD).under(path).filter(uid__in=observed)
    return list(found.select_related("household").order_by("area_path", "household__door", "pinyin", "pk"))
