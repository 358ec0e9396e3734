"""The rows of a list of arrivals: what each says, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q
from django.utils import timezone

from lianfang import vault
from lianfang.field.screening.villages import VillageFinder
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.intake.importing import Judged, Keys, Origin, Reader, RowIn
from lianfang.mandate.intake.queries import judged_before
from lianfang.mandate.intake.rules.cells import clean_text
from lianfang.mandate.intake.rules.dates import read_moment, read_time
from lianfang.mandate.intake.rules.problems import Problem, ValueFault, cell_errors
from lianfang.mandate.intake.rules.symptoms import read_symptoms
from lianfang.mandate.intake.rules.values import became_date, read_sex, read_temperature
from lianfang.registry.people.hashes import document_hash, phone_hash
from lianfang.registry.people.models import Document as StoredDocument
from lianfang.registry.people.models import Person
from lianfang.registry.people.models import Phone as StoredPhone
from lianfang.registry.people.queries import by_document, homes_at
from lianfang.registry.people.rules import NewPerson, NewSource
from lianfang.registry.places.queries import division_index
from lianfang.science.identity.documents import Document, DocumentFault, read_document
from lianfang.science.identity.matching import Card, door_key, propose
from lianfang.science.identity.names import LONGEST_NAME, name_problem, normalise_name, pinyin_key
from lianfang.science.identity.phones import phone_problem, read_phones

_ON_CARD = {"phone": "phones"}  # a plan's word for a field → ours


@dataclass(slots=True)
class ArrivalRow:
    """One row, read: what a card and an arrival are made from."""

    name: str = ""
    document: Document | None = None
    sex: str = ""
    birth_date: date | None = None
    phones: tuple[str, ...] = ()
    village: str = ""
    door: str = ""
    arrived_on: date | None = None
    reached_home_at: datetime | None = None
    origin_text: str = ""
    origin_path: str = ""
    transport: str = ""
    vehicle: str = ""
    celsius: Decimal | None = None
    symptoms: tuple[str, ...] = ()
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @property
    def document_hash(self) -> bytes | None:
        return document_hash(self.document) if self.document else None

    def fingerprint(self) -> bytes:
        """Equal for rows equal in name, document, phone, village, door and arrival day."""
        parts = (
            self.name,
            self.document.key if self.document else "",
            ",".join(sorted(self.phones)),
            self.village,
            door_key(self.door),
            self.arrived_on.isoformat() if self.arrived_on else "",
        )
        return vault.keyed_hash("arrival:" + "|".join(parts))


class RowReader:
    """Reads rows one by one; every error of a row is kept, not the first only."""

    def __init__(self, origin: Origin) -> None:
        self._at, self._today = origin.at, local_day(origin.at)
        self._zone = timezone.get_current_timezone()
        self._villages = VillageFinder(origin.area_path)
        self._divisions = division_index()

    def read(self, values: dict[str, Any]) -> ArrivalRow:
        row = ArrivalRow(errors=cell_errors(values))
        broken = {problem.field for problem in row.errors}
        cells = {code: None if code in broken else value for code, value in values.items()}
        self._read_identity(row, cells)
        self._read_place(row, cells)
        self._read_arrival(row, cells)
        self._read_health(row, cells)
        row.errors = [error for error in row.errors if not (error.rule.startswith("no_") and error.field in broken)]
        return row

    def _read_identity(self, row: ArrivalRow, cells: dict[str, Any]) -> None:
        shown = clean_text(cells.get("name"))
        if rule := name_problem(shown):
            row.errors.append(Problem("name", shown, rule, {"limit": LONGEST_NAME}))
        row.name = normalise_name(shown)
        found = read_document(cells.get("document"), today=self._today)
        if isinstance(found, DocumentFault):
            row.errors.append(Problem("document", found.value, found.rule))
        else:
            row.document = found
        row.sex = self._warned(row, "sex", read_sex(cells.get("sex")), "") if cells.get("sex") else ""
        if row.document and row.document.sex:
            if row.sex and row.sex != row.document.sex:
                row.warnings.append(
                    Problem(
                        "sex",
                        clean_text(cells.get("sex")),
                        "sex_contradicts_id",
                        {"expected": row.document.sex},
                    )
                )
            row.sex = row.sex or row.document.sex
        row.birth_date = row.document.birth_date if row.document else None
        row.phones = read_phones(cells.get("phone"))
        if phone_problem(cells.get("phone")):
            row.warnings.append(Problem("phone", clean_text(cells.get("phone")), "bad_phone"))

    def _read_place(self, row: ArrivalRow, cells: dict[str, Any]) -> None:
        village = clean_text(cells.get("village"))
        found = self._villages.find(clean_text(cells.get("township")), village)
        if isinstance(found, Problem):
            row.errors.append(found)
        else:
            row.village = found
        row.door = clean_text(cells.get("door"))
        if became_date(cells.get("door")):
            row.warnings.append(Problem("door", row.door, "text_became_date"))

    def _read_arrival(self, row: ArrivalRow, cells: dict[str, Any]) -> None:
        moment = read_moment(cells.get("arrived_on"), self._today.year, latest=self._today)
        if (
            isinstance(moment, ValueFault) and moment.rule == "no_date"
        ):  # the hour of reaching home may tell the day too
            home = read_moment(cells.get("reached_home"), self._today.year, latest=self._today)
            moment = moment if isinstance(home, ValueFault) else (home[0], None)
        if isinstance(moment, ValueFault):
            row.errors.append(moment.problem("arrived_on"))
        elif moment[0] > self._today:
            shown = clean_text(cells.get("arrived_on"))
            row.errors.append(Problem("arrived_on", shown, "future_date", {"limit": self._today.isoformat()}))
        else:
            row.arrived_on = moment[0]
            hour = moment[1]
            if cells.get("reached_home") not in (None, ""):
                self._read_reached_home(row, cells["reached_home"])
            elif hour is not None:
                row.reached_home_at = datetime.combine(moment[0], hour, self._zone)
        row.origin_text = clean_text(cells.get("origin"))
        resolved = self._divisions.resolve(row.origin_text)
        row.origin_path = resolved.path if resolved else ""
        if row.origin_text and not resolved:
            row.warnings.append(Problem("origin", row.origin_text, "origin_unknown"))
        row.transport, row.vehicle = clean_text(cells.get("transport")), clean_text(cells.get("vehicle"))

    def _read_reached_home(self, row: ArrivalRow, cell: object) -> None:
        """A full moment, or an hour of the arrival day. What cannot be read leaves the hour unknown."""
        told: datetime | None = None
        moment = read_moment(cell, self._today.year, latest=self._today)
        hour = read_time(cell)
        if not isinstance(moment, ValueFault):  # first: a full moment read as an hour would lose its day
            told = datetime.combine(*moment, self._zone) if moment[1] is not None else None
        elif isinstance(hour, ValueFault):
            row.warnings.append(hour.problem("reached_home"))
        else:
            told = datetime.combine(row.arrived_on, hour, self._zone)
        if told is not None and told > self._at:
            limit = timezone.localtime(self._at).strftime("%Y-%m-%d %H:%M")
            row.warnings.append(Problem("reached_home", clean_text(cell), "future_date", {"limit": limit}))
        else:
            row.reached_home_at = told

    def _read_health(self, row: ArrivalRow, cells: dict[str, Any]) -> None:
        row.celsius = self._warned(row, "temperature", read_temperature(cells.get("temperature")), None)
        row.symptoms = read_symptoms(cells.get("symptoms"))

    @staticmethod
    def _warned(row: ArrivalRow, code: str, found: Any, otherwise: Any) -> Any:
        if isinstance(found, ValueFault):
            row.warnings.append(found.problem(code))
            return otherwise
        return found


def reader(origin: Origin, required: Sequence[str]) -> Reader:
    """Reads rows, each by itself: rejected, or accepted with the keys by which it is compared."""
    rows_of = RowReader(origin)

    def read(rows: Sequence[RowIn]) -> list[Judged]:
        return [judged_row(row, rows_of.read(row.values), required) for row in rows]

    return read


def judged_row(row: RowIn, told: ArrivalRow, required: Sequence[str]) -> Judged:
    """The row with the keys by which it is compared; rejected where something in it cannot be used."""
    one = Judged(row, "rejected" if told.errors else "accepted", told.errors + told.warnings, clean=told)
    if one.outcome == "accepted":
        one.fingerprint = told.fingerprint()
        one.missing = [code for code in required if not getattr(told, _ON_CARD.get(code, code), None)]
        one.person = uuid4()
        one.keys = Keys(
            document=told.document_hash,
            phones=tuple(map(phone_hash, told.phones)),
            sound=pinyin_key(told.name)[:200],
            place=told.village,
            door=door_key(told.door)[:60],
        )
    return one


def match(judged: Sequence[Judged], origin: Origin) -> None:
    """What becomes of accepted rows: duplicate (surely known), review (may be known), or a card of their own."""
    _mark_duplicates(judged)
    moved = _hold([one for one in judged if one.outcome == "accepted"], origin)
    for one in judged:
        if one.outcome == "duplicate":
            one.waits = one.waits or one.person in moved
            one.person = moved.get(one.person, one.person)
            one.candidates = [{"person": str(one.person), "reasons": ["repeats_held"]}] if one.waits else []


def _mark_duplicates(candidates: Sequence[Judged]) -> None:
    """Same document on the register or earlier in the file, or a row equal to one accepted or held before."""
    documents = by_document({h for one in candidates if (h := one.clean.document_hash)})
    seen = judged_before({one.fingerprint for one in candidates})
    sounds = _sounds(set(documents.values()))
    for one in candidates:
        key = one.clean.document_hash
        known = documents.get(key) if key else None
        if one.fingerprint in seen:
            before, waiting = seen[one.fingerprint]
            one.outcome, one.person, one.waits = "duplicate", before if waiting else known or before, waiting
        elif known is not None and _other_name(one.clean.name, sounds.get(known)):
            one.outcome, one.person = "review", known
            one.candidates = [{"person": str(known), "reasons": ["same_document", "other_name"]}]
        elif known is not None:
            one.outcome, one.person = "duplicate", known
        else:
            seen[one.fingerprint] = (one.person, False)
            if key:
                documents[key] = one.person
                sounds[one.person] = pinyin_key(one.clean.name)


def _sounds(uids: set[UUID]) -> dict[UUID, str]:
    return dict(Person.objects.filter(uid__in=uids).values_list("uid", "pinyin"))


def _other_name(name: str, sound: str | None) -> bool:
    return sound is not None and pinyin_key(name) != sound


def _hold(fresh: list[Judged], origin: Origin) -> dict[UUID, UUID]:
    """Rows that may be somebody already there wait for a person to decide.

    Returns the card each would have made → the card that it may be, for the rows that repeat a held one.
    """
    cards = [_card(position, one.clean) for position, one in enumerate(fresh)]
    known = _known_cards(cards, origin.area_path[:6])
    for key, proposals in propose(cards, known).items():
        one = fresh[key]
        one.outcome = "review"
        one.candidates = [
            {
                "person": str(p.key if p.known else fresh[p.key].person),
                "reasons": list(p.reasons),
                **({} if p.known else {"sheet": fresh[p.key].row.sheet, "row": fresh[p.key].row.number}),
            }
            for p in proposals
        ]
    held = [one for one in fresh if one.outcome == "review"]
    leads = {one.person: UUID(one.candidates[0]["person"]) for one in held}
    moved = {person: _real_card(person, leads) for person in leads}
    for one in held:
        for candidate in one.candidates:
            candidate["person"] = str(moved.get(UUID(candidate["person"]), UUID(candidate["person"])))
        one.person = moved[one.person]
    return moved


def _real_card(person: UUID, leads: dict[UUID, UUID]) -> UUID:
    """A held row may be like another held row: follow them to the card that is there or will be made."""
    while person in leads:
        person = leads[person]
    return person


def _card(key: int, row: ArrivalRow) -> Card:
    return Card(
        key=key,
        name=row.name,
        pinyin=pinyin_key(row.name),
        document_key=row.document_hash.hex() if row.document else None,
        phones=frozenset(phone_hash(phone).hex() for phone in row.phones),
        village=row.village,
        door=door_key(row.door),
        birth_year=row.birth_date.year if row.birth_date else None,
        sex=row.sex or None,
    )


def _known_cards(cards: Sequence[Card], county: str) -> list[Card]:
    """The register's cards in the county whose names sound like one of the list's and that share phone or door."""
    live = Person.objects.filter(
        pinyin__in={card.pinyin for card in cards}, area_path__startswith=county, withdrawn_at__isnull=True
    )
    phones = {bytes.fromhex(number) for card in cards for number in card.phones}
    homes = {(card.village, card.door) for card in cards if card.door}
    shared = homes_at(homes).values()
    at_phone = StoredPhone.objects.live().filter(number_hash__in=phones).values("person")
    people = live.filter(Q(pk__in=at_phone) | Q(household__in=shared))
    rows = list(
        people.values_list("pk", "uid", "name", "pinyin", "area_path", "household__door_key", "birth_date", "sex")
    )
    keys = [row[0] for row in rows]
    documents = dict(
        StoredDocument.objects.filter(person__in=keys, withdrawn_at__isnull=True).values_list(
            "person_id", "number_hash"
        )
    )
    rung: dict[int, set[str]] = {}
    for person, number in StoredPhone.objects.live().filter(person__in=keys).values_list("person_id", "number_hash"):
        rung.setdefault(person, set()).add(bytes(number).hex())
    return [
        Card(
            key=str(uid),
            name=name,
            pinyin=pinyin,
            document_key=bytes(documents[pk]).hex() if pk in documents else None,
            phones=frozenset(rung.get(pk, ())),
            village=path,
            door=door or "",
            birth_year=birth.year if birth else None,
            sex=sex or None,
        )
        for pk, uid, name, pinyin, path, door, birth, sex in rows
    ]


def new_person(one: Judged) -> NewPerson:
    """The card that an accepted row asks for."""
    row: ArrivalRow = one.clean
    return NewPerson(
        uid=one.person,
        name=row.name,
        area_path=row.village,
        sex=row.sex,
        birth_date=row.birth_date,
        door=row.door,
        document=row.document,
        phones=row.phones,
    )


def source(one: Judged, origin: Origin) -> NewSource:
    """Where the row mentioned its person."""
    return NewSource(one.person, "list", origin.label, origin.uid, one.row.sheet, one.row.number)
