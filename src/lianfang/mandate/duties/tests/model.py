"""Which obligations must exist after a history, and whose: one after the other, in plain Python. Slow, and obvious.

It is told of the same acts as the engine, knows neither its tables nor its SQL, and has no idea of ticks: whatever
ran or did not run in between, the answer is the same.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from lianfang.science.plan import Duty, Plan

NEVER = datetime.max.replace(tzinfo=UTC)


class Owed(NamedTuple):
    subject: UUID
    plan: int
    pathway: str
    duty: str
    day: date
    slot: str
    area: str
    opens: datetime
    due: datetime | None
    accepts_from: datetime
    accepts_until: datetime | None


@dataclass
class InForce:
    """A plan in an area from a day on. `key` is whatever tells it from others."""

    key: int
    plan: Plan
    area: str
    starts_on: date
    ends_on: date | None = None

    def is_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


@dataclass
class Spell:
    """A subject's time on one pathway of one plan. `before` is the spell from which it goes on."""

    subject: UUID
    plan: InForce
    pathway: str
    anchor_on: date
    anchor_at: datetime | None
    first_day: date
    last_day: date | None
    since: datetime
    until: datetime = NEVER
    before: "Spell | None" = None
    never_was: bool = False

    def earlier(self) -> list["Spell"]:
        return [] if self.before is None else [self.before, *self.before.earlier()]


@dataclass
class World:
    zone: ZoneInfo
    plans: list[InForce] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    homes: dict[UUID, list[tuple[datetime, str]]] = field(default_factory=dict)

    # --- time ---

    def moment(self, day: date, minute: int = 0) -> datetime:
        """A wall clock's minute. An hour that comes twice is the second, one that is left out the hour after it."""
        wall = datetime.combine(day, time()) + timedelta(minutes=minute)
        return max(wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    # --- acts ---

    def starts(self, plan: InForce, areas: dict[UUID, str], at: datetime | None = None) -> None:
        """A plan comes into force; areas owe from its first midnight, each under the nearest plan alone.

        `at` is given where it takes another's place on the very day of the order, the moment of the order.
        """
        self.plans.append(plan)
        start = at or self.moment(plan.starts_on)
        for uid, path in areas.items():
            self.homes.setdefault(uid, [(start, path)])
            if self.governing(path, plan.starts_on) is not plan:
                continue
            for spell in self.spells:
                if spell.subject == uid:
                    spell.until = min(spell.until, start)
            self._area_goes_on(uid, plan, plan.starts_on, start)

    def _area_goes_on(self, uid: UUID, plan: InForce, day: date, start: datetime) -> None:
        """The area owes what the plan asks from the moment on; it goes on from what it owed until then."""
        before = {spell.pathway: spell for spell in self.spells if spell.subject == uid and spell.until == start}
        for code, pathway in plan.plan.pathways.items():
            if pathway.subject == "area":
                self.spells.append(Spell(uid, plan, code, day, None, day, None, start, before=before.get(code)))

    def lives(self, subject: UUID, area: str, at: datetime) -> None:
        self.homes.setdefault(subject, []).append((at, area))

    def joins(self, subject: UUID, pathway: str, anchor_on: date, anchor_at: datetime | None, at: datetime) -> None:
        plan = self.governing(self.home(subject), self.day(at))
        period = plan.plan.pathways[pathway].period
        first = anchor_on + timedelta(days=1) if period and period.day_one == "next_day" else anchor_on
        last = first + timedelta(days=period.days.value - 1) if period else None
        new = Spell(subject, plan, pathway, anchor_on, anchor_at, first, last, at)
        running = self.running(subject, pathway, at)
        if running is None:
            self.spells.append(new)
        elif last is not None and running.last_day is not None and last > running.last_day:
            new.first_day, new.before = min(first, running.first_day), running
            running.until = at
            self.spells.append(new)
        elif last is None and running.anchor_at is None and anchor_at is not None and self._counts_home(running):
            running.never_was = True
            self.spells.append(new)

    def extended(self, subject: UUID, pathway: str, last_day: date, at: datetime) -> None:
        running = self.running(subject, pathway, at)
        since = max(at, running.since)
        self.spells.append(
            Spell(
                subject, running.plan, pathway, running.anchor_on, running.anchor_at,
                running.first_day, last_day, since, before=running,
            )
        )  # fmt: skip
        running.until = since

    def ends(self, subject: UUID, pathway: str, at: datetime) -> None:
        self.running(subject, pathway, at).until = at

    def moves(self, subject: UUID, area: str, at: datetime) -> list[Spell]:
        """Spells of a plan that does not govern there end; they are returned, to be matched anew."""
        self.lives(subject, area, at)
        here = self.governing(area, self.day(at))
        left = [spell for spell in self.all_running(subject, at) if spell.plan is not here]
        for spell in left:
            spell.until = at
        return left

    def gives_way(self, old: InForce, new: InForce, areas: dict[UUID, str], ordered: datetime) -> None:
        """The new plan takes over: who is under the old one goes over, with the new plan's days."""
        start = max(self.moment(new.starts_on), ordered)
        old.ends_on = new.starts_on
        under_old = [spell for spell in self.spells if spell.plan is old and self.is_running(spell, start)]
        self.starts(new, areas, start)
        for spell in under_old:
            if spell.subject in areas:
                continue
            spell.until = min(spell.until, start)
            pathway = new.plan.pathways.get(spell.pathway)
            if pathway is not None:
                self._goes_over(spell, new, start)

    def _goes_over(self, spell: Spell, new: InForce, start: datetime) -> None:
        before, period = spell.plan.plan.pathways[spell.pathway].period, new.plan.pathways[spell.pathway].period
        first, last = spell.anchor_on, None
        if period is not None:
            first, last = period.first_day(spell.anchor_on), period.last_day(spell.anchor_on)
        if last and before and spell.last_day > before.last_day(spell.anchor_on):
            last = max(last, spell.last_day)
        if last is not None and last < new.starts_on:
            return
        if spell.before is not None:
            first = min(first, spell.first_day)
        self.spells.append(
            Spell(spell.subject, new, spell.pathway, spell.anchor_on, spell.anchor_at, first, last, start, before=spell)
        )

    def stops(self, plan: InForce, start: datetime, areas: dict[UUID, str]) -> None:
        """The plan ends with the order; areas owe what the plan above asks from that moment on."""
        plan.ends_on = day = self.day(start)
        for spell in self.spells:
            if spell.plan is plan:
                spell.until = min(spell.until, start)
        for uid, path in areas.items():
            above = self.governing(path, day) if path.startswith(plan.area) else None
            if above is not None:
                self._area_goes_on(uid, above, day, start)

    # --- what is so ---

    def governing(self, area: str, day: date) -> InForce:
        on = [plan for plan in self.plans if area.startswith(plan.area) and plan.is_on(day)]
        return max(on, key=lambda plan: len(plan.area), default=None)

    def home(self, subject: UUID) -> str:
        return self.homes[subject][-1][1]

    def is_running(self, spell: Spell, at: datetime) -> bool:
        over = spell.last_day is not None and spell.last_day < self.day(at)
        return not spell.never_was and not over and spell.until > at

    def all_running(self, subject: UUID, at: datetime) -> list[Spell]:
        return [spell for spell in self.spells if spell.subject == subject and self.is_running(spell, at)]

    def running(self, subject: UUID, pathway: str, at: datetime) -> Spell | None:
        return next((spell for spell in self.all_running(subject, at) if spell.pathway == pathway), None)

    def _counts_home(self, spell: Spell) -> bool:
        return any(duty.start == "reached_home" for duty in self._duties(spell))

    def _duties(self, spell: Spell) -> list[Duty]:
        return spell.plan.plan.duties_of(spell.plan.plan.pathways[spell.pathway])

    # --- what is owed ---

    def owed(self, now: datetime) -> Counter[Owed]:
        """What counts at the moment `now`, up to the end of the coming day."""
        rows = [row for spell in self.spells if not spell.never_was for row in self._of(spell, now)]
        return Counter(rows)

    def _of(self, spell: Spell, now: datetime) -> list[Owed]:
        if spell.last_day is not None and spell.last_day < self.day(spell.since):
            return []
        rows = []
        for duty in self._duties(spell):
            rows += self._slots(spell, duty, now) if duty.shape == "slot" else self._clocks(spell, duty)
        return [row for row in rows if row.opens < spell.until]

    def _slots(self, spell: Spell, duty: Duty, now: datetime) -> list[Owed]:
        rows = []
        day = spell.first_day
        while day <= min(spell.last_day or date.max, self.day(now) + timedelta(days=1)):
            if spell.plan.starts_on <= day:
                rows += self._of_day(spell, duty, day)
            day += timedelta(days=1)
        return rows

    def _of_day(self, spell: Spell, duty: Duty, day: date) -> list[Owed]:
        rows = []
        for slot, follower in zip(duty.slots, [*duty.slots[1:], None], strict=True):
            opens, due = self.moment(day, slot.start_minute), self.moment(day, slot.end_minute)
            until = self.moment(day, follower.start_minute if follower else 24 * 60)
            if opens >= min(due, until):
                continue  # the clocks left it out
            # Nobody could do what was over before they were known; who goes on leaves the slot under way to the other.
            if due > spell.since if spell.before is None else opens >= spell.since:
                rows.append(self._row(spell, duty, day, slot.code, opens, due, opens, max(until, due)))
        return rows

    def _clocks(self, spell: Spell, duty: Duty) -> list[Owed]:
        opens, due = self._clock(spell, duty)
        goes_on_anew = duty.start == "last_day"
        accepts = self.moment(spell.anchor_on)
        accepts = opens if goes_on_anew and spell.before else min(opens, accepts)
        return [
            self._row(spell, duty, self.day(opens), role, opens, due, accepts, None)
            for role in self._roles(spell, duty)
            if goes_on_anew or not self._owed_before(spell, duty, role)
        ]

    def _clock(self, spell: Spell, duty: Duty) -> tuple[datetime, datetime | None]:
        if duty.start == "last_day":
            opens = max(spell.since, self.moment(spell.last_day))
        elif duty.start == "registration":
            opens = spell.since
        elif spell.anchor_at is not None and spell.anchor_at >= self.moment(spell.plan.starts_on):
            opens = spell.anchor_at
        else:
            return spell.since, None
        return opens, opens + duty.within.value

    def _roles(self, spell: Spell, duty: Duty) -> list[str]:
        team = spell.plan.plan.team_of(spell.plan.plan.pathways[spell.pathway])
        return [place.code for place in team.slots if not place.optional] if duty.per_role else [""]

    def _owed_before(self, spell: Spell, duty: Duty, role: str) -> bool:
        """Whether a spell from which this one goes on has begun to owe it."""
        for other in spell.earlier():
            if other.never_was or duty.code not in [one.code for one in self._duties(other)]:
                continue
            theirs = other.plan.plan.duties[duty.code]
            opened = theirs.shape == "clock" and role in self._roles(other, theirs)
            if opened and self._clock(other, theirs)[0] < spell.since:
                return True
        return False

    def _row(self, spell, duty, day, slot, opens, due, accepts_from, accepts_until) -> Owed:
        area = self._area(spell, due or NEVER)
        return Owed(
            spell.subject, spell.plan.key, spell.pathway, duty.code, day, slot, area,
            opens, due, accepts_from, accepts_until,
        )  # fmt: skip

    def _area(self, spell: Spell, due: datetime) -> str:
        """Whose it is: the area where the subject lived when it fell due, or was registered if that came later."""
        lived = [area for moved, area in self.homes[spell.subject] if moved < due or moved <= spell.since]
        return lived[-1]
