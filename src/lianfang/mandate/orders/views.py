"""A person's notices, and the notice as a page to print. Printed is not served."""

from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.transaction import atomic
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lianfang.mandate.orders import queries
from lianfang.mandate.orders.actions import NewDelivery, NoPlanInForce, deliver, issue
from lianfang.mandate.orders.forms import DeliveryForm
from lianfang.mandate.orders.models import Notice, Release
from lianfang.mandate.orders.paper import DOCX, to_docx
from lianfang.mandate.orders.rules import CONVERSIONS
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.actions import log_reading
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import entries, visible_to
from lianfang.registry.people.rules import is_minor
from lianfang.web.fragments import go_to, set_event


@require_GET
@atomic
def person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The person's notices, as a part of the card, logged by itself; alone it leads to the card."""
    found = _person(request, uid)
    if not request.headers.get("HX-Request"):
        return go_to(request, reverse("people:card", args=[found.uid]))
    return _section(request, found)


@require_POST
def issue_notice(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Issue the notice that the person should have; one that is there already is not issued again."""
    found, now = _person(request, uid, Permission.RECORD), timezone.now()
    if queries.needed_kind(found, now) is None:
        return _done(request, found)
    try:
        issue(by=request.user.actor, at=now, people=[found], happened={found.uid: (_record(request), now)})
    except NoPlanInForce:
        return _section(request, found, status=422, trouble=_no_plan())
    except IntegrityError:
        # The same click arrived twice: the notice of the first is there.
        return _done(request, found)
    return _done(request, found)


@require_POST
def deliver_notice(request: HttpRequest, uid: UUID) -> HttpResponse:
    found, now = _person(request, uid, Permission.RECORD), timezone.now()
    form = _form(found, now, request.POST)
    if not form.is_valid():
        return _section(request, found, form=form, status=422)
    told = form.cleaned_data
    new = NewDelivery(told["record"], found, told["outcome"], told["at"], told["received_by"])
    try:
        deliver(by=request.user.actor, at=now, deliveries=[new])
    except NoPlanInForce:
        return _section(request, found, form=form, status=422, trouble=_no_plan())
    except IntegrityError:
        return _done(request, found)
    return _done(request, found)


@require_GET
@atomic
def notice(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The notice on paper. It carries the person's own data, so opening it is reading the person's page."""
    return render(request, "orders/notice.html", _notice(request, uid))


@require_GET
@atomic
def notice_file(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The same notice as a file of a word processor: what the page says, word for word."""
    context = _notice(request, uid)
    return _file(request, "orders/_paper.html", context, f"notice-{context['letter'].number}.docx")


@require_GET
@atomic
def certificate(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The certificate of a release, to print."""
    return render(request, "orders/certificate.html", _certificate(request, uid))


@require_GET
@atomic
def certificate_file(request: HttpRequest, uid: UUID) -> HttpResponse:
    context = _certificate(request, uid)
    return _file(request, "orders/_certificate.html", context, f"release-{context['paper'].number}.docx")


def _file(request: HttpRequest, template: str, context: dict, name: str) -> HttpResponse:
    content = to_docx(render_to_string(template, context, request))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=DOCX, headers=headers)


def _certificate(request: HttpRequest, uid: UUID) -> dict:
    rows = Release.objects.filter(person__in=visible_to(request.user)).exclude(kind__in=CONVERSIONS)
    found = get_object_or_404(rows.select_related("person__household", "enrolment"), uid=uid)
    now = timezone.now()
    log_reading(by=request.user.actor, at=now, person=found.person)
    entry = entries([found.person], on=timezone.localdate(found.registered_at))[0]
    language = get_language() or "zh-hans"
    return {
        "release": found,
        "person": found.person,
        "entry": entry,
        "paper": queries.certificate(found, at=now, lang=language, document=entry.numbers.document),
    }


def _notice(request: HttpRequest, uid: UUID) -> dict:
    rows = Notice.objects.filter(withdrawn_at__isnull=True, person__in=visible_to(request.user))
    found, now = get_object_or_404(rows.select_related("person__household"), uid=uid), timezone.now()
    log_reading(by=request.user.actor, at=now, person=found.person)
    issued = next(one for one in queries.notices_of(found.person) if one.notice.pk == found.pk)
    entry = entries([found.person], on=timezone.localdate(found.issued_at))[0]
    language = get_language() or "zh-hans"
    return {
        "notice": found,
        "issued": issued,
        "person": found.person,
        "entry": entry,
        "letter": queries.letter(found, at=now, lang=language, document=entry.numbers.document),
    }


def _person(request: HttpRequest, uid: UUID, permission: Permission | None = None) -> Person:
    found = get_object_or_404(visible_to(request.user).select_related("household"), uid=uid)
    if permission and not scope_for(request.user).allows(permission, found.area_path):
        raise PermissionDenied
    return found


def _form(found: Person, now, data=None) -> DeliveryForm:
    last = queries.latest_notices([found.uid]).get(found.uid)
    minor = is_minor(found.birth_date, timezone.localdate(now))
    start = {"record": uuid4()}
    return DeliveryForm(data, now=now, minor=minor, notice=last, initial=start, auto_id="delivery-%s")


def _record(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("record", ""))
    except ValueError:
        return uuid4()


def _done(request: HttpRequest, found: Person) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return go_to(request, reverse("people:card", args=[found.uid]))
    return set_event(_section(request, found), "person-changed")


def _section(
    request: HttpRequest,
    found: Person,
    *,
    form: DeliveryForm | None = None,
    status: int = 200,
    trouble: str = "",
) -> HttpResponse:
    """What is shown of the person is in the log, also under an answer that refuses a form."""
    now = timezone.now()
    log_reading(by=request.user.actor, at=now, person=found, action="person.notices_read")
    notices = queries.notices_of(found)
    context = {
        "person": found,
        "notices": notices,
        "needed": queries.needed_kind(found, now),
        "served": bool(notices) and notices[0].served,
        "may_record": scope_for(request.user).allows(Permission.RECORD, found.area_path),
        "form": form or _form(found, now),
        "record": uuid4(),
        "trouble": trouble,
        "releases": found.releases.exclude(kind__in=CONVERSIONS).order_by("-ends_at"),
        "now": now,
    }
    return render(request, "orders/_person.html", context, status=status)


def _no_plan() -> str:
    return _("No response plan is in force here, so a notice would have no basis. Ask the county office.")
