# Cells hold wall-clock times without a zone.
# ruff: noqa: DTZ001

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.mandate.intake.rules.problems import CellError, ValueFault
from lianfang.mandate.intake.rules.values import (
    became_date,
    clean_text,
    read_date,
    read_moment,
    read_sex,
    read_symptoms,
    read_temperature,
    read_time,
    temperature_note,
)

DAYS = st.dates(date(1900, 3, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("张三", "张三"),
        ("\u3000张\xa0三 ", "张 三"),
        ("东沟村\r\n3号", "东沟村 3号"),
        ("a_x000D_\nb", "a b"),
        ("\u200b990000\u200e\t", "990000"),
        ("'0351", "0351"),
        ("12.0", "12"),
        ("12.50", "12.50"),
        (12.0, "12"),
        (13877051447.0, "13877051447"),
        (9.90000196807129e17, "990000196807129000"),
        (36.5, "36.5"),
        (True, "TRUE"),
        (date(2020, 3, 2), "2020-03-02"),
        (datetime(2020, 3, 2, 14, 0), "2020-03-02 14:00:00"),
        (CellError("#N/A"), "#N/A"),
        ("\ue123", "\ue123"),
        ("阿卜杜·凯尤木", "阿卜杜·凯尤木"),
    ],
)
def test_text_is_what_a_person_sees(value, text):
    assert clean_text(value) == text


@pytest.mark.parametrize(
    ("value", "is_date"), [("3-2", False), (date(2020, 3, 2), True), (time(3, 2), True), (3, False)]
)
def test_a_door_number_taken_for_a_date_is_seen(value, is_date):
    assert became_date(value) is is_date


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2020-01-11", date(2020, 1, 11)),
        ("20200201", date(2020, 2, 1)),
        (20200201.0, date(2020, 2, 1)),
        ("2020.2.5", date(2020, 2, 5)),
        ("2020/2/3", date(2020, 2, 3)),
        ("2020年1月10日", date(2020, 1, 10)),
        ("２０２０年１月１０号", date(2020, 1, 10)),
        ("2020 年 1 月 10 日", date(2020, 1, 10)),
        ("2020-02-08（周六）", date(2020, 2, 8)),
        ("2020-02-08 14:00", date(2020, 2, 8)),
        ("2020年2月8日下午到家", date(2020, 2, 8)),
        ("1月10日", date(2020, 1, 10)),
        ("1.10", date(2020, 1, 10)),
        ("1/10", date(2020, 1, 10)),
        ("20.2.5", date(2020, 2, 5)),
        ("20年2月5日", date(2020, 2, 5)),
        (2.5, date(2020, 2, 5)),
        (2.3, date(2020, 2, 3)),
        (1.12, date(2020, 1, 12)),
        (43864, date(2020, 2, 3)),
        (43864.6, date(2020, 2, 3)),
        ("43864", date(2020, 2, 3)),
        ("1/25/2020", date(2020, 1, 25)),
        ("25/1/2020", date(2020, 1, 25)),
        ("2/2/2020", date(2020, 2, 2)),
        (datetime(2020, 2, 3), date(2020, 2, 3)),
        (date(2020, 2, 29), date(2020, 2, 29)),
        ("1949-10-01", date(1949, 10, 1)),
    ],
)
def test_date_is_read_as_people_write_it(value, day):
    assert read_date(value, 2020) == day


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (None, "no_date"),
        (" ", "no_date"),
        ("2020-13-40", "bad_date"),
        ("0000", "bad_date"),
        ("2019-02-29", "bad_date"),
        ("20200231", "bad_date"),
        ("202002011", "bad_date"),
        ("2020年2月", "bad_date"),
        ("2020-02-08 25:00", "bad_date"),
        ("2020-02-08至2020-02-10", "bad_date"),
        ("2020-02-08前后", "bad_date"),
        ("2月30日", "bad_date"),
        ("15.20.5", "bad_date"),
        ("昨天", "bad_date"),
        ("1月10日-1月12日", "bad_date"),
        (12, "bad_date"),
        (29_999, "bad_date"),
        (True, "bad_date"),
        (time(14, 0), "bad_date"),
        (timedelta(hours=30), "bad_date"),
        (date(1023, 1, 1), "bad_date"),
        (1.1, "ambiguous_date"),
        ("2/8/2020", "ambiguous_date"),
        (CellError("#N/A"), "cell_error"),
    ],
)
def test_date_that_is_none_says_why(value, rule):
    assert read_date(value, 2020).rule == rule


def test_ambiguous_date_names_both_days():
    assert read_date("2/8/2020").values == {"first": "2020-02-08", "second": "2020-08-02"}


@pytest.mark.parametrize("value", ["1月10日", "1.10", 2.5])
def test_day_without_year_needs_the_year_of_the_list(value):
    assert read_date(value).rule == "date_without_year"


def test_day_without_year_after_the_list_belongs_to_the_year_before():
    assert read_date("12月28日", 2020, latest=date(2020, 2, 8)) == date(2019, 12, 28)
    assert read_date("2月8日", 2020, latest=date(2020, 2, 8)) == date(2020, 2, 8)


@given(DAYS)
def test_every_day_is_read_from_every_form(day):
    forms = [
        "{:%Y-%m-%d}",
        "{:%Y%m%d}",
        "{:%Y/%m/%d}",
        "{:%Y.%m.%d}",
        "{:%Y年%m月%d日}",
        "{:%Y-%m-%d 00:00:00}",
    ]
    assert {read_date(form.format(day)) for form in forms} == {day}


@given(st.dates(date(1982, 2, 18), date(2064, 4, 7)), st.integers(0, 1439))
def test_every_serial_number_is_its_moment(day, minute):
    serial = (day - date(1899, 12, 30)).days + minute / 1440
    hour = time(*divmod(minute, 60)) if minute else None
    assert read_moment(serial) == (day, hour)


@given(st.text() | st.floats() | st.integers() | st.datetimes() | st.times() | st.booleans() | st.none())
def test_no_value_whatever_breaks_a_reader(value):
    assert isinstance(read_date(value, 2020), (date, ValueFault))
    assert isinstance(read_moment(value), (tuple, ValueFault))
    assert isinstance(read_time(value), (time, ValueFault))
    assert isinstance(read_temperature(value), (Decimal, ValueFault, type(None)))
    assert isinstance(read_sex(value), (str, ValueFault))
    assert isinstance(read_symptoms(value), tuple)


@pytest.mark.parametrize(
    ("value", "hour"),
    [
        ("2020-02-08 14:00", time(14, 0)),
        ("2020-02-08T14:05:09", time(14, 5, 9)),
        ("2020-02-08T14:00:00+08:00", time(14, 0)),
        ("2020年2月8日14时30分", time(14, 30)),
        ("2020年2月8日14时", time(14, 0)),
        ("2020年2月8日下午2点", time(14, 0)),
        ("2020年2月8日 下午两点半", time(14, 30)),
        ("2020年2月8日晚上8点", time(20, 0)),
        ("2020.2.8 上午9:30", time(9, 30)),
        ("2020/2/8 2:30 PM", time(14, 30)),
        ("2020-02-08（星期六）14：00到家", time(14, 0)),
        (datetime(2020, 2, 8, 14, 30), time(14, 30)),
        (datetime(2020, 2, 8, 13, 59, 57, 120000), time(14, 0)),
        (43869.6, time(14, 24)),
        ("2020-02-08", None),
        ("2020-02-08 00:00:00", None),
        ("2020年2月8日下午", None),
        ("2020-02-08 24:00", None),
        (datetime(2020, 2, 8), None),
        (date(2020, 2, 8), None),
    ],
)
def test_moment_has_an_hour_only_where_the_cell_tells_one(value, hour):
    assert read_moment(value) == (date(2020, 2, 8), hour)


@pytest.mark.parametrize(
    ("value", "hour"),
    [
        ("14:00", time(14, 0)),
        ("14：05", time(14, 5)),
        ("14时", time(14, 0)),
        ("下午3点半", time(15, 30)),
        ("下午三点一刻", time(15, 15)),
        ("上午10点20分", time(10, 20)),
        ("中午12点", time(12, 0)),
        ("中午1点", time(13, 0)),
        ("凌晨12点", time(0, 0)),
        ("3:20 pm", time(15, 20)),
        ("14.30", time(14, 30)),
        ("十二点", time(12, 0)),
        ("0.5833", time(14, 0)),
        (0.5833, time(14, 0)),
        (0.99999, time(23, 59)),
        (14.0, time(14, 0)),
        ("14", time(14, 0)),
        (43869.6, time(14, 24)),
        (time(13, 59, 57, 120000), time(14, 0)),
        (time(14, 0, 30), time(14, 0, 30)),
        (datetime(2020, 2, 8, 14, 30), time(14, 30)),
        ("2020-02-08 14:00", time(14, 0)),
    ],
)
def test_time_is_read_as_people_write_it(value, hour):
    assert read_time(value) == hour


@pytest.mark.parametrize(
    "value", ["25:00", "14:75", "下午", "晚上12点", "晚上", 24.5, -1, 99, True, timedelta(hours=30)]
)
def test_time_that_is_none_says_so(value):
    assert read_time(value) == ValueFault("bad_time", clean_text(value))


def test_missing_time_is_told_from_a_bad_one():
    assert read_time(None) == ValueFault("no_time", "")


@pytest.mark.parametrize(
    ("value", "degrees"),
    [
        (36.5, "36.5"),
        (37, "37"),
        (36.599999999999994, "36.6"),
        ("36.5", "36.5"),
        ("36.5℃", "36.5"),
        ("３６．５°Ｃ", "36.5"),
        ("36，5", "36.5"),
        ("36。5", "36.5"),
        ("36度5", "36.5"),
        ("37度", "37"),
        ("体温：36.8", "36.8"),
        (30, "30"),
        (45, "45"),
    ],
)
def test_temperature_is_read_as_people_write_it(value, degrees):
    assert read_temperature(value) == Decimal(degrees)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (365, "temperature_range"),
        ("365", "temperature_range"),
        (29.99, "temperature_range"),
        (45.01, "temperature_range"),
        ("3.65", "temperature_range"),
        ("36.5/36.7", "bad_temperature"),
        ("36.5.1", "bad_temperature"),
        ("热", "bad_temperature"),
        (date(2020, 5, 6), "bad_temperature"),
        (True, "bad_temperature"),
        (CellError("#DIV/0!"), "cell_error"),
    ],
)
def test_temperature_that_is_none_says_why(value, rule):
    assert read_temperature(value).rule == rule


@pytest.mark.parametrize(
    ("value", "note"),
    [("正常", "正常"), ("未测", "未测"), ("发热", "发热"), (None, ""), ("-", "-")],
)
def test_words_instead_of_a_temperature_are_no_reading_but_a_note(value, note):
    assert read_temperature(value) is None
    assert temperature_note(value) == note


def test_a_reading_has_no_note():
    assert temperature_note("36.5") == ""
    assert temperature_note(36.5) == ""


@pytest.mark.parametrize(
    ("value", "sex"),
    [
        *(
            ("男", "male"),
            ("M", "male"),
            (1.0, "male"),
            (" 女 ", "female"),
            ("女性", "female"),
            ("2", "female"),
        ),
        *(("Female", "female"), (None, ""), ("未知", "")),
    ],
)
def test_sex_is_read(value, sex):
    assert read_sex(value) == sex


@pytest.mark.parametrize("value", ["男女", "汉", 3])
def test_sex_that_is_none_says_so(value):
    assert read_sex(value) == ValueFault("bad_sex", clean_text(value))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("发热、乏力", ("fever", "fatigue")),
        ("干咳", ("dry_cough",)),
        ("干咳、咳痰", ("dry_cough", "cough")),
        ("咳嗽 发烧", ("fever", "cough")),
        ("有，发热37.8℃", ("fever",)),
        ("有咳嗽", ("cough",)),
        ("呼吸困难/咽痛", ("shortness_of_breath", "sore_throat")),
        ("腹泻，头痛；肌肉酸痛", ("diarrhoea", "headache", "muscle_pain")),
        ("四肢无力", ("fatigue",)),
        ("无力", ("fatigue",)),
        ("无发热，有咳嗽", ("cough",)),
        ("无发热但咳嗽", ("cough",)),
        ("没有发热有乏力", ("fatigue",)),
        ("无发热，咳嗽", ("cough",)),
        ("流涕", ("other",)),
        ("咳嗽、流涕", ("cough", "other")),
        ("身体不适", ("other",)),
        ("无味觉", ("other",)),
        ("不详", ("other",)),
        ("有", ("other",)),
        ("是", ("other",)),
        ("Fever, dry cough", ("fever", "dry_cough")),
        (CellError("#N/A"), ("other",)),
    ],
)
def test_symptoms_are_found_in_free_text(text, codes):
    assert read_symptoms(text) == codes


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "-", "/", 0.0, "无", "没有", "正常", "否", "无症状", "无异常", "无不适", "未见异常"),
        *("一切正常", "身体健康", "体温正常", "无发热、咳嗽", "无发热咳嗽等症状", "无发热，咳嗽，乏力等症状"),
        *("不发热", "否认发热", "体温正常，无咳嗽", "No", "none", "no fever"),
    ],
)
def test_denied_symptoms_are_none(text):
    assert read_symptoms(text) == ()
