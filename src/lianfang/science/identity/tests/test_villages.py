import pytest

from lianfang.science.identity.villages import match_place, nearest_names, normalise_place

VILLAGES = ["东沟村", "西坪村", "南庄村", "柳树湾村", "刘家塔村", "王家坡村", "街道社区"]


@pytest.mark.parametrize(
    "text",
    ["东沟", "东沟村", "东沟村委会", "东沟村民委员会", "东沟行政村", "东 沟 村", "东沟村委", "东沟自然村"],
)
def test_suffixes_of_a_village_mean_one_place(text: str) -> None:
    assert normalise_place(text) == "东沟"
    assert match_place(text, VILLAGES) == "东沟村"


def test_one_character_names_keep_their_suffix() -> None:
    assert normalise_place("李村") == "李村"
    assert normalise_place("李村委会") == "李村"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("街道居委会", "街道社区"),
        ("义门镇东沟村", "东沟村"),
        ("东沟庄", None),
        ("", None),
    ],
)
def test_match_place_takes_the_one_place_meant(text: str, place: str | None) -> None:
    assert match_place(text, VILLAGES) == place


def test_match_place_refuses_to_choose_between_two() -> None:
    assert match_place("东沟", ["东沟村", "东沟社区"]) is None
    assert match_place("东沟社区", ["东沟村", "东沟社区"]) == "东沟社区"


def test_nearest_names_finds_slips_of_sound_and_of_writing() -> None:
    assert nearest_names("东勾村", VILLAGES)[0] == "东沟村"
    assert nearest_names("柳树弯", VILLAGES)[0] == "柳树湾村"
    assert nearest_names("刘家坡", VILLAGES, limit=2) == ["刘家塔村", "王家坡村"]
    assert nearest_names("呼和浩特", VILLAGES) == []
