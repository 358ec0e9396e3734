"""Reads of arrivals: who arrived, who of them from a key area, whose card is incomplete, who was verified.

A figure and the list behind it are the same statement: the counts below are counts of the list's own rows.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, DateField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Greatest, Least

from lianfang.field.screening.models import Arrival, Stay, Verification
from lianfang.mandate.duties import queries as duties
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.queries import stays_asked
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import in_force, plan_of, running_on
from lianfang.registry.people.models import Document, Person, PersonQuerySet, Phone, Source
from lianfang.registry.people.queries import name_of, programme_words, sources_of, within
from lianfang.registry.people.searching import search
from lianfang.registry.places.queries import names_of
from lianfang.registry.places.rules import ancestors_of
from lianfang.science.plan import KeyArea, Plan, Sourced

VERIFICATION = "first_verification"
_ALL_STATES = ["overdue", "open", "late", "done", "untimed", "untimed_done", "excused"]


# --- whom a figure counts ----------------------------------------------------------------------------------


def live(as_of: datetime) -> Q:
    """Condition on rows that are registered and can be withdrawn."""
    return Q(registered_at__lte=as_of) & (Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=as_of))


def people_who_arrived(*, paths: Iterable[str], as_of: datetime) -> PersonQuerySet:
    """The persons of the areas with an arrival that was known at the moment."""
    told = Arrival.objects.filter(live(as_of), person=OuterRef("pk"))
    return within(paths).as_of(as_of).filter(Exists(told))


def spells_of_arrivals(area_path: str) -> QuerySet:
    """(person, from when, until before when) each arrival is known: at any moment, those of `people_who_arrived`."""
    return Arrival.objects.filter(person__area_path__startswith=area_path).values_list(
        "person", Greatest("registered_at", "person__registered_at"), Least("withdrawn_at", "person__withdrawn_at")
    )


def from_key_area(*, area_path: str, as_of: datetime) -> Q:
    """Condition on persons: a stay in a key area of the plan in force, as far back as its pathways look.

    It reads stays, not the observations that followed: who is through with one still came from there.
    """
    condition = Q(pk__in=[])
    for activation, here in _areas_of_plans(area_path, local_day(as_of)):
        plan = plan_of(activation.plan_version_id)
        back = look_back(plan)
        if back is not None and plan.key_areas:
            condition |= here & Exists(_key_area_stays(plan, back.value, as_of).filter(arrival__person=OuterRef("pk")))
    return condition


def look_back(plan: Plan) -> Sourced | None:
    """How many days before arrival a stay counts: the longest that a pathway for persons asks for."""
    asked = [
        stay.within_days
        for pathway in plan.pathways.values()
        if pathway.subject == "person"
        for stay in stays_asked(pathway.admit)
    ]
    return max(asked, key=lambda days: days.value, default=None)


def _key_area_stays(plan: Plan, days: int, as_of: datetime) -> QuerySet[Stay]:
    known = Q(arrival__registered_at__lte=as_of) & (
        Q(arrival__withdrawn_at__isnull=True) | Q(arrival__withdrawn_at__gt=as_of)
    )
    return Stay.objects.filter(_in_key_area(plan, days, "", "arrival__"), known)


def _in_key_area(plan: Plan, days: int, stay: str, arrival: str) -> Q:
    """The stay was in a key area, at most so many days before the arrival; the names lead to both."""
    place = Q()
    for area in plan.key_areas:
        place |= Q(**{f"{stay}path__startswith": area.path})
    earliest = ExpressionWrapper(F(f"{arrival}arrived_on") - Value(timedelta(days=days)), output_field=DateField())
    return place & Q(**{f"{stay}last_day__lte": F(f"{arrival}arrived_on"), f"{stay}last_day__gte": earliest})


def _areas_of_plans(area_path: str, day: date) -> list[tuple[Activation, Q]]:
    """Each plan in force in or above the area, with the condition for the persons whom it governs.

    A plan of a lower area governs there instead of the one above it.
    """
    activations = [
        activation
        for activation in sorted(running_on(day), key=lambda running: running.area_path)
        if area_path.startswith(activation.area_path) or activation.area_path.startswith(area_path)
    ]
    governed = []
    for activation in activations:
        here = Q(area_path__startswith=activation.area_path)
        for other in activations:
            if other.area_path != activation.area_path and other.area_path.startswith(activation.area_path):
                here &= ~Q(area_path__startswith=other.area_path)
        governed.append((activation, here))
    return governed


# A card's field → whether it is there, as a condition on persons. What stands on every card is not here.
_ON_CARD = {
    "door": Q(household__isnull=False),
    "phone": Q(Exists(Phone.objects.live().filter(person=OuterRef("pk")))),
    # Having no document is an answer; not knowing of one is a gap.
    "document": Q(without_document=True) | Q(Exists(Document.objects.live().filter(person=OuterRef("pk")))),
    "sex": ~Q(sex=""),
    "birth_date": Q(birth_date__isnull=False),
}


def card_incomplete(*, area_path: str, as_of: datetime) -> Q:
    """Condition on persons: something that the plan in force asks for is missing on the card."""
    condition = Q(pk__in=[])
    for activation, here in _areas_of_plans(area_path, local_day(as_of)):
        missing = Q(pk__in=[])
        for code in _required(plan_of(activation.plan_version_id)):
            missing |= ~_ON_CARD[code]
        condition |= here & missing
    return condition


def _required(plan: Plan) -> list[str]:
    return [code for code in plan.card.requires if code in _ON_CARD]


def key_area_people(*, area_path: str, as_of: datetime) -> PersonQuerySet:
    """The persons who arrived after a stay in a key area."""
    arrived = people_who_arrived(paths=[area_path], as_of=as_of)
    return arrived.filter(from_key_area(area_path=area_path, as_of=as_of))


def incomplete_cards(*, area_path: str, as_of: datetime) -> PersonQuerySet:
    """The persons who arrived and whose card lacks something that the plan asks for."""
    arrived = people_who_arrived(paths=[area_path], as_of=as_of)
    return arrived.filter(card_incomplete(area_path=area_path, as_of=as_of))


@dataclass(frozen=True)
class Arrived:
    """How many arrived, and of those how many from a key area."""

    registered: int
    key_area: int


def count_arrivals(*, area_path: str, as_of: datetime) -> Arrived:
    """Both at once, each arrival looked at once: those of `people_who_arrived` and `key_area_people`."""
    known = Q(arrivals__registered_at__lte=as_of) & (
        Q(arrivals__withdrawn_at__isnull=True) | Q(arrivals__withdrawn_at__gt=as_of)
    )
    beside = within([area_path]).as_of(as_of).filter(known)
    from_there = Count("pk", distinct=True, filter=_stayed_in_key_area(area_path, as_of))
    return Arrived(**beside.aggregate(registered=Count("pk", distinct=True), key_area=from_there))


def _stayed_in_key_area(area_path: str, as_of: datetime) -> Q:
    """What `from_key_area` asks, of a person beside one arrival and one stay."""
    condition = Q(pk__in=[])
    for activation, here in _areas_of_plans(area_path, local_day(as_of)):
        plan = plan_of(activation.plan_version_id)
        back = look_back(plan)
        if back is not None and plan.key_areas:
            condition |= here & _in_key_area(plan, back.value, "arrivals__stays__", "arrivals__")
    return condition


def count_incomplete_cards(*, area_path: str, as_of: datetime) -> int:
    return incomplete_cards(area_path=area_path, as_of=as_of).count()


# --- the list of arrivals ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """Where a person's first verification stands; `kind` is the duty's state, or 'none' if none is owed."""

    kind: str = "none"
    due_at: datetime | None = None
    done_at: datetime | None = None
    owner: str = ""
    attempts: int = 0


@dataclass(frozen=True)
class Row:
    """One person of the list with the latest arrival; `missing` are codes of the card's fields.

    `placed` is false where no origin could be resolved: then nobody knows whether it was a key area.
    """

    arrival: Arrival
    others: int
    key_area: bool
    placed: bool
    missing: list[str]
    checked: Checked


def listed(*, area_path: str, as_of: datetime, chosen: dict) -> QuerySet[Arrival]:
    """The latest arrival of each person whom the chosen filters leave, the latest day first."""
    where = {"area_path": area_path, "as_of": as_of}
    found = search(people_who_arrived(paths=[area_path], as_of=as_of), chosen.get("q") or "")
    if chosen.get("key_area"):
        found = found.filter(from_key_area(**where))
    if chosen.get("incomplete"):
        found = found.filter(card_incomplete(**where))
    latest = (
        Arrival.objects.filter(live(as_of), person__in=found)
        .order_by("person_id", "-arrived_on", "-pk")
        .distinct("person_id")
    )
    arrivals = Arrival.objects.filter(pk__in=latest.values("pk")).select_related("person__household")
    if chosen.get("hour_unknown"):
        arrivals = arrivals.filter(reached_home_at__isnull=True)
    return arrivals.order_by("-arrived_on", "person__area_path", "person__pinyin", "pk")


def rows(arrivals: Sequence[Arrival], *, area_path: str, as_of: datetime) -> list[Row]:
    """The arrivals of one page with what is said of each; a fixed number of queries whatever the length."""
    keys = [arrival.person_id for arrival in arrivals]
    stays = Exists(Stay.objects.filter(arrival=OuterRef("pk")))
    told = list(Arrival.objects.filter(live(as_of), person__in=keys).values_list("pk", "person_id", stays))
    counted = Counter(person for _arrival, person, _placed in told)
    placed = {arrival for arrival, _person, placed in told if placed}
    cards = _cards(keys, area_path, as_of)
    activations = running_on(local_day(as_of))
    checked = checks_of([arrival.person for arrival in arrivals], as_of)
    return [
        Row(
            arrival=arrival,
            others=counted[arrival.person_id] - 1,
            key_area=bool(cards[arrival.person_id].key_area),
            placed=arrival.pk in placed,
            missing=_missing(cards[arrival.person_id], activations),
            checked=checked[arrival.person.uid],
        )
        for arrival in arrivals
    ]


def _cards(keys: Sequence[int], area_path: str, as_of: datetime) -> dict[int, Any]:
    """Person → the card with what it has (`has_door` …) and whether a stay in a key area is told of (`key_area`)."""
    has = {f"has_{code}": found for code, found in _ON_CARD.items()}
    key_area = from_key_area(area_path=area_path, as_of=as_of)
    return {card.pk: card for card in Person.objects.filter(pk__in=keys).annotate(key_area=key_area, **has)}


def _missing(card: Any, activations: Sequence[Activation]) -> list[str]:
    """The fields that the plan requires and the card lacks."""
    activation = nearest_of(activations, card.area_path)
    required = _required(plan_of(activation.plan_version_id)) if activation else []
    return [code for code in required if not getattr(card, f"has_{code}")]


def nearest_of(activations: Iterable[Activation], area_path: str) -> Activation | None:
    """The plan that governs the area, out of those in force on one day."""
    above = [found for found in activations if area_path.startswith(found.area_path)]
    return max(above, key=lambda found: len(found.area_path), default=None)


# --- first verification ------------------------------------------------------------------------------------


def checks_of(people: Iterable[Person], as_of: datetime) -> dict[UUID, Checked]:
    """Where each person's first verification stands: what the engine says is owed, and what was recorded."""
    people = list(people)
    tried = Verification.objects.filter(person__in=people, at__lte=as_of, registered_at__lte=as_of)
    return _checks(people, tried.order_by("at", "pk").values_list("person__uid", "at", "outcome"), as_of)


def check_of(person: Person, attempts: Sequence["Attempt"], as_of: datetime) -> Checked:
    """The same of one person whose attempts are at hand."""
    told = (one.verification for one in attempts)
    tried = [(person.uid, one.at, one.outcome) for one in told if max(one.at, one.registered_at) <= as_of]
    return _checks([person], tried, as_of)[person.uid]


def _checks(
    people: Sequence[Person], tried: Iterable[tuple[UUID, datetime, str]], as_of: datetime
) -> dict[UUID, Checked]:
    uids = [person.uid for person in people]
    owed = _owed(people, uids, as_of)
    reached: dict[UUID, datetime] = {}
    attempts: dict[UUID, int] = {}
    for uid, at, outcome in tried:
        if outcome == "reached":
            reached.setdefault(uid, at)
        else:
            attempts[uid] = attempts.get(uid, 0) + 1
    return {uid: _checked(owed.get(uid), reached.get(uid), attempts.get(uid, 0)) for uid in uids}


def _owed(people: Sequence[Person], uids: list[UUID], as_of: datetime) -> dict[UUID, duties.Item]:
    activations = running_on(local_day(as_of))
    governing = {nearest_of(activations, path) for path in {person.area_path for person in people}}
    codes = {
        code
        for activation in governing
        if activation is not None
        for code, duty in plan_of(activation.plan_version_id).duties.items()
        if VERIFICATION in duty.evidence
    }
    found: dict[UUID, duties.Item] = {}
    for code in sorted(codes):
        for item in duties.items(area_path="", as_of=as_of, duty=code, states=_ALL_STATES, subjects=uids):
            found[item.subject] = item
    return found


def _checked(item: duties.Item | None, reached: datetime | None, attempts: int) -> Checked:
    if item is None:
        return Checked("done" if reached else "none", done_at=reached, attempts=attempts)
    return Checked(
        kind="done" if item.state == "untimed_done" else item.state,
        due_at=item.due_at,
        done_at=item.done_at or reached,
        owner=item.owner,
        attempts=attempts,
    )


# --- one person --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StayTold:
    """A stay with its place in words, and the name and clauses of the key area that it touches, if any."""

    place: str
    last_day: date
    key_area: str
    clauses: list[str]


@dataclass(frozen=True)
class ArrivalTold:
    """An arrival with its stays and the lists that told of it."""

    arrival: Arrival
    stays: list[StayTold]
    sources: list[Source]


@dataclass(frozen=True)
class Attempt:
    verification: Verification
    by: str


def arrivals_of(person: Person, as_of: datetime, lang: str) -> list[ArrivalTold]:
    """The person's arrivals, latest first. A list and the arrival that it told of have one moment.

    What takes the place of an arrival was told of by the same lists.
    """
    every = list(person.arrivals.select_related("corrects").prefetch_related("stays").order_by("arrived_on", "pk"))
    arrivals = [one for one in reversed(every) if _is_live(one, as_of)]
    told_at = _first_told(every)
    plan = plan_for(person, as_of)
    paths = {stay.path for arrival in arrivals for stay in arrival.stays.all()}
    names = names_of({part for path in paths for part in [*ancestors_of(path), path]})
    sources = sources_of(person)
    return [
        ArrivalTold(
            arrival=arrival,
            stays=[_stay(stay, _touched(arrival, stay, plan), names, lang) for stay in arrival.stays.all()],
            sources=[source for source in sources if source.registered_at == told_at[arrival.pk]],
        )
        for arrival in arrivals
    ]


def _is_live(arrival: Arrival, as_of: datetime) -> bool:
    """As `live`, of an arrival at hand."""
    return arrival.registered_at <= as_of and (arrival.withdrawn_at is None or arrival.withdrawn_at > as_of)


def _first_told(arrivals: Iterable[Arrival]) -> dict[int, datetime]:
    """Arrival → when it was registered; for a correction, when the one that it corrects was."""
    moments: dict[int, datetime] = {}
    for one in sorted(arrivals, key=lambda one: one.pk):
        moments[one.pk] = moments.get(one.corrects_id, one.registered_at)
    return moments


def plan_for(person: Person, as_of: datetime) -> Plan | None:
    activation = in_force(person.area_path, local_day(as_of))
    return plan_of(activation.plan_version_id) if activation else None


def _touched(arrival: Arrival, stay: Stay, plan: Plan | None) -> KeyArea | None:
    """The key area that the stay touches, near enough to the arrival to count."""
    back = look_back(plan) if plan else None
    if back is None or not 0 <= (arrival.arrived_on - stay.last_day).days <= back.value:
        return None
    return next((area for area in plan.key_areas if area.covers(stay.path)), None)


def _stay(stay: Stay, touched: KeyArea | None, names: dict[str, str], lang: str) -> StayTold:
    parts = [names[path] for path in [*ancestors_of(stay.path), stay.path] if path in names]
    return StayTold(
        place=" · ".join(parts) or stay.path,
        last_day=stay.last_day,
        key_area=touched.name.of(lang) if touched else "",
        clauses=list(touched.clauses) if touched else [],
    )


def attempts_of(person: Person) -> list[Attempt]:
    """Every first verification and every attempt at one, oldest first."""
    found = person.verifications.annotate(name=name_of("by")).order_by("at", "pk")
    return [Attempt(one, programme_words(one.by) or one.name) for one in found]
