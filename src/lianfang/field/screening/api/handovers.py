"""Hand-over of a person between areas, over HTTP. Until somebody there accepts, the sender has the person."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from lianfang.field.screening import handing, handover
from lianfang.field.screening.models import Handover
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.actions import log_reading
from lianfang.registry.people.api import person_asked
from lianfang.registry.places.queries import names_of
from lianfang.registry.tokens.access import Problem, needs
from lianfang.registry.tokens.asking import AreaPath, Text, Words
from lianfang.registry.tokens.paging import Page, Paging, paged

router = Router(tags=["handovers"])
_DOOR = 60


class HandoverOut(Schema):
    """`state`: sent, accepted, rejected, rerouted, withdrawn."""

    uid: UUID
    person: UUID
    name: str
    from_area: str
    to_area: str
    state: str
    reason: str
    sent_at: datetime
    decided_at: datetime | None
    decision_reason: str


class HandoverQuery(Paging):
    state: Literal["", "sent", "accepted", "rejected", "rerouted", "withdrawn"] = ""


class SendIn(Schema):
    """`id` is made by the sender: the same id again sends nothing new. `to` is the area that shall take over."""

    id: UUID
    to: Annotated[AreaPath, Field(min_length=2)]
    reason: Words


class AcceptIn(Schema):
    """`village` of the area that takes over, by its code of twelve digits."""

    village: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    door: Annotated[Text, Field(max_length=_DOOR)] = ""


class RejectIn(Schema):
    reason: Words


class WithdrawIn(Schema):
    reason: Text = ""


@router.get("/handovers", auth=needs(Permission.SEE_PEOPLE), response=Page[HandoverOut], summary=_("Hand-overs"))
def handovers(request: HttpRequest, query: Query[HandoverQuery]):
    found = handing.between(request.user).select_related("person")
    if query.state:
        found = found.filter(state=query.state)
    return paged(found, query, key="pk", shown_all=lambda page: [_handover(row) for row in page])


@router.post(
    "/persons/{uuid:uid}/handover",
    auth=needs(Permission.ASSIGN),
    response={201: HandoverOut},
    summary=_("Send a person to another area"),
)
def send(request: HttpRequest, uid: UUID, body: SendIn):
    person = person_asked(request, uid)
    if not scope_for(request.user).allows(Permission.ASSIGN, person.area_path):
        raise Problem("not_permitted")
    if body.to not in names_of({body.to}):
        raise Problem("not_found")
    act = {"by": request.user.actor, "at": timezone.now(), "uid": body.id, "to_path": body.to, "reason": body.reason}
    rejected = person.handovers.filter(state="rejected").first()
    try:
        if rejected is not None:
            made = handover.reroute(**act, handover=rejected)
        else:
            made = handover.send(**act, person=person)
    except handover.NotPossible:
        raise Problem("conflict") from None
    if made.person_id != person.pk or made.to_path != body.to:
        raise Problem("conflict")
    return Status(201, _handover(made))


@router.post(
    "/handovers/{uuid:uid}/accept",
    auth=needs(Permission.ASSIGN),
    response=HandoverOut,
    summary=_("Take over a person"),
)
def accept(request: HttpRequest, uid: UUID, body: AcceptIn):
    found = _offered(request, uid, "to_path")
    if not body.village.startswith(found.to_path) or body.village not in names_of({body.village}):
        raise Problem("not_found")
    return _decided(request, handover.accept, found, village=body.village, door=body.door)


@router.post(
    "/handovers/{uuid:uid}/reject",
    auth=needs(Permission.ASSIGN),
    response=HandoverOut,
    summary=_("Send a hand-over back with the reason"),
)
def reject(request: HttpRequest, uid: UUID, body: RejectIn):
    return _decided(request, handover.reject, _offered(request, uid, "to_path"), reason=body.reason)


@router.post(
    "/handovers/{uuid:uid}/withdraw",
    auth=needs(Permission.ASSIGN),
    response=HandoverOut,
    summary=_("Keep a person who was sent"),
)
def withdraw(request: HttpRequest, uid: UUID, body: WithdrawIn):
    return _decided(request, handover.withdraw, _offered(request, uid, "from_path"), reason=body.reason)


def _offered(request: HttpRequest, uid: UUID, side: str) -> Handover:
    """The hand-over, where the token's post answers for that side of it."""
    found = handing.between(request.user).select_related("person").filter(uid=uid).first()
    if found is None:
        raise Problem("not_found")
    if not scope_for(request.user).allows(Permission.ASSIGN, getattr(found, side)):
        raise Problem("not_permitted")
    return found


@transaction.atomic
def _decided(request: HttpRequest, act, found: Handover, **told) -> HandoverOut:
    now, by = timezone.now(), request.user.actor
    log_reading(by=by, at=now, person=found.person, action="person.handover_read")
    try:
        return _handover(act(by=by, at=now, handover=found, **told))
    except handover.NotPossible:
        raise Problem("conflict") from None


def _handover(row: Handover) -> HandoverOut:
    return HandoverOut(
        uid=row.uid,
        person=row.person.uid,
        name=row.person.name,
        from_area=row.from_path,
        to_area=row.to_path,
        state=row.state,
        reason=row.reason,
        sent_at=row.sent_at,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
    )
