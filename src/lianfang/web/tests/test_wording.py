from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from lianfang.web.wording import device_words, distance_words, number_words, share_words, span_words, when_words

NOW = datetime(2020, 2, 8, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [
        (0, "0 分钟", "0 min"),
        (35, "35 分钟", "35 min"),
        (60, "1 小时", "1 h"),
        (155, "2 小时 35 分", "2 h 35 min"),
        (1440, "1 天", "1 d"),
        (1440 * 3 + 245, "3 天 4 小时", "3 d 4 h"),
    ],
)
def test_span_in_both_languages(minutes, chinese, english):
    with translation.override("zh-hans"):
        assert span_words(minutes) == chinese
    with translation.override("en"):
        assert span_words(minutes) == english


@pytest.mark.parametrize(
    ("minutes", "due", "chinese", "english"),
    [
        (-35, True, "逾期 35 分钟", "35 min overdue"),
        (150, True, "还剩 2 小时 30 分", "2 h 30 min left"),
        (-35, False, "35 分钟前", "35 min ago"),
        (0, False, "刚刚", "just now"),
        (60, False, "1 小时后", "in 1 h"),
    ],
)
def test_distance_in_both_languages(minutes, due, chinese, english):
    moment = NOW + timedelta(minutes=minutes)
    with translation.override("zh-hans"):
        assert distance_words(moment, NOW, due=due) == chinese
    with translation.override("en"):
        assert distance_words(moment, NOW, due=due) == english


def test_moment_of_this_year_needs_no_year():
    with translation.override("zh-hans"):
        assert when_words(NOW, NOW) == "2月8日（周六）18:00"
    with translation.override("en"):
        assert when_words(NOW, NOW) == "Sat 8 Feb 18:00"


def test_moment_of_another_year_or_without_reference_says_the_year():
    with translation.override("zh-hans"):
        assert when_words(date(2019, 12, 31), NOW) == "2019年12月31日（周二）"
        assert when_words(NOW) == "2020年2月8日（周六）18:00"


def test_moment_of_another_zone_is_told_in_the_zone_of_the_deployment():
    utc = datetime(2020, 2, 8, 22, 30, tzinfo=ZoneInfo("UTC"))
    with translation.override("zh-hans"):
        assert when_words(utc, NOW) == "2月9日（周日）06:30"


@pytest.mark.parametrize(("done", "due", "words"), [(125, 130, "96.2%"), (0, 3, "0.0%"), (7, 7, "100.0%")])
def test_share_is_rounded_to_tenths(done, due, words):
    assert share_words(done, due) == words


def test_share_never_rounds_the_unfinished_up_to_all():
    assert share_words(9999, 10000) == "99.9%"


@pytest.mark.parametrize(("due", "words"), [(0, "无应办"), (None, "底数不明")])
def test_share_of_nothing_is_told_from_a_share_of_the_unknown(due, words):
    with translation.override("zh-hans"):
        assert share_words(0, due) == words


def test_number_gets_separators_and_words_stay():
    assert [number_words(value) for value in (2121, "2121", True)] == ["2,121", "2121", "True"]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14; V2284A) AppleWebKit/537.36 Chrome/116.0 MicroMessenger/8.0.47",
            "WeChat · Android",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0",
            "Edge · Windows",
        ),
        ("curl/8.4.0", "curl/8.4.0"),
    ],
)
def test_devices_have_the_names_that_people_know(agent, words):
    assert device_words(agent) == words
