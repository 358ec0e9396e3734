"""Reading identity documents as people and spreadsheets write them.

Resident numbers follow GB 11643-1999: 6 digits of the division of first registration, 8 of the birth
date, 3 of sequence (odd male, even female), one check character by ISO 7064 MOD 11-2. The division says
where a number was first issued, so nothing here reads a residence from it.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from operator import mul
from typing import Final, Literal


class DocumentKind(StrEnum):
    resident_id = "resident_id"
    passport = "passport"
    permit = "permit"
    other = "other"


DocumentRule = Literal["id_damaged", "id_check", "id_date", "id_format"]
Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class Document:
    """`number` is as written, in normal form; `key` is the same for every way to write the same document."""

    kind: DocumentKind
    number: str
    key: str
    birth_date: date | None = None
    sex: Sex | None = None


@dataclass(frozen=True, slots=True)
class DocumentFault:
    rule: DocumentRule
    value: str


_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_EMPTY: Final = frozenset({"", "无", "没有", "暂无", "未办", "未办理", "不详", "未知", "NONE", "NA", "NULL"})
_DROPPED: Final = re.compile(r"[\s'‘’`＇\"“”\u200b\ufeff]+")
_DASHES: Final = re.compile(r"[-‐‑–—－_/\\]+")
_SCIENTIFIC: Final = re.compile(r"\d(\.\d*)?E\+?\d+")
_DECIMAL_TAIL: Final = re.compile(r"(\d+)\.0+")
_RESIDENT: Final = re.compile(r"\d{17}[\dX]", re.ASCII)
_FIRST_GENERATION: Final = re.compile(r"\d{15}", re.ASCII)
_YEAR_FIRST_DATE: Final = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])", re.ASCII)

# Excel keeps 15 significant digits of a number: the others become zeros.
_EXCEL_DIGITS: Final = 15
_EARLIEST_YEAR: Final = 1850
_LATEST_YEAR: Final = 2150

_PATTERNS: Final = (
    (DocumentKind.permit, re.compile(r"[HM]\d{8}(\d{2})?")),  # Hong Kong and Macau residents' travel permit
    (DocumentKind.permit, re.compile(r"\d{8}")),  # Taiwan residents' travel permit
    (DocumentKind.permit, re.compile(r"[A-Z]{3}\d{12}")),  # foreigner's permanent residence card
    (DocumentKind.passport, re.compile(r"[A-Z]{1,2}\d{7,8}")),
    (DocumentKind.passport, re.compile(r"\d{9}")),
    (DocumentKind.passport, re.compile(r"[A-Z]{2}\d{6}")),
    (DocumentKind.other, re.compile(r"[A-Z]\d{9}")),  # birth certificate
)


def normalise(text: str) -> str:
    """Half-width, upper case, without blanks, quotation marks and apostrophes."""
    folded = _DROPPED.sub("", unicodedata.normalize("NFKC", text).upper())
    return unicodedata.normalize("NFKC", folded)


def check_character(first_seventeen: str) -> str:
    total = sum(map(mul, _WEIGHTS, map(int, first_seventeen)))
    return _CHECKS[total % 11]


def read_document(value: object, *, today: date | None = None) -> Document | DocumentFault | None:
    """A cell's document, what is wrong with it, or None for an empty cell.

    A number cell of more than 15 digits has lost its last ones whatever its check character says.
    With `today`, a birth date after it is an impossible one.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return DocumentFault("id_format", str(value))
    if isinstance(value, (int, float)):
        return _read_number(value, today)
    return _read_text(str(value), today)


def _read_number(value: float, today: date | None) -> Document | DocumentFault | None:
    if math.isnan(value):  # an empty cell of a numeric column arrives as not-a-number
        return None
    if math.isinf(value) or abs(value) >= 10**_EXCEL_DIGITS:
        return DocumentFault("id_damaged", str(value).upper())
    if value < 0 or value != int(value):
        return DocumentFault("id_format", str(value))
    return _read_text(str(int(value)), today)


def _read_text(original: str, today: date | None) -> Document | DocumentFault | None:
    if _RESIDENT.fullmatch(original):  # nearly all: nothing to put right
        return _read_resident(original, original, original, today)
    text = normalise(original)
    whole = _DECIMAL_TAIL.fullmatch(text)
    if whole:
        text = whole[1]
    if _SCIENTIFIC.fullmatch(text):
        return DocumentFault("id_damaged", original.strip())
    text = _DASHES.sub("", text)
    if text in _EMPTY:
        return None
    if _RESIDENT.fullmatch(text):
        return _read_resident(text, text, original.strip(), today)
    if _FIRST_GENERATION.fullmatch(text):
        stem = f"{text[:6]}19{text[6:]}"
        return _read_resident(text, stem + check_character(stem), original.strip(), today)
    return _read_foreign(text, original.strip())


def _read_resident(number: str, key: str, original: str, today: date | None) -> Document | DocumentFault:
    if check_character(key[:17]) != key[17]:
        damaged = key.endswith("000")
        return DocumentFault("id_damaged" if damaged else "id_check", original)
    birth_date = _birth_date(key[6:14])
    if birth_date is None or (today is not None and birth_date > today):
        return DocumentFault("id_date", original)
    sex: Sex = "male" if int(key[16]) % 2 else "female"
    return Document(DocumentKind.resident_id, number, key, birth_date, sex)


def _read_foreign(text: str, original: str) -> Document | DocumentFault:
    if not _YEAR_FIRST_DATE.fullmatch(text):  # a birthday typed into the wrong column is no permit
        for kind, pattern in _PATTERNS:
            if pattern.fullmatch(text):
                return Document(kind, text, text)
    return DocumentFault("id_format", original)


def _birth_date(digits: str) -> date | None:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def mask(number: str) -> str:
    """First four and last four visible where at least half stays hidden, otherwise the last two."""
    if len(number) >= 15:
        return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"
    if len(number) > 4:
        return f"{number[:1]}{'*' * (len(number) - 3)}{number[-2:]}"
    return "*" * len(number)


def age_on(birth_date: date, day: date) -> int:
    """Completed years; a birthday of 29 February counts from 1 March in common years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
