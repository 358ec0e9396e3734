"""The dates that follow from a plan for one anchor date: what is due on which day, and when it ends."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lianfang.science.plan.schema import Assumption, Duty, Pathway, Plan
from lianfang.science.plan.values import duration_text


@dataclass(frozen=True)
class CalendarDuty:
    """One slot of one day; `start` and `end` are local clock times, "24:00" included."""

    duty: str
    title: str
    slot: str
    name: str
    start: str
    end: str

    def as_json(self) -> dict[str, Any]:
        return {
            "duty": self.duty,
            "title": self.title,
            "slot": self.slot,
            "name": self.name,
            "from": self.start,
            "to": self.end,
        }


@dataclass(frozen=True)
class CalendarDay:
    number: int
    date: date
    duties: tuple[CalendarDuty, ...]

    def as_json(self) -> dict[str, Any]:
        duties = [duty.as_json() for duty in self.duties]
        return {"day": self.number, "date": self.date.isoformat(), "duties": duties}


@dataclass(frozen=True)
class CalendarOnce:
    """A duty owed once, within a time of its start; once for each role where the plan says so."""

    duty: str
    title: str
    start: str
    within: str
    roles: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "duty": self.duty,
            "title": self.title,
            "from": self.start,
            "within": self.within,
            "roles": list(self.roles),
        }


@dataclass(frozen=True)
class Calendar:
    """A pathway without a period has no last day: its one day stands for every day."""

    plan: str
    version: str
    pathway: str
    title: str
    anchor: date
    anchor_kind: str
    first_day: date
    last_day: date | None
    ends_at: datetime | None
    days: tuple[CalendarDay, ...]
    once: tuple[CalendarOnce, ...]
    assumed: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "plan": self.plan,
            "version": self.version,
            "pathway": self.pathway,
            "title": self.title,
            "anchor": self.anchor.isoformat(),
            "anchor_kind": self.anchor_kind,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "ends_at": self.ends_at.isoformat() if self.ends_at else None,
            "days": [day.as_json() for day in self.days],
            "once": [duty.as_json() for duty in self.once],
            "assumed": [{"path": path, "words": words} for path, words in self.assumed],
        }


def calendar(plan: Plan, pathway_code: str, anchor: date, lang: str, tz: str = "Asia/Shanghai") -> Calendar:
    """Raises KeyError for a pathway that the plan does not have."""
    pathway = plan.pathways[pathway_code]
    period = pathway.period
    first = period.first_day(anchor) if period else anchor
    last = period.last_day(anchor) if period else None
    duties = plan.duties_of(pathway)
    length = (last - first).days + 1 if last else 1
    return Calendar(
        plan=plan.plan,
        version=plan.version,
        pathway=pathway_code,
        title=pathway.title.of(lang),
        anchor=anchor,
        anchor_kind=pathway.anchor,
        first_day=first,
        last_day=last,
        ends_at=_midnight_after(last, tz) if last else None,
        days=tuple(_day(duties, first, number, lang) for number in range(1, length + 1)),
        once=tuple(_once(plan, pathway, duty, lang) for duty in duties if duty.shape == "clock"),
        assumed=tuple((found.path, found.words.of(lang)) for found in assumed_in(plan, pathway)),
    )


def assumed_in(plan: Plan, pathway: Pathway) -> list[Assumption]:
    """The assumed values that act in this pathway."""
    roots = [f"pathways.{pathway.code}", *(f"duties.{code}" for code in pathway.duties)]
    roots += [f"teams.{pathway.team}"] if pathway.team else []
    return [
        found
        for found in plan.assumed()
        if any(found.path == root or found.path.startswith(f"{root}.") for root in roots)
    ]


def _midnight_after(day: date, tz: str) -> datetime:
    """24:00 of a day, written as 00:00 of the next."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(tz))


def _day(duties: list[Duty], first: date, number: int, lang: str) -> CalendarDay:
    due = [
        CalendarDuty(
            duty=duty.code,
            title=duty.title.of(lang),
            slot=slot.code,
            name=slot.name.of(lang),
            start=slot.start_text,
            end=slot.end_text,
        )
        for duty in duties
        for slot in duty.slots
    ]
    return CalendarDay(number, first + timedelta(days=number - 1), tuple(due))


def _once(plan: Plan, pathway: Pathway, duty: Duty, lang: str) -> CalendarOnce:
    team = plan.team_of(pathway)
    slots = team.required if duty.per_role and team else []
    return CalendarOnce(
        duty=duty.code,
        title=duty.title.of(lang),
        start=duty.start or "",
        within=duration_text(duty.within.value) if duty.within else "",
        roles=tuple(slot.title.of(lang) for slot in slots),
    )
