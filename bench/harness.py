"""Measuring: requests through the whole stack, times with their spread, baselines of the same run."""

import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from django.db import OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.county import County

_WHILE = 20  # seconds for one page
_PATIENCE = 30  # seconds for one statement of a page
_FEW = 10  # runs: fewer are told
_SLOW = 10_000  # milliseconds: such a page is not asked once more to count its queries


@dataclass(frozen=True)
class Result:
    """One measured figure beside its goal. `holds` is None where a figure only informs (a baseline)."""

    what: str
    measured: str
    goal: str = ""
    holds: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Spread:
    """Milliseconds of many runs of one thing."""

    times: Sequence[float]

    def percentile(self, share: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def words(self) -> str:
        p50, p95 = self.percentile(0.5), self.percentile(0.95)
        few = f" of {len(self.times)}" if len(self.times) < _FEW else ""
        return f"p50 {p50:.0f} · p95 {p95:.0f} · max {max(self.times):.0f} ms{few}"


def spread(act: Callable[[int], object], times: int, warm: int = 3) -> Spread:
    """Times of `act(n)`, after some runs that warm the caches; of what is slow, as many as a while allows."""
    measured: list[float] = []
    until = time.perf_counter() + _WHILE
    for number in range(warm + times):
        begun = time.perf_counter()
        if measured and begun > until:
            break
        act(number)
        measured.append((time.perf_counter() - begun) * 1000)
    return Spread(measured[warm:] or measured)


@contextmanager
def stopwatch():
    """`with stopwatch() as seconds: …; seconds()` is how long it took, or has taken so far."""
    begun, ended = time.perf_counter(), []

    def seconds() -> float:
        return (ended[0] if ended else time.perf_counter()) - begun

    yield seconds
    ended.append(time.perf_counter())


@contextmanager
def kept_as_it_was():
    """What is written inside is taken back, so that one measurement leaves the county to the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) duties_obligation, duties_enrolment, duties_evidence")


def page(
    county: County, what: str, role: str, area: str, urls: Sequence[str], *, limit: float, times: int = 40
) -> list[Result]:
    """The time of a page asked for by somebody with the role, and how many queries it takes."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(county.account(role, area))
    get = partial(_get, client, urls)
    try:
        with _no_statement_longer_than(_PATIENCE):
            measured = spread(get, 2 if county.quick else times)
    except OperationalError:
        told = f"given up after {_PATIENCE} s"
        return [Result(what, told, f"p95 ≤ {limit:.0f} ms", holds=False, note="one statement is that long")]
    if measured.percentile(0.5) > _SLOW:
        return [Result(what, measured.words, f"p95 ≤ {limit:.0f} ms", holds=False)]
    with CaptureQueriesContext(connection) as asked:
        get(0)
    slowest = max(asked.captured_queries, key=lambda query: float(query["time"]), default={"time": "0"})
    p95 = measured.percentile(0.95)
    return [
        Result(
            what,
            measured.words,
            f"p95 ≤ {limit:.0f} ms",
            p95 <= limit,
            f"slowest query {float(slowest['time']) * 1000:.0f} ms",
        ),
        Result(f"{what}: queries", str(len(asked)), "≤ 12", len(asked) <= 12),
    ]


@contextmanager
def _no_statement_longer_than(seconds: int):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{seconds}s"])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")


def _get(client: Client, urls: Sequence[str], number: int) -> None:
    answer = client.get(urls[number % len(urls)])
    if answer.status_code != 200:
        raise RuntimeError(f"{urls[number % len(urls)]} answered {answer.status_code}")
