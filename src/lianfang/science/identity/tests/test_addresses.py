import pytest

from lianfang.science.identity.addresses import names_a_door, read_address


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("东沟村12号", ("东沟村", "12")),
        ("义门镇 东沟村 十二号", ("东沟村", "12")),
        ("保德县义门镇东沟村第12号", ("东沟村", "12")),
        ("12", ("", "12")),
        ("3号楼2单元", ("", "3-楼2单元")),
        ("东沟村", ("", "")),
        ("", ("", "")),
        ("号", ("", "")),
    ],
)
def test_an_address_says_village_and_door(text, told):
    assert read_address(text) == told


@pytest.mark.parametrize(("text", "door"), [("张三", False), ("三号", True), ("东沟12", True), ("", False)])
def test_a_numeral_in_a_name_is_no_door(text, door):
    assert names_a_door(text) is door
