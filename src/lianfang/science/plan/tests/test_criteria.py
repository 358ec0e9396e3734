from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from lianfang.science.plan import Criterion, Facts, Stay, admits, describe, load_shipped

PLAN = load_shipped("baode-2020")
HUBEI_ONLY = load_shipped("county-report-2020")
ARRIVED = date(2020, 2, 5)
EXPOSED = {"exposed": True, "within_days": {"value": 21, "clause": "BD-1"}}
STAYED = {"stayed_in": "key_areas", "within_days": {"value": 14, "clause": "BD-1"}}


def criterion(data):
    return TypeAdapter(Criterion).validate_python(data)


def stayed(path, days_before, plan=PLAN, **facts):
    stay = Stay(path, ARRIVED - timedelta(days=days_before))
    return admits(criterion(STAYED), Facts(stays=(stay,), **{"arrived_on": ARRIVED, **facts}), plan)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("42", True),
        ("4201", True),
        ("420103", True),
        ("140902", True),
        ("140902001", True),
        ("1409", False),  # the city above the listed districts: which of them is not known
        ("14", False),
        ("140931", False),
        ("1402", False),
    ],
)
def test_stay_counts_in_a_key_area_or_below(path, expected):
    assert stayed(path, 0) is expected


@pytest.mark.parametrize(("days_before", "expected"), [(-1, False), (0, True), (14, True), (15, False)])
def test_stay_counts_within_the_days_before_arrival(days_before, expected):
    assert stayed("42", days_before) is expected


def test_stay_before_the_listing_counts():
    assert stayed("42", 14, arrived_on=ARRIVED)
    assert stayed("42", 10, on=date(2020, 2, 9))


def test_area_counts_only_while_listed_on_the_day_of_judging():
    assert not stayed("42", 0, on=date(2020, 1, 31))
    assert stayed("42", 0, on=date(2020, 2, 1))


def test_area_counts_on_its_last_listed_day_and_not_after():
    area = PLAN.key_areas[0].model_copy(update={"until": date(2020, 3, 1)})
    plan = PLAN.model_copy(update={"key_areas": [area]})
    assert stayed("42", 0, plan, on=date(2020, 3, 1))
    assert not stayed("42", 0, plan, on=date(2020, 3, 2))


def test_stay_without_an_arrival_does_not_count():
    assert not stayed("42", 0, arrived_on=None)


def test_one_matching_stay_of_several_is_enough():
    stays = (Stay("11", ARRIVED), Stay("42", ARRIVED - timedelta(days=3)))
    assert admits(criterion(STAYED), Facts(stays=stays, arrived_on=ARRIVED), PLAN)


@pytest.mark.parametrize(
    ("data", "facts", "expected"),
    [
        ({"everybody": True}, Facts(), True),
        ({"need": True}, Facts(), False),
        ({"need": True}, Facts(need=True), True),
        ({"need": True, "categories": ["food"]}, Facts(need=True, need_category="food"), True),
        ({"need": True, "categories": ["food"]}, Facts(need=True, need_category="care"), False),
        ({"need": True, "categories": ["food"]}, Facts(need=True), False),
        (EXPOSED, Facts(), False),
        (EXPOSED, Facts(exposed_on=ARRIVED), True),
        (EXPOSED, Facts(exposed_on=ARRIVED, told_on=ARRIVED + timedelta(days=21)), True),
        (EXPOSED, Facts(exposed_on=ARRIVED, told_on=ARRIVED + timedelta(days=22)), False),
        (EXPOSED, Facts(exposed_on=ARRIVED, told_on=ARRIVED - timedelta(days=1)), False),
        ({"raised": "fever"}, Facts(raised="fever"), True),
        ({"raised": "fever"}, Facts(), False),
        ({"area_kind": ["village", "community"]}, Facts(area_kind="community"), True),
        ({"area_kind": ["village", "community"]}, Facts(area_kind="township"), False),
        ({"area_kind": ["village"]}, Facts(), False),
        ({"any": [{"need": True}, {"raised": "fever"}]}, Facts(raised="fever"), True),
        ({"any": [{"need": True}, {"raised": "fever"}]}, Facts(), False),
        ({"all": [{"need": True}, {"raised": "fever"}]}, Facts(raised="fever"), False),
        ({"all": [{"need": True}, {"raised": "fever"}]}, Facts(need=True, raised="fever"), True),
        ({"not": {"need": True}}, Facts(), True),
        ({"not": {"any": [{"need": True}, {"everybody": True}]}}, Facts(), False),
    ],
)
def test_criterion_on_facts(data, facts, expected):
    assert admits(criterion(data), facts, PLAN) is expected


@given(st.booleans(), st.booleans())
def test_not_any_is_all_not(need, fever):
    facts = Facts(need=need, raised="fever" if fever else None)
    parts = [{"need": True}, {"raised": "fever"}]
    none = criterion({"not": {"any": parts}})
    each_not = criterion({"all": [{"not": part} for part in parts]})
    assert admits(none, facts, PLAN) == admits(each_not, facts, PLAN)


@given(st.integers(-400, 400), st.integers(1, 60))
def test_look_back_is_a_closed_interval(days_before, within):
    looked = criterion({"stayed_in": "key_areas", "within_days": {"value": within, "clause": "BD-1"}})
    stay = Stay("4201", ARRIVED - timedelta(days=days_before))
    found = admits(looked, Facts(stays=(stay,), arrived_on=ARRIVED), PLAN)
    assert found == (days_before in range(within + 1))


@pytest.mark.parametrize(
    ("data", "zh", "en"),
    [
        ({"everybody": True}, "所有登记人员", "everybody registered"),
        (
            {"need": True, "categories": ["food", "care"]},
            "提出需求（食品与日用品、就医）的人员",
            "whoever has stated a need (food and daily goods or medical care)",
        ),
        (EXPOSED, "登记前 21 日内与病例有过接触", "contact with a case within 21 days before it was told"),
        ({"area_kind": ["village", "community"]}, "每个村、社区", "every village or community"),
        ({"raised": "fever"}, "触发“发热等症状”预警的人员", "whoever raised the alert “Fever and other symptoms”"),
        (
            {"all": [{"need": True}, {"any": [{"raised": "fever"}, {"everybody": True}]}]},
            "提出需求的人员，且（触发“发热等症状”预警的人员，或所有登记人员）",
            "whoever has stated a need, and "
            "(whoever raised the alert “Fever and other symptoms”, or everybody registered)",
        ),
        ({"not": {"need": True}}, "不属于（提出需求的人员）", "not (whoever has stated a need)"),
    ],
)
def test_criterion_in_words(data, zh, en):
    assert describe(criterion(data), PLAN, "zh-hans") == zh
    assert describe(criterion(data), PLAN, "en") == en


def test_look_back_in_words_marks_what_is_assumed():
    admit = HUBEI_ONLY.pathways["key-area-arrival"].admit
    assert describe(admit, HUBEI_ONLY, "zh-hans") == (
        "抵达前 14 日内曾在重点地区停留（湖北省等） 〔文件未载明 · 暂定〕"
    )
    assert "〔" not in describe(criterion(STAYED), PLAN, "zh-hans")
