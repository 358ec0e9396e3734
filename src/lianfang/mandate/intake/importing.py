"""What a context gives so that its lists can come in. Contexts name theirs in `imports.py`:

IMPORTERS = {"arrivals": ArrivalsImporter()}     lists (files)
RECORDERS = {"temperature": record_readings}     records (lines of a batch)
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol
from uuid import UUID, uuid5

from django.apps import apps

from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.intake.rules.problems import Problem


@dataclass(frozen=True)
class RowIn:
    """A row as the file has it: field code → cell."""

    sheet: str
    number: int
    values: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Keys:
    """What a row is compared by: hashes of its numbers, the sound of the name, the door."""

    document: bytes | None = None
    phones: tuple[bytes, ...] = ()
    sound: str = ""
    place: str = ""
    door: str = ""


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
    keys: "Keys | None" = None


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


Reader = Callable[[Sequence[RowIn]], list[Judged]]


class Importer(Protocol):
    fields: Sequence[FieldSpec]

    def reader(self, origin: Origin) -> Reader:
        """What each row says by itself: rejected, or accepted with the keys by which it is compared."""

    def match(self, judged: Sequence[Judged], origin: Origin) -> None:
        """Compare accepted rows with each other, in their order, and with the register: their outcome changes here."""

    def commit(self, judged: Sequence[Judged], origin: Origin, by: Any) -> None:
        """Write accepted and duplicate rows, inside the caller's transaction."""

    def as_other(self, judged: Judged) -> Judged:
        """A held row as a card of its own: what another live card holds is left out."""

    def records(self, row: RowIn, origin: Origin) -> list[UUID]:
        """The ids of the records that a row made beside the card."""

    def withdraw_records(self, records: Sequence[UUID], at: datetime) -> None:
        """Undo what rows said of people, card or no card."""

    def withdraw_cards(self, people: Collection[UUID], at: datetime) -> None:
        """Undo the cards that rows made."""

    def withdraw_card(self, person: UUID, at: datetime) -> None:
        """Undo the card that a row made."""

    def withdraw_row(self, judged: Judged, origin: Origin, at: datetime) -> None:
        """Undo what a row added to a card that was there."""


def judge(importer: Importer, rows: Sequence[RowIn], origin: Origin) -> list[Judged]:
    """The outcome of a few rows."""
    judged = importer.reader(origin)(rows)
    importer.match([one for one in judged if one.outcome == "accepted"], origin)
    return judged


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
