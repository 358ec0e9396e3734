import csv
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.science.identity.documents import Document, read_document
from lianfang.science.identity.matching import Card, Key, Proposal, door_key, propose, reasons
from lianfang.science.identity.names import normalise_name, pinyin_key
from lianfang.science.identity.phones import read_phones

LISTS = Path(__file__).parents[5] / "tests" / "data" / "lists"
PHONE = "13800000001"

ANNA = Card(
    key=1,
    name="王国雯",
    pinyin="wang guo wen",
    document_key="990000199003070013",
    phones=frozenset({PHONE}),
    village="140931101206",
    door="58",
    birth_year=1990,
    sex="male",
)
TWIN = replace(ANNA, key=2, name="王囯雯", document_key=None)


def slow_propose(new: list[Card], known: list[Card]) -> dict[Key, list[Proposal]]:
    """Every card with every other: the rule as it is told."""
    documents = {card.document_key for card in known if card.document_key}
    fresh = [card for card in new if card.document_key is None or card.document_key not in documents]
    held: dict[Key, list[Proposal]] = {}
    for place, card in enumerate(fresh):
        found = [Proposal(other.key, why) for other in known if (why := reasons(card, other))]
        for position, other in enumerate(fresh):
            held_one = card.document_key is None and (other.document_key is not None or position < place)
            if position != place and held_one and (why := reasons(card, other)):
                found.append(Proposal(other.key, why, known=False))
        if found:
            held[card.key] = found
    return held


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("12号", "12"),
        ("12 号", "12"),
        ("十二号", "12"),
        ("12", "12"),
        (12, "12"),
        (12.0, "12"),
        ("第12号", "12"),
        ("012", "12"),
        ("１２号", "12"),
        ("一百二十号", "120"),
        ("三〇二", "302"),
        ("3号楼2单元301室", "3-楼2单元301室"),
        ("12号-1", "12-1"),
        ("无", ""),
        (None, ""),
    ],
)
def test_door_key_is_one_for_every_writing(text: object, key: str) -> None:
    assert door_key(text) == key


def test_reasons_name_sound_phone_and_door() -> None:
    assert reasons(TWIN, ANNA) == ("same_pinyin", "same_phone", "same_door")
    same = replace(TWIN, name=ANNA.name, phones=frozenset())
    assert reasons(same, ANNA) == ("same_pinyin", "same_name", "same_door")


@pytest.mark.parametrize(
    "change",
    [
        {"phones": frozenset(), "door": ""},
        {"phones": frozenset(), "village": "140931101205"},
        {"pinyin": "wang guo wei"},
        {"pinyin": ""},
        {"document_key": "990000199003070021"},
        {"sex": "female"},
        {"birth_year": 1960},
    ],
)
def test_no_reason_for_a_name_alone_nor_against_a_known_difference(change: dict[str, object]) -> None:
    assert reasons(replace(TWIN, **change), ANNA) == ()  # type: ignore[arg-type]  # fields of several types


def test_birth_year_of_the_traditional_count_is_no_contradiction() -> None:
    assert reasons(replace(TWIN, birth_year=1992), ANNA)
    assert reasons(replace(TWIN, birth_year=None, sex=None), ANNA)


@pytest.mark.parametrize("order", [(ANNA, TWIN), (TWIN, ANNA)])
def test_row_without_document_is_held_wherever_it_stands(order: tuple[Card, Card]) -> None:
    why = ("same_pinyin", "same_phone", "same_door")
    assert propose(order, ()) == {2: [Proposal(1, why, known=False)]}


def test_later_of_two_rows_without_document_is_held() -> None:
    other = replace(TWIN, key=3)
    assert list(propose([TWIN, other], ())) == [3]
    assert list(propose([other, TWIN], ())) == [2]


def test_row_with_document_is_held_against_a_known_card_without() -> None:
    assert list(propose([ANNA], [TWIN])) == [1]
    assert propose([replace(ANNA, key=9)], [TWIN, ANNA]) == {}


def cards(prefix: str) -> st.SearchStrategy[list[Card]]:
    phone = st.sampled_from(["a", "b", "c"])
    one = st.builds(
        Card,
        key=st.just(0),
        name=st.sampled_from(["王雯", "王文"]),
        pinyin=st.sampled_from(["wang wen", "wang wei", ""]),
        document_key=st.sampled_from([None, None, "1", "2", "3"]),
        phones=st.frozensets(phone, max_size=2),
        village=st.sampled_from(["", "v", "w"]),
        door=st.sampled_from(["", "1", "2"]),
        birth_year=st.sampled_from([None, 1990, 1991, 2000]),
        sex=st.sampled_from([None, "male", "female"]),
    )
    many = st.lists(one, max_size=12)
    return many.map(lambda found: [replace(card, key=f"{prefix}{i}") for i, card in enumerate(found)])


@given(cards("new"), cards("known"))
def test_blocks_find_what_comparing_everybody_finds(new: list[Card], known: list[Card]) -> None:
    assert propose(new, known) == slow_propose(new, known)


def list_cards() -> list[Card]:
    lines = (LISTS / "villages.csv").read_text(encoding="utf-8").splitlines()
    villages = {row["name"] for row in csv.DictReader(lines)}
    sheet = openpyxl.load_workbook(LISTS / "town-returnees.xlsx").worksheets[0]
    found, seen = [], set()
    for number, row in enumerate(sheet.iter_rows(min_row=4, max_col=15, values_only=True), start=4):
        document = read_document(row[3])
        if row[1] is None or row[10] not in villages or not (document is None or isinstance(document, Document)):
            continue
        key = document.key if document else None
        if key is None or key not in seen:
            found.append(list_card(number, row, document))
        seen.add(key)
    return found


def list_card(number: int, row: tuple[object, ...], document: Document | None) -> Card:
    return Card(
        key=number,
        name=normalise_name(str(row[1])),
        pinyin=pinyin_key(str(row[1])),
        document_key=document.key if document else None,
        phones=frozenset(read_phones(row[4])),
        village=str(row[10]),
        door=door_key(row[11]),
        birth_year=document.birth_date.year if document and document.birth_date else None,
        sex="male" if row[2] == "男" else "female",
    )


def test_town_list_holds_the_fourteen_and_no_infant() -> None:
    answers = json.loads((LISTS / "town-returnees.key.json").read_text(encoding="utf-8"))
    everybody = list_cards()
    held = propose(everybody, ())
    assert sorted(held) == answers["rows"]["review"]
    without = [card.key for card in everybody if card.document_key is None and card.key not in held]
    assert len(without) == answers["without_document"]
