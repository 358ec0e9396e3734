"""Days and hours as people write them in lists."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from lianfang.mandate.intake.rules.cells import clean_text, half_width, remembered
from lianfang.mandate.intake.rules.problems import CellError, ValueFault

# Day 0 of the 1900 date system of spreadsheets, with its 29 February 1900; right from 1 March 1900 on.
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  a wall clock without zone, as in the cell
_SERIALS = (30_000, 60_000)  # 1982-02-18 to 2064-04-08: below are birth years and house numbers
_YEARS = (1880, 2200)
_MINUTES = 24 * 60

_YMD = re.compile(r"(\d{4})\s*[-/.年\\]\s*(\d{1,2})\s*[-/.月\\]\s*(\d{1,2})\s*[日号]?")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_MD = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)\s*[日号]?(?!\s*[-/.]\s*\d)")
_SHORT_YEAR = re.compile(r"(\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)\s*[日号]?")
_DMY = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})")
_TAIL = re.compile(r"^[\s,T]*(?:\((?:周|星期)[一二三四五六日天]\)|(?:周|星期)[一二三四五六日天])?\s*")
_TAIL_WORD = re.compile(r"\s*(?:左右到家|到家|到达|抵达|返回|返乡|回乡|回村|回来|回)$")

_PERIOD = r"(?P<period>凌晨|清晨|早上|早晨|早|上午|中午|下午|傍晚|晚上|晚间|夜间|夜里|晚|夜|am|pm|a\.m\.|p\.m\.)?"
_HOUR = r"(?P<hour>\d{1,2}|十[一二]?|[一二两三四五六七八九])"
_CLOCK = re.compile(
    _PERIOD + r"\s*" + _HOUR + r"\s*(?::\s*(?P<min>\d{2})(?::\s*(?P<sec>\d{2})(?:\.\d+)?)?"
    r"|[时点](?:整|钟)?\s*(?:(?P<min2>\d{1,2})\s*分?\s*(?:(?P<sec2>\d{1,2})\s*秒)?|(?P<part>半|一刻|三刻))?)"
    r"\s*(?P<after>am|pm|a\.m\.|p\.m\.)?(?:\+08:?00)?",
    re.IGNORECASE,
)
_PERIOD_ONLY = re.compile(_PERIOD[:-1], re.IGNORECASE)
_DOTTED_CLOCK = re.compile(r"(\d{1,2})\.(\d{2})")
_NUMERALS = {"两": 2} | {numeral: place for place, numeral in enumerate("零一二三四五六七八九十")}
_AFTERNOON = ("下午", "傍晚", "晚上", "晚间", "夜间", "夜里", "晚", "夜", "pm", "p.m.")
_MORNING = ("凌晨", "清晨", "早上", "早晨", "早", "上午", "am", "a.m.")
_PARTS = {"半": 30, "一刻": 15, "三刻": 45}

Moment = tuple[date, time | None]


def read_date(value: object, default_year: int | None = None, *, latest: date | None = None) -> date | ValueFault:
    """The day that a cell tells; an hour after it is read over.

    `default_year` serves days without a year (1月10日); with `latest` (the day of the list) such a day that
    would lie later belongs to the year before.
    """
    found = read_moment(value, default_year, latest=latest)
    return found if isinstance(found, ValueFault) else found[0]


@remembered
def read_moment(value: object, default_year: int | None = None, *, latest: date | None = None) -> Moment | ValueFault:
    """The day, and the hour where the cell tells one. Midnight is how cells show a day without hour: None."""
    shown = clean_text(value)
    if isinstance(value, CellError):
        return ValueFault("cell_error", value.text)
    if not shown:
        return ValueFault("no_date", "")
    if isinstance(value, (bool, time, timedelta)):
        return ValueFault("bad_date", shown)
    if isinstance(value, datetime):
        return _checked(_split(_to_minute(value)), shown)
    if isinstance(value, date):
        return _checked((value, None), shown)
    if isinstance(value, (int, float)) and _SERIALS[0] <= value < _SERIALS[1]:
        return _split(_serial(value))
    if isinstance(value, float) and not value.is_integer():
        return _dated_number(shown, default_year, latest)
    return _parse(half_width(shown), shown, default_year, latest)


def _checked(moment: Moment, shown: str) -> Moment | ValueFault:
    return moment if _YEARS[0] <= moment[0].year <= _YEARS[1] else ValueFault("bad_date", shown)


def _serial(number: float) -> datetime:
    return _SERIAL_ZERO + timedelta(minutes=round(number * _MINUTES))


def _to_minute(moment: datetime) -> datetime:
    """Fractions of a second come from the arithmetic of spreadsheets, never from a person."""
    if not moment.microsecond:
        return moment
    return (moment + timedelta(seconds=30)).replace(second=0, microsecond=0)


def _split(moment: datetime) -> Moment:
    return moment.date(), moment.time() if moment.time() != time(0) else None


def _dated_number(shown: str, default_year: int | None, latest: date | None) -> Moment | ValueFault:
    """2.5 typed for 5 February is kept as a number, and so is 1.10 as 1.1: 1 or 10 January."""
    match = re.fullmatch(r"(\d{1,2})\.(\d{1,2})", shown)
    if not match:
        return ValueFault("bad_date", shown)
    month, day = int(match.group(1)), match.group(2)
    days = [int(day), int(day) * 10] if len(day) == 1 else [int(day)]
    if default_year is None:
        return ValueFault("date_without_year" if 1 <= month <= 12 else "bad_date", shown)
    return _one_of([_day(default_year, month, each, latest) for each in days], shown)


def _one_of(days: list[date | None], shown: str) -> Moment | ValueFault:
    possible = sorted({day for day in days if day})
    if len(possible) == 1:
        return possible[0], None
    if not possible:
        return ValueFault("bad_date", shown)
    first, second = next(pairwise(possible))
    return ValueFault("ambiguous_date", shown, {"first": first.isoformat(), "second": second.isoformat()})


def _day(year: int, month: int, day: int, latest: date | None = None) -> date | None:
    """None for a day that does not exist. With `latest`, the year may be the one before."""
    if not _YEARS[0] <= year <= _YEARS[1]:
        return None
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return _day(year - 1, month, day) if latest and found > latest else found


def _parse(text: str, shown: str, default_year: int | None, latest: date | None) -> Moment | ValueFault:
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and _SERIALS[0] <= float(text) < _SERIALS[1]:
        return _split(_serial(float(text)))
    for pattern in (_YMD, _DIGITS):
        match = pattern.match(text)
        if match:
            year, month, day = (int(part) for part in match.groups())
            return _with_tail(_day(year, month, day), text[match.end() :], shown)
    match = _DMY.match(text)
    if match:
        one, two, year = (int(part) for part in match.groups())
        return _one_of([_day(year, one, two), _day(year, two, one)], shown)
    return _parse_short(text, shown, default_year, latest)


def _parse_short(text: str, shown: str, default_year: int | None, latest: date | None) -> Moment | ValueFault:
    """Years of two digits and days without a year: only beside the year of the list."""
    match = _SHORT_YEAR.match(text)
    if match:
        year, month, day = 2000 + int(match.group(1)), int(match.group(2)), int(match.group(3))
        near = default_year is not None and abs(year - default_year) <= 1
        return _with_tail(_day(year, month, day) if near else None, text[match.end() :], shown)
    match = _MD.match(text)
    if not match:
        return ValueFault("bad_date", shown)
    month, day = int(match.group(1)), int(match.group(2))
    if default_year is None:
        return ValueFault("date_without_year" if _day(2000, month, day) else "bad_date", shown)
    return _with_tail(_day(default_year, month, day, latest), text[match.end() :], shown)


def _with_tail(day: date | None, tail: str, shown: str) -> Moment | ValueFault:
    """The rest after the day: nothing, a weekday, an hour. Anything else could matter: not understood."""
    if day is None:
        return ValueFault("bad_date", shown)
    tail = _TAIL_WORD.sub("", _TAIL.sub("", tail)).strip()
    if not tail or _PERIOD_ONLY.fullmatch(tail) or re.fullmatch(r"24[:时点](?:00)?", tail):
        return day, None
    clock = _clock(tail)
    if clock is None:
        return ValueFault("bad_date", shown)
    return day, clock if clock != time(0) else None


def _clock(text: str) -> time | None:
    match = _CLOCK.fullmatch(text.strip())
    if not match:
        return None
    hour = _hour(match["hour"], (match["period"] or match["after"] or "").lower())
    minute = int(match["min"] or match["min2"] or _PARTS.get(match["part"] or "", 0))
    second = int(match["sec"] or match["sec2"] or 0)
    if hour is None or hour > 23 or minute > 59 or second > 59:
        return None
    return time(hour, minute, second)


def _hour(text: str, period: str) -> int | None:
    hour = int(text) if text.isdecimal() else sum(_NUMERALS[numeral] for numeral in text)
    if period in _MORNING and hour == 12:
        return 12 if period == "上午" else 0
    if period in _AFTERNOON and hour < 12:
        return hour + 12
    if period not in ("下午", "pm", "p.m.", "") and period in _AFTERNOON and hour == 12:
        return None  # 晚上12点 is the end of that day, not its noon
    if period == "中午" and hour in (1, 2):
        return hour + 12
    return hour


@remembered
def read_time(value: object) -> time | ValueFault:
    """An hour of the day, also from a cell that holds a whole moment or a fraction of a day."""
    shown = clean_text(value)
    if isinstance(value, CellError):
        return ValueFault("cell_error", value.text)
    if not shown:
        return ValueFault("no_time", "")
    if isinstance(value, datetime):
        return _to_minute(value).time()
    if isinstance(value, time):
        return _rounded(value)
    if isinstance(value, (bool, date, timedelta)):
        return ValueFault("bad_time", shown)
    if isinstance(value, (int, float)):
        return _time_of_number(value, shown)
    return _time_of_text(half_width(shown), shown)


def _rounded(value: time) -> time:
    minutes = round((value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6) / 60)
    return value if not value.microsecond else time(*divmod(min(minutes, _MINUTES - 1), 60))


def _time_of_number(number: float, shown: str) -> time | ValueFault:
    """Below 1 a fraction of the day, from 30000 a moment, a whole number up to 23 an hour."""
    if 0 <= number < 1:
        return time(*divmod(min(round(number * _MINUTES), _MINUTES - 1), 60))
    if _SERIALS[0] <= number < _SERIALS[1]:
        return _serial(number).time()
    if 1 <= number <= 23 and number == int(number):
        return time(int(number))
    return ValueFault("bad_time", shown)


def _time_of_text(text: str, shown: str) -> time | ValueFault:
    clock = _clock(text)
    if clock is not None:
        return clock
    dotted = _DOTTED_CLOCK.fullmatch(text)
    if dotted and int(dotted.group(1)) > 0:
        clock = _clock(f"{dotted.group(1)}:{dotted.group(2)}")
    elif re.fullmatch(r"0?\.\d+|\d{1,2}", text):
        return _time_of_number(float(text), shown)
    elif _YMD.match(text):
        moment = read_moment(text)
        clock = moment[1] if isinstance(moment, tuple) else None
    return clock if clock is not None else ValueFault("bad_time", shown)
