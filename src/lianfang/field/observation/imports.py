"""Lists and records in: readings, calls, visits, needs; a list of arrivals with its temperatures."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from lianfang.field.observation.actions import (
    NewNeed,
    NewReading,
    ask_for,
    record_readings,
    withdraw_readings,
)
from lianfang.field.observation.models import CHANNELS, GIVEN_BY
from lianfang.field.screening.imports import ArrivalsImporter
from lianfang.mandate.intake.importing import Judged, Origin, RowIn
from lianfang.mandate.intake.rules.symptoms import CODES
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import Line, Refused

NEEDS = ("food", "medicine", "care", "other")
_TOLD = ("temperature", "symptoms")
_POSSIBLE = (Decimal(30), Decimal(45))


class ArrivalsWithReadings(ArrivalsImporter):
    """The temperatures and symptoms of a list are of the moment at which the list was given."""

    def commit(self, judged: Sequence[Judged], origin: Origin, by: Actor) -> None:
        """A known person's reading counts as well: a fever in a second list must not be missed."""
        super().commit(judged, origin, by)
        telling = [one for one in judged if one.outcome == "accepted" or not origin.repeated]
        cards = {card.uid: card for card in Person.objects.filter(uid__in=[one.person for one in telling])}
        readings = [reading for one in telling for reading in _readings(cards[one.person], one, origin)]
        record_readings(by=by, at=origin.registered_at, readings=readings)

    def records(self, row: RowIn, origin: Origin) -> list[UUID]:
        return [*super().records(row, origin), *(origin.uid_of(row, kind) for kind in _TOLD)]

    def withdraw_records(self, records: Sequence[UUID], at: datetime) -> None:
        withdraw_readings(uids=records, at=at)
        super().withdraw_records(records, at)

    def withdraw_row(self, judged: Judged, origin: Origin, at: datetime) -> None:
        super().withdraw_row(judged, origin, at)
        withdraw_readings(uids=[origin.uid_of(judged.row, kind) for kind in _TOLD], at=at)


def _readings(person: Person, one: Judged, origin: Origin) -> list[NewReading]:
    told = {
        "temperature": {"celsius": one.clean.celsius} if one.clean.celsius is not None else None,
        "symptoms": {"symptoms": one.clean.symptoms} if one.clean.symptoms else None,
    }
    return [
        NewReading(origin.uid_of(one.row, kind), person, kind, origin.at, given_by="worker", channel="list", **what)
        for kind in _TOLD
        if (what := told[kind])
    ]


def record_observations(*, by: Actor, at: datetime, lines: Sequence[Line]) -> dict[UUID, Refused]:
    """Temperatures, symptoms, calls, visits."""
    readings, refused = [], {}
    for line in lines:
        try:
            readings.append(_reading(line))
        except Refused as fault:
            refused[line.id] = fault
    record_readings(by=by, at=at, readings=readings)
    return refused


def _reading(line: Line) -> NewReading:
    reached = line.data.get("reached")
    if reached is not None and not isinstance(reached, bool):
        raise Refused("reached", str(reached), "not_one_of", {"allowed": "true, false"})
    return NewReading(
        uid=line.id,
        person=line.person,
        kind=line.kind,
        at=line.at,
        celsius=_celsius(line) if line.kind == "temperature" else None,
        symptoms=_symptoms(line) if line.kind == "symptoms" else (),
        reached=reached,
        note=line.text("note"),
        given_by=line.choice("given_by", tuple(GIVEN_BY), "self" if line.kind != "visit" else "worker"),
        channel=line.choice("channel", tuple(CHANNELS), "visit" if line.kind == "visit" else "phone"),
    )


def _celsius(line: Line) -> Decimal:
    try:
        degrees = Decimal(str(line.value)).quantize(Decimal("0.1"))
    except InvalidOperation:
        degrees = Decimal("nan")
    if not degrees.is_finite():
        raise Refused("value", str(line.value), "bad_temperature")
    if not _POSSIBLE[0] <= degrees <= _POSSIBLE[1]:
        low, high = (str(limit) for limit in _POSSIBLE)
        raise Refused("value", str(line.value), "temperature_range", {"low": low, "high": high})
    return degrees


def _symptoms(line: Line) -> tuple[str, ...]:
    told = line.value if isinstance(line.value, list) else []
    unknown = [code for code in told if code not in CODES]
    if unknown or not isinstance(line.value, list | None):
        raise Refused("value", str(line.value), "not_one_of", {"allowed": ", ".join(CODES)})
    return tuple(told)


def record_needs(*, by: Actor, at: datetime, lines: Sequence[Line]) -> dict[UUID, Refused]:
    """What people ask for: food, medicine, care, other."""
    needs, refused = [], {}
    for line in lines:
        if line.value not in NEEDS:
            refused[line.id] = Refused("value", str(line.value), "not_one_of", {"allowed": ", ".join(NEEDS)})
        else:
            needs.append(NewNeed(line.id, line.person, line.value, line.at, line.text("note")))
    ask_for(by=by, at=at, needs=needs)
    return refused


IMPORTERS = {"arrivals": ArrivalsWithReadings()}
RECORDERS = {
    "temperature": record_observations,
    "symptoms": record_observations,
    "call": record_observations,
    "visit": record_observations,
    "report": record_observations,
    "need": record_needs,
}
