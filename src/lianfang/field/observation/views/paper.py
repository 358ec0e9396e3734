"""纸质清单: the village's list to print before the network goes, and its way back in."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lianfang.field.observation.actions.paper import make_paper_list
from lianfang.field.observation.forms.paper import PaperForm
from lianfang.field.observation.models import PaperList
from lianfang.field.observation.queries.counts import under_observation
from lianfang.field.observation.queries.household import fever_threshold
from lianfang.field.observation.rules import row_code
from lianfang.field.observation.views.saving import NotStored, store
from lianfang.mandate.duties.forms import Place, place_of
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.queries import in_force
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.actions import log_door
from lianfang.registry.people.queries import phones_to_call, visible_to
from lianfang.registry.places.queries import names_of
from lianfang.web.fragments import go_to

_VILLAGE = 12
_LISTS = 20  # the latest lists of a village that can still be typed in


def _village(request: HttpRequest) -> Place:
    place = place_of(request, Permission.RECORD)
    if len(place.path) < _VILLAGE:
        raise Http404
    return place


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    place, now = _village(request), timezone.now()
    observed = under_observation(place.path, now).values("subject")
    found = visible_to(request.user, Permission.RECORD).under(place.path).filter(uid__in=observed)
    people = list(found.order_by("household__door", "pinyin", "pk").values_list("uid", flat=True))
    made = make_paper_list(by=request.user.actor, at=now, area_path=place.path, day=local_day(now), people=people)
    return go_to(request, reverse("observation:paper", args=[made.number]))


@require_GET
def show(request: HttpRequest, number: int) -> HttpResponse:
    """The list to print: by household, empty boxes, a code at each row. Names and phones leave the house: logged."""
    made = get_object_or_404(PaperList, number=number)
    people = visible_to(request.user, Permission.RECORD).under(made.area_path).select_related("household")
    found = {person.uid: person for person in people.filter(uid__in=made.people)}
    if not scope_for(request.user).allows(Permission.RECORD, made.area_path):
        raise Http404
    if found:
        log_door(by=request.user.actor, at=timezone.now(), people=list(found.values()))
    phones = phones_to_call(list(found))
    rows = [
        (row_code(made.number, position), found[uid], phones.get(uid, [])[:1])
        for position, uid in enumerate(made.people, start=1)
        if uid in found
    ]
    context = {
        "list": made,
        "rows": rows,
        "columns": _columns(made),
        "village": names_of({made.area_path}).get(made.area_path, made.area_path),
    }
    return render(request, "observation/paper.html", context)


def _columns(made: PaperList) -> list[str]:
    """A box for each slot of the day in which somebody measures, calls or visits."""
    activation = in_force(made.area_path, made.day)
    if activation is None:
        return []
    language = get_language() or "zh-hans"
    plan = activation.plan_version.plan
    asked = {code for pathway in plan.pathways.values() if pathway.observed for code in pathway.duties}
    return [
        f"{duty.title.of(language)} {slot.name.of(language)} {slot.start_text}–{slot.end_text}"
        for code, duty in plan.duties.items()
        if code in asked and duty.shape == "slot" and duty.evidence
        for slot in duty.slots
    ]


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """What was written on paper goes in by row codes and closes the same slots."""
    place, now = _village(request), timezone.now()
    lists = PaperList.objects.filter(area_path=place.path).order_by("-number")[:_LISTS]
    told = {one.number: (one.day, one.people) for one in lists}
    limit = fever_threshold(in_force(place.path, local_day(now)))
    form = PaperForm(request.POST if request.method == "POST" else None, lists=told, now=now, fever_at=limit)
    if request.method == "POST" and form.is_valid():
        try:
            store(request, at=now, lines=lambda _known: form.lines())
        except NotStored as refused:
            form.refuse(refused.faults)
        else:
            count = sum(not row.is_empty for row in form.rows)
            words = ngettext("%(n)d row recorded.", "%(n)d rows recorded.", count)
            messages.success(request, words % {"n": count})
            return go_to(request, f"{reverse('observation:enter')}?area={place.path}")
    faulty = form.is_bound and (form.errors or form.faulty)
    context = {
        "place": place,
        "crumbs": place.crumbs(reverse("observation:today"), {}),
        "form": form,
        "lists": [(one, len(one.people)) for one in lists],
        "as_of": now,
    }
    return render(request, "observation/enter.html", context, status=422 if faulty else 200)
