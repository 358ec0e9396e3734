"""What units' staff declare, over HTTP: return rates, a unit's ledger, an answer, the village of who has no card."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from lianfang.field.declarations import actions, queries
from lianfang.field.declarations.forms import DeclarationForm
from lianfang.field.declarations.models import Declaration
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.places.queries import names_of
from lianfang.registry.tokens.access import Problem, fault, needs
from lianfang.registry.tokens.asking import AsOf, Text, area_asked, moment_asked
from lianfang.registry.tokens.paging import Page, Paging, next_offset, offset_of, paged

router = Router(tags=["declarations"])


class UnitOut(Schema):
    """`unmatched` have answered and stand on no card yet."""

    unit: UUID
    name: str
    area: str
    asked: int
    answered: int
    missing: int
    unmatched: int
    to_observe: int


class DeclarationOut(Schema):
    """`state`: requested, submitted, matched, cleared, to_observe. Numbers are masked."""

    uid: UUID
    unit: UUID
    name: str
    document: str
    phone: str
    state: str
    person: UUID | None
    travelled: bool | None
    origin: str
    returned_on: date | None
    cohabitants: int | None
    requested_at: datetime
    submitted_at: datetime | None


class UnitQuery(Paging, AsOf):
    pass


class DeclarationQuery(Paging, AsOf):
    """`show` names a state, or `missing`: whoever has not answered."""

    show: Literal["", "missing", "submitted", "matched", "cleared", "to_observe"] = ""


class AnswerIn(Schema):
    """`id` is made by the sender. Who was away says where, by its name, and since which day back."""

    id: UUID
    travelled: bool
    origin: Annotated[Text, Field(max_length=120)] = ""
    returned_on: date | None = None
    cohabitants: Annotated[int, Field(ge=0, le=99)] | None = None


class VillageIn(Schema):
    """`village` of the unit's area, by its code of twelve digits."""

    village: Annotated[str, Field(pattern=r"^[0-9]{12}$")]


@router.get(
    "/declarations/units",
    auth=needs(Permission.SEE_PEOPLE),
    response=Page[UnitOut],
    summary=_("Each unit's return rate, those with most missing first"),
)
def declaring_units(request: HttpRequest, query: Query[UnitQuery]):
    area = area_asked(request, Permission.SEE_PEOPLE, query.area)
    told = queries.rates(area_path=area, as_of=moment_asked(query.as_of))
    start = offset_of(query)
    page = told[start : start + query.limit]
    return {"count": len(told), "next": next_offset(query, len(page), len(told)), "items": [_unit(one) for one in page]}


@router.get(
    "/declarations",
    auth=needs(Permission.SEE_PEOPLE),
    response=Page[DeclarationOut],
    summary=_("What units' staff declared, and who has not"),
)
def declarations(request: HttpRequest, query: Query[DeclarationQuery]):
    area = area_asked(request, Permission.SEE_PEOPLE, query.area)
    found = queries.declarations(area_path=area, as_of=moment_asked(query.as_of), show=query.show)
    return paged(found, query, key="pk", shown_all=_all)


@router.post(
    "/declarations/{uuid:uid}/answer",
    auth=needs(Permission.RECORD),
    response=DeclarationOut,
    summary=_("Record what one of a unit's staff declares"),
)
def answer_declaration(request: HttpRequest, uid: UUID, body: AnswerIn):
    found, now = _mine(request, uid), timezone.now()
    form = DeclarationForm(_as_sent(body), today=timezone.localdate(now))
    if not form.is_valid():
        faults = [fault(name, form[name].value(), "not_valid", errors[0]) for name, errors in form.errors.items()]
        raise Problem("invalid", faults)
    if not actions.submit(by=request.user.actor, at=now, answers=[form.answer(found.uid)]) and found.answer != body.id:
        raise Problem("conflict")
    return _one(found, now)


@router.post(
    "/declarations/{uuid:uid}/village",
    auth=needs(Permission.RECORD),
    response=DeclarationOut,
    summary=_("Say in which village somebody lives who answered and has no card"),
)
def place_declaration(request: HttpRequest, uid: UUID, body: VillageIn):
    found, now = _mine(request, uid), timezone.now()
    if not body.village.startswith(found.unit.area_path[:12]) or body.village not in names_of({body.village}):
        raise Problem("not_found")
    if found.submitted_at is None or found.person_id is not None:
        raise Problem("conflict")
    actions.place(by=request.user.actor, at=now, declaration=found, village=body.village)
    return _one(found, now)


def _mine(request: HttpRequest, uid: UUID) -> Declaration:
    found = queries.visible_to(request.user).select_related("unit").filter(uid=uid).first()
    if found is None:
        raise Problem("not_found")
    if not scope_for(request.user).allows(Permission.RECORD, found.unit.area_path):
        raise Problem("not_permitted")
    return found


def _as_sent(body: AnswerIn) -> dict[str, object]:
    return {
        "record": body.id,
        "travelled": "yes" if body.travelled else "no",
        "origin": body.origin,
        "returned_on": body.returned_on or "",
        "cohabitants": "" if body.cohabitants is None else body.cohabitants,
    }


def _one(found: Declaration, as_of: datetime) -> DeclarationOut:
    (told,) = _all([queries.declarations(area_path=found.unit.area_path, as_of=as_of).get(pk=found.pk)])
    return told


def _all(rows: list[Declaration]) -> list[DeclarationOut]:
    return [
        DeclarationOut(
            uid=one.row.uid,
            unit=one.row.unit.uid,
            name=one.row.name,
            document=one.document,
            phone=one.phone,
            state=one.state,
            person=one.row.person.uid if one.row.person else None,
            travelled=one.row.travelled,
            origin=one.row.origin_text,
            returned_on=one.row.returned_on,
            cohabitants=one.row.cohabitants,
            requested_at=one.row.requested_at,
            submitted_at=one.row.submitted_at,
        )
        for one in queries.entries(rows)
    ]


def _unit(one: queries.UnitRate) -> UnitOut:
    return UnitOut(
        unit=one.unit.uid,
        name=one.unit.name,
        area=one.unit.area_path,
        asked=one.asked,
        answered=one.answered,
        missing=one.missing,
        unmatched=one.unmatched,
        to_observe=one.to_observe,
    )
