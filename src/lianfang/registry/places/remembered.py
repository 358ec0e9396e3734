"""What a server process remembers between pages: names of areas, plans in force. Never older than the page's stamp.

The installation's `reference_stamp` changes in the transaction that changes an area or a plan in force (triggers). A
page reads it with the account, in one query; what was remembered under another stamp is not used. Outside a page that
only reads (acts, commands, the worker) there is no stamp, and the database is asked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar
from uuid import UUID

Told = TypeVar("Told")
_MOST_STAMPS = 3  # pages that began before a change finish beside those that began after it
_page: ContextVar[dict[str, UUID] | None] = ContextVar("page", default=None)
_stores: dict[UUID, dict[Any, Any]] = {}


@contextmanager
def reading_a_page() -> Iterator[None]:
    """Around a request that only reads."""
    token = _page.set({})
    try:
        yield
    finally:
        _page.reset(token)


def begin(stamp: UUID | None) -> None:
    """The page's stamp, as soon as it is known. What is read after it is at least as new."""
    page = _page.get()
    if page is not None and stamp is not None:
        page["stamp"] = stamp


def store() -> dict[Any, Any] | None:
    """What was remembered under the page's stamp, to read and to add to; none outside such a page."""
    stamp = (_page.get() or {}).get("stamp")
    if stamp is None:
        return None
    if stamp not in _stores and len(_stores) >= _MOST_STAMPS:
        _stores.clear()
    return _stores.setdefault(stamp, {})


def remember(key: str, ask: Callable[[], Told]) -> Told:
    """What was remembered under the key, else what asking answers."""
    known = store()
    if known is None:
        return ask()
    if key not in known:
        known[key] = ask()
    return known[key]
