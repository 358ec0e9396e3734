"""One day of work in the field, as lines for `lianfang record`, with the gaps that real days have."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Final
from uuid import UUID, uuid5

from lianfang.science.population.sampling import make_given_name, make_phone, make_surname, stream

Line = dict[str, object]

_NAMESPACE: Final = UUID("0b0a2f53-6d0c-5c0e-8f4e-8a1f6d1f0c55")
_CHANNELS: Final = (("phone", "visit", "message"), (0.6, 0.25, 0.15))
_GIVERS: Final = (("self", "family", "worker"), (0.7, 0.2, 0.1))
_NEEDS: Final = ("food", "medicine", "care")
_WORKDAY: Final = (time(8), time(18))
_ZERO_REPORT_FROM: Final = time(9)


@dataclass(frozen=True, slots=True)
class ObservedPerson:
    """Somebody registered, named by `document` or else by `person_id`; `area` is the village's path.

    `new`: registered today, so that notice, team and first verification are still to be done.
    """

    document: str | None
    person_id: str
    area: str
    under_observation: bool = True
    new: bool = True
    reached_home_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What the plan in force asks for: nothing of it is decided here."""

    zone: tzinfo
    slots: tuple[tuple[time, time], ...]
    team_places: tuple[str, ...]
    fever_c: float
    verify_within: timedelta
    zero_report_by: time


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of what is left undone; whole numbers of villages and of fevers."""

    missing_temperature: float = 0.04
    missed_call: float = 0.05
    unserved_notice: float = 0.08
    empty_team_place: float = 0.1
    never_verified: float = 0.06
    late_verified: float = 0.08
    need: float = 0.02
    silent_villages: int = 2
    zero_villages: int = 1
    fevers: int = 2


def simulate_day(
    observed: Sequence[ObservedPerson],
    day: date,
    seed: int,
    rates: Rates | None = None,
    *,
    plan: DayPlan,
    villages: Sequence[str] = (),
    until: datetime | None = None,
) -> list[Line]:
    """Lines in the order of their times, none after `until`. Ids are the same for the same arguments."""
    work = _Day(day, seed, rates or Rates(), plan)
    watched = [person for person in observed if person.under_observation]
    fevers = work.choose_fevers(watched)
    lines = [line for person in observed for line in work.of_person(person, fever=person.person_id in fevers)]
    lines += work.zero_reports(villages)
    moments = [(datetime.fromisoformat(str(line["at"])), line) for line in lines]
    moments.sort(key=lambda found: (found[0], str(found[1]["id"])))
    return [line for at, line in moments if until is None or at <= until]


@dataclass(slots=True)
class _Day:
    day: date
    seed: int
    rates: Rates
    plan: DayPlan
    workers: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def choose_fevers(self, watched: Sequence[ObservedPerson]) -> set[str]:
        people = sorted(person.person_id for person in watched)
        chance = stream(self.seed, self.day, "fevers")
        return set(chance.sample(people, min(self.rates.fevers, len(people))))

    def of_person(self, person: ObservedPerson, *, fever: bool) -> Iterator[Line]:
        chance = stream(self.seed, self.day, person.person_id)
        if person.new:
            yield from self._notice(person, chance)
            yield from self._verification(person, chance)
        if not person.under_observation:
            return
        if person.new:
            yield from self._team(person, chance)
        yield from self._temperatures(person, chance, fever=fever)
        yield from self._call(person, chance)

    def zero_reports(self, villages: Iterable[str]) -> list[Line]:
        """From every village but the silent ones; the zeros are said, the others count what was found."""
        chance = stream(self.seed, self.day, "zero-reports")
        order = sorted(set(villages))
        chance.shuffle(order)
        reporting = order[self.rates.silent_villages :]
        zeros = set(reporting[: self.rates.zero_villages])
        return [
            self._line(
                ("area", area),
                "zero_report",
                self._between(_ZERO_REPORT_FROM, self.plan.zero_report_by, chance),
                value=0 if area in zeros else chance.randint(1, 6),
            )
            for area in reporting
        ]

    def _notice(self, person: ObservedPerson, chance: Random) -> Iterator[Line]:
        issued = self._between(*_WORKDAY, chance)
        yield self._line(_who(person), "notice_issued", issued, channel="visit")
        if chance.random() >= self.rates.unserved_notice:
            served = issued + timedelta(minutes=chance.randint(5, 90))
            yield self._line(_who(person), "notice_served", served, given_by="worker", channel="visit")

    def _verification(self, person: ObservedPerson, chance: Random) -> Iterator[Line]:
        if chance.random() < self.rates.never_verified:
            return
        minutes = int(self.plan.verify_within.total_seconds() // 60)
        wait = chance.randint(minutes // 6, minutes - 5)
        if chance.random() < self.rates.late_verified:
            wait = minutes + chance.randint(5, 150)
        if person.reached_home_at is None:
            at = self._between(*_WORKDAY, chance)
        else:
            at = person.reached_home_at + timedelta(minutes=wait)
        yield self._line(_who(person), "first_verification", at, outcome="reached", channel=_channel(chance))

    def _team(self, person: ObservedPerson, chance: Random) -> Iterator[Line]:
        incomplete = self.plan.team_places and chance.random() < self.rates.empty_team_place
        empty = chance.choice(self.plan.team_places) if incomplete else None
        for place in self.plan.team_places:
            at = self._between(*_WORKDAY, chance)
            if place != empty:
                name, phone = self._worker(person.area, place)
                yield self._line(_who(person), "team_member", at, slot=place, name=name, phone=phone)

    def _worker(self, area: str, place: str) -> tuple[str, str]:
        """Name and phone. The same worker fills a place all over a village, no two by one name."""
        if area not in self.workers:
            chance = stream(self.seed, "workers", area)
            names: set[str] = set()
            while len(names) < len(self.plan.team_places):
                names.add(make_surname(chance) + make_given_name(chance, "male"))
            staff = [(name, make_phone(chance)) for name in sorted(names)]
            self.workers[area] = dict(zip(self.plan.team_places, staff, strict=True))
        return self.workers[area][place]

    def _temperatures(self, person: ObservedPerson, chance: Random, *, fever: bool) -> Iterator[Line]:
        feverish = chance.randrange(len(self.plan.slots)) if fever and self.plan.slots else None
        for number, (begins, ends) in enumerate(self.plan.slots):
            at = self._between(begins, ends, chance)
            missing = chance.random() < self.rates.missing_temperature
            if number == feverish:
                value = round(self.plan.fever_c + chance.randint(1, 14) / 10, 1)
            else:
                value = chance.randint(360, 369) / 10
            if missing and number != feverish:
                continue
            how = {"given_by": _giver(chance), "channel": _channel(chance)}
            yield self._line(_who(person), "temperature", at, value=value, number=number, **how)
            if number == feverish or number == 0:
                symptoms = ["fever", "fatigue"] if number == feverish else []
                yield self._line(_who(person), "symptoms", at, value=symptoms, number=number, **how)

    def _call(self, person: ObservedPerson, chance: Random) -> Iterator[Line]:
        at = self._between(*_WORKDAY, chance)
        if chance.random() >= self.rates.missed_call:
            yield self._line(_who(person), "call", at, reached=True, given_by=_giver(chance), channel="phone")
        if chance.random() < self.rates.need:
            need = chance.choice(_NEEDS)
            yield self._line(_who(person), "need", at, value=need, given_by="self", channel="phone")

    def _between(self, begins: time, ends: time, chance: Random) -> datetime:
        """A minute in [begins, ends)."""
        first, last = begins.hour * 60 + begins.minute, ends.hour * 60 + ends.minute
        minute = chance.randrange(first, max(last, first + 1))
        return datetime.combine(self.day, time(*divmod(minute, 60)), tzinfo=self.plan.zone)

    def _line(self, subject: tuple[str, str], kind: str, at: datetime, *, number: int = 0, **values: object) -> Line:
        field_name, name = subject
        which = values.get("slot", number)
        uid = uuid5(_NAMESPACE, f"{self.seed}/{self.day}/{kind}/{name}/{which}")
        return {"id": str(uid), "kind": kind, field_name: name, "at": at.isoformat(), **values}


def _who(person: ObservedPerson) -> tuple[str, str]:
    return ("document", person.document) if person.document else ("person", person.person_id)


def _giver(chance: Random) -> str:
    return chance.choices(*_GIVERS)[0]


def _channel(chance: Random) -> str:
    return chance.choices(*_CHANNELS)[0]
