"""Pure facts about duties: what an enrolment says, and how long a gap is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

# Reasons that end an enrolment although the subject is not through: another one goes on from it, or follows.
GOES_ON = ("followed_by_another", "extended", "plan_changed", "moved", "nearer_plan", "place_changed")
LEVELS = ("worker", "village", "township", "county")


@dataclass(frozen=True)
class NewEnrolment:
    """A subject that joins a pathway. `cause` differs from the subject where one subject may join several times.

    `goes_on_from`: the first of the chain of enrolments that this one continues.
    """

    subject_kind: str
    subject: UUID
    pathway: str
    area_path: str
    anchor_on: date
    anchor_at: datetime | None = None
    cause: UUID | None = None
    goes_on_from: int | None = None


class NewEvidence(NamedTuple):
    """A record as the engine sees it. `slot` names a role place; `about` names the cause that it answers."""

    record: UUID
    subject: UUID
    kind: str
    at: datetime
    slot: str = ""
    about: UUID | None = None


@dataclass(frozen=True)
class Share:
    """A percentage that knows when there is none: without a denominator there is no percentage."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> float | None:
        """One decimal; never rounded up to 100 while something is missing."""
        if self.denominator <= 0:
            return None
        value = round(100 * self.numerator / self.denominator, 1)
        return min(value, 99.9) if self.numerator < self.denominator else value


def minutes_late(due_at: datetime | None, as_of: datetime) -> int:
    """Whole minutes past due; 0 while open or without a clock."""
    if due_at is None or as_of <= due_at:
        return 0
    return int((as_of - due_at).total_seconds() // 60)
