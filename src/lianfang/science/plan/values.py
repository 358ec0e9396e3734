"""The small values that plans are made of: words in two languages, sourced values, durations, clock times."""

import re
from datetime import date, timedelta
from typing import Annotated, Generic, TypeVar

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

MINUTES_PER_DAY = 24 * 60
AREA_PATH_LENGTHS = (2, 4, 6, 9, 12, 15, 18)

_CLOCK = re.compile(r"(\d{2}):(\d{2})")
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Words(Model):
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def of(self, lang: str) -> str:
        return self.zh if lang.lower().startswith("zh") else self.en

    def __str__(self) -> str:
        return self.zh


ASSUMED_MARK = Words(zh="〔文件未载明 · 暂定〕", en="[not stated in the document · assumed]")


def parse_clock(value: object) -> int | None:
    """Minutes since midnight of "06:00" … "24:00"; None when it is no clock time."""
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    hours, minutes = int(match[1]), int(match[2])
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= MINUTES_PER_DAY else None


def clock_text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def parse_duration(value: object) -> timedelta | None:
    """ "2h", "30m", "1d", "1h30m"; None when it is no duration."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if match is None:
        return None
    days, hours, minutes = (int(part or 0) for part in match.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes)
    except OverflowError:
        return None


def duration_text(value: timedelta) -> str:
    minutes = int(value.total_seconds()) // 60
    parts = ((minutes // MINUTES_PER_DAY, "d"), (minutes % MINUTES_PER_DAY // 60, "h"), (minutes % 60, "m"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0m"


def duration_words(value: timedelta, lang: str) -> str:
    """In hours up to two days, so that a limit of 24 hours is not read as a calendar day."""
    minutes = int(value.total_seconds()) // 60
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    if days <= 2:
        days, rest = 0, minutes
    parts = [
        (days, Words(zh="天", en="day")),
        (rest // 60, Words(zh="小时", en="hour")),
        (rest % 60, Words(zh="分钟", en="minute")),
    ]
    plural = "" if lang.lower().startswith("zh") else "s"
    said = [f"{number} {unit.of(lang)}{plural if number != 1 else ''}" for number, unit in parts if number]
    return " ".join(said) or "0"


def parse_date(value: object) -> date | None:
    if not isinstance(value, str) or _ISO_DATE.fullmatch(value) is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _read_clock(value: object) -> int:
    minute = value if isinstance(value, int) and not isinstance(value, bool) else parse_clock(value)
    if minute is None or not 0 <= minute <= MINUTES_PER_DAY:
        raise PydanticCustomError("clock", "not a clock time")
    return minute


def _read_duration(value: object) -> timedelta:
    duration = value if isinstance(value, timedelta) else parse_duration(value)
    if duration is None or duration < timedelta(0):
        raise PydanticCustomError("duration", "not a duration")
    return duration


def _read_date(value: object) -> date:
    # A datetime is a date too, but a day of a plan has no hour.
    day = value if type(value) is date else parse_date(value)
    if day is None:
        raise PydanticCustomError("date", "not a date")
    return day


LONGEST_PERIOD = 3650  # days; a longer one is a slip of the pen, and dates would run out


def _read_days(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise PydanticCustomError("wrong_type", "not a number of days", {"expected": "whole_number"})
    if not 1 <= value <= LONGEST_PERIOD:
        raise PydanticCustomError("days", "days < 1 or beyond reason")
    return value


def _read_count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise PydanticCustomError("wrong_type", "not a whole number", {"expected": "whole_number"})
    if value < 1:
        raise PydanticCustomError("count", "less than one")
    return value


def _read_percent(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise PydanticCustomError("wrong_type", "not a number", {"expected": "number"})
    if not 0 < value <= 100:
        raise PydanticCustomError("percent", "no share")
    return float(value)


def _read_area_path(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("wrong_type", "not text", {"expected": "text"})
    if len(value) not in AREA_PATH_LENGTHS or not (value.isascii() and value.isdigit()):
        raise PydanticCustomError("area_path", "not the path of a division")
    return value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Days = Annotated[int, BeforeValidator(_read_days)]
Count = Annotated[int, BeforeValidator(_read_count)]
Percent = Annotated[float, BeforeValidator(_read_percent)]
Day = Annotated[date, BeforeValidator(_read_date)]
AreaPath = Annotated[str, BeforeValidator(_read_area_path)]
Clock = Annotated[int, BeforeValidator(_read_clock), PlainSerializer(clock_text, when_used="json")]
Duration = Annotated[timedelta, BeforeValidator(_read_duration), PlainSerializer(duration_text, when_used="json")]
Flag = Annotated[bool, Field(strict=True)]
Clauses = Annotated[list[Annotated[str, Field(pattern=r"^\S+$")]], BeforeValidator(_as_list)]
TextList = Annotated[list[Code], BeforeValidator(_as_list)]


class Ruled(Model):
    """A rule says where it comes from: clauses of the document, or the assumption that fills its silence."""

    clauses: Annotated[Clauses, Field(validation_alias=AliasChoices("clauses", "clause"))] = []
    assumed: Annotated[Words | None, Field(validate_default=True)] = None

    @field_validator("assumed")
    @classmethod
    def _one_source(cls, assumed: Words | None, info: ValidationInfo) -> Words | None:
        # A field validator, not a model validator: it speaks even when other fields of the block are faulty.
        if "clauses" in info.data:
            clauses = info.data["clauses"]
            if clauses and assumed is not None:
                raise PydanticCustomError("two_sources", "clauses and assumed")
            if not clauses and assumed is None:
                raise PydanticCustomError("no_source", "neither clauses nor assumed")
        return assumed

    @property
    def is_assumed(self) -> bool:
        return self.assumed is not None


T = TypeVar("T")


class Sourced(Ruled, Generic[T]):
    value: T
