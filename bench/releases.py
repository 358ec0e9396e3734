"""Twenty thousand releases in one action: certificates numbered, reviews evidenced, observations ended."""

from django.db import connection
from django.utils import timezone

from bench.county import BY, County
from bench.harness import Result, kept_as_it_was, stopwatch
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.orders.actions import release
from lianfang.mandate.orders.rules import EARLY

TITLE = "Releases"


def measure(county: County) -> list[Result]:
    count = min(20_000, county.observed // 2)
    running = Enrolment.objects.filter(observed=True, closed_at__isnull=True).order_by("pk")
    chosen = list(running.values_list("pk", flat=True)[:count])
    with kept_as_it_was(), stopwatch() as seconds:
        made = release(by=BY, at=timezone.now(), enrolments=chosen, kind=EARLY, reason="bench", approved_by="second")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return [Result("in one action", f"{made:,} in {seconds():.1f} s", "20,000 in ≤ 10 s", seconds() <= 10)]
