"""What a context gives so that its lists can come in. Contexts name theirs in `imports.py`:

IMPORTERS = {"arrivals": ArrivalsImporter()}     lists (files)
RECORDERS = {"temperature": record_readings}     records (lines of a batch)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol
from uuid import UUID, uuid5

from django.apps import apps

from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.intake.rules.problems import CellError, Problem


@dataclass(frozen=True)
class RowIn:
    """A row as the file has it: field code → cell."""

    sheet: str
    number: int
    values: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass
class Judged:
    """What becomes of a row. `person` is the card that it makes (accepted) or joins (duplicate).

    `problems` reject a rejected row and are warnings on any other; `clean` is the importer's own reading of it.
    A duplicate that `waits` repeats a held row: it is written when that one is decided, not before.
    """

    row: RowIn
    outcome: str
    problems: list[Problem] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    fingerprint: bytes | None = None
    person: UUID | None = None
    candidates: list[dict[str, Any]] = field(default_factory=list)
    clean: Any = None
    waits: bool = False


@dataclass(frozen=True)
class Origin:
    """The batch that rows come with: `at` is the moment of the list, `registered_at` when its rows count as known.

    `repeated` where the very same file was committed before: it says nothing new.
    """

    uid: UUID
    label: str
    area_path: str
    at: datetime
    registered_at: datetime
    repeated: bool = False

    def uid_of(self, row: RowIn, what: str) -> UUID:
        """The id of what a row says: the same for the same row taken in at the same moment."""
        return uuid5(self.uid, f"{row.sheet}/{row.number}/{what}/{self.registered_at.timestamp()}")


class Importer(Protocol):
    fields: Sequence[FieldSpec]

    def judge(self, rows: Sequence[RowIn], origin: Origin) -> list[Judged]:
        """The outcome of every row, in the order given: the whole file is read before anything is matched."""

    def commit(self, judged: Sequence[Judged], origin: Origin, by: Any) -> None:
        """Write accepted and duplicate rows, inside the caller's transaction."""

    def as_other(self, judged: Judged) -> Judged:
        """A held row as a card of its own: what another live card holds is left out."""

    def withdraw_card(self, person: UUID, at: datetime) -> None:
        """Undo the card that a row made."""

    def withdraw_row(self, judged: Judged, origin: Origin, at: datetime) -> None:
        """Undo what a row added to a card that was there."""


Recorder = Callable[..., dict[UUID, Any]]


@lru_cache(maxsize=1)
def importers() -> dict[str, Importer]:
    return _discovered("IMPORTERS")


@lru_cache(maxsize=1)
def recorders() -> dict[str, Recorder]:
    return _discovered("RECORDERS")


def _discovered(attribute: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.imports"
        if config.name.startswith("lianfang.") and find_spec(name) is not None:
            found |= getattr(import_module(name), attribute, {})
    return found


def cell_to_json(value: object) -> Any:
    """A cell with its type kept, so that a row can be judged again: a number stays a number, a day a day."""
    match value:
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case Decimal():
            return float(value)
        case CellError():
            return {"error": value.text}
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def cell_from_json(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    reader: dict[str, Callable[[str], object]] = {
        "datetime": datetime.fromisoformat,
        "date": date.fromisoformat,
        "time": time.fromisoformat,
        "error": CellError,
    }
    return reader[kind](text)
