from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from lianfang.science.plan import Duty, Period, Slot, Words, duration_text, is_late, load_shipped, slot_of
from lianfang.science.plan.values import clock_text, duration_words, parse_clock, parse_duration

DAY = st.dates(date(2000, 1, 1), date(2100, 1, 1))
DAYS = st.integers(1, 400)
TEMPERATURE = load_shipped("county-report-2020").duties["temperature"]


def period(days, day_one="next_day"):
    source = {"clause": "XX-1"}
    return Period.model_validate({"anchor": "arrival", "day_one": day_one, "days": {"value": days, **source}, **source})


def duty_with(windows):
    slots = [
        {
            "code": f"s{index}",
            "name": {"zh": "段", "en": "slot"},
            "from": clock_text(start),
            "to": clock_text(end),
            "clause": "XX-1",
        }
        for index, (start, end) in enumerate(windows)
    ]
    return TEMPERATURE.model_copy(update={"slots": TypeAdapter(list[Slot]).validate_python(slots)})


@given(DAY, DAYS)
def test_period_lasts_as_many_days_as_it_says(anchor, days):
    for day_one in ("next_day", "anchor_day"):
        found = period(days, day_one)
        assert (found.last_day(anchor) - found.first_day(anchor)).days + 1 == days


@given(DAY, DAYS)
def test_counting_from_the_next_day_ends_one_day_later(anchor, days):
    next_day, same_day = period(days), period(days, "anchor_day")
    assert same_day.first_day(anchor) == anchor
    assert next_day.first_day(anchor) == anchor + timedelta(days=1)
    assert next_day.last_day(anchor) == anchor + timedelta(days=days)
    assert next_day.last_day(anchor) - same_day.last_day(anchor) == timedelta(days=1)


@pytest.mark.parametrize(
    ("clock", "slot", "late"),
    [
        ("05:59", None, None),
        ("06:00", "morning", False),
        ("12:00", "morning", False),
        ("12:01", "morning", True),
        ("13:59", "morning", True),
        ("14:00", "evening", False),
        ("20:00", "evening", False),
        ("23:59", "evening", True),
    ],
)
def test_reading_belongs_to_the_last_slot_begun(clock, slot, late):
    minute = parse_clock(clock)
    found = slot_of(TEMPERATURE, minute)
    assert (found.code if found else None) == slot
    if found:
        assert is_late(found, minute) is late


def test_reading_seconds_after_the_end_is_late():
    assert is_late(TEMPERATURE.slot("morning"), 12 * 60 + 0.5)


@given(st.sets(st.integers(0, 1440), min_size=2, max_size=12), st.integers(0, 1439), st.randoms())
def test_slot_of_agrees_with_walking_through_the_day(cuts, minute, random):
    ordered = sorted(cuts)[: len(cuts) // 2 * 2]
    windows = list(zip(ordered[::2], ordered[1::2], strict=True))
    random.shuffle(windows)
    duty, current = duty_with(windows), None
    for passed in range(minute + 1):
        current = next((slot for slot in duty.slots if slot.start_minute == passed), current)
    assert slot_of(duty, minute) == current


def test_slot_that_ends_at_midnight():
    slot = load_shipped("county-report-2020").duties["report"].slot("day")
    assert (slot.start_minute, slot.end_minute, slot.end_text) == (0, 1440, "24:00")
    assert (slot.start, slot.end) == (time(0, 0), time(0, 0))
    assert slot.model_dump(mode="json", by_alias=True)["to"] == "24:00"


@given(st.integers(0, 1440))
def test_clock_text_reads_back(minute):
    assert parse_clock(clock_text(minute)) == minute


@pytest.mark.parametrize("text", ["24:01", "12:60", "6:00", "0600", "", "aa:bb", None, 360])
def test_no_clock_time(text):
    assert parse_clock(text) is None


@given(st.integers(0, 100_000))
def test_duration_reads_back(minutes):
    duration = timedelta(minutes=minutes)
    assert parse_duration(duration_text(duration)) == duration


@pytest.mark.parametrize("text", ["", "2", "2 h", "h", "-1h", "1h2d", None, 2])
def test_no_duration(text):
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("30m", "30 分钟", "30 minutes"),
        ("1h", "1 小时", "1 hour"),
        ("1d", "24 小时", "24 hours"),
        ("2d", "48 小时", "48 hours"),
        ("3d", "3 天", "3 days"),
        ("1h30m", "1 小时 30 分钟", "1 hour 30 minutes"),
    ],
)
def test_duration_in_words(text, zh, en):
    duration = parse_duration(text)
    assert (duration_words(duration, "zh-hans"), duration_words(duration, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("zh", "村"), ("zh-hans", "村"), ("zh-Hans", "村"), ("en", "village"), ("", "village")],
)
def test_words_of_a_language(lang, expected):
    assert Words(zh="村", en="village").of(lang) == expected


def test_owner_of_a_duty_is_a_role_of_the_team_or_a_post():
    duties = load_shipped("county-report-2020").duties
    found: list[Duty] = [duties["temperature"], duties["zero-report"]]
    assert [(duty.owned_by_team, duty.owner_role) for duty in found] == [
        (True, "group_cadre"),
        (False, "village_head"),
    ]
