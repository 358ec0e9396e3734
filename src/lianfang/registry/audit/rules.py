"""Who acts, and the arithmetic of the chain: each link holds the digest of its event and of all before it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

START = b"\0" * 32  # what the first link is chained to


@dataclass(frozen=True)
class Actor:
    """The person or programme behind an act; `account_id` is None for the operator's own commands."""

    name: str
    account_id: int | None = None


SYSTEM = Actor("system")


@dataclass(frozen=True)
class Head:
    """The chain up to a link: kept outside the database it shows later that nothing up to it was changed or cut."""

    number: int
    digest: str


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold: `rule` is missing, changed, unchained, rewritten or cut; `event` None if gone."""

    number: int
    rule: str
    event: int | None = None


def canonical(number: int, values: dict[str, Any]) -> bytes:
    """One event as bytes that any language can make again: sorted keys, UTC, UTF-8, no blanks."""
    told = {key: _plain(value) for key, value in values.items()} | {"number": number}
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def chain(previous: bytes, body: bytes) -> bytes:
    return hashlib.sha256(previous + body).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, int | str | dict) else str(value)
