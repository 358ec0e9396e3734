import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.science.population.places import make_villages, village_names

TOWNSHIPS = [("140931101", "义门镇"), ("140931200", "腰庄乡")]


@given(st.integers(0, 10**6), st.integers(1, 40))
def test_villages_have_codes_of_their_township_and_names_of_their_own(seed: int, per_township: int) -> None:
    rows = make_villages(TOWNSHIPS, per_township, seed)
    places = [row for row in rows if row.kind != "grid"]
    assert len({row.code for row in rows}) == len(rows)
    assert len({row.name for row in places}) == len(places) == 2 * per_township + 1
    assert all(row.code.startswith(row.parent) for row in rows)
    assert {len(row.code) for row in places} == {12}
    assert {row.code[9] for row in places if row.kind == "village"} == {"2"}


def test_every_village_has_two_to_four_grids() -> None:
    rows = make_villages(TOWNSHIPS, 10, 1)
    places = [row.code for row in rows if row.kind != "grid"]
    grids = [row for row in rows if row.kind == "grid"]
    counts = {code: sum(row.parent == code for row in grids) for code in places}
    assert set(counts.values()) == {2, 3, 4}
    assert all(len(row.code) == 15 for row in grids)


def test_same_seed_makes_the_same_villages_and_another_seed_others() -> None:
    assert make_villages(TOWNSHIPS, 10, 1) == make_villages(TOWNSHIPS, 10, 1)
    assert make_villages(TOWNSHIPS, 10, 1) != make_villages(TOWNSHIPS, 10, 2)


def test_no_village_name_is_the_end_of_another() -> None:
    names = village_names()
    assert len(set(names)) == len(names)
    assert not [name for name in names if len(name) == 3 and name[1:] in names]


@pytest.mark.parametrize("per_township", [0, 800])
def test_number_of_villages_out_of_the_code_is_refused(per_township: int) -> None:
    with pytest.raises(ValueError, match="per_township"):
        make_villages(TOWNSHIPS, per_township, 1)
