"""The ledger's acts: groups by doors, one grid a household, checks that age, histories that stay."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes import actions, queries
from lianfang.registry.homes.models import Belonging, Check, Vulnerability
from lianfang.registry.people.models import Person
from lianfang.web.wording import share_words

VILLAGE, OTHER, GRID, SECOND = "140931101201", "140931101202", "140931101201001", "140931101201002"
AT = parse_datetime("2020-02-08T09:00:00+08:00")
BY = Actor("test")


def later(days):
    return AT + timedelta(days=days)


def test_c05_1_twelve_households_outside_any_group_are_named_and_100_percent_is_refused(households):
    homes = households(312)
    actions.assign_grid(by=BY, at=AT, households=homes, grid_path=GRID)
    actions.verify(by=BY, at=AT, checks=[actions.NewCheck(uuid4(), home, AT) for home in homes])
    formed = actions.form_groups(by=BY, at=AT, area_path=VILLAGE, kind="ten_households", size=10, most=30)
    assert (len(formed.groups), len(formed.left_over)) == (30, 12)
    outside = queries.narrowed(queries.lived_in(VILLAGE, AT), "no_group", AT, [])
    named = [home.door for home in queries.in_door_order(outside)]
    assert named == [f"{n}号" for n in range(301, 313)]
    cover = queries.coverage(VILLAGE, AT, 12)[VILLAGE]
    assert (cover.households, cover.in_group, cover.complete) == (312, 300, False)
    assert share_words(cover.in_group, cover.households) == "96.2%"
    last = formed.groups[0]
    actions.assign_group(by=BY, at=AT, households=formed.left_over, group=last)
    assert queries.coverage(VILLAGE, AT, 12)[VILLAGE].complete


def test_groups_never_cross_the_edge_of_a_grid(households):
    homes = households(25)
    actions.assign_grid(by=BY, at=AT, households=homes[:15], grid_path=GRID)
    actions.assign_grid(by=BY, at=AT, households=homes[15:], grid_path=SECOND)
    formed = actions.form_groups(by=BY, at=AT, area_path=VILLAGE, kind="ten_households", size=10)
    assert (len(formed.groups), [home.door for home in formed.left_over]) == (2, [f"{n}号" for n in range(11, 16)])


def test_forming_again_leaves_those_alone_who_have_a_group(households):
    households(20)
    actions.form_groups(by=BY, at=AT, area_path=VILLAGE, kind="ten_households", size=10)
    again = actions.form_groups(by=BY, at=later(1), area_path=VILLAGE, kind="ten_households", size=10)
    assert (again.groups, again.left_over) == ([], [])
    assert Belonging.objects.filter(sort="group").count() == 20


def test_c05_3_a_household_has_one_grid_and_moving_it_keeps_its_history(households):
    (home,) = households(1)
    assert actions.assign_grid(by=BY, at=AT, households=[home], grid_path=GRID) == 1
    assert actions.assign_grid(by=BY, at=later(1), households=[home], grid_path=GRID) == 0
    assert actions.assign_grid(by=BY, at=later(2), households=[home], grid_path=SECOND) == 1
    told = [(one.grid_path, one.since, one.until) for one in queries.history(home)]
    assert told == [(SECOND, later(2), None), (GRID, AT, later(2))]
    assert queries.rows([home], later(1))[0].grid == "第一网格"
    assert queries.rows([home], later(3))[0].grid == "第二网格"


def test_a_second_word_of_the_same_moment_corrects_the_first(households):
    (home,) = households(1)
    actions.assign_grid(by=BY, at=AT, households=[home], grid_path=GRID)
    actions.assign_grid(by=BY, at=AT, households=[home], grid_path=SECOND)
    assert [one.grid_path for one in queries.history(home)] == [SECOND]


def test_what_happened_later_is_not_overwritten_by_an_earlier_word(households):
    (home,) = households(1)
    actions.assign_grid(by=BY, at=later(5), households=[home], grid_path=GRID)
    with pytest.raises(actions.Unfit, match="moved_later"):
        actions.assign_grid(by=BY, at=AT, households=[home], grid_path=SECOND)


def test_a_grid_of_another_village_and_no_grid_at_all_are_refused(households):
    homes = households(1)
    with pytest.raises(actions.Unfit, match="of_another_village"):
        actions.assign_grid(by=BY, at=AT, households=homes, grid_path=f"{OTHER}001")
    with pytest.raises(actions.Unfit, match="no_such_grid"):
        actions.assign_grid(by=BY, at=AT, households=homes, grid_path=f"{VILLAGE}009")


def test_a_check_counts_until_the_limit_and_a_new_one_renews_it(households):
    (home,) = households(1)
    actions.set_freshness(by=BY, at=AT, area_path="140931", days=30, basis="a plan")
    assert queries.rows([home], AT)[0].state == "unverified"
    check = actions.NewCheck(uuid4(), home, AT)
    assert actions.verify(by=BY, at=AT, checks=[check, check]) == 1
    assert actions.verify(by=BY, at=later(1), checks=[check]) == 0
    assert queries.rows([home], later(30))[0].state == "verified"
    assert queries.rows([home], later(31))[0].state == "stale"
    stale = queries.narrowed(queries.lived_in(VILLAGE, later(31)), "stale", later(31), queries.limits("", later(31)))
    assert list(stale) == [home]
    actions.verify(by=BY, at=later(32), checks=[actions.NewCheck(uuid4(), home, later(32))])
    assert queries.rows([home], later(32))[0].state == "reverified"
    assert queries.coverage(VILLAGE, later(31), 12)[VILLAGE].fresh == 0
    assert queries.coverage(VILLAGE, later(32), 12)[VILLAGE].fresh == 1


def test_the_nearest_limit_governs(households):
    here, there = households(1)[0], households(1, path=OTHER)[0]
    actions.set_freshness(by=BY, at=AT, area_path="140931", days=30, basis="a plan")
    actions.set_freshness(by=BY, at=AT, area_path=VILLAGE, days=7, basis="the village")
    checks = [actions.NewCheck(uuid4(), home, AT) for home in (here, there)]
    actions.verify(by=BY, at=AT, checks=checks)
    states = {row.household.pk: row.state for row in queries.rows([here, there], later(10))}
    assert states == {here.pk: "stale", there.pk: "verified"}
    known = queries.limits("140931", later(10))
    assert list(queries.narrowed(queries.lived_in("140931", later(10)), "stale", later(10), known)) == [here]
    found = queries.coverage("140931", later(10), 12)
    assert (found[VILLAGE].fresh, found[OTHER].fresh) == (0, 1)


def test_a_check_told_late_does_not_take_the_place_of_a_later_one(households):
    (home,) = households(1)
    actions.verify(by=BY, at=later(2), checks=[actions.NewCheck(uuid4(), home, later(2))])
    actions.verify(by=BY, at=later(3), checks=[actions.NewCheck(uuid4(), home, AT)])
    assert Check.objects.get(superseded_at=None).at == later(2)
    with pytest.raises(actions.Unfit, match="in_the_future"):
        actions.verify(by=BY, at=AT, checks=[actions.NewCheck(uuid4(), home, later(9))])


def test_why_a_person_needs_care_ends_and_stays_in_the_records(households):
    (home,) = households(1)
    person = Person.objects.get(household=home)
    told = actions.Told(person, "special", frozenset({"pregnant", "hardship"}))
    assert actions.tell_residents(by=BY, at=AT, told=[told]) == 1
    assert actions.tell_residents(by=BY, at=AT, told=[told]) == 0
    assert list(queries.narrowed(queries.lived_in(VILLAGE, AT), "vulnerable", AT, [])) == [home]
    assert actions.tell_residents(by=BY, at=later(9), told=[actions.Told(person, flags=frozenset({"hardship"}))]) == 1
    row = queries.rows([home], later(9))[0]
    assert (row.kind, row.all_flags) == ("special", ["hardship"])
    assert queries.rows([home], later(8))[0].all_flags == ["hardship", "pregnant"]
    assert Vulnerability.objects.count() == 2


def test_a_group_works_once_it_has_a_coordinator_and_a_dissolved_one_lets_its_households_go(households):
    homes = households(10)
    (group,) = actions.form_groups(by=BY, at=AT, area_path=VILLAGE, kind="ten_households", size=10).groups
    with pytest.raises(actions.Unfit, match="no_coordinator"):
        actions.activate_group(by=BY, at=AT, group=group, coordinator=" ")
    assert actions.activate_group(by=BY, at=AT, group=group, coordinator="王某").activated_at == AT
    assert actions.dissolve_group(by=BY, at=later(1), group=group) == 10
    assert queries.narrowed(queries.lived_in(VILLAGE, later(1)), "no_group", later(1), []).count() == 10
    assert queries.households_in([group], AT) == {group.pk: 10}
    with pytest.raises(actions.Unfit, match="group_dissolved"):
        actions.assign_group(by=BY, at=later(2), households=homes, group=group)


def test_c05_2_the_compound_without_a_grid_is_named(village):
    for number in range(1, 6):
        grid = "" if number == 3 else GRID
        actions.register_compound(
            by=BY, at=AT, area_path=VILLAGE, name=f"{number}号院", kind="unmanaged", grid_path=grid
        )
    assert [found.name for found in queries.compounds_without_grid("140931101", AT)] == ["3号院"]


def test_people_without_a_door_keep_a_village_from_being_complete(households):
    homes = households(10)
    actions.assign_grid(by=BY, at=AT, households=homes, grid_path=GRID)
    actions.verify(by=BY, at=AT, checks=[actions.NewCheck(uuid4(), home, AT) for home in homes])
    actions.form_groups(by=BY, at=AT, area_path=VILLAGE, kind="ten_households", size=10)
    assert queries.coverage(VILLAGE, AT, 12)[VILLAGE].complete
    Person.objects.filter(household=homes[0]).update(household=None)
    cover = queries.coverage(VILLAGE, AT, 12)[VILLAGE]
    assert (cover.households, cover.doorless, cover.complete) == (9, 1, False)


def test_a_village_without_households_has_no_denominator(village):
    assert queries.coverage(VILLAGE, AT, 12) == {}


def test_acts_are_in_the_log_and_name_nobody(households):
    homes = households(10)
    actions.form_groups(by=BY, at=AT, area_path=VILLAGE, kind="ten_households", size=10)
    actions.assign_grid(by=BY, at=AT, households=homes, grid_path=GRID)
    told = {event.action: event.data for event in Event.objects.filter(actor="test")}
    assert told["groups.formed"] == {"groups": 1, "left_over": 0}
    assert told["households.assigned_to_grid"] == {"households": 10}
