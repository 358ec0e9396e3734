"""The list of people and the card of one person. Opening a card is an act that the log keeps."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people import comparing, queries
from lianfang.registry.people.actions import log_reading, log_search
from lianfang.registry.people.forms import IdentifyForm, PeopleFilter
from lianfang.registry.people.models import Person, PersonQuerySet
from lianfang.registry.people.searching import found_first, is_number, search
from lianfang.web.fragments import go_to, render_page, wants_fragment

PER_PAGE = 50
_TOWNSHIP = 9  # length of a township's path: who works above one wants to read its name


@require_GET
def people_list(request: HttpRequest) -> HttpResponse:
    """Search and browse the people of the account's areas; numbers stay masked."""
    scope = scope_for(request.user)
    if not scope.has(Permission.SEE_PEOPLE):
        raise PermissionDenied
    area = request.GET.get("area", "")
    if not queries.paths_shown(request.user, area):
        raise Http404
    form = PeopleFilter(request.GET or None, options=queries.area_steps(request.user, area))
    refused = form.is_bound and not form.is_valid()
    text = form.cleaned_data.get("q", "") if form.is_bound else ""
    people = queries.visible_to(request.user).under(area)
    page, rows, more = _found(people, text, request.GET.get("page"), refused=refused)
    if text and not page.paginator.count:
        _log_vain(request, text, area or scope.home)
    wide = len(area or scope.home) < _TOWNSHIP
    return render(
        request,
        "people/list.html",
        {
            "form": form,
            "page": page,
            "rows": queries.entries(rows, on=timezone.localdate(), wide=wide),
            "narrowed": bool(refused or text or area),
            "refused": refused,
            "more": more,
            "may_import": scope.has(Permission.IMPORT),
            "pairs": comparing.open_pairs(request.user, area).count() if scope.has(Permission.IMPORT) else 0,
        },
        status=422 if refused else 200,
    )


def _found(people: PersonQuerySet, text: str, number: str | None, *, refused: bool) -> tuple[Page, list[Person], bool]:
    """The page asked for, its people, and whether more were found than are shown.

    What was asked for and not understood finds nobody: everybody would be an answer to another question.
    """
    if refused or not text:
        listed = people.none() if refused else people.select_related("household")
        page = Paginator(listed.order_by("pinyin", "area_path", "pk"), PER_PAGE).get_page(number)
        return page, list(page.object_list), False
    keys, more = found_first(people, text)
    page = Paginator(keys, PER_PAGE).get_page(number)
    shown = {person.pk: person for person in Person.objects.filter(pk__in=page.object_list).select_related("household")}
    return page, [shown[key] for key in page.object_list if key in shown], more


def _log_vain(request: HttpRequest, text: str, area: str) -> None:
    """Whom the search would have found elsewhere is for the log, never for the page."""
    everywhere = search(Person.objects.filter(withdrawn_at__isnull=True), text)
    elsewhere = next(iter(everywhere.order_by()[:1]), None)
    kind = "number" if is_number(text) else "words"
    log_search(by=request.user.actor, at=timezone.now(), area_path=area, kind=kind, elsewhere=elsewhere)


@require_GET
@transaction.atomic
def card(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One person; the uid of a card that was merged leads to the one that goes on."""
    into = queries.survivors([uid]).get(uid)
    person = _person(request, into or uid)
    if into:
        return go_to(request, reverse("people:card", args=[into]))
    log_reading(by=request.user.actor, at=timezone.now(), person=person)
    return render(request, "people/card.html", _card(request, person, IdentifyForm()))


@require_POST
@transaction.atomic
def identify(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show document and phones in full, once, for a purpose; the address never carries either."""
    person = _person(request, uid)
    if not scope_for(request.user).allows(Permission.IDENTIFY, person.area_path):
        raise PermissionDenied
    form = IdentifyForm(request.POST)
    context = _card(request, person, form)
    if not form.is_valid():
        if not wants_fragment(request):
            log_reading(by=request.user.actor, at=timezone.now(), person=person)
        return render_page(request, "people/card.html", "people/_numbers.html", context, status=422)
    log_reading(
        by=request.user.actor,
        at=timezone.now(),
        person=person,
        in_full=True,
        purpose=form.cleaned_data["purpose"],
    )
    context["in_full"] = queries.numbers_of([person.uid], in_full=True)[person.uid]
    return render_page(request, "people/card.html", "people/_numbers.html", context)


def _person(request: HttpRequest, uid: UUID) -> Person:
    return get_object_or_404(queries.visible_to(request.user).select_related("household"), uid=uid)


def _card(request: HttpRequest, person: Person, form: IdentifyForm) -> dict:
    now, scope = timezone.now(), scope_for(request.user)
    entry = queries.entries([person], on=timezone.localdate(now), wide=True)[0]
    return {
        "entry": entry,
        "person": person,
        "form": form,
        "may_identify": scope.allows(Permission.IDENTIFY, person.area_path),
        "watchers": queries.who_may_see(person, now),
        "sources": queries.sources_of(person),
        "family": queries.family_of(person, request.user),
        "merges": comparing.merges_of(person),
        "may_merge": scope.allows(Permission.IMPORT, person.area_path),
        "may_record": scope.allows(Permission.RECORD, person.area_path),
    }
