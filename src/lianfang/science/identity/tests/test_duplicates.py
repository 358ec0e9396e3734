"""Two cards that may be one person: what is a reason, what is none, and that the fast way loses no pair."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.science.identity.duplicates import (
    Card,
    one_character_apart,
    propose,
    propose_slowly,
    swapped,
    why,
)
from lianfang.science.identity.names import pinyin_key
from lianfang.science.identity.variants import fold_variants

BORN = date(1985, 3, 7)
PHONE, SWAPPED, OTHER = "13900000012", "13900000021", "13911112222"
ID, ID_SWAPPED, ID_OTHER = "99000019850307123X", "990000198503071323", "990000199001011234"


class Described(Card):
    """A card to which another one's statements can be added."""

    def __or__(self, other):
        told = {name: getattr(other, name) for name in ("birth_date", "phones", "documents", "door", "sex")}
        return replace(self, **{name: value for name, value in told.items() if value})


def card(name="张玉兰", key=1, **told):
    told |= {name: frozenset(told[name]) for name in ("phones", "documents") if name in told}
    return Described(key=key, name=name, pinyin=pinyin_key(name), **told)


def reasons(a, b):
    found = why(a, b)
    assert why(b, a) == found
    return set(found)


ME, HERE = card(birth_date=BORN), card(phones=[PHONE])
MEI = card("张玉梅", birth_date=BORN)
BY_ID, BY_SLIP, BY_OTHER = (card(documents=[("resident_id", number)]) for number in (ID, ID_SWAPPED, ID_OTHER))
AT_HOME = card("肖军", door="1/12")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # homophones and variants, with something else that agrees
        (HERE, card("张玉蓝", phones=[PHONE]), {"same_pinyin", "same_phone"}),
        (card("张国强", phones=[PHONE]), card("張國強", phones=[PHONE]), {"variant_name", "same_phone"}),
        (AT_HOME, card("萧军", door="1/12"), {"variant_name", "same_door"}),
        (card("李喆", phones=[PHONE]), card("李哲", phones=[PHONE]), {"variant_name", "same_phone"}),
        (ME, ME, {"same_name", "same_birth_date"}),
        # one character needs the birthday and a place besides
        (ME | HERE, MEI | HERE, {"one_character", "same_birth_date", "same_phone"}),
        (HERE, card("张玉梅", phones=[PHONE]), set()),
        (ME, MEI, set()),
        # swapped digits
        (HERE, card(phones=[SWAPPED]), {"same_name", "swapped_phone"}),
        (BY_ID, BY_SLIP, {"same_name", "swapped_document"}),
        (BY_ID, card("张玉梅", documents=[("resident_id", ID_SWAPPED)]), {"one_character", "swapped_document"}),
        # two kinds of documents contradict nobody
        (BY_ID | HERE, card(documents=[("passport", "E12345678")]) | HERE, {"same_name", "same_phone"}),
        # never a reason by itself
        (card(), card(), set()),
        (HERE, card("李小军", phones=[PHONE]), set()),
        (AT_HOME | HERE, card("王芳", door="1/12", phones=[PHONE]), set()),
        (AT_HOME | ME, card("王芳", door="1/12", birth_date=BORN), set()),
        # something says otherwise
        (card(sex="male") | HERE, card(sex="female") | HERE, set()),
        (ME | HERE, card(birth_date=date(2010, 3, 7)) | HERE, set()),
        (BY_ID | HERE, BY_OTHER | HERE, set()),
    ],
)  # fmt: skip
def test_what_is_a_reason_and_what_is_none(one, other, expected):
    assert reasons(one, other) == expected


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        ("张玉兰", "张玉梅", True), ("张玉兰", "张兰", True), ("张玉兰", "张兰玉", True), ("张玉兰", "玉兰", True),
        ("张玉兰", "李玉梅", False),
        ("张三", "李四", False), ("张三", "张三", False), ("张", "李", False), ("", "张", False),
    ],
)  # fmt: skip
def test_one_character_apart(a, b, apart):
    assert one_character_apart(a, b) is one_character_apart(b, a) is apart


@pytest.mark.parametrize(
    ("a", "b", "found"),
    [
        ("12", "21", True), ("1234", "1324", True),
        ("1234", "1432", False), ("11", "11", False), ("12", "123", False), ("1234", "2143", False),
    ],
)  # fmt: skip
def test_neighbours_swapped(a, b, found):
    assert swapped(a, b) is swapped(b, a) is found


def test_folding_is_settled_and_leaves_other_names_alone():
    for name in ("張國強", "肖战", "阎锡山", "闫妮", "張玉蘭"):
        assert fold_variants(fold_variants(name)) == fold_variants(name)
    assert fold_variants("王建国") == "王建国"


def test_another_form_of_a_character_is_read_alike():
    """So that cards that differ by variants share the block of their sound."""
    from lianfang.science.identity.variants import _PAIRS

    assert [pair for pair in _PAIRS.split() if pinyin_key("一" + pair[0]) != pinyin_key("一" + pair[1])] == []
    assert [pair for pair in _PAIRS.split() if pinyin_key(pair[0] + "一") != pinyin_key(pair[1] + "一")] == []


names = st.sampled_from(["张玉兰", "张玉蓝", "張玉蘭", "张玉梅", "张兰", "张兰玉", "肖军", "萧军", "John Smith"])
numbers = st.sampled_from([PHONE, SWAPPED, OTHER])
resident = st.sampled_from([ID, ID_SWAPPED, ID_OTHER]).map(lambda number: ("resident_id", number))
passports = st.sampled_from(["E12345678", "E12345687"]).map(lambda number: ("passport", number))
ids = resident | passports
described = st.builds(
    lambda name, sex, born, documents, phones, door: (name, sex, born, documents, phones, door),
    names,
    st.sampled_from(["", "", "male", "female"]),
    st.sampled_from([None, BORN, date(1986, 1, 1), date(2015, 1, 1)]),
    st.frozensets(ids, max_size=1),
    st.frozensets(numbers, max_size=2),
    st.sampled_from(["", "1/12", "1/13"]),
)


@given(st.lists(described, max_size=14))
def test_the_fast_way_finds_what_asking_of_every_pair_finds(told):
    cards = [
        Card(key, name, pinyin_key(name), sex, born, documents, phones, door)
        for key, (name, sex, born, documents, phones, door) in enumerate(told)
    ]
    assert propose(cards) == propose_slowly(cards)
