"""What stands in a request outside of any form: words of a note, a number. Whatever was sent, it is no fault here."""

from django.http import HttpRequest

_DIGITS = 18  # what a column of whole numbers holds


def words(request: HttpRequest, name: str, longest: int = 300) -> str:
    """The text sent under the name, on one line, without signs that no database keeps."""
    told = request.POST.get(name, "")
    return "".join(sign if sign.isprintable() else " " for sign in told).strip()[:longest]


def whole_number(told: str | None) -> int | None:
    """The number, or None: "²" and a number without end are none."""
    return int(told) if told and told.isascii() and told.isdigit() and len(told) <= _DIGITS else None
