"""Words of the household ledger that are codes, and pure reckoning with doors and days."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

RESIDENTS = ("permanent", "mobile", "special")
VULNERABILITIES = (
    "elderly_alone",
    "pregnant",
    "child_left_behind",
    "severe_illness",
    "chronic_illness",
    "disabled",
    "bedridden",
    "hardship",
)
GROUPS = ("ten_households", "building", "street_front", "dormitory_floor")
COMPOUNDS = ("managed", "unmanaged", "scattered", "single_building")
SORTS = ("grid", "group", "compound")
GRID = 15  # digits of a grid's path
VILLAGE = 12

_RUNS = re.compile(r"\d+|\D+")
T = TypeVar("T")


def door_order(key: str) -> tuple[tuple[int, int, str], ...]:
    """As one walks along: 2 before 10, 3-1 before 3-2. Doors that are words come after the numbers."""
    return tuple((0, int(run), "") if run.isdecimal() else (1, 0, run) for run in _RUNS.findall(key))


def in_tens(doors: Sequence[T], size: int, most: int | None = None) -> tuple[list[list[T]], list[T]]:
    """(full groups in the order given, who is left over): a group that is not full is not formed."""
    if size < 1:
        raise ValueError("a group has at least one household")
    full = len(doors) // size if most is None else min(most, len(doors) // size)
    return [list(doors[n * size : (n + 1) * size]) for n in range(full)], list(doors[full * size :])


def freshness(checks: int, last: datetime | None, at: datetime, fresh_days: int | None) -> str:
    """unverified → verified → stale → re-verified. Without a limit nothing becomes stale."""
    if not checks or last is None:
        return "unverified"
    if fresh_days is not None and last < fresh_from(at, fresh_days):
        return "stale"
    return "verified" if checks == 1 else "reverified"


def fresh_from(at: datetime, fresh_days: int) -> datetime:
    """Checked before this moment is stale at `at`."""
    return at - timedelta(days=fresh_days)


def grid_state(*, staffed: bool, households: int, ended_on: date | None, today: date) -> str:
    """defined → staffed → active: somebody works there, and somebody lives there."""
    if ended_on is not None and ended_on <= today:
        return "ended"
    if not staffed:
        return "defined"
    return "active" if households else "staffed"


def group_state(activated_at: datetime | None, dissolved_at: datetime | None, at: datetime) -> str:
    """forming → active → dissolved, as of the moment."""
    if dissolved_at is not None and dissolved_at <= at:
        return "dissolved"
    return "active" if activated_at is not None and activated_at <= at else "forming"


def kind_of(kinds: Iterable[str]) -> str:
    """A household is of the kind that needs most care among its people; nothing said, nothing known."""
    told = set(kinds)
    return next((kind for kind in ("special", "mobile", "permanent") if kind in told), "")
