from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lianfang.science.identity.documents import Document, age_on, read_document
from lianfang.science.identity.names import name_problem, pinyin_key
from lianfang.science.identity.phones import normalise_phone
from lianfang.science.population.people import Household, make_households
from lianfang.science.population.places import make_villages
from lianfang.science.population.sampling import make_number, stream, write_as_heard

DAY = date(2020, 2, 8)
ROWS = make_villages([("140931101", "义门镇")], 5, 3)


def households(people: int, seed: int = 1) -> list[Household]:
    return make_households(ROWS, people, as_of=DAY, seed=seed)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 300), st.integers(0, 10**6))
def test_people_are_as_many_as_asked_and_their_documents_tell_the_truth(people: int, seed: int) -> None:
    members = [person for household in households(people, seed) for person in household.members]
    assert len(members) == people
    for person in members:
        assert name_problem(person.name) is None
        assert person.phone is None or normalise_phone(person.phone) == person.phone
        document = read_document(person.document, today=DAY)
        if document is None:
            assert age_on(person.birth_date, DAY) == 0
            continue
        assert isinstance(document, Document)
        assert document.number.startswith("990000")
        assert (document.birth_date, document.sex) == (person.birth_date, person.sex)


def test_numbers_are_given_once_over_several_lists() -> None:
    taken: set[str] = set()
    made = [make_households(ROWS, 3000, as_of=DAY, seed=seed, taken=taken) for seed in (1, 2)]
    numbers = [person.document for part in made for household in part for person in household.members]
    given = [number for number in numbers if number]
    assert len(set(given)) == len(given) == len(taken)


def test_households_share_doors_phones_and_no_sound_of_a_name() -> None:
    made = households(2000)
    doors = Counter((household.village.code, household.door) for household in made)
    assert set(doors.values()) == {1}
    shared = 0
    for household in made:
        phones = [person.phone for person in household.members]
        shared += len(phones) > len(set(phones))
        sounds = [pinyin_key(person.name) for person in household.members]
        assert len(set(sounds)) == len(sounds)
        assert household.grid is not None
        assert household.grid.startswith(household.village.code)
    assert shared > 100


def test_same_seed_makes_the_same_people() -> None:
    assert households(200, 5) == households(200, 5)
    assert households(200, 5) != households(200, 6)


def test_no_village_is_refused() -> None:
    with pytest.raises(ValueError, match="no village"):
        make_households([], 1, as_of=DAY, seed=1)


def test_a_day_without_numbers_left_is_said() -> None:
    taken: set[str] = set()
    chance = stream(1)
    for _ in range(500):
        make_number("19900307", "male", chance, taken)
    assert len(taken) == 500
    with pytest.raises(ValueError, match="no number left"):
        make_number("19900307", "male", chance, taken)


@given(st.sampled_from(["王国雯", "李解", "陈晓光", "欧阳明"]), st.integers(0, 1000))
def test_name_written_as_heard_sounds_alike(name: str, seed: int) -> None:
    written = write_as_heard(name, stream(seed))
    assert written != name
    assert pinyin_key(written) == pinyin_key(name)
