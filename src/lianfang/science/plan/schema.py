"""The response plan 防控方案: who must do what, for whom, by when, on whose authority. Data, never code."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from lianfang.science.plan.clauses import clauses_of
from lianfang.science.plan.criterion import Criterion
from lianfang.science.plan.values import (
    AreaPath,
    Clauses,
    Clock,
    Code,
    Count,
    Day,
    Days,
    Duration,
    Flag,
    Model,
    Number,
    Percent,
    Ruled,
    Sourced,
    Text,
    TextList,
    Words,
    clock_text,
)

Anchor = Literal["arrival", "registration", "last_exposure"]
Level = Literal["village", "township", "county"]
ClockStart = Literal["registration", "reached_home", "anchor", "last_day"]
MeasureRule = Literal["forbidden", "allowed", "required"]
Compulsion = Literal["ordered", "voluntary"]
Conversion = Literal["suspected", "confirmed", "transferred"]
LEVELS: tuple[Level, ...] = ("village", "township", "county")


@dataclass(frozen=True)
class Assumption:
    """A value that the document does not state. `path` is dotted: duties.temperature.slots.morning."""

    path: str
    words: Words


class KeyArea(Ruled):
    """`since` dates the listing, never the travel."""

    path: AreaPath
    name: Words
    since: Day
    until: Day | None = None
    open_ended: Flag = False
    since_assumed: Words | None = None

    def is_listed(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)

    def covers(self, path: str) -> bool:
        return path.startswith(self.path)


class RoleSlot(Model):
    """An optional place may stay empty: the helpers of a team, whose number the plan leaves open."""

    code: Code
    title: Words
    optional: Flag = False


class Team(Ruled):
    """`max_load` is the number of persons beyond which a member is flagged as carrying too many."""

    slots: Annotated[list[RoleSlot], Field(min_length=1)]
    max_load: Sourced[Count] | None = None

    @property
    def required(self) -> list[RoleSlot]:
        return [slot for slot in self.slots if not slot.optional]


class Period(Ruled):
    """Days of a pathway. The last day is counted from day one and ends at 24:00."""

    anchor: Anchor
    day_one: Literal["next_day", "anchor_day"]
    days: Sourced[Days]

    def first_day(self, anchor: date) -> date:
        return anchor + timedelta(days=1) if self.day_one == "next_day" else anchor

    def last_day(self, anchor: date) -> date:
        return self.first_day(anchor) + timedelta(days=self.days.value - 1)


class HomeRule(Ruled):
    """What a home must have for observation there, and what follows where it has not."""

    requires: Annotated[TextList, Field(min_length=1)]
    otherwise: Literal["centralised"]


class Pathway(Model):
    code: Annotated[Code, Field(exclude=True)]
    title: Words
    subject: Literal["person", "area"]
    admit: Criterion
    place: Text | None = None
    compulsion: Compulsion = "ordered"
    home: HomeRule | None = None
    period: Period | None = None
    team: Code | None = None
    duties: Annotated[list[Code], Field(min_length=1)]
    observed: Flag = False

    @property
    def anchor(self) -> Anchor:
        return self.period.anchor if self.period else "registration"

    @property
    def voluntary(self) -> bool:
        return self.compulsion == "voluntary"


class Slot(Ruled):
    """A window of the local day, in minutes since its midnight (end 1440 is 24:00)."""

    code: Code
    name: Words
    start_minute: Annotated[Clock, Field(alias="from")]
    end_minute: Annotated[Clock, Field(alias="to")]

    @property
    def start(self) -> time:
        return time(self.start_minute // 60, self.start_minute % 60)

    @property
    def end(self) -> time:
        """24:00 is the midnight that follows, 00:00; compare minutes where order matters."""
        return time(self.end_minute // 60 % 24, self.end_minute % 60)

    @property
    def start_text(self) -> str:
        return clock_text(self.start_minute)

    @property
    def end_text(self) -> str:
        return clock_text(self.end_minute)


class Step(Model):
    after: Duration
    to: Level


class Escalation(Ruled):
    steps: Annotated[list[Step], Field(min_length=1)]


class Excusing(Ruled):
    """Who may say that a duty need not be met: one person with a reason, or a second one who agrees."""

    second_person: Flag


class Duty(Model):
    """One rule of the plan. `clauses` carry the duty; `assumed` is a remark on what they leave open."""

    code: Annotated[Code, Field(exclude=True)]
    title: Words
    unit: Words
    shape: Literal["slot", "clock"]
    evidence: TextList = []
    completes: Code | None = None
    slots: list[Slot] = []
    per_role: Flag = False
    within: Sourced[Duration] | None = None
    start: Annotated[ClockStart | None, Field(alias="from")] = None
    owner: Annotated[str, Field(pattern=r"^(team\.)?[a-z][a-z0-9_-]*$")]
    escalate: Escalation
    excuse: Excusing | None = None
    clauses: Annotated[Clauses, Field(validation_alias=AliasChoices("clauses", "clause"), validate_default=True)] = []
    assumed: Words | None = None

    @field_validator("clauses")
    @classmethod
    def _needs_clause(cls, clauses: list[str]) -> list[str]:
        if not clauses:
            raise PydanticCustomError("no_clause", "a duty without a clause")
        return clauses

    @property
    def owner_role(self) -> str:
        return self.owner.removeprefix("team.")

    @property
    def owned_by_team(self) -> bool:
        return self.owner.startswith("team.")

    def slot(self, code: str) -> Slot:
        return next(slot for slot in self.slots if slot.code == code)

    def assumed_parts(self) -> list[tuple[str, Words]]:
        """What of this duty the document does not state; '' is the duty as a whole."""
        return [(found.path, found.words) for found in find_assumed(self, "")]


class AlertCondition(Model):
    """Raised by a reading at or above the threshold, or by one of the symptoms."""

    temperature_at_least: Code
    symptoms: TextList = []


class Alert(Model):
    code: Annotated[Code, Field(exclude=True)]
    title: Words
    when: AlertCondition
    pathway: Code


class Card(Ruled):
    requires: TextList


class Retention(Model):
    """How long lists as they came are kept, and how long the identity of people whose observation is over."""

    originals_days: Sourced[Days]
    observation_days: Sourced[Days] | None = None


class Lost(Model):
    """After so many days in a row without contact a person counts as lost to follow-up."""

    missed_days: Sourced[Days]


class Callbacks(Model):
    """The share of records that is checked by asking the person again."""

    share_percent: Sourced[Percent]


class Ledger(Model):
    """For so many days a check of the household ledger at the door counts."""

    fresh_days: Sourced[Days]


class Measure(Ruled):
    """What the plan says of a general measure: an order that it forbids cannot be approved under it."""

    title: Words
    rule: MeasureRule


class Legal(Ruled):
    """The legal footing of the time. Compulsory observation hangs on it, so it has a source like any rule."""

    managed_as: Literal["A", "B", "C"]
    response_level: Literal["I", "II", "III", "IV"] | None = None
    basis: Words


def _with_codes(entries: Any) -> Any:
    """The key of an entry is its code."""
    if not isinstance(entries, dict):
        return entries
    return {
        key: {**entry, "code": key} if isinstance(entry, dict) and "code" not in entry else entry
        for key, entry in entries.items()
    }


def _words(value: Any) -> Any:
    return {"zh": value, "en": value} if isinstance(value, str) else value


class Plan(Model):
    plan: Code
    title: Words
    authority: Annotated[Words, BeforeValidator(_words)]
    disease: Code
    status: Literal["historic", "in_force"]
    under: Code | None = None
    printed: Text
    legal: Legal
    thresholds: dict[Code, Sourced[Number]] = {}
    key_areas: list[KeyArea] = []
    roles: dict[Code, Words]
    teams: dict[Code, Team] = {}
    card: Card
    retention: Retention
    lost: Lost | None = None
    callbacks: Callbacks | None = None
    ledger: Ledger | None = None
    pathways: Annotated[dict[Code, Pathway], BeforeValidator(_with_codes), Field(min_length=1)]
    duties: Annotated[dict[Code, Duty], BeforeValidator(_with_codes), Field(min_length=1)]
    alerts: Annotated[dict[Code, Alert], BeforeValidator(_with_codes)] = {}
    conversions: dict[Conversion, Code] = {}
    measures: dict[Code, Measure] = {}
    clauses_titles: dict[str, Words] = {}

    @property
    def version(self) -> str:
        """Defaults stay out of the digest, so that a later, optional field does not rename old versions."""
        data = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]

    def assumed(self) -> list[Assumption]:
        return list(find_assumed(self, ""))

    def team_of(self, pathway: Pathway) -> Team | None:
        return self.teams[pathway.team] if pathway.team else None

    def duties_of(self, pathway: Pathway) -> list[Duty]:
        return [self.duties[code] for code in pathway.duties]

    def clause_title(self, clause: str, lang: str) -> str:
        """The plan's own title of a clause, else that of the shipped trace of its document or of the higher plan."""
        words = self.clauses_titles.get(clause)
        traced = clauses_of(self.plan).get(clause) or clauses_of(self.under or "").get(clause)
        return words.of(lang) if words else traced.title.of(lang) if traced else ""


def _below(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part


def _step_name(item: object, index: int) -> str:
    if isinstance(item, KeyArea):
        return item.path
    return str(getattr(item, "code", index))


def find_assumed(value: object, path: str) -> Iterator[Assumption]:
    """Every assumed value at or below `value`, depth first, in the order of the schema."""
    if isinstance(value, Ruled | Duty) and value.assumed is not None:
        yield Assumption(path, value.assumed)
    if isinstance(value, KeyArea) and value.since_assumed is not None:
        yield Assumption(_below(path, "since"), value.since_assumed)
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from find_assumed(getattr(value, name), _below(path, field.alias or name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from find_assumed(item, _below(path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from find_assumed(item, _below(path, _step_name(item, index)))
