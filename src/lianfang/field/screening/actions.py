"""Registering arrivals, putting people on the plan's pathways, recording first verifications."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Prefetch

from lianfang.bulk import insert_rows
from lianfang.field.screening.contacts import enrol_contacts, enrolments_of, opened_by
from lianfang.field.screening.models import Arrival, Exposure, Stay, Verification
from lianfang.field.screening.rules import pathways_for
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.rules import GOES_ON, NewEnrolment, NewEvidence
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import activations_on, in_force, in_force_in, midnight, takes_over_at
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.science.plan import Facts
from lianfang.science.plan import Stay as PlanStay

_BATCH = 2000
_ARRIVAL = (
    *("uid", "person_id", "area_path", "arrived_on", "reached_home_at", "origin_text", "transport", "vehicle"),
    "registered_at",
)


class Card(NamedTuple):
    """What of a person's card an arrival needs."""

    pk: int
    uid: UUID
    area_path: str


@dataclass(frozen=True)
class NewArrival:
    """A return to register. The origin and the day of return are a stay there that ended that day."""

    uid: UUID
    person: UUID
    arrived_on: date
    reached_home_at: datetime | None = None
    origin_text: str = ""
    origin_path: str = ""
    transport: str = ""
    vehicle: str = ""


@dataclass(frozen=True)
class NewVerification:
    uid: UUID
    person: Person
    at: datetime
    outcome: str = "reached"
    channel: str = ""


@dataclass(frozen=True)
class Correction:
    """What is right about an arrival, and how one knows. A path of no place says that it is unknown."""

    arrived_on: date
    origin_text: str
    origin_path: str
    reason: str


class CorrectedMeanwhile(ValueError):
    """The arrival was corrected or withdrawn by somebody else."""


@transaction.atomic
def register_arrivals(*, at: datetime, arrivals: Sequence[NewArrival], people: Mapping[UUID, "Person | Card"]) -> None:
    """Keep the arrivals with their stays and enrol the people as the plan in force says."""
    told = [(new, people[new.person]) for new in arrivals]
    keys = insert_rows(
        Arrival,
        _ARRIVAL,
        (
            (
                *(new.uid, card.pk, card.area_path, new.arrived_on, new.reached_home_at, new.origin_text[:120]),
                *(new.transport[:60], new.vehicle[:60], at),
            )
            for new, card in told
        ),
    )
    stays = ((key, new.origin_path, new.arrived_on) for key, (new, _card) in zip(keys, told, strict=True))
    insert_rows(Stay, ("arrival_id", "path", "last_day"), (stay for stay in stays if stay[1]))
    _enrol(at, [_Joining.of_new(new, card) for new, card in told])


@transaction.atomic
def enrol_arrivals(*, at: datetime, arrivals: Iterable[Arrival]) -> int:
    """Match arrivals against the plans in force and enrol; who is enrolled already is left alone."""
    found = (
        Arrival.objects.filter(pk__in=[arrival.pk for arrival in arrivals], withdrawn_at__isnull=True)
        .select_related("person")
        .prefetch_related(Prefetch("stays"))
        .order_by("pk")
    )
    return _enrol(at, [_Joining.of_kept(arrival) for arrival in found])


@dataclass(frozen=True, slots=True)
class _Joining:
    """What a plan asks of an arrival. Of a million there are few different `facts`: each is matched once."""

    subject: UUID
    area_path: str
    facts: Facts
    anchor_at: datetime | None

    @classmethod
    def of_new(cls, new: NewArrival, card: "Person | Card") -> "_Joining":
        stays = (PlanStay(new.origin_path, new.arrived_on),) if new.origin_path else ()
        return cls(new.person, card.area_path, Facts(stays=stays, arrived_on=new.arrived_on), new.reached_home_at)

    @classmethod
    def of_kept(cls, arrival: Arrival) -> "_Joining":
        stays = tuple(PlanStay(stay.path, stay.last_day) for stay in arrival.stays.all())
        facts = Facts(stays=stays, arrived_on=arrival.arrived_on)
        return cls(arrival.person.uid, arrival.area_path, facts, arrival.reached_home_at)


def _enrol(at: datetime, arrivals: Sequence[_Joining]) -> int:
    by_activation: dict[int, tuple[Activation, list[NewEnrolment]]] = {}
    plans = in_force_in({arrival.area_path for arrival in arrivals}, local_day(at)) if arrivals else {}
    codes: dict[tuple[int, Facts], list[str]] = {}
    for arrival in arrivals:
        activation = plans.get(arrival.area_path)
        if activation is not None:
            key = (activation.pk, arrival.facts)
            if key not in codes:
                codes[key] = pathways_for(activation.plan_version.plan, arrival.facts)
            joining = by_activation.setdefault(activation.pk, (activation, []))[1]
            joining.extend(_enrolments(arrival, codes[key]))
    return sum(
        len(duties.enrol(activation=activation, at=at, joining=joining))
        for activation, joining in by_activation.values()
    )


def _enrolments(arrival: _Joining, pathways: Iterable[str]) -> list[NewEnrolment]:
    day = arrival.facts.arrived_on
    assert day is not None  # noqa: S101 - every arrival has its day
    return [
        NewEnrolment("person", arrival.subject, code, arrival.area_path, day, arrival.anchor_at) for code in pathways
    ]


def _opened_by(arrival: Arrival, activation: Activation) -> list[NewEnrolment]:
    joining = _Joining.of_kept(arrival)
    return _enrolments(joining, pathways_for(activation.plan_version.plan, joining.facts))


@transaction.atomic
def withdraw_arrival(*, uid: UUID, at: datetime) -> None:
    """The arrival was not this person's: what it opened ends with it, and what the others say holds again."""
    arrival = Arrival.objects.filter(uid=uid, withdrawn_at__isnull=True).select_related("person").first()
    if arrival is None:
        return
    arrival.withdrawn_at = at
    arrival.save(update_fields=["withdrawn_at"])
    left = arrival.person.arrivals.filter(withdrawn_at__isnull=True)
    activation = in_force(arrival.area_path, local_day(at))
    if activation is None:
        return
    kept = {_opened(new) for other in left.prefetch_related("stays") for new in _opened_by(other, activation)}
    gone = [new for new in _opened_by(arrival, activation) if _opened(new) not in kept]
    duties.void(activation=activation, opened=gone, at=at)
    _begin_again(at, arrival.person)


@transaction.atomic
def withdraw_arrivals(*, uids: Iterable[UUID], at: datetime) -> None:
    """The same for the rows of a list that is taken back; what went with its card already is left alone."""
    for uid in Arrival.objects.filter(uid__in=list(uids), withdrawn_at__isnull=True).values_list("uid", flat=True):
        withdraw_arrival(uid=uid, at=at)


@transaction.atomic
def tell_apart(*, at: datetime, card: Person, other: Person) -> None:
    """The two are different people after all: what only the other's returns and contacts say, is not the card's."""
    activation = in_force(card.area_path, local_day(at))
    if activation is None:
        return
    told = _opened_to(card, card, activation)
    own = {_opened(new) for new in told}
    gone = [new for new in _opened_to(card, other, activation) if _opened(new) not in own]
    duties.void(activation=activation, opened=gone, at=at)
    _begin_again(at, card)


def _begin_again(at: datetime, card: Person) -> None:
    """What is told of the card begins where nothing of it runs. Who was through or was released stays so."""
    activation = in_force(card.area_path, local_day(at))
    if activation is None:
        return
    over = Enrolment.objects.filter(subject=card.uid, voided_at__isnull=True, closed_at__isnull=False)
    through: dict[str, date] = {}
    for code, day in over.exclude(closed_reason__in=GOES_ON).order_by("anchor_on").values_list("pathway", "anchor_on"):
        through[code] = day
    told = _opened_to(card, card, activation)
    joining = [new for new in told if new.anchor_on > through.get(new.pathway, date.min)]
    duties.enrol(activation=activation, at=at, joining=joining)


def _opened_to(card: Person, told_of: Person, activation: Activation) -> list[NewEnrolment]:
    """What the plan would open to the card by what is told of somebody."""
    arrivals = told_of.arrivals.filter(withdrawn_at__isnull=True).prefetch_related("stays").order_by("pk")
    contacts = told_of.exposures.filter(withdrawn_at__isnull=True).order_by("pk")
    told = [new for arrival in arrivals for new in _opened_by(arrival, activation)]
    told += [new for contact in contacts for new in enrolments_of(contact, activation)]
    return [replace(new, subject=card.uid, area_path=card.area_path) for new in told]


@transaction.atomic
def correct_arrival(*, by: Actor, at: datetime, arrival: Arrival, uid: UUID, told: Correction) -> None:
    """The person came from elsewhere or on another day: a new arrival takes the old one's place, which is kept.

    What the wrong one opened ends; what the right one says opens. `uid` makes correcting twice correct once.
    """
    arrival = Arrival.objects.select_for_update(of=("self",)).select_related("person").get(pk=arrival.pk)
    if Arrival.objects.filter(uid=uid).exists():
        return
    if arrival.withdrawn_at is not None:
        raise CorrectedMeanwhile
    new = NewArrival(
        uid=uid,
        person=arrival.person.uid,
        arrived_on=told.arrived_on,
        reached_home_at=arrival.reached_home_at and arrival.reached_home_at + (told.arrived_on - arrival.arrived_on),
        origin_text=told.origin_text,
        origin_path=told.origin_path,
        transport=arrival.transport,
        vehicle=arrival.vehicle,
    )
    register_arrivals(at=at, arrivals=[new], people={new.person: arrival.person})
    Arrival.objects.filter(uid=uid).update(corrects=arrival, correction=told.reason)
    withdraw_arrival(uid=arrival.uid, at=at)
    audit.record(
        by=by,
        action="arrival.origin_corrected",
        at=at,
        subject_kind="person",
        subject=new.person,
        area_path=arrival.area_path,
        data={"arrival": str(arrival.uid), "by": str(uid)},
    )


def _opened(new: NewEnrolment) -> tuple:
    return new.pathway, new.anchor_on, new.anchor_at


@transaction.atomic
def match_everyone(*, activation: Activation, at: datetime, within: str) -> int:
    """Enrol the people of the area who were registered before the plan took over there; from that moment on."""
    known = {"area_path__startswith": within, "registered_at__lte": at}
    enrolled = enrol_arrivals(at=at, arrivals=Arrival.objects.filter(**known))
    return enrolled + enrol_contacts(at=at, exposures=Exposure.objects.filter(**known))


@transaction.atomic
def close_unadmitted(*, old: Activation, new: Activation) -> int:
    """Who came over on a pathway that only the old plan opened to them is released: the new one has no ground."""
    lost = _opened_by_facts(old, new.area_path) - _opened_by_facts(new, new.area_path)
    by_pathway: dict[str, list[UUID]] = {}
    for subject, code in lost:
        by_pathway.setdefault(code, []).append(subject)
    return sum(
        duties.close(
            enrolments=Enrolment.objects.filter(
                activation=new, pathway=code, subject__in=subjects, cause=F("subject"), voided_at__isnull=True
            ),
            at=takes_over_at(new),
            reason="not_admitted",
        )
        for code, subjects in by_pathway.items()
    )


def _opened_by_facts(activation: Activation, area_path: str) -> set[tuple[UUID, str]]:
    """Person and pathway, for everything that the plan opens by what is registered of arrivals and exposures."""
    plan = activation.plan_version.plan
    told = {"area_path__startswith": area_path, "withdrawn_at__isnull": True}
    arrivals = Arrival.objects.filter(**told).select_related("person").prefetch_related("stays")
    found = {
        (arrival.person.uid, new.pathway)
        for arrival in arrivals.iterator(chunk_size=_BATCH)
        for new in _opened_by(arrival, activation)
    }
    exposures = Exposure.objects.filter(**told).select_related("person")
    return found | {
        (one.person.uid, code) for one in exposures.iterator(chunk_size=_BATCH) for code in opened_by(plan, one)
    }


@transaction.atomic
def match_late(*, at: datetime) -> int:
    """The tick's step: who was registered between the order of a plan and its first day is matched on that day."""
    enrolled = 0
    for activation in activations_on(local_day(at)):
        start = midnight(activation.starts_on)
        taken = Enrolment.objects.filter(activation=activation, subject=OuterRef("person__uid"))
        waiting = {
            "area_path__startswith": activation.area_path,
            "registered_at__gte": activation.ordered_at,
            "registered_at__lt": start,
        }
        moment = max(start, at)
        enrolled += enrol_arrivals(at=moment, arrivals=Arrival.objects.filter(~Exists(taken), **waiting))
        enrolled += enrol_contacts(at=moment, exposures=Exposure.objects.filter(~Exists(taken), **waiting))
    return enrolled


@transaction.atomic
def verify_first(*, by: Actor, at: datetime, verifications: Sequence[NewVerification]) -> int:
    """Record that somebody found out a person's situation, or tried and did not reach the person.

    Not reaching somebody closes nothing: it is a reason for support, and the clock goes on.
    """
    Verification.objects.bulk_create(
        (
            Verification(
                uid=new.uid,
                person=new.person,
                at=new.at,
                registered_at=at,
                by=by.name,
                channel=new.channel,
                outcome=new.outcome,
            )
            for new in verifications
        ),
        batch_size=_BATCH,
    )
    duties.add_evidence(
        at=at,
        evidence=[
            NewEvidence(new.uid, new.person.uid, "first_verification", new.at)
            for new in verifications
            if new.outcome == "reached"
        ],
    )
    audit.record(by=by, action="verifications.recorded", at=at, data={"verifications": len(verifications)})
    return len(verifications)
