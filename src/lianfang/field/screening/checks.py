"""Lists of people to be looked for: each row goes to the village that it names, or waits until somebody says which.

A row makes no card: whether the person lives here is what the village finds out.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from lianfang import vault
from lianfang.field.screening.models import Referral
from lianfang.field.screening.villages import VillageFinder
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.intake.importing import Judged, Origin, Reader, RowIn
from lianfang.mandate.intake.rules.cells import clean_text
from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.intake.rules.problems import Problem, cell_errors
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.hashes import document_hash, phone_hash
from lianfang.science.identity.documents import Document, DocumentFault, read_document
from lianfang.science.identity.names import LONGEST_NAME, name_problem, normalise_name, pinyin_key
from lianfang.science.identity.phones import phone_problem, read_phones

_BATCH = 2000


@dataclass
class CheckRow:
    """One row of a list of people, as far as it can be understood; nothing but a name is asked of it."""

    name: str = ""
    document: Document | None = None
    phones: tuple[str, ...] = ()
    village: str = ""
    place_text: str = ""
    told: dict[str, str] = field(default_factory=dict)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @property
    def document_hash(self) -> bytes | None:
        return document_hash(self.document) if self.document else None

    @property
    def phone_hashes(self) -> list[bytes]:
        return list(map(phone_hash, self.phones))

    @property
    def sound(self) -> str:
        return pinyin_key(self.name)[:200]


class ChecksImporter:
    """A list sent down: its rows become what villages have to find out."""

    def __init__(self, fields: Sequence[FieldSpec]) -> None:
        self.fields = fields

    def reader(self, origin: Origin) -> Reader:
        finder, today = VillageFinder(origin.area_path), local_day(origin.at)

        def read(rows: Sequence[RowIn]) -> list[Judged]:
            return [_judged(row, _read(row.values, finder, today), origin) for row in rows]

        return read

    def match(self, judged: Sequence[Judged], origin: Origin) -> None:
        """The same row twice in one list is looked for once."""
        first: dict[bytes | None, UUID | None] = {}
        for one in judged:
            if one.fingerprint in first:
                one.outcome, one.person = "duplicate", first[one.fingerprint]
            else:
                first[one.fingerprint] = one.person

    def commit(self, judged: Sequence[Judged], origin: Origin, by: Actor) -> None:
        Referral.objects.bulk_create(
            (_referral(one, origin) for one in judged if one.outcome == "accepted"), batch_size=_BATCH
        )

    def as_other(self, judged: Judged) -> Judged:
        return judged

    def records(self, row: RowIn, origin: Origin) -> list[UUID]:
        return [origin.uid_of(row, "check")]

    def withdraw_records(self, records: Sequence[UUID], at: datetime) -> None:
        """What was found out already stays in the records, and counts no longer."""
        Referral.objects.filter(uid__in=list(records), withdrawn_at__isnull=True).update(withdrawn_at=at)

    def withdraw_cards(self, people: Collection[UUID], at: datetime) -> None:
        """No card was made."""

    def withdraw_card(self, person: UUID, at: datetime) -> None:
        """No card was made."""

    def withdraw_row(self, judged: Judged, origin: Origin, at: datetime) -> None:
        self.withdraw_records(self.records(judged.row, origin), at)


def _read(values: dict[str, Any], finder: VillageFinder, today) -> CheckRow:
    row = CheckRow(errors=[problem for problem in cell_errors(values) if problem.field == "name"])
    row.told = {code: text for code, value in values.items() if (text := clean_text(value))}
    shown = row.told.get("name", "")
    if (rule := name_problem(shown)) and not row.errors:
        row.errors.append(Problem("name", shown, rule, {"limit": LONGEST_NAME}))
    row.name = normalise_name(shown)
    found = read_document(values.get("document"), today=today)
    if isinstance(found, DocumentFault):
        row.warnings.append(Problem("document", found.value, found.rule))
    else:
        row.document = found
    row.phones = read_phones(values.get("phone"))
    if phone_problem(values.get("phone")):
        row.warnings.append(Problem("phone", row.told.get("phone", ""), "bad_phone"))
    row.place_text = " ".join(row.told[code] for code in ("township", "village", "address") if code in row.told)
    named = finder.find(row.told.get("township", ""), row.told["village"]) if "village" in row.told else None
    row.village = named if isinstance(named, str) else finder.find_in_text(row.place_text)
    if not row.village:
        row.warnings.append(Problem("village", row.place_text, "place_unclear"))
    return row


def _judged(row: RowIn, told: CheckRow, origin: Origin) -> Judged:
    one = Judged(row, "rejected" if told.errors else "accepted", told.errors + told.warnings, clean=told)
    if one.outcome == "accepted":
        parts = (told.name, told.document.key if told.document else "", ",".join(sorted(told.phones)), told.place_text)
        one.fingerprint = vault.keyed_hash(f"check:{origin.uid}:" + "|".join(parts))
        one.person = origin.uid_of(row, "check")
    return one


def _referral(one: Judged, origin: Origin) -> Referral:
    told: CheckRow = one.clean
    return Referral(
        uid=one.person,
        batch=origin.uid,
        sheet=one.row.sheet[:100],
        row=one.row.number,
        area_path=told.village or origin.area_path,
        placed=bool(told.village),
        name=told.name,
        place_text=told.place_text[:200],
        told_sealed=vault.seal(json.dumps(told.told, ensure_ascii=False)),
        document=told.document_hash,
        registered_at=origin.registered_at,
    )
