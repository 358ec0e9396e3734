import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.science.identity.names import initials, name_problem, normalise_name, pinyin_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("王国雯", "wang guo wen"),
        ("王囯雯", "wang guo wen"),
        ("吕布", "lv bu"),
        ("单雄信", "shan xiong xin"),
        ("曾国藩", "zeng guo fan"),
        ("解磊", "xie lei"),
        ("查良镛", "zha liang yong"),
        ("区伟", "ou wei"),
        ("仇英", "qiu ying"),
        ("覃芳", "qin fang"),
        ("尉迟恭", "yu chi gong"),
        ("万俟平", "mo qi ping"),
        ("欧阳明", "ou yang ming"),
        ("李解", "li jie"),
        ("王 小明", "wang xiao ming"),
        ("John  SMITH", "john smith"),
        ("阿卜杜拉·买买提", "a bu du la mai mai ti"),
        ("", ""),
    ],
)
def test_pinyin_key_reads_surnames_as_surnames(name: str, key: str) -> None:
    assert pinyin_key(name) == key


def test_initials_take_the_first_letter_of_each_syllable() -> None:
    assert initials("欧阳明") == "oym"
    assert initials("解 磊") == "xl"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("张 三", "张三"),
        ("　张　三　", "张三"),
        ("买买提•阿不都", "买买提·阿不都"),
        ("Anna  Maria", "Anna Maria"),
    ],
)
def test_normalise_name_drops_what_typing_adds(text: str, clean: str) -> None:
    assert normalise_name(text) == clean


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (None, "no_name"),
        ("  ", "no_name"),
        ("无", "no_name"),
        ("。。", "no_name"),
        ("13800000000", "name_digits"),
        ("张三2", "name_digits"),
        ("张" * 61, "name_too_long"),
        ("张三", None),
        ("阿卜杜拉·买买提", None),
    ],
)
def test_name_problem_is_named(text: str | None, rule: str | None) -> None:
    assert name_problem(text) == rule


LETTERS = st.sampled_from("王国雯解 　·•Aéz1（")


@given(st.text(LETTERS, max_size=12))
def test_normal_form_is_stable_and_keeps_the_key(text: str) -> None:
    clean = normalise_name(text)
    assert normalise_name(clean) == clean
    assert pinyin_key(clean) == pinyin_key(text)
