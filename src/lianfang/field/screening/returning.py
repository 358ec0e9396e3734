"""A list goes back to its sender: its rows and columns in their order, and what is known of each beside them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook

from lianfang.field.screening.models import Referral
from lianfang.field.screening.referrals import Before, checked_before
from lianfang.mandate.intake.importing import Judged, Reader, importers
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.queries import origin_of, row_in
from lianfang.mandate.intake.sheets_out import EXERCISE, original_rows, sheet_title, write_row
from lianfang.registry.people.hashes import phone_hash
from lianfang.registry.people.queries import staff_names
from lianfang.registry.places.queries import names_of
from lianfang.science.identity.names import pinyin_key

_CHUNK = 2000
Row = tuple[str, int, list[object]]


def outcome_words(code: str) -> str:
    return {
        "": "",
        "settled": pgettext("outcome of a check", "found and looked after"),
        "unknown": pgettext("outcome of a check", "no such person"),
        "unreachable": pgettext("outcome of a check", "not reached"),
        "outside": pgettext("outcome of a check", "not in our area"),
        "moved_on": pgettext("outcome of a check", "moved on"),
        "wrong": pgettext("outcome of a check", "information is wrong"),
    }[code]


def headings() -> list[str]:
    return [
        _("Checked before"),
        _("On the register since"),
        _("First verification on"),
        _("Last contact on"),
        _("Observation"),
        _("Earlier outcome"),
        _("Earlier outcome on"),
        _("Outcome"),
        _("By whom"),
        _("At what time"),
        _("Village"),
        pgettext("outcome of a check", "note"),
    ]


def results_workbook(batch: Batch, out: BinaryIO, *, exercise: bool) -> None:
    """Streams the sender's rows; what is known is read for some thousand rows at once."""
    book = Workbook()
    book.remove(book.active)
    sheet, places = None, {}
    judge = importers()[batch.kind].reader(origin_of(batch))
    for chunk in _chunks(original_rows(batch)):
        known = _known(batch, chunk, judge)
        for name, number, cells in chunk:
            if name not in places:
                sheet = book.create_sheet(sheet_title(name))
                places[name] = [sheet, 0, 0]
                if exercise:
                    sheet.append([EXERCISE])
                    places[name][1] = 1
            sheet, place, width = places[name]
            if not number:
                width = places[name][2] = max(width, len(cells))
            wide = [*cells[:width], *[None] * (width - len(cells))]
            beside = known.get((name[:100], number), []) if number else headings()
            write_row(sheet, place + 1, [*wide, *beside])
            places[name][1] += 1
    book.save(out)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk


def _known(batch: Batch, chunk: list[Row], judge: Reader) -> dict[tuple[str, int], list[object]]:
    numbers = {number for _sheet, number, _cells in chunk if number}
    rows = list(batch.rows.filter(number__in=numbers, sheet__in={sheet[:100] for sheet, _n, _c in chunk}))
    if not rows:
        return {}
    before = checked_before(
        [_keys(one) for one in judge([row_in(row) for row in rows])], area_path=batch.area_path, batch=batch.uid
    )
    found = _referrals(rows)
    villages = names_of({one.area_path for one in found.values()})
    workers = staff_names({one.outcome_by for one in found.values() if one.outcome_by})
    return {
        (row.sheet, row.number): [*_before(told), *_outcome(found.get(row.person), villages, workers)]
        for row, told in zip(rows, before, strict=True)
    }


def _keys(one: Judged) -> tuple[bytes | None, list[bytes], str]:
    clean = one.clean
    return clean.document_hash, [phone_hash(number) for number in clean.phones], pinyin_key(clean.name)[:200]


def _referrals(rows: Iterable[StagedRow]) -> dict:
    uids = {row.person for row in rows if row.person}
    return {one.uid: one for one in Referral.objects.filter(uid__in=uids, withdrawn_at__isnull=True)}


def _before(told: Before) -> list[object]:
    observation = {"": "", "running": _("under observation"), "ended": _("observation ended")}[told.observation]
    return [
        _("yes") if told.checked else _("no"),
        _moment(told.registered_at),
        _moment(told.verified_at),
        _moment(told.contact_at),
        observation,
        outcome_words(told.outcome),
        _moment(told.outcome_at),
    ]


def _outcome(one: Referral | None, villages: dict[str, str], workers: dict[str, str]) -> list[object]:
    if one is None:
        return ["", "", "", "", ""]
    village = villages.get(one.area_path, "") if one.placed else _("waits for a village")
    return [
        outcome_words(one.outcome),
        workers.get(one.outcome_by, one.outcome_by),
        _moment(one.outcome_at),
        village,
        one.note,
    ]


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""
