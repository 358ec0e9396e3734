"""Cards: what is kept of a person, who may see it, and how it is found."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime

from lianfang.registry.accounts.rules import ROLES, Permission
from lianfang.registry.people import actions, queries
from lianfang.registry.people.hashes import document_hash
from lianfang.registry.people.models import Household, Person, Source
from lianfang.registry.people.rules import NewPerson, NewSource, is_minor
from lianfang.registry.people.searching import found_first, search
from lianfang.science.identity.documents import read_document

AT = parse_datetime("2020-02-08T09:00:00+08:00")
VILLAGE, OTHER = "140931101201", "140931101202"
NUMBER, FIRST_GENERATION = "990000199303133223", "990000930313322"

pytestmark = pytest.mark.django_db


def register(name="张玉兰", **told) -> Person:
    new = NewPerson(**{"uid": uuid4(), "name": name, "area_path": VILLAGE} | told)
    return actions.register(at=AT, people=[new])[new.uid]


def found(text: str) -> set[str]:
    return {person.name for person in search(Person.objects.all(), text)}


@pytest.fixture
def family():
    """Three people of two villages; two share a door and a phone."""
    register("张玉兰", door="12号", phones=("13900000001",), document=read_document(NUMBER))
    register("李小军", door="12号", phones=("13900000001",))
    return register("张玉蓝", area_path=OTHER, door="12号")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张玉兰", {"张玉兰"}),
        ("玉", {"张玉兰", "张玉蓝"}),
        ("zhang yu lan", {"张玉兰", "张玉蓝"}),
        ("ZHANG  YU", {"张玉兰", "张玉蓝"}),
        ("zyl", {"张玉兰", "张玉蓝"}),
        (NUMBER, {"张玉兰"}),
        (f" {NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]} ", {"张玉兰"}),
        ("139 0000 0001", {"张玉兰", "李小军"}),
        ("+86 13900000001", {"张玉兰", "李小军"}),
        ("12号", {"张玉兰", "李小军", "张玉蓝"}),
        ("0001", {"张玉兰", "李小军"}),
        ("十二号", {"张玉兰", "李小军", "张玉蓝"}),
        ("", {"张玉兰", "李小军", "张玉蓝"}),
        ("王", set()),
        ("%", set()),
        ("_", set()),
        ("\\", set()),
        ("'; DROP TABLE people_person; --", set()),
        ("1390000000", set()),
        (NUMBER[:17], set()),
    ],
)
def test_search_finds_by_whatever_is_at_hand(family, text, names):
    assert found(text) == names


def test_of_very_many_the_first_are_shown_and_it_is_said_that_there_are_more(family):
    assert [len(found_first(Person.objects.all(), "张", most)[0]) for most in (1, 2, 3)] == [1, 2, 2]
    assert [found_first(Person.objects.all(), "张", most)[1] for most in (1, 2, 3)] == [True, False, False]


def test_search_finds_a_door_of_the_village_named(family, county):
    assert found("东沟村12号") == found("义门镇东沟村 12 号") == found("东沟十二号") == {"张玉兰", "李小军"}
    assert found("西坪村12号") == {"张玉蓝"}
    assert found("无此村12号") == set()


@pytest.mark.parametrize("text", ["\x00", "张\x00", "\ud800", "9" * 400, "\u202e"])
def test_search_survives_what_no_keyboard_writes(family, text):
    assert found(text) <= {"张玉兰", "李小军", "张玉蓝"}


def test_one_door_in_a_village_is_one_household_and_in_two_villages_two(family):
    assert Household.objects.count() == 2
    assert {person.name for person in Household.objects.get(area_path=VILLAGE).people.all()} == {
        "张玉兰",
        "李小军",
    }


@pytest.mark.parametrize("door", ["", "   ", "　"])
def test_without_a_door_there_is_no_household(door):
    assert register(door=door).household is None


def test_a_door_of_any_length_is_a_household():
    long = (
        "义门镇东沟村第三居民小组老供销社旁边新修的水泥路往里走第二个巷子口左手边红色大铁门院内北屋西侧那间房子的主人家后院"
        * 2
    )
    first, second = register(door=long), register("李小军", door=long)
    assert first.household is not None
    assert first.household == second.household


def test_a_document_stands_on_one_card_only():
    register(document=read_document(NUMBER))
    with pytest.raises(IntegrityError, match="people_document_on_one_card"), transaction.atomic():
        register(document=read_document(NUMBER))
    assert Person.objects.count() == 1


def test_a_withdrawn_card_gives_its_document_back():
    first = register(document=read_document(NUMBER))
    actions.withdraw(person=first, at=AT + timedelta(hours=1))
    second = register(document=read_document(NUMBER))
    key = document_hash(read_document(NUMBER))
    assert queries.by_document([key]) == {key: second.uid}


def test_the_same_phone_twice_on_one_card_is_kept_once():
    assert register(phones=("13900000001", "13900000001")).phones.count() == 1


def test_numbers_are_masked_unless_asked_for_in_full():
    person = register(document=read_document(NUMBER), phones=("13900000001",))
    masked = queries.numbers_of([person.uid], in_full=False)[person.uid]
    assert NUMBER not in str(masked)
    assert "13900000001" not in str(masked)
    full = queries.numbers_of([person.uid], in_full=True)[person.uid]
    assert (full.document, full.phones) == (NUMBER, ("13900000001",))


def test_numbers_of_many_people_are_one_query(django_assert_num_queries):
    people = [register(phones=(f"1390000{n:04}",)) for n in range(20)]
    with django_assert_num_queries(1):
        queries.numbers_of([person.uid for person in people], in_full=False)


def test_nobody_is_asked_about_nobody():
    assert queries.numbers_of([], in_full=True) == {}
    assert list(queries.within([])) == []


def test_a_mention_is_kept_once_and_can_be_taken_back():
    person, reference = register(), uuid4()
    source = NewSource(person.uid, "list", "a.xlsx", reference, "Sheet1", 7)
    for _again in range(2):
        actions.add_sources(at=AT, sources=[source])
    assert Source.objects.count() == 1
    actions.withdraw_sources(at=AT, reference=reference, sheet="Sheet1", row=7)
    actions.add_sources(at=AT, sources=[source])
    assert [row.withdrawn_at is None for row in Source.objects.order_by("pk")] == [False, True]


def test_a_withdrawn_card_counts_until_the_moment():
    person = register()
    actions.withdraw(person=person, at=AT + timedelta(hours=2))
    moments = [AT - timedelta(seconds=1), AT, AT + timedelta(hours=1), AT + timedelta(hours=2)]
    assert [Person.objects.as_of(moment).under(VILLAGE).count() for moment in moments] == [0, 1, 1, 0]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_nobody_sees_people_of_another_village(account, family, role):
    seen = {person.area_path for person in queries.visible_to(account(role, VILLAGE))}
    sees = Permission.SEE_PEOPLE in ROLES[role]
    assert seen == ({VILLAGE} if sees else set())


def test_who_works_in_no_area_sees_nobody(account, family):
    worker = account("village_head", VILLAGE)
    worker.appointments.all().delete()
    assert list(queries.visible_to(worker)) == []


@pytest.mark.parametrize("text", [NUMBER, "张玉蓝", "zyl", "12号", ""])
def test_a_search_reaches_no_further_than_the_account(account, family, text):
    people = queries.visible_to(account("village_head", OTHER))
    assert {person.area_path for person in search(people, text)} <= {OTHER}


def test_a_family_is_shown_as_far_as_the_account_reaches(account, family):
    person = Person.objects.get(name="张玉兰")
    assert [one.name for one in queries.family_of(person, account("village_head", VILLAGE))] == ["李小军"]
    assert queries.family_of(person, account("village_head", OTHER)) == []


def test_a_withdrawn_card_is_seen_by_nobody(account):
    person = register()
    actions.withdraw(person=person, at=AT)
    assert list(queries.visible_to(account("county_officer", "140931"))) == []


@pytest.mark.parametrize(
    ("born", "on", "minor"),
    [
        (date(2002, 2, 9), date(2020, 2, 8), True),
        (date(2002, 2, 8), date(2020, 2, 8), False),
        (date(2004, 2, 29), date(2022, 2, 28), True),
        (date(2004, 2, 29), date(2022, 3, 1), False),
        (date(2020, 2, 8), date(2020, 2, 8), True),
        (None, date(2020, 2, 8), False),
    ],
)
def test_majority_begins_on_the_eighteenth_birthday(born, on, minor):
    assert is_minor(born, on) is minor


def test_one_unknown_uid_is_not_found_among_numbers():
    assert queries.numbers_of([UUID(int=1)], in_full=True)[UUID(int=1)] == queries.Numbers((), ())
