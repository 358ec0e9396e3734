"""Any cadence, start hour, extension, release, conversion, plan change, re-run and downtime: the right obligations.

Random plans and histories are told to the engine and to the slow model; both must name the same obligations.
"""

import os
from collections import Counter
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as search
from hypothesis import strategies as st

from lianfang.mandate.duties import actions
from lianfang.mandate.duties.models import Enrolment, Obligation
from lianfang.mandate.duties.rules import NewEnrolment
from lianfang.mandate.duties.tests.model import InForce, Owed, World
from lianfang.mandate.duties.tests.plans import plans, with_slots
from lianfang.mandate.intake.areas import import_area_file
from lianfang.mandate.response.actions import Order, activate
from lianfang.mandate.response.models import Activation
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.models import Area

# make soak asks for more
HISTORIES = search(
    max_examples=int(os.environ.get("LIANFANG_HISTORIES", "40")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate],  # to shrink a history takes minutes
)
BY, COUNTY = Actor("test"), "140931"
VILLAGES = ["140931101201", "140931101202", "140931101203"]
ITS_OWN = VILLAGES[2]  # a village with a plan of its own
FIRST = date(2020, 3, 27)  # the clocks of Europe go forward on the 29th
ACTS = [
    "joins",
    "joins",
    "ticks",
    "ticks",
    "extends",
    "released",
    "converted",
    "moves",
    "changes",
    "stops",
    "ticks_twice",
]


class History:
    """The same acts for the engine and for the model."""

    def __init__(self, zone: str, county: list, village, draw) -> None:
        self.draw, self.world, self.county_plans = draw, World(ZoneInfo(zone)), county
        self.areas = {area.uid: area.path for area in Area.objects.under(COUNTY).reporting_units()}
        self.now = self.world.moment(FIRST, 8 * 60)
        self.county = self.in_force(county[0], COUNTY)
        self.village = self.in_force(village, ITS_OWN)
        for made in Activation.objects.order_by("pk"):
            actions.enrol_areas(activation=made)
        self.changed: tuple[InForce, InForce] | None = None
        self.ordered = self.now
        self.people: list[UUID] = []

    def in_force(self, plan, area: str) -> InForce:
        made = activate(by=BY, at=self.now, plan=plan, order=Order(area, FIRST))
        here = InForce(made.pk, plan, area, FIRST)
        self.world.starts(here, {uid: path for uid, path in self.areas.items() if path.startswith(area)})
        return here

    def passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        if self.changed and self.now >= self.world.moment(self.changed[1].starts_on):
            self.world.gives_way(*self.changed, self.areas_of_county(), self.ordered)
            self.county, self.changed = self.changed[1], None
            self.ticks()  # who joined since the order goes over with the first tick of the new plan

    def areas_of_county(self) -> dict[UUID, str]:
        return {uid: path for uid, path in self.areas.items() if self.village.ends_on or not path.startswith(ITS_OWN)}

    # --- acts ---

    def joins(self) -> None:
        who = self.draw(st.sampled_from([None, *self.people]))
        if who is None:
            who = UUID(int=len(self.people) + 1)
            self.people.append(who)
            self.world.lives(who, self.draw(st.sampled_from(VILLAGES)), self.now)
        self.enters(who, self.draw(st.sampled_from(["stay", "stay", "seen", "again"])))

    def enters(self, who: UUID, pathway: str) -> None:
        """By a return some days ago at an hour that is known or not."""
        home = self.now - timedelta(minutes=self.draw(st.integers(0, 4 * 1440)))
        self.puts(who, pathway, self.world.day(home), home if self.draw(st.booleans()) else None)

    def puts(self, who: UUID, pathway: str, anchor_on: date, anchor_at) -> None:
        area = self.world.home(who)
        plan = self.world.governing(area, self.world.day(self.now))
        if pathway not in plan.plan.pathways:
            return
        self.world.joins(who, pathway, anchor_on, anchor_at, self.now)
        new = NewEnrolment("person", who, pathway, area, anchor_on, anchor_at)
        actions.enrol(activation=Activation.objects.get(pk=plan.key), at=self.now, joining=[new])

    def ticks(self) -> None:
        actions.go_over(by=BY, at=self.now)
        actions.generate_due(at=self.now)
        actions.close_ended(at=self.now)

    def ticks_twice(self) -> None:
        self.ticks()
        self.ticks()

    def extends(self) -> None:
        if (spell := self.somebody()) and spell.last_day:
            last = spell.last_day + timedelta(days=self.draw(st.integers(1, 6)))
            self.world.extended(spell.subject, spell.pathway, last, self.now)
            running = self.enrolment(spell)
            actions.extend(by=BY, at=self.now, enrolment=running, last_day=last, reason="a contact more")

    def released(self) -> None:
        if spell := self.somebody():
            self.world.ends(spell.subject, spell.pathway, self.now)
            actions.close(enrolments=[self.enrolment(spell)], at=self.now, reason="released")

    def converted(self) -> None:
        """One pathway ends, another begins at the same moment."""
        if spell := self.somebody():
            self.world.ends(spell.subject, spell.pathway, self.now)
            actions.close(enrolments=[self.enrolment(spell)], at=self.now, reason="suspected")
            self.enters(spell.subject, self.draw(st.sampled_from(["stay", "again"])))

    def moves(self) -> None:
        if not self.people:
            return
        who, there = self.draw(st.sampled_from(self.people)), self.draw(st.sampled_from(VILLAGES))
        if there == self.world.home(who):
            return
        left = self.world.moves(who, there, self.now)
        told = actions.move_subject(by=BY, at=self.now, subject=who, area_path=there)
        assert sorted(row.pathway for row in told) == sorted(spell.pathway for spell in left)
        for spell in sorted(left, key=lambda one: one.pathway):
            self.puts(who, spell.pathway, spell.anchor_on, spell.anchor_at)

    def changes(self) -> None:
        """An order for today, or for one of the coming days, puts another plan in force in the county."""
        if self.changed or len(self.county_plans) == 1:
            return
        start = self.world.day(self.now) + timedelta(days=self.draw(st.integers(0, 3)))
        if start <= self.county.starts_on:
            return
        actions.catch_up(as_of=self.now, now=self.now)
        Activation.objects.filter(pk=self.county.key).update(ends_on=start, end_ordered_at=self.now)
        plan = self.county_plans.pop()
        made = activate(by=BY, at=self.now, plan=plan, order=Order(COUNTY, start))
        self.changed, self.ordered = (self.county, InForce(made.pk, plan, COUNTY, start)), self.now
        self.passes(0)

    def stops(self) -> None:
        """The village's own plan ends; from that day the county's governs there again."""
        start = self.world.day(self.now)
        if self.changed or self.village.ends_on or start <= FIRST:
            return
        actions.catch_up(as_of=self.now, now=self.now)
        Activation.objects.filter(pk=self.village.key).update(ends_on=start, end_ordered_at=self.now)
        self.world.stops(self.village, self.now, self.areas)
        actions.go_over(by=BY, at=self.now)

    def somebody(self):
        """One of those who run, the same for the engine and the model."""
        running = [spell for who in self.people for spell in self.world.all_running(who, self.now)]
        return self.draw(st.sampled_from(running)) if running else None

    def enrolment(self, spell) -> Enrolment:
        open_ones = Enrolment.objects.filter(closed_at=None, voided_at=None)
        return open_ones.get(subject=spell.subject, pathway=spell.pathway)


OF_ENROLMENT = ["subject", "enrolment__activation", "enrolment__pathway"]
FIELDS = [
    *OF_ENROLMENT,
    "duty__code",
    "day",
    "slot",
    "area_path",
    "opens_at",
    "due_at",
    "accepts_from",
    "accepts_until",
]


def made() -> Counter[Owed]:
    """What the engine counts."""
    return Counter(Owed(*row) for row in Obligation.objects.filter(ended_at=None).values_list(*FIELDS))


def differences(engine: Counter[Owed], model: Counter[Owed]) -> dict[str, list[Owed]]:
    return {"doubled or not owed": sorted((engine - model).elements()), "missing": sorted((model - engine).elements())}


@pytest.fixture
def villages(installation):
    lines = ["code,name,parent,kind", *(f"{code},V{code[-3:]},140931101,village" for code in VILLAGES)]
    import_area_file(by=BY, at=installation.made_at, name="villages.csv", content="\n".join(lines).encode())


def lives_through(zone: str, data, county: list, village) -> None:
    """A history of some weeks, in both; what the engine made is taken back at the end."""
    with transaction.atomic():
        history = History(zone, county, village, data.draw)
        for _ in range(data.draw(st.integers(3, 14))):
            history.passes(data.draw(st.integers(0, 3 * 1440)))
            getattr(history, data.draw(st.sampled_from(ACTS)))()
        history.passes(data.draw(st.sampled_from([10, 5 * 1440])) + (4 * 1440 if history.changed else 0))
        history.ticks()
        told = differences(made(), history.world.owed(history.now))
        transaction.set_rollback(True)
    assert told == {"doubled or not owed": [], "missing": []}


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin"])
def test_any_history_gives_exactly_the_right_obligations(villages, settings, zone):
    settings.TIME_ZONE = zone
    told = given(st.data(), st.lists(plans("of-the-county"), min_size=2, max_size=2), plans("of-the-village"))
    HISTORIES(told(lambda data, county, village: lives_through(zone, data, county, village)))()


AROUND_MIDNIGHT = [("s0", "00:00", "02:00"), ("s1", "02:30", "14:00"), ("s2", "22:00", "24:00")]
ODD_DAYS = [
    ("Europe/Berlin", date(2020, 3, 29), 23),
    ("Europe/Berlin", date(2020, 10, 25), 25),
    ("America/New_York", date(2020, 3, 8), 23),
    ("America/New_York", date(2020, 11, 1), 25),
    ("Australia/Lord_Howe", date(2020, 4, 5), 24.5),
    ("Asia/Shanghai", date(2020, 3, 29), 24),
]


@pytest.mark.parametrize(("zone", "day", "hours"), ODD_DAYS)
def test_a_day_of_23_or_25_hours_has_its_slots_and_no_moment_without_one(installation, settings, zone, day, hours):
    settings.TIME_ZONE = zone
    world, who = World(ZoneInfo(zone)), UUID(int=1)
    plan = with_slots("odd-days", AROUND_MIDNIGHT)
    here = activate(by=BY, at=world.moment(day), plan=plan, order=Order(COUNTY, day - timedelta(days=1)))
    joining = [NewEnrolment("person", who, "stay", VILLAGES[0], day)]
    actions.enrol(activation=here, at=world.moment(day - timedelta(days=1)), joining=joining)
    rows = list(Obligation.objects.filter(day=day, duty__code="temperature").order_by("opens_at"))
    clock = [[f"{moment.astimezone(world.zone):%H:%M}" for moment in (row.opens_at, row.due_at)] for row in rows]
    told = [(row.slot, *hands) for row, hands in zip(rows, clock, strict=True)]
    two, half_past = ("03:00", "03:30") if hours == 23 else ("02:00", "02:30")  # the hour from two is left out
    assert told == [("s0", "00:00", two), ("s1", half_past, "14:00"), ("s2", "22:00", "00:00")]
    assert [row.accepts_until for row in rows] == [*(row.opens_at for row in rows[1:]), world.moment(day, 24 * 60)]
    assert (rows[-1].accepts_until - rows[0].opens_at) == timedelta(hours=hours)
