"""What a cell means: dates, hours, temperatures, sex, symptoms. What is not understood is a ValueFault."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal

from lianfang.mandate.intake.rules.cells import became_date, clean_text, half_width, remembered
from lianfang.mandate.intake.rules.dates import read_date, read_moment, read_time
from lianfang.mandate.intake.rules.problems import CellError, ValueFault
from lianfang.mandate.intake.rules.symptoms import read_symptoms

__all__ = [
    "became_date",
    "clean_text",
    "read_date",
    "read_moment",
    "read_sex",
    "read_symptoms",
    "read_temperature",
    "read_time",
    "temperature_note",
]

# What a thermometer on a living person can show; outside it somebody mistyped. No threshold of any plan.
LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE = Decimal(30), Decimal(45)

_TEMPERATURE = re.compile(r"(?:体温)?:?(\d{1,4})(?:[.,。·、](\d{1,3}))?(?:°c|°|c|度|摄氏度)?")
_DEGREE_BETWEEN = re.compile(r"(\d{2})度(\d)")
_NO_READING = re.compile(
    r"(?:体温)?(?:均|都|基本)?(?:正常|未测量?|未检测?|没测量?|没量|待测|无|不详|暂无|无异常)|[-—/\\]+|normal|nottaken|n/?a"
    r"|(?:体温)?(?:偏高|低热|低烧|发热|发烧|高热|高烧|异常)|fever"
)
_SEXES = {
    "male": {"男", "男性", "男孩", "男童", "男士", "先生", "m", "male", "man", "boy", "1"},
    "female": {"女", "女性", "女孩", "女童", "女士", "f", "female", "woman", "girl", "2"},
    "": {"", "未知", "不详", "未说明", "unknown", "0", "9", "-", "/"},
}


def _compact(value: object) -> str:
    return re.sub(r"\s+", "", half_width(clean_text(value))).lower()


@remembered
def read_temperature(value: object) -> Decimal | None | ValueFault:
    """Degrees Celsius, at most two decimals. None where the cell tells no number: see `temperature_note`."""
    if isinstance(value, CellError):
        return ValueFault("cell_error", value.text)
    shown = clean_text(value)
    if isinstance(value, (bool, date, datetime, time)):
        return ValueFault("bad_temperature", shown)
    if isinstance(value, (int, float)):
        return _plausible(Decimal(str(round(value, 2))), shown)
    text = _DEGREE_BETWEEN.sub(r"\1.\2", _compact(value))
    if not text or _NO_READING.fullmatch(text):
        return None
    match = _TEMPERATURE.fullmatch(text)
    if not match:
        return ValueFault("bad_temperature", shown)
    return _plausible(Decimal(f"{match.group(1)}.{match.group(2) or 0}"), shown)


def _plausible(degrees: Decimal, shown: str) -> Decimal | ValueFault:
    if degrees.is_finite() and LOWEST_TEMPERATURE <= degrees <= HIGHEST_TEMPERATURE:
        return degrees
    limits: dict[str, str | int] = {"low": int(LOWEST_TEMPERATURE), "high": int(HIGHEST_TEMPERATURE)}
    return ValueFault("temperature_range", shown, limits)


def temperature_note(value: object) -> str:
    """The words of a temperature cell without a number: 正常, 未测, 发热. `read_symptoms` reads them too."""
    text = clean_text(value)
    return text if isinstance(value, str) and _NO_READING.fullmatch(_compact(value)) else ""


@remembered
def read_sex(value: object) -> str | ValueFault:
    """male, female, or "" where the cell says that it is not known. 1, 2, 0, 9 as in GB/T 2261.1."""
    if isinstance(value, CellError):
        return ValueFault("cell_error", value.text)
    text = _compact(value)
    for code, words in _SEXES.items():
        if text in words:
            return code
    return ValueFault("bad_sex", clean_text(value))
