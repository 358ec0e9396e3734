"""How far a long import is, told by the process that works on it and seen by any other at once.

The work is one transaction, so no row that it writes can be seen before its end. The name under which a connection
is listed by the database is seen at once: the percentage stands there.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType

from django.db import connection

_NAME = "lianfang list {key} {step} {done} of {whole}"
_READ = re.compile(r"^lianfang list (\d+) (check|commit|undo) (\d+) of (\d+)$")
_EVERY_SECONDS = 0.5
Listener = Callable[[str, int, int], None]  # step, done, whole
_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listened(listener: Listener) -> Iterator[None]:
    """What is told inside is told to the listener as well: a terminal shows it."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


class Progress:
    """`whole`: rows, or where they are not counted yet, bytes of the file."""

    def __init__(self, step: str, key: int, *, whole: int) -> None:
        self._step, self._key, self._whole = step, key, whole
        self._next = 0.0

    def __enter__(self) -> "Progress":
        return self

    def tell(self, done: int) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY_SECONDS
            _name_connection(_NAME.format(key=self._key, step=self._step, done=done, whole=self._whole))
            if listener := _LISTENER.get():
                listener(self._step, done, self._whole)

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:  # a transaction that failed takes no statement more, and loses the name by itself
            _name_connection("lianfang")


def _name_connection(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", [name])


def progress_of(key: int) -> tuple[str, int, int] | None:
    """(step, done, whole) of the list that is being worked on now; of a check `done` are rows, `whole` bytes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE %s", [f"lianfang list {key} %"]
        )
        found = cursor.fetchone()
    match = _READ.match(found[0]) if found else None
    return (match[2], int(match[3]), int(match[4])) if match else None
