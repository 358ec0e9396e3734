"""Arrivals over HTTP: registered by the same matching as a list, with an outcome for each row."""

import csv
import io
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from lianfang.field.screening.models import Arrival
from lianfang.mandate.intake import actions as intake
from lianfang.mandate.intake.api.imports import ImportOut, RowOut, import_out, row_out
from lianfang.mandate.intake.importing import importers
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.places.queries import names_of
from lianfang.registry.tokens.access import Problem, needs
from lianfang.registry.tokens.asking import AreaPath, Text, areas_asked, under
from lianfang.registry.tokens.paging import Page, Paging, paged

router = Router(tags=["arrivals"])
_KIND = "arrivals"
_MOST = 500


class ArrivalIn(Schema):
    """One person who came back, in the words of a list; days as 2020-02-08, moments as 2020-02-08T18:30."""

    name: Text
    document: Text = ""
    sex: Text = ""
    phone: Text = ""
    origin: Text = ""
    arrived_on: Text
    reached_home: Text = ""
    transport: Text = ""
    vehicle: Text = ""
    township: Text = ""
    village: Text
    door: Text = ""
    temperature: Text = ""
    symptoms: Text = ""
    note: Text = ""


class ArrivalsIn(Schema):
    """`area` is the county or township whose villages the rows name."""

    area: Annotated[AreaPath, Field(min_length=2)]
    rows: Annotated[list[ArrivalIn], Field(min_length=1, max_length=_MOST)]


class ArrivalsOut(Schema):
    """The import that the rows became, and each row in order with its outcome."""

    batch: ImportOut
    rows: list[RowOut]


class ArrivalOut(Schema):
    uid: UUID
    person: UUID
    area: str
    arrived_on: date
    reached_home_at: datetime | None
    origin: str
    transport: str
    vehicle: str
    registered_at: datetime


class ArrivalQuery(Paging):
    area: AreaPath = ""


@router.get("/arrivals", auth=needs(Permission.SEE_PEOPLE), response=Page[ArrivalOut], summary=_("Registered arrivals"))
def arrivals(request: HttpRequest, query: Query[ArrivalQuery]):
    paths = areas_asked(request, Permission.SEE_PEOPLE, query.area)
    live = {"withdrawn_at__isnull": True, "person__withdrawn_at__isnull": True}
    rows = Arrival.objects.filter(under(paths, "person__area_path"), **live).select_related("person")
    return paged(rows, query, key="pk", shown_all=lambda page: [_arrival(row) for row in page])


@router.post(
    "/arrivals",
    auth=needs(Permission.IMPORT),
    response={201: ArrivalsOut},
    summary=_("Register persons who came back; who may be known already waits for a decision"),
)
def register(request: HttpRequest, body: ArrivalsIn):
    if not scope_for(request.user).allows(Permission.IMPORT, body.area) or body.area not in names_of({body.area}):
        raise Problem("not_found")
    now, by = timezone.now(), request.user.actor
    file = intake.NewFile(_KIND, body.area, f"api-{now:%Y%m%d-%H%M%S}.csv", _as_list(body.rows))
    batch = intake.check(batch=intake.receive(by=by, at=now, file=file, now=now))
    batch = intake.commit(by=by, batch=batch, now=now)
    rows = [row_out(row) for row in batch.rows.order_by("number", "pk")]
    return Status(201, {"batch": import_out(batch), "rows": rows})


def _as_list(rows: list[ArrivalIn]) -> bytes:
    """The rows as the file that a township would have sent."""
    fields = [spec for spec in importers()[_KIND].fields if spec.code in ArrivalIn.model_fields]
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow([spec.titles[0] for spec in fields])
    sheet.writerows([getattr(row, spec.code) for spec in fields] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _arrival(row: Arrival) -> ArrivalOut:
    return ArrivalOut(
        uid=row.uid,
        person=row.person.uid,
        area=row.area_path,
        arrived_on=row.arrived_on,
        reached_home_at=row.reached_home_at,
        origin=row.origin_text,
        transport=row.transport,
        vehicle=row.vehicle,
        registered_at=row.registered_at,
    )
