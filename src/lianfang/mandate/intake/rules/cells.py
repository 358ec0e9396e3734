"""The plain form of a cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

from lianfang.mandate.intake.rules.problems import CellError

ERROR_TEXTS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA"})
_CARRIAGE_RETURN = re.compile(r"_x000[dD]_")
_WHOLE_NUMBER = re.compile(r"(\d+)\.0+")
_SHORT, _KEPT = 40, 4096
_Read = TypeVar("_Read", bound=Callable[..., Any])


def column_letter(index: int) -> str:
    """0 → A, 26 → AA, as Excel names columns."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def clean_text(value: object) -> str:
    """The text that a person sees in the cell: one line, single spaces, no invisible characters.

    Whole numbers lose the ".0" that spreadsheets give them. A number of more than 15 digits has already
    lost its last ones: look at the type of the cell before trusting such a text.
    """
    if isinstance(value, str):
        return _clean_string(value)
    if value is None:
        return ""
    if isinstance(value, CellError):
        return value.text
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):.0f}" if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def remembered(read: _Read) -> _Read:
    """A list tells the same day, hour and temperature a thousand times: what a short text means is read once.

    Texts only: to a cache, 1 and True are the same value.
    """
    known = lru_cache(maxsize=_KEPT)(read)

    @wraps(read)
    def reading(value: object, *rest: Any, **named: Any) -> Any:
        short = type(value) is str and len(value) <= _SHORT
        return (known if short else read)(value, *rest, **named)

    return cast(_Read, reading)


def became_date(value: object) -> bool:
    """True for a cell of text (a door number 3-2) that the spreadsheet program took for a date."""
    return isinstance(value, (date, time, timedelta))


def half_width(text: str) -> str:
    """Full-width digits, letters and signs to their plain forms; cleaned."""
    return _clean_string(unicodedata.normalize("NFKC", text))


def _clean_string(text: str) -> str:
    if text.isalnum():
        return text
    if "_x000" in text:
        text = _CARRIAGE_RETURN.sub("", text)
    # Printable text holds no space but the plain one and nothing invisible: a look at each character is dear.
    shown = text if text.isprintable() else "".join(_shown(character) for character in text)
    shown = " ".join(shown.split()).lstrip("'‘").strip()
    whole = _WHOLE_NUMBER.fullmatch(shown) if shown.endswith("0") else None
    return whole.group(1) if whole else shown


def _shown(character: str) -> str:
    """Spaces and control characters as a space, zero-width ones not at all.

    Private-use characters stay: old systems write rare characters of names with them.
    """
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp", "Cc"):
        return " "
    return "" if category in ("Cf", "Cs") else character


def cell_to_json(value: object) -> Any:
    """A cell with its type kept, so that a row can be judged again: a number stays a number, a day a day."""
    match value:
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case Decimal():
            return float(value)
        case CellError():
            return {"error": value.text}
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def cell_from_json(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    return _READERS[kind](text)


_READERS: dict[str, Callable[[str], object]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "error": CellError,
}
