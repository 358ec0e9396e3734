"""What a token may: never more than its own role and area, never more than the account that it acts for."""

import secrets
from dataclasses import dataclass, field
from threading import Lock

from lianfang.registry.accounts.rules import Scope

PREFIX = "lf_"  # so that a key that strays into a file is recognised as one
LONGEST_DAYS = 366
MOST_A_MINUTE = 60_000
_WINDOW = 60.0


def new_key() -> str:
    """256 random bits; nobody types it."""
    return PREFIX + secrets.token_urlsafe(32)


def narrowed(scope: Scope, within: Scope) -> Scope:
    """What both allow: of two areas of which one lies in the other, the smaller."""
    return Scope(
        {
            permission: met
            for permission, paths in scope.paths.items()
            if (met := _met(paths, within.paths.get(permission, ())))
        }
    )


def _met(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                max(one, other, key=len)
                for one in ours
                for other in theirs
                if one.startswith(other) or other.startswith(one)
            }
        )
    )


@dataclass
class Pace:
    """How many calls each token made in the running minute, in this process."""

    _windows: dict[int, tuple[float, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, token: int, limit: int, now: float) -> float:
        """Count a call; the seconds to wait where the minute's calls are used up, else 0. `now` in seconds."""
        with self._lock:
            start, used = self._windows.get(token, (now, 0))
            if now - start >= _WINDOW:
                start, used = now, 0
            if used >= limit:
                return start + _WINDOW - now
            self._windows[token] = (start, used + 1)
            return 0.0
