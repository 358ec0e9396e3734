from collections import Counter
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from lianfang.science.identity.documents import Document, DocumentFault, read_document
from lianfang.science.identity.matching import Card, door_key, propose
from lianfang.science.identity.names import name_problem, normalise_name, pinyin_key
from lianfang.science.identity.origins import DivisionIndex
from lianfang.science.identity.phones import read_phones
from lianfang.science.identity.villages import match_place
from lianfang.science.population.clerk import ListRow, Shares
from lianfang.science.population.county import County
from lianfang.science.population.lists import write_returnees_xlsx

DAY = date(2020, 2, 8)
DIVISIONS = [
    ("42", "湖北省"), ("4201", "武汉市"), ("420103", "江汉区"), ("4290", "省直辖县级行政区划"),
    ("429004", "仙桃市"), ("14", "山西省"), ("1401", "太原市"), ("140105", "小店区"), ("11", "北京市"),
    ("1101", "市辖区"),
    ("110105", "朝阳区"), ("32", "江苏省"), ("3211", "镇江市"), ("22", "吉林省"), ("2202", "吉林市"),
]  # fmt: skip
INDEX = DivisionIndex(DIVISIONS)
KEY_PLACES = [INDEX.name_of(path) for path in ("4201", "420103", "429004")]
OTHER_PLACES = [INDEX.name_of(path) for path in ("1401", "140105", "110105", "3211", "2202")]
SHARES = Shares(key_area=0.1)
PERSONS = 1500


def make(seed: int = 7, persons: int = PERSONS) -> tuple[County, list[ListRow], set[str]]:
    county = County(seed)
    rows = county.villages([("140931101", "义门镇")], 11)
    made = county.arrivals(rows, persons, as_of=DAY, key_places=KEY_PLACES, other_places=OTHER_PLACES, shares=SHARES)
    return county, made, {row.name for row in rows if row.kind != "grid"}


COUNTY, LIST, VILLAGES = make()


def judge(row: ListRow) -> str | None:
    """What the row is to be rejected for, read from its cells alone."""
    document = read_document(row.document)
    if isinstance(document, DocumentFault):
        return document.rule
    if name_problem(row.name):
        return "no_name"
    if row.village is None:
        return "no_village"
    if match_place(row.village, VILLAGES) is None:
        return "unknown_village"
    return None if isinstance(row.arrived_on, datetime) or is_day(row.arrived_on) else "bad_date"


def is_day(text: str) -> bool:
    digits = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    parts = digits.split("-") if "-" in digits else [digits[:4], digits[4:6], digits[6:]]
    try:
        return bool(date(*(int(part) for part in parts)))
    except ValueError:
        return False


def test_list_has_the_persons_asked_for_and_the_others_on_top() -> None:
    counts = Counter(row.verdict for row in LIST)
    assert counts["ok"] == PERSONS
    assert counts["duplicate"] == round(SHARES.duplicate * PERSONS)
    assert counts["review"] == round(SHARES.review * PERSONS)
    assert all(counts[verdict] == round(getattr(SHARES, verdict) * PERSONS) for verdict in REJECTED)


REJECTED = ("id_damaged", "id_check", "no_name", "no_village", "unknown_village", "bad_date")


def test_rows_read_as_their_verdict_says() -> None:
    for row in LIST:
        assert judge(row) == (row.verdict if row.verdict in REJECTED else None), row


def test_origins_read_back_to_key_area_or_elsewhere() -> None:
    for row in LIST:
        found = INDEX.resolve(row.origin)
        assert found is not None, row.origin
        assert found.path.startswith("42") == row.key_area
    share = sum(row.key_area for row in LIST) / len(LIST)
    assert share == pytest.approx(SHARES.key_area, abs=0.04)


def card(place: int, row: ListRow) -> Card:
    document = read_document(row.document)
    return Card(
        key=place,
        name=normalise_name(row.name or ""),
        pinyin=pinyin_key(row.name or ""),
        document_key=document.key if isinstance(document, Document) else None,
        phones=frozenset(read_phones(row.phone)),
        village=match_place(row.village or "", VILLAGES) or "",
        door=door_key(row.door),
        sex="male" if row.sex == "男" else "female",
    )


def test_matching_holds_the_doubtful_rows_and_no_infant() -> None:
    cards = [card(place, row) for place, row in enumerate(LIST) if row.verdict in {"ok", "review"}]
    doubtful = [place for place, row in enumerate(LIST) if row.verdict == "review"]
    assert sorted(str(key) for key in propose(cards, ())) == sorted(str(place) for place in doubtful)
    assert any(row.verdict == "ok" and read_document(row.document) is None for row in LIST)


def test_duplicates_name_somebody_on_the_list() -> None:
    first = {row.person_id: row for row in LIST if row.verdict == "ok"}
    for row in LIST:
        if row.verdict in {"duplicate", "review"}:
            assert row.person_id in first
        if row.verdict == "duplicate":
            again, before = read_document(row.document), read_document(first[row.person_id].document)
            assert isinstance(again, Document)
            assert isinstance(before, Document)
            assert again.key == before.key


def test_days_are_no_later_than_the_list_and_hours_only_of_the_last_days() -> None:
    days = [row.arrived_on.date() for row in LIST if isinstance(row.arrived_on, datetime)]
    assert max(days) <= DAY
    with_hour = [row for row in LIST if row.reached_home is not None and isinstance(row.arrived_on, datetime)]
    assert with_hour
    assert all((DAY - row.arrived_on.date()).days <= 3 for row in with_hour if isinstance(row.arrived_on, datetime))


def test_same_seed_makes_the_same_list() -> None:
    assert make()[1] == LIST
    assert make(8)[1] != LIST


def test_workbook_has_title_rows_table_total_and_second_sheet(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    write_returnees_xlsx(path, LIST[:50], "义门镇", DAY)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:P1"]
    assert sheet["A1"].value == "义门镇外出返乡人员排查登记表"
    assert (sheet["A3"].value, sheet["D3"].value, sheet["H3"].value) == ("序号", "身份证号码", "到家时间")
    assert [sheet.cell(4 + place, 2).value for place in range(50)] == [row.name for row in LIST[:50]]
    assert sheet["D4"].number_format == "@"
    assert (sheet["A55"].value, sheet["B55"].value) == ("合计", "50条")
    assert len(book.worksheets) == 2
