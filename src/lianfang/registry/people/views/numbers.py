"""Documents and phones on a card: added, corrected, withdrawn by who records for the person."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people import queries
from lianfang.registry.people.actions import (
    add_document,
    add_phone,
    log_reading,
    say_without_document,
    withdraw_number,
)
from lianfang.registry.people.forms import DocumentForm, PhoneForm, WithdrawForm
from lianfang.registry.people.models import Document, Person, Phone
from lianfang.registry.people.numbers import HeldByAnother
from lianfang.web.fragments import go_to


@require_GET
@transaction.atomic
def numbers(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Every document and phone of the card, those withdrawn with their reason."""
    person = _person(request, uid)
    log_reading(by=request.user.actor, at=timezone.now(), person=person, action="person.numbers_read")
    return _page(request, person)


@require_POST
def document(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A document for the card; with `instead` it takes the place of a wrong one."""
    person = _person(request, uid)
    form = DocumentForm(request.POST, person=person)
    if form.is_valid():
        told = form.cleaned_data
        act = {"by": request.user.actor, "at": timezone.now(), "person": person}
        if told["none"]:
            say_without_document(**act)
            return _done(request, person, _("Noted: the person has no document."))
        try:
            add_document(**act, document=told["document"], instead_of=told["instead"], reason=told["reason"])
        except HeldByAnother as held:
            form.held_by(held.holder, reachable=_reachable(request, held.holder))
        else:
            return _done(request, person, _("The document stands on the card."))
    return _page(request, person, document_form=form, status=422)


@require_POST
def phone(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = _person(request, uid)
    form = PhoneForm(request.POST, person=person)
    if not form.is_valid():
        return _page(request, person, phone_form=form, status=422)
    told = form.cleaned_data
    add_phone(
        by=request.user.actor,
        at=timezone.now(),
        person=person,
        number=told["phone"],
        whose=told["whose"],
        instead_of=told["instead"],
        reason=told["reason"],
    )
    return _done(request, person, _("The phone stands on the card."))


@require_POST
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A number that is not this person's; the reason stays with it."""
    person = _person(request, uid)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _page(request, person, withdraw_form=form, status=422)
    model = Document if form.cleaned_data["kind"] == "document" else Phone
    number = get_object_or_404(model.objects.live(), pk=form.cleaned_data["number"], person=person)
    withdraw_number(by=request.user.actor, at=timezone.now(), number=number, reason=form.cleaned_data["reason"])
    return _done(request, person, _("Withdrawn. It stays in the records with the reason."))


def _person(request: HttpRequest, uid: UUID) -> Person:
    person = get_object_or_404(queries.visible_to(request.user).select_related("household"), uid=uid)
    if not scope_for(request.user).allows(Permission.RECORD, person.area_path):
        raise PermissionDenied
    return person


def _reachable(request: HttpRequest, holder: Person | None) -> bool:
    return holder is not None and scope_for(request.user).allows(Permission.IMPORT, holder.area_path)


def _done(request: HttpRequest, person: Person, words: str) -> HttpResponse:
    messages.success(request, words)
    return go_to(request, reverse("people:numbers", args=[person.uid]))


def _page(request: HttpRequest, person: Person, status: int = 200, **forms) -> HttpResponse:
    context = {
        "person": person,
        "documents": queries.documents_of(person),
        "phones": queries.phones_of(person),
        "document_form": forms.get("document_form") or DocumentForm(person=person),
        "phone_form": forms.get("phone_form") or PhoneForm(person=person),
        "withdraw_form": forms.get("withdraw_form") or WithdrawForm(),
    }
    return render(request, "people/numbers.html", context, status=status)
