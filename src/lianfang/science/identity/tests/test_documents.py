from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.science.identity.documents import (
    Document,
    DocumentFault,
    DocumentKind,
    age_on,
    check_character,
    mask,
    normalise,
    read_document,
)

BIRTHS = st.dates(min_value=date(1900, 1, 1), max_value=date(2025, 12, 31))
SEQUENCES = st.integers(min_value=0, max_value=999)


def number(birth: date, sequence: int) -> str:
    stem = f"990000{birth:%Y%m%d}{sequence:03d}"
    return stem + check_character(stem)


def slow_check(stem: str) -> str:
    """ISO 7064 MOD 11-2 as the standard writes it: the whole string is 1 modulo 11."""
    for candidate in "0123456789X":
        value = 10 if candidate == "X" else int(candidate)
        powers = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(stem))
        if (powers + value) % 11 == 1:
            return candidate
    raise AssertionError(stem)


def rule(value: object) -> str | None:
    found = read_document(value)
    return found.rule if isinstance(found, DocumentFault) else None


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("11010519491231002X", "female"),
        ("430000200001010013", "male"),
        ("430000200001010021", "female"),
        ("990000199003070013", "male"),
    ],
)
def test_resident_number_of_the_published_vectors_is_read(text: str, sex: str) -> None:
    found = read_document(text)
    assert isinstance(found, Document)
    assert (found.kind, found.number, found.sex) == (DocumentKind.resident_id, text, sex)
    assert f"{found.birth_date:%Y%m%d}" == text[6:14]


@given(BIRTHS, SEQUENCES)
def test_resident_number_roundtrips_for_every_birth_and_sequence(birth: date, sequence: int) -> None:
    text = number(birth, sequence)
    assert slow_check(text[:17]) == text[17]
    found = read_document(text)
    assert isinstance(found, Document)
    assert (found.key, found.birth_date) == (text, birth)
    assert found.sex == ("male" if sequence % 2 else "female")


@given(BIRTHS, SEQUENCES, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(birth: date, sequence: int, place: int, shift: int) -> None:
    text = number(birth, sequence)
    wrong = text[:place] + str((int(text[place]) + shift) % 10) + text[place + 1 :]
    assert rule(wrong) in {"id_check", "id_damaged"}


@given(BIRTHS, SEQUENCES)
def test_number_cell_of_a_resident_number_is_damaged_whatever_its_check(birth: date, sequence: int) -> None:
    text = number(birth, sequence).replace("X", "0")
    assert rule(float(text)) == "id_damaged"
    assert rule(int(text)) == "id_damaged"
    assert rule(f"{float(text):E}") == "id_damaged"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("9.9E+17", "id_damaged"),
        ("9.90000199003E+17", "id_damaged"),
        ("990000199003070000", "id_damaged"),
        ("990000199003070014", "id_check"),
        ("990000199013070017", "id_date"),
        ("99000019900307001", "id_format"),
        ("19900307", "id_format"),
        ("张三", "id_format"),
        (True, "id_format"),
        (12.5, "id_format"),
    ],
)
def test_fault_is_named(value: object, expected: str) -> None:
    assert rule(value) == expected


def test_zeros_at_the_end_are_no_damage_where_the_check_holds() -> None:
    texts = [number(date(1990, 1, day), 0) for day in range(1, 29)]
    texts += [number(date(1990, 1, day), 100) for day in range(1, 29)]
    ending = [text for text in texts if text.endswith("000")]
    assert ending
    assert [rule(text) for text in ending] == [None] * len(ending)


def test_birth_after_today_is_impossible() -> None:
    text = number(date(2021, 1, 1), 5)
    assert isinstance(read_document(text, today=date(2020, 2, 8)), DocumentFault)
    assert isinstance(read_document(text, today=date(2021, 1, 1)), Document)


@pytest.mark.parametrize("value", ["990000900307001", 990000900307001, 990000900307001.0, "990000900307001.0"])
def test_first_generation_number_has_the_key_of_the_second(value: object) -> None:
    found = read_document(value)
    assert isinstance(found, Document)
    assert (found.number, found.key) == ("990000900307001", "990000199003070013")
    assert found.birth_date == date(1990, 3, 7)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("E12345678", DocumentKind.passport),
        ("EA1234567", DocumentKind.passport),
        ("H12345678", DocumentKind.permit),
        ("m1234567801", DocumentKind.permit),
        ("01234567", DocumentKind.permit),
        ("CHN310000000001", DocumentKind.permit),
        ("A123456789", DocumentKind.other),
    ],
)
def test_other_documents_are_accepted(text: str, kind: DocumentKind) -> None:
    found = read_document(text)
    assert isinstance(found, Document)
    assert (found.kind, found.birth_date) == (kind, None)


@pytest.mark.parametrize("value", [None, "", "  ", "无", "-", "——", "n/a", float("nan"), "不详"])
def test_empty_cell_is_no_document(value: object) -> None:
    assert read_document(value) is None


@pytest.mark.parametrize(
    "text",
    [
        "'11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        " 110105 19491231 002x ",
        "110105-19491231-002X",
    ],
)
def test_ways_to_write_one_number_have_one_key(text: str) -> None:
    found = read_document(text)
    assert isinstance(found, Document)
    assert found.key == "11010519491231002X"


@given(st.text(st.characters(max_codepoint=0xFFFF, categories=("L", "N", "P", "Z"))))
def test_any_text_is_read_without_error(text: str) -> None:
    found = read_document(text)
    assert found is None or found == read_document(normalise(text)) or isinstance(found, DocumentFault)


def test_mask_shows_four_at_either_end() -> None:
    assert mask("990000199003070013") == "9900**********0013"
    assert mask("E12345678") == "E******78"
    assert mask("123") == "***"


@pytest.mark.parametrize(("day", "age"), [(date(2020, 3, 6), 29), (date(2020, 3, 7), 30), (date(2021, 3, 1), 30)])
def test_age_turns_on_the_birthday(day: date, age: int) -> None:
    assert age_on(date(1990, 3, 7), day) == age
