"""A whole file against the register of an area: which card each row may be, how probably, and what agrees.

Nothing is merged and nothing is stored but the log's row: the answer is for a person to judge.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook

from lianfang.field.screening.imports import FIELDS
from lianfang.field.screening.villages import VillageFinder
from lianfang.mandate.intake.importing import RowIn
from lianfang.mandate.intake.reading import File, Told, as_it_stands, rows_of
from lianfang.mandate.intake.rules.cells import clean_text
from lianfang.mandate.intake.rules.problems import FileFault
from lianfang.mandate.intake.rules.values import read_sex
from lianfang.mandate.intake.sheets_out import EXERCISE, sheet_title, write_row
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.comparing import reason_words
from lianfang.registry.people.duplicates import cards_of
from lianfang.registry.people.models import Person
from lianfang.registry.places.queries import is_exercise
from lianfang.science.identity.documents import Document, read_document
from lianfang.science.identity.duplicates import Card, name_reasons, why
from lianfang.science.identity.linkage import CHINESE, Link, link, with_sounds
from lianfang.science.identity.matching import door_key
from lianfang.science.identity.names import normalise_name, pinyin_key
from lianfang.science.identity.phones import read_phones

_CODES = ("name", "sex", "document", "phone", "township", "village", "door")
COLUMNS = tuple(replace(spec, required=spec.code == "name") for spec in FIELDS if spec.code in _CODES)
_CHUNK = 5000
Place = tuple[str, int]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Match:
    """The card that a row most probably is; `others` counts further cards above the threshold."""

    card: Card
    uid: str
    probability: float
    agrees: tuple[str, ...]
    others: int


def link_file(
    *, by: Actor, at: datetime, area_path: str, file: Path, out: Path, threshold: float, say: Say
) -> dict[str, int]:
    """Read the file in its own process, link it, write its rows with what was found beside them; how many there are."""
    told, content = Told(), file.read_bytes()
    read = File(file.name, content, COLUMNS)
    rows = {(row.sheet, row.number): row for row in rows_of(read, told)}
    if not rows:
        raise FileFault("list_empty" if told.tables else "no_list_found")
    say(_("%(rows)d rows read") % {"rows": len(rows)})
    listed = _listed(rows, area_path)
    register, uids = _register(area_path, say)
    say(_("Comparing with %(cards)d cards …") % {"cards": len(register)})
    found = matches(listed, register, uids, threshold)
    _write(read, found, out)
    counts = {"rows": len(rows), "cards": len(register), "matched": len(found)}
    with transaction.atomic():
        audit.record(by=by, action="register.linked", at=at, area_path=area_path, data=counts)
    return counts


def matches(
    listed: dict[Place, Card], register: dict[int, Card], uids: dict[int, str], threshold: float
) -> dict[Place, Match]:
    """The most probable card of each row that has one."""
    places = list(listed)
    rows = [_record(f"row{number}", listed[place]) for number, place in enumerate(places)]
    cards = [_record(f"card{key}", card) for key, card in register.items()]
    best: dict[Place, list[Link]] = {}
    if rows and cards:
        for one in link(with_sounds(rows), CHINESE, others=with_sounds(cards), threshold=threshold):
            row, card = sorted((one.left, one.right), reverse=True)  # "row…" after "card…"
            best.setdefault(places[int(row[3:])], []).append(Link(row, card, one.probability))
    found = {}
    for place, links in best.items():
        card = register[int(links[0].right[4:])]
        agrees = agreements(listed[place], card)
        found[place] = Match(card, uids[card.key], links[0].probability, agrees, len(links) - 1)
    return found


def agreements(one: Card, other: Card) -> tuple[str, ...]:
    """Codes of what the two have in common, as the pages of duplicates say it."""
    told = list(name_reasons(one, other))
    told += ["same_document"] if one.documents & other.documents else []
    told += [code for code in why(one, other) if code == "swapped_document"]
    told += ["same_phone"] if one.phones & other.phones else []
    told += ["same_door"] if one.door and one.door == other.door else []
    told += ["same_birth_date"] if one.birth_date and one.birth_date == other.birth_date else []
    return tuple(told)


def _listed(rows: dict[Place, RowIn], area_path: str) -> dict[Place, Card]:
    finder = VillageFinder(area_path)
    return {place: _card(number, row, finder) for number, (place, row) in enumerate(rows.items())}


def _card(number: int, row: RowIn, finder: VillageFinder) -> Card:
    """A row as a card: what cannot be read is left out, and so neither agrees nor differs."""
    cells = {code: clean_text(value) for code, value in row.values.items()}
    name = normalise_name(cells.get("name", ""))
    document = read_document(row.values.get("document"))
    document = document if isinstance(document, Document) else None
    told = read_sex(row.values.get("sex")) if cells.get("sex") else ""
    village = finder.find(cells.get("township", ""), cells["village"]) if cells.get("village") else ""
    door = door_key(cells.get("door", ""))
    return Card(
        key=number,
        name=name,
        pinyin=pinyin_key(name)[:200],
        sex=told if isinstance(told, str) else "",
        birth_date=document.birth_date if document else None,
        documents=frozenset({(document.kind.value, document.key)} if document else ()),
        phones=frozenset(read_phones(row.values.get("phone"))),
        door=f"{village}/{door}" if door and isinstance(village, str) and village else "",
    )


def _register(area_path: str, say: Say) -> tuple[dict[int, Card], dict[int, str]]:
    """The live cards of the area, with their doors named as a row names them."""
    people = Person.objects.filter(area_path__startswith=area_path, withdrawn_at__isnull=True).order_by("pk")
    told = list(people.values_list("pk", "uid", "household__area_path", "household__door_key"))
    uids = {key: str(uid) for key, uid, _path, _door in told}
    doors = {key: f"{path}/{door}" for key, _uid, path, door in told if door}
    found: dict[int, Card] = {}
    keys = list(uids)
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        found |= {key: replace(card, door=doors.get(key, "")) for key, card in cards_of(part).items()}
        say(_("%(cards)d of %(all)d cards read") % {"cards": len(found), "all": len(uids)})
    return found, uids


def _record(key: str, card: Card) -> dict[str, Any]:
    return {
        "unique_id": key,
        "name": card.name or None,
        "sex": card.sex or None,
        "born": card.birth_date.isoformat() if card.birth_date else None,
        "document": min((number for _kind, number in card.documents), default=None),
        "phone": min(card.phones, default=None),
        "door": card.door or None,
    }


def masked(name: str) -> str:
    """The surname alone: whoever may read more opens the card by its id, which is logged."""
    return name[:1] + "*" * (len(name) - 1)


def headings() -> list[str]:
    return [_("Card"), _("Name on the card"), _("Probability"), _("What agrees"), _("Further cards")]


def _write(read: File, found: dict[Place, Match], out: Path) -> None:
    """The sender's rows as they stand; the table's width decides where our columns begin."""
    book = Workbook()
    book.remove(book.active)
    comma, exercise = pgettext("between names", ", "), is_exercise()
    sheets: dict[str, list[Any]] = {}
    for name, number, cells in _rows(read):
        if name not in sheets:
            sheets[name] = [book.create_sheet(sheet_title(name)), 0, 0]
            if exercise:
                sheets[name][0].append([EXERCISE])
                sheets[name][1] = 1
        sheet, last, width = sheets[name]
        width = width if number else max(width, len(cells))
        beside = headings() if not number else _beside(found.get((name, number)), comma)
        write_row(sheet, last + 1, [*cells[:width], *[None] * (width - len(cells)), *beside])
        sheets[name][1:] = [last + 1, width]
    book.save(out)


def _rows(read: File) -> Iterator[tuple[str, int, Sequence[object]]]:
    return as_it_stands(read)


def _beside(match: Match | None, comma: str) -> list[object]:
    if match is None:
        return ["", "", "", "", ""]
    words = [*(_("same document") for code in match.agrees if code == "same_document"), *reason_words(match.agrees)]
    return [match.uid, masked(match.card.name), round(match.probability, 4), comma.join(words), match.others]
