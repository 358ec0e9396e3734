"""Notices and how they reached the person, over HTTP. They are issued and served by records."""

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from lianfang.mandate.orders.models import Notice
from lianfang.mandate.orders.queries.notices import notice_number
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.tokens.access import needs
from lianfang.registry.tokens.asking import AreaPath, areas_asked, under
from lianfang.registry.tokens.paging import Page, Paging, paged

router = Router(tags=["notices"])


class DeliveryOut(Schema):
    outcome: str
    received_by: str
    at: datetime
    by: str


class NoticeOut(Schema):
    """`last_day` is null on a notice that gives advice and restricts nothing."""

    uid: UUID
    number: str
    person: UUID
    kind: str
    first_day: date | None
    last_day: date | None
    issued_at: datetime
    issued_by: str
    deliveries: list[DeliveryOut]


class NoticeQuery(Paging):
    area: AreaPath = ""
    person: UUID | None = None


@router.get(
    "/notices", auth=needs(Permission.SEE_PEOPLE), response=Page[NoticeOut], summary=_("Notices and deliveries")
)
def notices(request: HttpRequest, query: Query[NoticeQuery]):
    paths = areas_asked(request, Permission.SEE_PEOPLE, query.area)
    found = Notice.objects.filter(under(paths, "person__area_path"), withdrawn_at__isnull=True)
    found = found.filter(person__withdrawn_at__isnull=True)
    if query.person:
        found = found.filter(person__uid=query.person)
    rows = found.select_related("person").prefetch_related("deliveries")
    return paged(rows, query, key="pk", shown_all=lambda page: [_notice(row) for row in page])


def _notice(row: Notice) -> NoticeOut:
    told = [
        DeliveryOut(outcome=one.outcome, received_by=one.received_by, at=one.at, by=one.by)
        for one in row.deliveries.all()
    ]
    return NoticeOut(
        uid=row.uid,
        number=notice_number(row),
        person=row.person.uid,
        kind=row.kind,
        first_day=row.first_day,
        last_day=row.last_day,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        deliveries=sorted(told, key=lambda one: one.at),
    )
