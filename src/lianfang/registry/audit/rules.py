"""Who acts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """The person or programme behind an act; `account_id` is None for the operator's own commands."""

    name: str
    account_id: int | None = None


SYSTEM = Actor("system")
