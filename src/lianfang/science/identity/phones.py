"""Phone numbers as lists carry them. Several people share one phone, so a phone is never a key."""

import math
import re
import unicodedata
from typing import Final, Literal

PhoneRule = Literal["phone_format"]

_EMPTY: Final = frozenset({"", "无", "-", "--", "—", "/", "无电话", "没有", "不详", "未知", "无手机", "暂无", "none"})
_SCIENTIFIC: Final = re.compile(r"(\d)\.(\d*)e\+?(\d{1,2})", re.IGNORECASE)
_DECIMAL_TAIL: Final = re.compile(r"\.0+$")
_JUNK: Final = re.compile(r"[\s'‘’`\"().,·\u200b\ufeff]+")
_SEVERAL: Final = re.compile(r"[、，,;/|\n\r]+|和|或")
_DASHES: Final = re.compile(r"[-‐‑–—－_]+")
_COUNTRY: Final = re.compile(r"^(?:\+|00)?86(?=1[3-9]\d{9}$|0\d{9,11}(?:x\d+)?$)")
_EXTENSION: Final = re.compile(r"(?:转|分机|ext|#|x)", re.IGNORECASE)
_FORMS: Final = (
    re.compile(r"1[3-9]\d{9}", re.ASCII),  # mobile
    re.compile(r"0\d{2,3}\d{7,8}(x\d{1,6})?", re.ASCII),  # area code and line
    re.compile(r"[2-8]\d{6,7}(x\d{1,6})?", re.ASCII),  # line without area code
    re.compile(r"[48]00\d{7}", re.ASCII),
    re.compile(r"(\+|00)(?!86)[1-9]\d{6,14}", re.ASCII),  # abroad, Hong Kong, Macau, Taiwan
)


def normalise_phone(value: object) -> str | None:
    """The first readable number of a cell in normal form; None for an empty or an unreadable cell."""
    numbers = read_phones(value)
    return numbers[0] if numbers else None


def read_phones(value: object) -> tuple[str, ...]:
    """Every readable number of a cell, in order, each once."""
    text = _text(value)
    if _FORMS[0].fullmatch(text):  # nearly all: a mobile number and nothing else
        return (text,)
    found = [_one(part) for part in _SEVERAL.split(text)]
    return tuple(dict.fromkeys(number for number in found if number is not None))


def phone_problem(value: object) -> PhoneRule | None:
    text = _text(value)
    return None if text in _EMPTY or read_phones(value) else "phone_format"


def mask_phone(number: str) -> str:
    """First three and last four visible; of short numbers only the last four, or two."""
    if len(number) >= 10:
        return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"
    if len(number) >= 7:
        return f"{'*' * (len(number) - 4)}{number[-4:]}"
    return "*" * len(number)


def _text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.0f}"
    return unicodedata.normalize("NFKC", str(value)).strip()


def _one(part: str) -> str | None:
    text = _JUNK.sub("", _expand(_DECIMAL_TAIL.sub("", part.strip())))
    text = _EXTENSION.sub("x", text)
    groups = [group for group in _DASHES.split(text) if group]
    if len(groups) == 3 and len(groups[0]) in (3, 4) and groups[0].startswith("0"):
        text = f"{groups[0]}{groups[1]}x{groups[2]}"  # area code, line, extension
    else:
        text = "".join(groups)
    text = _COUNTRY.sub("", text)
    return text if any(form.fullmatch(text) for form in _FORMS) else None


def _expand(text: str) -> str:
    """1.3877051447E+10 holds every digit; 1.38771E+10 has lost some and stays as it is."""
    match = _SCIENTIFIC.fullmatch(text)
    if match and len(match[2]) >= int(match[3]):
        return f"{match[1]}{match[2][: int(match[3])]}"
    return text
