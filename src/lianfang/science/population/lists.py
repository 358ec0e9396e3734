"""Lists of returnees in the shape in which township offices keep them."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

from lianfang.science.population.clerk import Clerk, ListRow, Shares, Verdict
from lianfang.science.population.people import make_households
from lianfang.science.population.places import VillageRow, village_names
from lianfang.science.population.sampling import stream
from lianfang.science.population.trips import Place, Trip, make_trips
from lianfang.science.population.workbook import Cell, Sheet, write_workbook

_TITLES: Final = (
    "序号", "姓名", "性别", "身份证号码", "联系电话", "从何地返乡", "返乡日期", "到家时间", "返乡方式",
    "车次/车牌", "乡镇", "村（社区）", "门牌号", "体温（℃）", "有无症状", "备注",
)  # fmt: skip


def arrivals_list(
    rows: Sequence[VillageRow],
    n: int,
    *,
    as_of: date,
    seed: int,
    key_places: Sequence[Place],
    other_places: Sequence[Place],
    shares: Shares | None = None,
    taken: set[str] | None = None,
) -> list[ListRow]:
    """Rows for `n` persons home in the villages of `rows` by the evening of `as_of`, in an order of chance.

    Places are names from the province down, as `DivisionIndex.name_of` gives them. Repeated, doubtful and
    spoilt rows come on top of the `n`. `taken` as in `make_households`: one set for all lists of a county.
    """
    shares = shares or Shares()
    township = rows[0].parent if rows else ""
    chance = stream(seed, "list", township)
    spoilt = _spoilt(shares, n)
    households = make_households(rows, n + len(spoilt), as_of=as_of, seed=seed, taken=taken)
    trips = make_trips(households, as_of, chance, (key_places, other_places), shares.key_area)
    clerk = Clerk(as_of, chance, shares, _unknown_villages(rows))
    documented = [place for place, trip in enumerate(trips) if trip.person.document]
    chance.shuffle(documented)
    verdicts = dict(zip(documented, spoilt, strict=False))
    written = [_write(clerk, trip, verdicts.get(place)) for place, trip in enumerate(trips)]
    repeatable = [(trips[place], written[place]) for place in documented[len(spoilt) :]]
    listed = [*written, *_repeated(clerk, repeatable, shares, n, chance)]
    chance.shuffle(listed)
    return listed


def _write(clerk: Clerk, trip: Trip, verdict: Verdict | None) -> ListRow:
    row = clerk.write(trip)
    return clerk.spoil(row, trip.person.document, verdict) if verdict and trip.person.document else row


def _repeated(
    clerk: Clerk, first: Sequence[tuple[Trip, ListRow]], shares: Shares, n: int, chance: Random
) -> list[ListRow]:
    """Some people twice; of those with a phone on the list some by telephone, without their number."""
    duplicates = chance.sample(first, min(len(first), round(shares.duplicate * n)))
    reached = [(trip, row) for trip, row in first if row.phone]
    heard = chance.sample(reached, min(len(reached), round(shares.review * n)))
    again = [clerk.write_again(trip, row) for trip, row in duplicates]
    return [*again, *(clerk.write_as_heard(trip, row) for trip, row in heard)]


def _spoilt(shares: Shares, n: int) -> list[Verdict]:
    """One verdict for each row to spoil."""
    counts: dict[Verdict, float] = {
        "id_damaged": shares.id_damaged,
        "id_check": shares.id_check,
        "no_name": shares.no_name,
        "no_village": shares.no_village,
        "unknown_village": shares.unknown_village,
        "bad_date": shares.bad_date,
    }
    return [verdict for verdict, share in counts.items() for _ in range(round(share * n))]


def _unknown_villages(rows: Sequence[VillageRow]) -> list[str]:
    known = {row.name for row in rows}
    return [name for name in (f"{name}村" for name in village_names()) if name not in known]


def write_returnees_xlsx(path: Path, rows: Iterable[ListRow], township_name: str, day: date) -> None:
    """One workbook: title rows, the table, a total row, a sheet of instructions."""
    table = [_cells(number, row, township_name) for number, row in enumerate(rows, start=1)]
    filled = f"填报时间：{day.year}年{day.month}月{day.day}日"
    listed: list[Sequence[Cell]] = [
        [f"{township_name}外出返乡人员排查登记表"],
        [f"填报单位：{township_name}人民政府", *[None] * 5, filled],
        _TITLES,
        *table,
        [],
        ["合计", f"{len(table)}条"],
    ]
    notes = [["1. 身份证号码请以文本格式填写"], ["2. 门牌号填写到户"]]
    documents = frozenset({_TITLES.index("身份证号码")})
    sheet = Sheet("返乡人员", listed, text_columns=documents, merged="A1:P1")
    write_workbook(path, [sheet, Sheet("填表说明", notes)])


def _cells(number: int, row: ListRow, township_name: str) -> list[Cell]:
    return [
        number, row.name, row.sex, row.document, row.phone, row.origin, row.arrived_on, row.reached_home,
        row.transport, row.vehicle, township_name, row.village, row.door, row.temperature, row.symptoms,
        row.remark,
    ]  # fmt: skip
