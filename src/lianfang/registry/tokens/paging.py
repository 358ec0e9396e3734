"""Lists of the API: an exact count, and a cursor that neither skips nor repeats while rows come and go."""

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from ninja import Schema
from pydantic import Field

from lianfang.registry.tokens.access import Problem, fault
from lianfang.registry.tokens.wording import validation_words

Item = TypeVar("Item")
_MOST = 500


class Paging(Schema):
    """`after` is the `next` of the page before."""

    limit: Annotated[int, Field(ge=1, le=_MOST)] = 100
    after: Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z0-9_-]*$")] = ""


class Page(Schema, Generic[Item]):
    """`count` is the exact number of all rows; `next` is empty on the last page."""

    count: int
    next: str
    items: list[Item]


def paged(rows: QuerySet, query: Paging, *, key: str, shown_all: Callable[[list[Any]], list[Any]]) -> dict[str, Any]:
    """A page of the rows in the order of `key`, which must be unique."""
    count = rows.count()
    here = rows.order_by(key)
    if query.after:
        try:
            here = here.filter(**{f"{key}__gt": _read(query.after)})
        except (ValueError, ValidationError):
            raise _bad_cursor(query.after) from None
    found = list(here[: query.limit + 1])
    last = getattr(found[query.limit - 1], key) if len(found) > query.limit else None
    return {"count": count, "next": "" if last is None else cursor(last), "items": shown_all(found[: query.limit])}


def next_offset(query: Paging, shown: int, count: int) -> str:
    """Where a list without a unique key goes on after this page."""
    reached = offset_of(query) + shown
    return cursor(reached) if shown and reached < count else ""


def offset_of(query: Paging) -> int:
    """Where a list without a unique key goes on: the number of the row."""
    try:
        number = int(_read(query.after)) if query.after else 0
    except ValueError:
        raise _bad_cursor(query.after) from None
    if not 0 <= number < 2**31:
        raise _bad_cursor(query.after)
    return number


def cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(str(value).encode()).decode().rstrip("=")


def _read(after: str) -> str:
    try:
        told = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _bad_cursor(after) from None
    if "\0" in told or not told.isprintable():
        raise _bad_cursor(after)
    return told


def _bad_cursor(after: str) -> Problem:
    return Problem("invalid", [fault("after", after, "bad_cursor", validation_words("bad_cursor", "after", after))])
