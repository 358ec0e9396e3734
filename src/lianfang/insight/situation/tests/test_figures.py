"""Each figure counts the rows of its list, and both are what a slow reading of every single record says."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lianfang.field.observation.models import Alert
from lianfang.field.observation.queries.observed import observed_people
from lianfang.field.screening.models import Arrival
from lianfang.field.screening.queries import listed
from lianfang.insight.situation.exports import Wanted, rows
from lianfang.insight.situation.queries import figures, trend
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.models import Enrolment, Evidence, Excuse, Obligation
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.intake.importing import importers
from lianfang.mandate.intake.records import record_batch
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.registry.places.models import Area

COUNTY, TOWN, VILLAGE = "140931", "140931101", "140931101201"
BY = Actor("test")
START = parse_datetime("2020-02-08T06:00:00+08:00")
ORIGINS = ["湖北武汉", "湖北孝感", "山西大同", "山西太原", ""]


# --- a random week ----------------------------------------------------------------------------------------


class Week:
    """People, records, excuses and withdrawals at random, through the real intake and the real actions."""

    def __init__(self, seed: int, arrivals) -> None:
        self.random = random.Random(seed)  # noqa: S311 - made-up people, no secrets
        self.arrivals = arrivals
        self.villages = list(Area.objects.under(TOWN).reporting_units().values_list("name", flat=True))[:4]

    def happen(self) -> None:
        for day in range(8):
            at = START + timedelta(days=day, hours=self.random.randint(0, 8))
            if day < 3:
                self.arrivals([self.row(day, n) for n in range(10)], at=at.isoformat())
            duties.generate_due(at=at)
            self.work(at)
            self.upset(at + timedelta(hours=6))
            duties.close_ended(at=at)

    def row(self, day: int, number: int) -> dict:
        pick = self.random.choice
        reached = f"{self.random.randint(6, 20):02d}:00"
        return {
            "name": f"{pick('张王李赵刘')}{chr(0x4E00 + 40 * day + number)}",
            "door": pick([f"{number}号", ""]),
            "village": pick(self.villages),
            "origin": pick(ORIGINS),
            "arrived_on": (date(2020, 1, 24) + timedelta(days=self.random.randint(0, 15))).isoformat(),
            "reached_home": pick([reached, ""]),
        }

    def work(self, at: datetime) -> None:
        lines = []
        for person in Person.objects.filter(withdrawn_at=None):
            for _n in range(self.random.randint(0, 5)):
                lines.append(self.record(person, at + timedelta(minutes=self.random.randint(-300, 300))))
        for village in Area.objects.under(TOWN).reporting_units():
            if self.random.random() < 0.5:
                told = {"kind": "zero_report", "area": village.path, "value": self.random.randint(0, 2)}
                lines.append({"id": str(uuid4()), "at": at.isoformat(), **told})
        outcome = record_batch(by=BY, at=at + timedelta(hours=5), lines=lines)
        assert outcome.stored > 0

    def record(self, person: Person, at: datetime) -> dict:
        kinds = ["temperature"] * 4 + ["call", "first_verification", "team_member", "symptoms"]
        kind = self.random.choice(kinds)
        told = {"id": str(uuid4()), "kind": kind, "person": str(person.uid), "at": at.isoformat()}
        if kind == "temperature":
            told["value"] = round(self.random.uniform(36.0, 37.6), 1)
        if kind == "symptoms":
            told["value"] = []
        if kind == "team_member":
            told |= {
                "slot": self.random.choice(["group_cadre", "grid_worker"]),
                "name": f"干部{uuid4().hex[:6]}",
            }
        return told

    def upset(self, at: datetime) -> None:
        owed = list(items(area_path=COUNTY, as_of=at))
        for item in self.random.sample(owed, min(4, len(owed))):
            duties.excuse(by=BY, at=at, obligation=Obligation.objects.get(pk=item.id), reason="住院")
        evidence = list(Evidence.objects.filter(withdrawn_at=None, registered_at__lte=at))
        chosen = self.random.sample(evidence, min(3, len(evidence)))
        duties.withdraw_records(records=[one.record for one in chosen], at=at)
        people = list(Person.objects.filter(withdrawn_at=None))
        if self.random.random() < 0.5:
            importers()["arrivals"].withdraw_card(self.random.choice(people).uid, at)

    def moments(self) -> list[datetime]:
        return [START + timedelta(minutes=self.random.randint(0, 9 * 24 * 60)) for _n in range(8)]


# --- the slow reading -------------------------------------------------------------------------------------


def live(row, at: datetime) -> bool:
    return row.registered_at <= at and (row.withdrawn_at is None or row.withdrawn_at > at)


def local(moment: datetime) -> date:
    return timezone.localtime(moment).date()


class Slow:
    """Every record read once, every question answered by going through all of them."""

    def __init__(self) -> None:
        self.people = {person.pk: person for person in Person.objects.all()}
        self.arrivals = list(Arrival.objects.prefetch_related("stays"))
        self.enrolments = list(Enrolment.objects.all())
        self.obligations = list(Obligation.objects.select_related("enrolment", "duty"))
        self.evidence = list(Evidence.objects.all())
        self.excuses = list(Excuse.objects.all())
        self.alerts = list(Alert.objects.all())

    def figures(self, path: str, at: datetime) -> dict[str, int]:
        arrived = {a.person_id for a in self.arrivals if live(a, at) and self.counts(a.person_id, path, at)}
        return {
            "registered_arrivals": len(arrived),
            "key_area_arrivals": len({a.person_id for a in self.arrivals if self.from_key_area(a, at)} & arrived),
            "incomplete_cards": sum(self.people[person].household_id is None for person in arrived),
            "under_observation": len({n.subject for n in self.observations(path, at) if self.lasts(n, at)}),
            "new_today": len({n.subject for n in self.observations(path, at) if local(n.registered_at) == local(at)}),
            "released_today": len({n.subject for n in self.observations(path, at) if self.released(n, at)}),
            "fever_alerts": len(
                {
                    alert.person_id
                    for alert in self.alerts
                    if live(alert, at) and alert.raised_at <= at and self.counts(alert.person_id, path, at)
                }
            ),
        }

    def counts(self, person: int, path: str, at: datetime) -> bool:
        card = self.people[person]
        return live(card, at) and card.area_path.startswith(path)

    @staticmethod
    def from_key_area(arrival: Arrival, at: datetime) -> bool:
        return live(arrival, at) and any(
            stay.path.startswith("42") and 0 <= (arrival.arrived_on - stay.last_day).days <= 14
            for stay in arrival.stays.all()
        )

    def observations(self, path: str, at: datetime) -> list[Enrolment]:
        return [
            n
            for n in self.enrolments
            if n.observed
            and n.area_path.startswith(path)
            and n.registered_at <= at
            and (n.voided_at is None or n.voided_at > at)
            and local(n.registered_at) <= n.last_day
        ]

    @staticmethod
    def lasts(n: Enrolment, at: datetime) -> bool:
        return n.last_day >= local(at) and (n.closed_at is None or n.closed_at > at)

    @staticmethod
    def released(n: Enrolment, at: datetime) -> bool:
        if n.closed_at and n.closed_at <= at:
            return local(n.closed_at) == local(at)
        return n.last_day == local(at) - timedelta(days=1)

    def states(self, path: str, at: datetime) -> dict[str, dict[str, int]]:
        """Duty code → state → how many; slots of earlier days stand under `carried`."""
        base = [o for o in self.obligations if o.area_path.startswith(path) and self.is_base(o, at)]
        own = {o.pk: self.done_at(o, at) for o in base}
        parts = defaultdict(list)
        for o in base:
            parts[o.enrolment_id, o.day, o.duty.code].append(own[o.pk])
        counted = defaultdict(lambda: defaultdict(int))
        for o in base:
            done = own[o.pk]
            if o.duty.completes:
                of_day = parts[o.enrolment_id, o.day, o.duty.completes]
                done = max(of_day) if of_day and None not in of_day else None
            if (state := self.state(o, done, at)) is not None:
                counted[o.duty.code][state] += 1
        return counted

    @staticmethod
    def is_base(o: Obligation, at: datetime) -> bool:
        n = o.enrolment
        if n.registered_at > at or (n.voided_at and n.voided_at <= at):
            return False
        if n.closed_at and n.closed_at <= at and o.opens_at >= n.closed_at:
            return False
        return o.day <= local(at) if o.duty.shape == "slot" else o.opens_at <= at

    def done_at(self, o: Obligation, at: datetime) -> datetime | None:
        fitting = [
            e.at
            for e in self.evidence
            if e.subject == o.subject
            and e.kind in o.duty.evidence
            and (not o.duty.per_role or e.slot == o.slot)
            and e.about in (None, o.enrolment.cause)
            and o.accepts_from <= e.at <= at
            and (o.accepts_until is None or e.at < o.accepts_until)
            and live(e, at)
        ]
        return min(fitting, default=None)

    def state(self, o: Obligation, done: datetime | None, at: datetime) -> str | None:
        slot = o.duty.shape == "slot"
        earlier = slot and o.day < local(at)
        if done is not None:
            state = None if o.due_at is None else "late" if done > o.due_at else "done"
        elif any(x.obligation_id == o.pk and x.excused_at <= at for x in self.excuses):
            state = "excused"
        elif o.due_at is None:
            state = "untimed"
        else:
            state = "overdue" if o.due_at < at or (slot and o.day < local(at)) else "open"
        if earlier:
            return "carried" if state == "overdue" else None
        return state


# --- comparisons ------------------------------------------------------------------------------------------


def list_lengths(path: str, at: datetime) -> dict[str, int]:
    """How long the lists behind the figures are, as the pages of people show them."""
    where = {"area_path": path, "as_of": at}
    cards = Person.objects.as_of(at).under(path)

    def observed(show: str) -> int:
        return len(observed_people(cards, **where, show=show))

    return {
        "registered_arrivals": len(listed(**where, chosen={})),
        "key_area_arrivals": len(listed(**where, chosen={"key_area": True})),
        "incomplete_cards": len(listed(**where, chosen={"incomplete": True})),
        "under_observation": observed(""),
        "new_today": observed("new"),
        "released_today": observed("released"),
        "fever_alerts": observed("fever"),
    }


@pytest.fixture(params=[1, 2, 3])
def week(request, arrivals):
    made = Week(request.param, arrivals)
    made.happen()
    return made


def test_figures_of_a_random_week_are_their_lists_and_the_slow_count(week):
    slow = Slow()
    for at in week.moments():
        for path in (COUNTY, TOWN, VILLAGE):
            told = {code: one.value for code, one in figures(area_path=path, as_of=at).items()}
            people = slow.figures(path, at)
            assert {code: told[code] for code in people} == people
            assert list_lengths(path, at) == people


def test_duties_of_a_random_week_are_their_lists_and_the_slow_count(week):
    slow = Slow()
    seen = set()
    for at in week.moments():
        for path in (COUNTY, VILLAGE):
            told = figures(area_path=path, as_of=at)
            counted = slow.states(path, at)
            where = {"area_path": path, "as_of": at}
            for summary in summaries(**where):
                states = counted[summary.code]
                seen |= {name for name in states if states[name]}
                figure = told[f"done_{summary.code}"]
                done = len(items(**where, duty=summary.code, states=["done", "late"]))
                assert (figure.numerator, figure.denominator) == (summary.done, summary.due)
                assert summary.done == states["done"] + states["late"] == done
                for name in ("late", "overdue", "open", "excused", "carried", "untimed"):
                    assert getattr(summary, name) == states[name], (summary.code, name, at)
            outstanding = sum(s["overdue"] + s["open"] + s["carried"] for s in counted.values())
            assert told["outstanding"].value == len(items(**where)) == outstanding
            silent = counted["zero-report"]["overdue"] + counted["zero-report"]["open"]
            assert told["villages_silent"].numerator == silent
    assert seen == {"done", "late", "overdue", "open", "excused", "carried", "untimed"}


def test_exports_of_a_random_week_are_as_long_as_their_figures(week):
    for at in week.moments()[:3]:
        told = {code: one.value for code, one in figures(area_path=TOWN, as_of=at).items()}
        lengths = {kind: len(list(rows(Wanted(kind, TOWN, at))[1])) for kind in ("arrivals", "observations", "gaps")}
        assert lengths == {
            "arrivals": told["registered_arrivals"],
            "observations": told["under_observation"],
            "gaps": told["outstanding"],
        }


def test_trend_ends_with_the_figures_of_the_moment_and_repeats_those_of_the_days_before(week):
    at = START + timedelta(days=7, hours=9)
    days = trend(area_path=TOWN, as_of=at, days=5)
    for back in range(5):
        moment = at - timedelta(days=back)
        told = {code: one.value for code, one in figures(area_path=TOWN, as_of=moment).items()}
        place = -1 - back
        assert days.moments[place] == moment
        assert days.registered[place] == told["registered_arrivals"]
        assert days.under_observation[place] == told["under_observation"]
        assert days.fever[place] == told["fever_alerts"]
        assert days.outstanding[place] == told["outstanding"]
        found = summaries(area_path=TOWN, as_of=moment)
        assert days.overdue[place] == sum(one.overdue + one.carried for one in found)
