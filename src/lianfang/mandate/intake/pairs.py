"""Held rows beside the person they may be: what agrees and what does not.

Document and phone numbers are compared in full and shown masked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.queries import row_in
from lianfang.mandate.intake.rules.cells import clean_text
from lianfang.mandate.intake.rules.dates import read_moment
from lianfang.mandate.intake.rules.problems import ValueFault
from lianfang.mandate.intake.rules.values import read_sex
from lianfang.mandate.intake.wording import field_label, sex_label
from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import Numbers, numbers_of, visible_to
from lianfang.registry.places.queries import names_of
from lianfang.science.identity.documents import Document, mask, read_document
from lianfang.science.identity.matching import door_key
from lianfang.science.identity.names import normalise_name, pinyin_key
from lianfang.science.identity.phones import mask_phone, read_phones
from lianfang.science.identity.villages import normalise_place
from lianfang.web.wording import day_words

REASONS = {
    "same_document": gettext_lazy("same document number"),
    "other_name": gettext_lazy("names that sound different"),
    "same_name": gettext_lazy("same name"),
    "same_pinyin": gettext_lazy("names that sound alike"),
    "same_phone": gettext_lazy("same phone"),
    "same_door": gettext_lazy("same door"),
}
COMPARED = ("name", "pinyin", "sex", "document", "phone", "village", "door", "arrived_on")


@dataclass(frozen=True)
class Told:
    """What one side says: as it is shown, and in the forms by which two sides are compared."""

    shown: str = ""
    forms: frozenset[str] = frozenset()


Side = dict[str, Told]


@dataclass(frozen=True)
class Line:
    """One field on both sides; `agrees` is same, differs, or unknown where a side says nothing."""

    label: str
    row: str
    other: str
    agrees: str


@dataclass(frozen=True)
class Pair:
    """A held row and the first person it may be.

    `out_of_reach`: that person lives outside the account's areas, so nothing of the card is shown here and
    somebody above has to decide.
    """

    row: StagedRow
    reasons: str
    lines: list[Line] = field(default_factory=list)
    other_row: StagedRow | None = None
    other_card: UUID | None = None
    out_of_reach: bool = False
    further: int = 0


def pairs_of(batch: Batch, rows: Sequence[StagedRow], account: Account) -> list[Pair]:
    """The pairs of held rows; the number of queries does not grow with them."""
    first = {row.pk: row.candidates[0] for row in rows}
    in_file = _rows_named(batch, first.values())
    wanted = {UUID(one["person"]) for one in first.values()}
    cards = {card.uid: card for card in _reachable(account, wanted)}
    sides = card_sides(cards.values())
    day = local_day(batch.at)
    pairs = []
    for row in rows:
        told = first[row.pk]
        uid = UUID(told["person"])
        other = in_file.get((told.get("sheet"), told.get("row")))
        beside = row_side(other, day) if other else sides.get(uid)
        pairs.append(
            Pair(
                row=row,
                reasons=reason_words(told["reasons"]),
                lines=compare(row_side(row, day), beside) if beside else [],
                other_row=other,
                other_card=uid if uid in cards else None,
                out_of_reach=beside is None,
                further=len(row.candidates) - 1,
            )
        )
    return pairs


def may_decide(row: StagedRow, account: Account) -> bool:
    """Whether the person whom the row may be stands in this file or lives in the account's areas."""
    first = row.candidates[0]
    return "sheet" in first or _reachable(account, {UUID(first["person"])}).exists()


def reason_words(codes: Iterable[str]) -> str:
    """Same name says more than same sound, which is then left out."""
    told = list(codes)
    if "same_name" in told:
        told.remove("same_pinyin")
    return pgettext("between names", ", ").join(str(REASONS[code]) for code in told)


def _reachable(account: Account, uids: set[UUID]):
    return visible_to(account, Permission.IMPORT).filter(uid__in=uids).select_related("household")


def _rows_named(batch: Batch, candidates: Iterable[dict[str, Any]]) -> dict[tuple[str, int], StagedRow]:
    condition = Q(pk__in=[])
    for one in candidates:
        if "sheet" in one:
            condition |= Q(sheet=one["sheet"], number=one["row"])
    return {(row.sheet, row.number): row for row in batch.rows.filter(condition)}


def row_side(row: StagedRow, day: date) -> Side:
    """What a row of the file says, read as the importer reads it. `day` is the day of the list."""
    cells = row_in(row).values
    name = normalise_name(clean_text(cells.get("name")))
    moment = read_moment(cells.get("arrived_on"), day.year, latest=day)
    sex = read_sex(cells.get("sex")) if cells.get("sex") else ""
    return {
        "name": _plain(name),
        "pinyin": _plain(pinyin_key(name)),
        "sex": _sex("" if isinstance(sex, ValueFault) else sex),
        "document": _document(cells.get("document")),
        "phone": _phones(read_phones(cells.get("phone"))),
        "village": _village(clean_text(cells.get("village"))),
        "door": _door(clean_text(cells.get("door"))),
        "arrived_on": Told() if isinstance(moment, ValueFault) else _day(moment[0]),
    }


def card_sides(cards: Iterable[Person]) -> dict[UUID, Side]:
    cards = list(cards)
    if not cards:
        return {}
    uids = [card.uid for card in cards]
    numbers = numbers_of(uids, in_full=True)
    villages = names_of({card.area_path for card in cards})
    arrived = _arrival_days(uids)
    return {card.uid: _card_side(card, numbers[card.uid], villages, arrived.get(card.uid)) for card in cards}


def _card_side(card: Person, numbers: Numbers, villages: dict[str, str], arrived: date | None) -> Side:
    return {
        "name": _plain(card.name),
        "pinyin": _plain(card.pinyin),
        "sex": _sex(card.sex),
        "document": _document(numbers.document),
        "phone": _phones(numbers.phones),
        "village": _village(villages.get(card.area_path, "")),
        "door": _door(card.household.door if card.household else ""),
        "arrived_on": _day(arrived) if arrived else Told(),
    }


def _arrival_days(uids: Iterable[UUID]) -> dict[UUID, date]:
    """Each one's latest arrival, as it led to a pathway; a fever or a need has a cause of its own."""
    found = Enrolment.objects.filter(subject__in=uids, cause=F("subject"), voided_at__isnull=True)
    return dict(found.order_by("anchor_on").values_list("subject", "anchor_on"))


def compare(row: Side, other: Side) -> list[Line]:
    return [
        Line(_label(code), row[code].shown, other[code].shown, _agreement(row[code], other[code]))
        for code in COMPARED
        if row[code].forms or other[code].forms
    ]


def _agreement(one: Told, other: Told) -> str:
    if not one.forms or not other.forms:
        return "unknown"
    return "same" if one.forms & other.forms else "differs"


def _label(code: str) -> str:
    """Short, since a phone shows both sides beside it."""
    short = {
        "pinyin": _("Sounds like"),
        "document": _("Document"),
        "village": _("Village"),
        "door": _("Door"),
        "arrived_on": _("Day of arrival"),
    }
    return short.get(code) or field_label(code)


def _plain(text: str) -> Told:
    return Told(text, frozenset({text} if text else ()))


def _sex(code: str) -> Told:
    return Told(sex_label(code), frozenset({code} if code else ()))


def _document(value: object) -> Told:
    found = read_document(value)
    if not isinstance(found, Document):
        return Told()
    return Told(mask(found.number), frozenset({found.key}))


def _phones(numbers: Iterable[str]) -> Told:
    numbers = tuple(numbers)
    return Told(pgettext("between names", ", ").join(map(mask_phone, numbers)), frozenset(numbers))


def _village(name: str) -> Told:
    return Told(name, frozenset({normalise_place(name)} if name else ()))


def _door(text: str) -> Told:
    return Told(text, frozenset({door_key(text)} if door_key(text) else ()))


def _day(day: date) -> Told:
    return Told(day_words(day), frozenset({day.isoformat()}))
