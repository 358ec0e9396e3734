"""防控方案: the plans that there are, what each says, where it is in force, and what carries each of its clauses."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lianfang.command.planning.forms import UploadForm
from lianfang.command.planning.queries import Trace, activations_of, known_plans, plan_at, trace, trace_of, versions_of
from lianfang.command.planning.wording import clause_row, may_open, order_words
from lianfang.mandate.response.actions import register_version
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import activations_on, open_orders
from lianfang.registry.accounts.asking import Place, moment_of, place_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission, Scope
from lianfang.registry.people.queries import name_of, programme_words
from lianfang.registry.places.queries import is_exercise, names_of
from lianfang.science.plan import Fault, Plan, PlanFaults, describe_plan, load_plan
from lianfang.web.reading import of_one_moment

_SHOWS = [
    ("", gettext_lazy("All clauses")),
    ("carried", gettext_lazy("Clauses carried")),
    ("not_yet", gettext_lazy("Not yet")),
]


class ClauseFilter(forms.Form):
    show = forms.ChoiceField(label=gettext_lazy("Show"), choices=_SHOWS, required=False)


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    place = place_of(request, Permission.SEE_FIGURES)
    today, language = timezone.localdate(), get_language() or "zh-hans"
    found = activations_on(today).select_related("plan_version")
    found = found.annotate(first=name_of("ordered_by"), second=name_of("approved_by"))
    here = [one for one in found if _touches(one.area_path, place.path)]
    waiting = list(open_orders(place.path).order_by("proposed_at"))
    names = names_of({one.area_path for one in [*here, *waiting]})
    exercise = is_exercise()
    context = {
        "place": place,
        "crumbs": place.crumbs(reverse("planning:list"), {}),
        "running": [_running(one, names, language) for one in sorted(here, key=lambda one: one.area_path)],
        "waiting": [
            (one, order_words(one), names.get(one.area_path, ""), one.plan_version.plan.title.of(language))
            for one in waiting
        ],
        "plans": [
            {
                "plan": known.plan,
                "title": known.plan.title.of(language),
                "authority": known.plan.authority.of(language),
                "shipped": known.shipped,
                "usable": exercise or known.plan.status != "historic",
                "assumed": len(known.plan.assumed()),
                "in_force": len(known.areas),
            }
            for known in known_plans(today)
        ],
        "may_order": scope_for(request.user).allows(Permission.ORDER, place.path),
    }
    return render(request, "planning/list.html", context)


def _touches(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _running(activation: Any, names: dict[str, str], language: str) -> dict:
    plan = activation.plan_version.plan
    return {
        "activation": activation,
        "area": names.get(activation.area_path, activation.area_path),
        "title": plan.title.of(language),
        "code": plan.plan,
        "version": plan.version,
        "ordered_by": programme_words(activation.ordered_by) or activation.first,
        "approved_by": activation.second,
    }


@require_GET
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """One plan in words, with every value that its document does not state marked where it stands."""
    place = place_of(request, Permission.SEE_FIGURES)
    found = plan_at(code, request.GET.get("version", ""))
    if found is None:
        raise Http404
    language = get_language() or "zh-hans"
    activations = activations_of(code)
    versions = versions_of(code)
    context = {
        "place": place,
        "plan": found,
        "title": found.title.of(language),
        "authority": found.authority.of(language),
        "sections": describe_plan(found, language),
        "assumed": [(one.path, one.words.of(language)) for one in found.assumed()],
        "activations": [(one, area) for one, area in _with_names(activations) if _touches(one.area_path, place.path)],
        "versions": versions,
        "newest": not versions or versions[0].version == found.version,
        "clauses": [clause_row(one, found, {}, may_open(scope_for(request.user))) for one in trace_of(found).clauses],
        "carried": trace_of(found).carried,
        "usable": is_exercise() or found.status != "historic",
        "may_order": scope_for(request.user).allows(Permission.ORDER, place.path),
    }
    return render(request, "planning/plan.html", context)


def _with_names(activations: list[Activation]) -> list[tuple[Activation, str]]:
    names = names_of({one.area_path for one in activations})
    return [(one, names.get(one.area_path, one.area_path)) for one in activations]


@require_GET
@of_one_moment
def clauses(request: HttpRequest) -> HttpResponse:
    """条款对照: for each clause of the plan in force the figure, its gap, and the list behind them."""
    place, as_of = place_of(request, Permission.SEE_FIGURES), moment_of(request)
    form = ClauseFilter(request.GET)
    if not form.is_valid():
        raise Http404
    query = {"as_of": request.GET["as_of"]} if request.GET.get("as_of") else {}
    found = trace(area_path=place.path, as_of=as_of)
    context = {
        "place": place,
        "as_of": as_of,
        "form": form,
        "crumbs": place.crumbs(reverse("planning:clauses"), query),
        "trace": found,
        "rows": _clause_rows(found, place, query, form.cleaned_data["show"], scope_for(request.user)) if found else [],
        "title": found.plan.title.of(get_language() or "zh-hans") if found else "",
    }
    return render(request, "planning/clauses.html", context)


def _clause_rows(found: Trace, place: Place, query: dict[str, str], show: str, scope: Scope) -> list[dict]:
    wanted = {"carried": (True,), "not_yet": (False,)}.get(show, (True, False))
    here = {"area": place.path, **query}
    opens = may_open(scope)
    return [clause_row(one, found.plan, here, opens) for one in found.clauses if one.clause.carried in wanted]


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """An edited plan: every fault with its line, or a version that an order may put in force."""
    if not scope_for(request.user).has(Permission.ORDER):
        raise PermissionDenied
    form = UploadForm(request.POST or None, request.FILES or None)
    faults: list[Fault] = []
    if request.method == "POST" and form.is_valid():
        try:
            loaded: Plan = load_plan(form.cleaned_data["file"])
        except PlanFaults as found:
            faults = found.faults
        else:
            version = register_version(plan=loaded, at=timezone.now())
            messages.success(
                request,
                _("The plan is kept as version %(version)s. It is not in force.") % {"version": version.version},
            )
            return redirect(f"{reverse('planning:plan', args=[loaded.plan])}?{urlencode({'version': version.version})}")
    language = get_language() or "zh-hans"
    context = {"form": form, "faults": [(fault.line, fault.path, fault.message(language)) for fault in faults]}
    return render(request, "planning/upload.html", context, status=422 if faults or form.errors else 200)
