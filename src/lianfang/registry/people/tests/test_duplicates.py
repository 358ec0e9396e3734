"""Proposals over the whole register: the database names the same pairs as asking of every two cards."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.dateparse import parse_datetime
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions
from lianfang.registry.people.duplicates import cards_of, compare, find_duplicates
from lianfang.registry.people.models import DuplicatePair, Person
from lianfang.registry.people.rules import NewPerson
from lianfang.science.identity.documents import check_character, read_document
from lianfang.science.identity.duplicates import propose_slowly

BY, AT = Actor("test"), parse_datetime("2020-02-08T18:00:00+08:00")
VILLAGE, OTHER = "140931101201", "140931101202"
PHONE, SWAPPED = "13900000012", "13900000021"
BORN = date(1985, 3, 7)


def number(stem):
    return stem + check_character(stem)


def register(name="张玉兰", village=VILLAGE, **told) -> Person:
    new = NewPerson(**{"uid": uuid4(), "name": name, "area_path": village} | told)
    return actions.register(at=AT, people=[new])[new.uid]


def proposed() -> dict[tuple[int, int], tuple[str, ...]]:
    return {(pair.low_id, pair.high_id): tuple(pair.reasons) for pair in DuplicatePair.objects.filter(state="open")}


names = st.sampled_from(["张玉兰", "张玉蓝", "張玉蘭", "张玉梅", "张兰玉", "肖军", "萧军"])
numbers = st.sampled_from(["99000019850307123", "99000019850307132", "99000019900101123"]).map(number)
passports = st.sampled_from(["E12345678", "E12345687"])
described = st.fixed_dictionaries(
    {
        "name": names,
        "village": st.sampled_from([VILLAGE, OTHER]),
        "sex": st.sampled_from(["", "", "male", "female"]),
        "birth_date": st.sampled_from([None, BORN, date(2015, 1, 1)]),
        "phones": st.lists(st.sampled_from([PHONE, SWAPPED, "13911112222"]), max_size=2, unique=True).map(tuple),
        "door": st.sampled_from(["", "12号", "13号"]),
        "document": st.none() | numbers | passports,
    }
)


class TestAgainstAskingEveryTwo(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(st.lists(described, max_size=9), st.integers(0, 9))
    def test_the_database_proposes_what_asking_of_every_two_cards_proposes(self, told, first):
        """In two rounds, as the tick comes: what is there already and what is new."""
        taken, cards = set(), []
        for one in told:
            document = read_document(one["document"]) if one["document"] else None
            if document and document.key in taken:
                document = None  # one document stands on one live card
            taken |= {document.key} if document else set()
            cards.append(register(**one | {"document": document}).pk)
        compare(cards[:first], at=AT)
        find_duplicates(at=AT)
        assert proposed() == propose_slowly(cards_of(cards).values())


@pytest.mark.django_db
def test_a_decision_is_not_asked_again():
    one, other = register(phones=(PHONE,)), register("张玉蓝", phones=(PHONE,))
    assert find_duplicates(at=AT) == 1
    assert find_duplicates(at=AT) == 0
    actions.refuse_pair(by=BY, at=AT, one=one, other=other)
    Person.objects.update(compared_at=None)
    assert find_duplicates(at=AT) == 0
    assert proposed() == {}


@pytest.mark.django_db
def test_a_corrected_phone_takes_the_open_proposal_back():
    one = register(phones=(PHONE,))
    register("张玉蓝", phones=(PHONE,))
    find_duplicates(at=AT)
    assert len(proposed()) == 1
    actions.add_phone(
        by=BY, at=AT, person=one, number="13911112222", instead_of=one.phones.get(), reason="read it again"
    )
    find_duplicates(at=AT)
    assert proposed() == {}


@pytest.mark.django_db
def test_a_family_with_one_phone_behind_one_door_is_no_duplicate():
    for name in ("张建国", "王芳", "张小宝", "张小贝"):
        register(name, phones=(PHONE,), door="12号")
    assert find_duplicates(at=AT) == 0


@pytest.mark.django_db
def test_a_number_on_many_cards_is_an_offices_and_no_reason():
    people = [NewPerson(uuid4(), "张玉兰", VILLAGE, phones=(PHONE,)) for _n in range(51)]
    actions.register(at=AT, people=people)
    assert find_duplicates(at=AT) == 0


@pytest.mark.django_db
def test_a_merged_card_is_proposed_no_more():
    one, other = register(phones=(PHONE,)), register("张玉蓝", phones=(PHONE,))
    find_duplicates(at=AT)
    actions.merge(by=BY, at=AT, kept=one, merged=other, reason="one phone, one person")
    find_duplicates(at=AT)
    assert DuplicatePair.objects.get().state == "merged"


@pytest.mark.django_db
def test_a_round_takes_a_fixed_number_of_queries():
    def asked(first, people):
        phones = [f"139{first:02}00{n:04}" for n in range(people)]
        keys = [register(name, phones=(phone,)).pk for phone in phones for name in ("张玉兰", "张玉蓝")]
        with CaptureQueriesContext(connection) as found:
            assert compare(keys, at=AT) >= people
        return len(found)

    assert asked(1, 3) == asked(2, 40) <= 14
