"""Records in: notices issued, served, refused."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.actions import NewDelivery, NoPlanInForce, deliver, issue
from lianfang.mandate.orders.queries import fitting_notices
from lianfang.mandate.orders.rules import RECEIVERS
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.rules import Line, Refused, is_minor


def record_issued(*, by: Actor, at: datetime, lines: Sequence[Line]) -> dict[UUID, Refused]:
    """Issue a notice a person; a person who has the right one already needs no second."""
    have = fitting_notices([line.person.uid for line in lines], at)
    fresh = {line.person.uid: line for line in lines if line.person.uid not in have}
    happened = {uid: (line.id, line.at) for uid, line in fresh.items()}
    try:
        issue(by=by, at=at, people=[line.person for line in fresh.values()], happened=happened)
    except NoPlanInForce:
        return {line.id: Refused("person", "", "no_plan_in_force") for line in lines}
    return {}


def record_served(*, by: Actor, at: datetime, lines: Sequence[Line]) -> dict[UUID, Refused]:
    return _record_deliveries(by, at, lines, "served")


def record_refused(*, by: Actor, at: datetime, lines: Sequence[Line]) -> dict[UUID, Refused]:
    return _record_deliveries(by, at, lines, "refused")


def _record_deliveries(by: Actor, at: datetime, lines: Sequence[Line], outcome: str) -> dict[UUID, Refused]:
    deliveries, refused = [], {}
    for line in lines:
        try:
            receiver = line.choice("received_by", ("", *_receivers(line)), "")
        except Refused as fault:
            refused[line.id] = fault
        else:
            deliveries.append(NewDelivery(line.id, line.person, outcome, line.at, receiver))
    try:
        deliver(by=by, at=at, deliveries=deliveries)
    except NoPlanInForce:
        return {line.id: Refused("person", "", "no_plan_in_force") for line in lines}
    return refused


def _receivers(line: Line) -> tuple[str, ...]:
    """A minor never receives alone."""
    if is_minor(line.person.birth_date, local_day(line.at)):
        return tuple(receiver for receiver in RECEIVERS if receiver != "self")
    return RECEIVERS


RECORDERS = {"notice_issued": record_issued, "notice_served": record_served, "notice_refused": record_refused}
