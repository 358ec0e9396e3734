"""Twenty thousand releases in one action."""

from django.db import connection
from django.utils import timezone

from bench.county import County
from bench.harness import Result, kept_as_it_was, stopwatch
from lianfang.mandate.duties.actions import close
from lianfang.mandate.duties.models import Enrolment

TITLE = "Releases"


def measure(county: County) -> list[Result]:
    count = min(20_000, county.observed // 2)
    chosen = Enrolment.objects.filter(observed=True, closed_at__isnull=True).order_by("pk")[:count]
    with kept_as_it_was(), stopwatch() as seconds:
        released = close(enrolments=list(chosen), at=timezone.now(), reason="released")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return [Result("in one action", f"{released:,} in {seconds():.1f} s", "20,000 in ≤ 10 s", seconds() <= 10)]
