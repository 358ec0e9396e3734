import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.science.identity.phones import mask_phone, normalise_phone, phone_problem, read_phones


@pytest.mark.parametrize(
    ("value", "normal"),
    [
        (13877051447, "13877051447"),
        (13877051447.0, "13877051447"),
        ("13877051447.0", "13877051447"),
        ("1.3877051447E+10", "13877051447"),
        ("156 6750 1605", "15667501605"),
        ("138-7705-1447", "13877051447"),
        ("+86 13877051447", "13877051447"),
        ("0086-138 7705 1447", "13877051447"),
        ("1３8７７０５１４４７", "13877051447"),
        ("'13877051447", "13877051447"),
        ("13877051447（父亲）", None),
        ("0350-7322222", "03507322222"),
        ("(0350)7322222转801", "03507322222x801"),
        ("+86 0350 7322222", "03507322222"),
        ("7322222", "7322222"),
        ("+852 9123 4567", "+85291234567"),
        ("13877051447/13877051448", "13877051447"),
        ("1387705144", None),
        ("1.38771E+10", None),
        ("无", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_phone_is_brought_to_one_form(value: object, normal: str | None) -> None:
    assert normalise_phone(value) == normal


def test_several_phones_of_a_cell_are_read_in_order() -> None:
    assert read_phones("13877051447、13877051448 13877051447"[:23]) == ("13877051447", "13877051448")


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("1387705144", "phone_format"),
        ("电话", "phone_format"),
        ("", None),
        ("无", None),
        ("13877051447", None),
    ],
)
def test_phone_problem_is_named_only_where_something_is_written(value: str, rule: str | None) -> None:
    assert phone_problem(value) == rule


def test_mask_leaves_three_and_four() -> None:
    assert mask_phone("13877051447") == "138****1447"
    assert mask_phone("7322222") == "***2222"
    assert mask_phone("110") == "***"


@given(st.text(max_size=30))
def test_normal_form_is_stable(text: str) -> None:
    normal = normalise_phone(text)
    assert normal is None or normalise_phone(normal) == normal
