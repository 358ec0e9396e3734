"""The board: every figure of the county; and its way over the last days, which follows by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from bench.county import BY, County
from bench.harness import Result, page
from lianfang.mandate.duties.actions.past import count_hours, count_past, missing_hours
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.past import full_hour
from lianfang.mandate.intake.records import record_batch

TITLE = "Board"
DAYS = 14  # of the trend
_PAUSE = 0.02  # seconds between two records that come in while the board is read


def measure(county: County) -> list[Result]:
    _count_past_hours()
    query = f"?area={county.path}"
    figures = [f"/overview/{query}"]
    with _records_coming_in():
        busy = page(county, "figures while records come in", "county_officer", county.path, figures, limit=300)
    return [
        *page(county, "figures", "county_officer", county.path, figures, limit=300),
        *busy,
        *page(county, "trend", "county_officer", county.path, [f"/overview/trend/{query}"], limit=1000, times=10),
    ]


@contextmanager
def _records_coming_in() -> Iterator[None]:
    """Somebody stores one temperature after the other: a page whose moment lies before the latest must not be slow."""
    people = list(Enrolment.objects.filter(observed=True).values_list("subject", flat=True)[:1000])
    done, stored = Event(), []

    def store() -> None:
        while not done.wait(_PAUSE):
            now = timezone.now()
            line = {"id": str(uuid4()), "kind": "temperature", "person": str(people[len(stored) % len(people)])}
            told = record_batch(by=BY, at=now, lines=[line | {"at": now.isoformat(), "value": 36.5}])
            stored.append(told.stored)
        connection.close()

    thread = Thread(target=store)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    if not sum(stored):
        raise RuntimeError("no record came in")


def _count_past_hours() -> None:
    """The county was written at once: what ticks would have counted hour by hour, of the hours that are asked for.

    The tick's own step comes first: it takes note of what writing the county changed of the past.
    """
    now = timezone.now()
    count_past(at=now)
    asked = {full_hour(now - timedelta(days=day, hours=-ahead)) for day in range(1, DAYS) for ahead in (0, 1)}
    for hour in sorted(asked.intersection(missing_hours(now))):
        count_hours([hour])
