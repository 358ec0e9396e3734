"""People, over HTTP: masked as on the pages, in full only for a purpose."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.actions import log_reading
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import Entry, entries, numbers_of, visible_to
from lianfang.registry.people.searching import search
from lianfang.registry.tokens.access import Problem, needs
from lianfang.registry.tokens.asking import AreaPath, Text, Words, areas_asked, under
from lianfang.registry.tokens.paging import Page, Paging, paged

router = Router(tags=["persons"])


class PersonOut(Schema):
    """`document` and `phones` are masked; `age` is null where the date of birth is unknown."""

    uid: UUID
    name: str
    sex: str
    birth_date: date | None
    age: int | None
    minor: bool
    area: str
    village: str
    door: str
    document: str
    phones: list[str]
    registered_at: datetime


class NumbersOut(Schema):
    document: str
    phones: list[str]


class Purpose(Schema):
    """Why the numbers are needed in full; it is logged."""

    purpose: Words


class PersonQuery(Paging):
    """`q` finds by name, pinyin, initials, document, phone or door."""

    q: Annotated[Text, Field(max_length=100)] = ""
    area: AreaPath = ""


@router.get("/persons", auth=needs(Permission.SEE_PEOPLE), response=Page[PersonOut], summary=_("Search persons"))
def persons(request: HttpRequest, query: Query[PersonQuery]):
    paths = areas_asked(request, Permission.SEE_PEOPLE, query.area)
    found = search(visible_to(request.user).filter(under(paths, "area_path")), query.q).select_related("household")
    return paged(found, query, key="pk", shown_all=_entries)


@router.get(
    "/persons/{uuid:uid}", auth=needs(Permission.SEE_PEOPLE), response=PersonOut, summary=_("The card of a person")
)
@transaction.atomic
def one_person(request: HttpRequest, uid: UUID):
    person = person_asked(request, uid)
    log_reading(by=request.user.actor, at=timezone.now(), person=person)
    return _entries([person])[0]


@router.post(
    "/persons/{uuid:uid}/numbers",
    auth=needs(Permission.IDENTIFY),
    response=NumbersOut,
    summary=_("Document and phones in full, for a purpose"),
)
@transaction.atomic
def numbers(request: HttpRequest, uid: UUID, body: Purpose):
    person = person_asked(request, uid)
    if not scope_for(request.user).allows(Permission.IDENTIFY, person.area_path):
        raise Problem("not_permitted")
    now = timezone.now()
    log_reading(by=request.user.actor, at=now, person=person, in_full=True, purpose=body.purpose.strip())
    found = numbers_of([person.uid], in_full=True)[person.uid]
    return NumbersOut(document=found.document, phones=list(found.phones))


def person_asked(request: HttpRequest, uid: UUID, permission: Permission = Permission.SEE_PEOPLE) -> Person:
    """The person with the uid, among those whom the token may see."""
    found = visible_to(request.user, permission).select_related("household").filter(uid=uid).first()
    if found is None:
        raise Problem("not_found")
    return found


def _entries(people: list[Person]) -> list[PersonOut]:
    return [_person(entry) for entry in entries(people, on=timezone.localdate())]


def _person(entry: Entry) -> PersonOut:
    person = entry.person
    return PersonOut(
        uid=person.uid,
        name=person.name,
        sex=person.sex,
        birth_date=person.birth_date,
        age=entry.age,
        minor=entry.minor,
        area=person.area_path,
        village=entry.village,
        door=person.household.door if person.household else "",
        document=entry.numbers.document,
        phones=list(entry.numbers.phones),
        registered_at=person.registered_at,
    )
