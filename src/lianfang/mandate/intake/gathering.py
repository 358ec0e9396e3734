"""Single records that arrive at the same moment are stored together: one commit, and one answer to each sender.

A commit waits for the disk, whatever it holds. While one is under way, the calls that come in meanwhile gather, and
the first of them stores them all. Nobody is answered before the commit that holds the record.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from lianfang.mandate.intake.records import Outcome

Store = Callable[[list[Any], int], Outcome]  # (lines, how many calls they came with)
_TOGETHER = 500  # lines of one commit


@dataclass
class _Call:
    lines: list[Any]
    woken: Event = field(default_factory=Event)
    outcome: Outcome | None = None
    failed: Exception | None = None


class Gathering:
    """Calls of one sender, by its key: only these can share a transaction, for they share its rights."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._busy: set[int] = set()
        self._waiting: dict[int, deque[_Call]] = defaultdict(deque)

    def store(self, key: int, lines: list[Any], store: Store) -> Outcome:
        mine = _Call(lines)
        with self._lock:
            self._waiting[key].append(mine)
            follows = key in self._busy
            self._busy.add(key)
        if follows:
            mine.woken.wait()  # stored by another, or first in the queue now
        if mine.outcome is None and mine.failed is None:
            self._lead(key, store)
        if mine.failed is not None:
            raise mine.failed
        assert mine.outcome is not None  # noqa: S101 - the queue's own invariant
        return mine.outcome

    def _lead(self, key: int, store: Store) -> None:
        together = self._take(key)
        try:
            _store_together(together, store)
        finally:
            with self._lock:
                waiting = self._waiting[key]
                if waiting:
                    waiting[0].woken.set()
                else:
                    self._busy.discard(key)
                    del self._waiting[key]
            for call in together:
                call.woken.set()

    def _take(self, key: int) -> list[_Call]:
        with self._lock:
            waiting, taken, lines = self._waiting[key], [], 0
            while waiting and (not taken or lines + len(waiting[0].lines) <= _TOGETHER):
                taken.append(waiting.popleft())
                lines += len(taken[-1].lines)
            return taken


def _store_together(calls: Sequence[_Call], store: Store) -> None:
    """All in one transaction; where that fails, each in its own, so that no call suffers for another."""
    try:
        told = store([line for call in calls for line in call.lines], len(calls))
    except Exception as error:  # noqa: BLE001 - each caller raises it again
        if len(calls) > 1:
            for call in calls:
                _store_together([call], store)
        else:
            calls[0].failed = error
        return
    start = 0
    for call in calls:
        call.outcome = told.part(start, len(call.lines))
        start += len(call.lines)
