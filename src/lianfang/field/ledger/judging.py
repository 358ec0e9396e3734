"""The rows of a residents' ledger: read as a list of arrivals is, without an arrival, with kind, care and grid."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lianfang import vault
from lianfang.field.screening import judging as screening
from lianfang.mandate.intake.importing import Judged, Origin, Reader, RowIn
from lianfang.mandate.intake.rules.cells import clean_text
from lianfang.mandate.intake.rules.problems import Problem
from lianfang.registry.people.models import Document as StoredDocument
from lianfang.registry.people.models import Person
from lianfang.registry.places.models import Area
from lianfang.science.identity.matching import door_key
from lianfang.science.identity.villages import normalise_place

_PARTS, _WORDS = re.compile(r"[;；、|/]+"), re.compile(r"[,，\s]+")  # noqa: RUF001 - as people write them


@dataclass(frozen=True)
class Vocabulary:
    """The words that lists use: for the kind of residence, for the reasons of particular care."""

    kinds: Mapping[str, str]
    care: Mapping[str, str]


@dataclass
class ResidentRow(screening.ArrivalRow):
    """One row, read. `card` is the card that the row names by its id, as our own exports do."""

    card: UUID | None = None
    card_document: bytes | None = None
    kind: str = ""
    flags: frozenset[str] | None = None
    grid: str = ""
    group: str = ""
    compound: str = ""

    @property
    def document_hash(self) -> bytes | None:
        return self.card_document or super().document_hash

    def fingerprint(self) -> bytes:
        """Equal for rows equal in name, document, phone, village and door."""
        parts = (
            str(self.card or ""),
            self.name,
            self.document.key if self.document else "",
            ",".join(sorted(self.phones)),
            self.village,
            door_key(self.door),
            self.kind,
            ",".join(sorted(self.flags or ())),
            self.grid,
            self.group,
            self.compound,
        )
        return vault.keyed_hash("resident:" + "|".join(parts))


@dataclass(frozen=True)
class _Known:
    uid: UUID
    document: bytes | None


class ResidentReader(screening.RowReader):
    """Reads rows one by one; the cards that rows name are looked up once for all of them."""

    def __init__(self, origin: Origin, words: Vocabulary) -> None:
        super().__init__(origin)
        self._words = words
        self._area = origin.area_path
        self._cards: dict[UUID, _Known] = {}
        grids = Area.objects.under(origin.area_path).filter(kind="grid").valid_on(self._today)
        self._grids: dict[tuple[str, str], str] = {}
        for path, name in grids.values_list("path", "name"):
            self._grids[path[:12], normalise_place(name)] = path
            self._grids[path[:12], path] = path

    def know(self, rows: Sequence[RowIn]) -> None:
        """The live cards of the area that these rows name by id."""
        uids = {uid for row in rows if (uid := _uid(row.values.get("card")))} - set(self._cards)
        people = Person.objects.filter(uid__in=uids, area_path__startswith=self._area, withdrawn_at__isnull=True)
        uid_of = dict(people.values_list("pk", "uid"))
        held = StoredDocument.objects.filter(person__in=uid_of, withdrawn_at__isnull=True)
        documents = {person: bytes(mark) for person, mark in held.values_list("person", "number_hash")}
        self._cards |= {uid: _Known(uid, documents.get(pk)) for pk, uid in uid_of.items()}

    def read(self, values: dict[str, Any]) -> ResidentRow:
        known = self._cards.get(_uid(values.get("card")))
        if known is not None:  # our own export: numbers may be masked, the card says whose they are
            values = {**values, "document": None, "phone": None}
        told = super().read({**values, "arrived_on": None})
        told.errors = [error for error in told.errors if error.field != "arrived_on"]
        names = ("name", "document", "sex", "birth_date", "phones", "village", "door", "errors", "warnings")
        row = ResidentRow(**{name: getattr(told, name) for name in names})
        row.card, row.card_document = (known.uid, known.document) if known else (None, None)
        self._read_ledger(row, values)
        return row

    def _read_ledger(self, row: ResidentRow, cells: dict[str, Any]) -> None:
        kind = clean_text(cells.get("residence"))
        row.kind = self._words.kinds.get(kind.lower(), "")
        if kind and not row.kind:
            row.warnings.append(Problem("residence", kind, "bad_residence"))
        care = clean_text(cells.get("care"))
        if care:
            row.flags = self._care(row, care)
        grid = clean_text(cells.get("grid"))
        if grid and row.village:
            row.grid = self._grids.get((row.village, normalise_place(grid)), self._grids.get((row.village, grid), ""))
            if not row.grid:
                row.warnings.append(Problem("grid", grid, "unknown_grid"))
        row.group, row.compound = (clean_text(cells.get(name))[:80] for name in ("group", "compound"))

    def _care(self, row: ResidentRow, text: str) -> frozenset[str]:
        """Words that say nothing that is known are told, not guessed."""
        parts = [part.strip() for part in _PARTS.split(text.lower()) if part.strip()]
        words = [word for part in parts for word in ([part] if part in self._words.care else _WORDS.split(part))]
        row.warnings += [Problem("care", word, "unknown_care") for word in words if word not in self._words.care]
        return frozenset(self._words.care[word] for word in words if self._words.care.get(word))


def reader(origin: Origin, words: Vocabulary) -> Reader:
    rows_of = ResidentReader(origin, words)

    def read(rows: Sequence[RowIn]) -> list[Judged]:
        rows_of.know(rows)
        return [screening.judged_row(row, rows_of.read(row.values), ()) for row in rows]

    return read


def match(judged: Sequence[Judged], origin: Origin) -> None:
    """A card that the row names itself is surely the person; all others are compared as in any list."""
    for one in judged:
        if one.clean.card:
            one.outcome, one.person = "duplicate", one.clean.card
    screening.match([one for one in judged if one.outcome == "accepted"], origin)


def _uid(cell: object) -> UUID | None:
    try:
        return UUID(str(cell).strip()) if cell else None
    except ValueError:
        return None
