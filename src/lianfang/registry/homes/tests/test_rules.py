from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.registry.homes.rules import door_order, freshness, grid_state, group_state, in_tens, kind_of

NOW = datetime(2020, 2, 8, tzinfo=UTC)


def test_doors_stand_as_one_walks_along():
    doors = ["10", "2", "3-2", "3-10", "A1", "1"]
    assert sorted(doors, key=door_order) == ["1", "2", "3-2", "3-10", "10", "A1"]


@given(count=st.integers(0, 400), size=st.integers(1, 30), most=st.none() | st.integers(0, 50))
def test_nobody_is_lost_and_nobody_stands_in_two_groups(count, size, most):
    full, left = in_tens(range(count), size, most)
    assert [n for group in full for n in group] + left == list(range(count))
    assert all(len(group) == size for group in full)
    assert len(full) == min(count // size, count if most is None else most)


def test_a_group_of_nobody_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        in_tens([1], 0)


@pytest.mark.parametrize(
    ("checks", "age", "days", "state"),
    [
        (0, None, 30, "unverified"),
        (1, 30, 30, "verified"),
        (1, 31, 30, "stale"),
        (2, 0, 30, "reverified"),
        (2, 31, 30, "stale"),
        (1, 3000, None, "verified"),
    ],
)
def test_a_check_ages(checks, age, days, state):
    last = None if age is None else NOW - timedelta(days=age)
    assert freshness(checks, last, NOW, days) == state


def test_a_grid_is_defined_then_staffed_then_active():
    today = date(2020, 2, 8)
    assert grid_state(staffed=False, households=5, ended_on=None, today=today) == "defined"
    assert grid_state(staffed=True, households=0, ended_on=None, today=today) == "staffed"
    assert grid_state(staffed=True, households=5, ended_on=None, today=today) == "active"
    assert grid_state(staffed=True, households=5, ended_on=today, today=today) == "ended"


def test_a_group_is_forming_then_active_then_dissolved():
    later = NOW + timedelta(days=1)
    assert group_state(None, None, NOW) == "forming"
    assert group_state(NOW, None, NOW) == "active"
    assert group_state(NOW, later, NOW) == "active"
    assert group_state(NOW, later, later) == "dissolved"


def test_a_household_is_of_the_kind_that_needs_most_care():
    assert kind_of(["permanent", "special", "mobile"]) == "special"
    assert kind_of([]) == ""
