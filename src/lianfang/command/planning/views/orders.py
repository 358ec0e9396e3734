"""Orders about plans: proposed on a legal basis, counted, decided by a second person."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lianfang.command.planning.actions import approve, preview
from lianfang.command.planning.forms import (
    ActivationForm,
    DecisionForm,
    EndForm,
    KeyAreaForm,
    OrderForm,
    plan_key,
    running_choice,
)
from lianfang.command.planning.queries import known_plans, plan_at
from lianfang.command.planning.wording import ORDER_KINDS, order_words, refused
from lianfang.mandate.response.actions import (
    CannotActivate,
    NewOrder,
    add_key_area,
    register_version,
    turn_down,
)
from lianfang.mandate.response.actions import (
    propose as keep_proposal,
)
from lianfang.mandate.response.models import Activation, PlanOrder
from lianfang.mandate.response.queries import activations_on, departures_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission, Scope
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import staff_names
from lianfang.registry.places.queries import children_of, full_name, is_exercise, names_of
from lianfang.science.plan import Plan

_PAGE = 50
_FORMS: dict[str, type[OrderForm]] = {"activation": ActivationForm, "key_area": KeyAreaForm, "end": EndForm}
GROUPS = ("matched", "released", "moved")


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, kind: str) -> HttpResponse:
    """What is to be ordered, where, from when, on what basis; nothing changes yet."""
    scope, today = scope_for(request.user), timezone.localdate()
    if kind not in _FORMS:
        raise Http404
    if not scope.has(Permission.ORDER):
        raise PermissionDenied
    form = _form(request, kind, scope, today)
    if request.method == "POST" and form.is_valid():
        try:
            made = _keep(request, kind, form.cleaned_data)
        except CannotActivate as rule:
            form.add_error(None, refused(rule.rule))
        else:
            preview(by=request.user.actor, at=timezone.now(), order=made)
            messages.success(
                request, _("The order is proposed. It changes nothing before a second person approves it.")
            )
            return redirect("planning:order", made.uid)
    context = {"form": form, "kind": kind, "title": ORDER_KINDS[kind], "nothing": not form.fields["area"].choices}
    return render(request, "planning/propose.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, kind: str, scope: Scope, today: date) -> OrderForm:
    tomorrow = today + timedelta(days=1)
    first = request.GET.get("area", "")
    initial = {
        "starts_on": today if kind == "key_area" else tomorrow,
        "area": first,
        "plan": request.GET.get("plan", ""),
    }
    told = {"earliest": today, "initial": initial}
    data = request.POST or None
    if kind != "activation":
        mine = [
            one
            for one in activations_on(today).select_related("plan_version")
            if scope.allows(Permission.ORDER, one.area_path)
        ]
        names = names_of({one.area_path for one in mine})
        return _FORMS[kind](data, areas=running_choice(mine, names), **told)
    areas = _areas(scope)
    plans = _plans(today)
    chosen = _chosen(request.POST.get("plan") or initial["plan"])
    where = request.POST.get("area") or first or (areas[0][0] if areas else "")
    departures = departures_of(chosen, where, tomorrow) if chosen and where else []
    return ActivationForm(data, areas=areas, plans=plans, departures=departures, **told)


def _areas(scope: Scope) -> list[tuple[str, str]]:
    """The areas of the account and those one level below."""
    paths = scope.paths.get(Permission.ORDER, ())
    found = names_of(set(paths))
    below = [(child.path, child.name) for path in paths for child in children_of(path)]
    return sorted({**found, **dict(below)}.items())


def _plans(today: date) -> list[tuple[str, str]]:
    """Every plan that may come in force here, by its newest version."""
    language, exercise = get_language() or "zh-hans", is_exercise()
    return [
        (
            plan_key(known.version, known.plan.plan, known.plan.version),
            f"{known.plan.title.of(language)} · {known.plan.plan}",
        )
        for known in known_plans(today)
        if exercise or known.plan.status != "historic"
    ]


def _chosen(key: str) -> Plan | None:
    code, _at, version = key.partition("@")
    return plan_at(code, version) if code else None


def _keep(request: HttpRequest, kind: str, told: dict) -> PlanOrder:
    now, by = timezone.now(), request.user.actor
    if not scope_for(request.user).allows(Permission.ORDER, told["area"]):
        raise PermissionDenied
    if kind == "activation":
        version = register_version(plan=_chosen(told["plan"]), at=now)
    else:
        running = _running_at(told["area"], told["starts_on"])
        version = running.plan_version
    departures = told.get("departures", ())
    if kind == "key_area":
        path, name = told["place"]
        version = add_key_area(
            at=now, version=version, path=path, name=name, since=told["starts_on"], basis=told["basis"]
        )
        departures = [one.code for one in departures_of(version.plan, told["area"], told["starts_on"])]
    new = NewOrder(kind, told["area"], version, told["starts_on"], told["basis"], told["reason"], tuple(departures))
    return keep_proposal(by=by, at=now, order=new)


def _running_at(area_path: str, day: date) -> Activation:
    found = activations_on(day).filter(area_path=area_path).select_related("plan_version").first()
    if found is None:
        raise CannotActivate("not_in_force")
    return found


@require_GET
def order(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One order: what it says, on what basis, what it would change, and who may decide it."""
    return _page(request, _visible(request, uid))


def _visible(request: HttpRequest, uid: UUID) -> PlanOrder:
    found = get_object_or_404(PlanOrder.objects.select_related("plan_version"), uid=uid)
    scope = scope_for(request.user)
    if not (scope.allows(Permission.ORDER, found.area_path) or scope.allows(Permission.REVIEW, found.area_path)):
        raise Http404
    return found


def _page(request: HttpRequest, found: PlanOrder, form: DecisionForm | None = None, status: int = 200) -> HttpResponse:
    language, scope = get_language() or "zh-hans", scope_for(request.user)
    plan, told = found.plan_version.plan, found.preview
    mine = request.user.actor.name == found.proposed_by
    departures = departures_of(plan, found.area_path, found.starts_on) if found.kind != "end" else []
    names = staff_names({found.proposed_by, found.decided_by})
    context = {
        "order": found,
        "words": order_words(found),
        "plan": plan,
        "title": plan.title.of(language),
        "area": full_name(found.area_path),
        "proposer": names.get(found.proposed_by, found.proposed_by),
        "decider": names.get(found.decided_by, found.decided_by),
        "departures": [one.message(language) for one in departures if one.code in found.departures],
        "counts": {who: len(told[who]) for who in GROUPS} if told else None,
        "load": _load(told, plan, language) if told else [],
        "counted_at": timezone.datetime.fromisoformat(told["at"]) if told else None,
        "day": date.fromisoformat(told["day"]) if told else None,
        "form": form or DecisionForm(),
        "mine": mine,
        "may_decide": not found.decision and not mine and scope.allows(Permission.REVIEW, found.area_path),
        "may_see_people": scope.allows(Permission.SEE_PEOPLE, found.area_path),
    }
    return render(request, "planning/order.html", context, status=status)


def _load(told: dict, plan: Plan, language: str) -> list[dict]:
    """Duty by duty what is owed on the first whole day, before and after."""
    codes = sorted({*told["before"], *told["after"]})
    return [
        {
            "title": plan.duties[code].title.of(language) if code in plan.duties else code,
            "before": told["before"].get(code, 0),
            "after": told["after"].get(code, 0),
        }
        for code in codes
    ]


@require_POST
def count(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Count anew what the order would change."""
    found = _visible(request, uid)
    if not found.decision:
        try:
            preview(by=request.user.actor, at=timezone.now(), order=found)
        except CannotActivate as rule:
            messages.error(request, refused(rule.rule))
    return redirect("planning:order", uid)


@require_POST
def decide(request: HttpRequest, uid: UUID, decision: str) -> HttpResponse:
    """The second person's word, or the proposer's own withdrawal."""
    found, form = _visible(request, uid), DecisionForm(request.POST)
    if decision not in ("approve", "reject", "withdraw") or not form.is_valid():
        raise Http404
    by, now = request.user.actor, timezone.now()
    mine = by.name == found.proposed_by
    if mine != (decision == "withdraw") or (
        not mine and not scope_for(request.user).allows(Permission.REVIEW, found.area_path)
    ):
        raise PermissionDenied
    try:
        if decision == "approve":
            approve(by=by, at=now, order=found)
            messages.success(request, _("The order is approved and carried out. Everybody has been matched anew."))
        else:
            turn_down(by=by, at=now, order=found, note=form.cleaned_data["note"])
            messages.success(request, _("The order is closed; nothing was changed."))
    except CannotActivate as rule:
        form.add_error(None, refused(rule.rule))
        return _page(request, found, form, status=422)
    return redirect("planning:order", uid)


@require_GET
def people(request: HttpRequest, uid: UUID, who: str) -> HttpResponse:
    """The persons behind a count of the preview, by name."""
    found = _visible(request, uid)
    if who not in GROUPS or not found.preview:
        raise Http404
    if not scope_for(request.user).allows(Permission.SEE_PEOPLE, found.area_path):
        raise PermissionDenied
    page = Paginator(found.preview[who], _PAGE).get_page(request.GET.get("page"))
    cards = Person.objects.filter(uid__in=list(page.object_list)).order_by("pinyin", "pk")
    names = names_of({card.area_path for card in cards})
    context = {
        "order": found,
        "who": who,
        "page": page,
        "rows": [(card, names.get(card.area_path, card.area_path)) for card in cards],
    }
    return render(request, "planning/people.html", context)
