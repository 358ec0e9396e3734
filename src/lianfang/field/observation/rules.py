"""Codes of what observation records, the interval of a share, row codes of paper lists. Pure functions."""

from math import sqrt

ALERT_STEPS = ("township", "county", "outcome")
ALERT_OUTCOMES = ("well", "other_cause", "in_care", "suspected", "other")
DIFFICULTIES = ("food", "medicine", "care", "work", "family", "not_informed", "other")
CALLBACK_OUTCOMES = ("confirmed", "differs", "not_reached")
CONTACT_KINDS = ("temperature", "symptoms", "call", "visit", "report", "first_verification")
_Z = 1.959963984540054  # two-sided 95 %


def wilson(successes: int, trials: int) -> tuple[float, float] | None:
    """The 95 % interval of a share by Wilson's score; it stays within 0 and 1 and holds for small samples."""
    if trials <= 0:
        return None
    share, square = successes / trials, _Z * _Z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    reach = _Z * sqrt(share * (1 - share) / trials + square / (4 * trials * trials)) / (1 + square / trials)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


_SIGNS = "ACDEFHJKLMNPRTUVWXY34679"  # nothing that handwriting confuses: no 0 O, 1 I, 2 Z, 5 S, 8 B, G Q


def row_code(number: int, row: int) -> str:
    """The code of a row of a printed list: list, row, and a sign that catches a slip in any of the digits."""
    return f"{number}-{row:03d}{_check(number, row)}"


def read_row_code(text: str) -> tuple[int, int] | None:
    """(list, row) of a code as somebody typed it; None where it is no code or its check sign differs."""
    told = "".join(text.upper().split()).replace("\u2014", "-").replace("\uff0d", "-")
    head, dash, tail = told.partition("-")
    if not (dash and head.isascii() and head.isdigit() and len(head) <= 12 and tail[:-1].isascii()):
        return None
    if not tail[:-1].isdigit() or len(tail) > 7:
        return None
    number, row = int(head), int(tail[:-1])
    return (number, row) if tail[-1] == _check(number, row) else None


def _check(number: int, row: int) -> str:
    """Weights differ between neighbours and have no factor in common with the number of signs: swaps are caught."""
    digits = [int(sign) for sign in f"{number}{row:03d}"]
    total = sum(digit * weight for digit, weight in zip(reversed(digits), _weights(), strict=False))
    return _SIGNS[total % 23]


def _weights() -> list[int]:
    return [pow(7, place, 23) for place in range(1, 23)]
