"""A text table of a million rows: the same way in as a workbook, in bounded memory."""

import csv
import io
import resource

from django.utils import timezone

from bench.county import BY, County
from bench.harness import Result, kept_as_it_was, stopwatch
from bench.lists import HEADINGS, rows_of_a_list
from lianfang.mandate.intake import actions
from lianfang.mandate.intake.queries import counts

TITLE = "A list of a million"
_SECONDS, _MEGABYTES = 300, 1536


def measure(county: County) -> list[Result]:
    count = 2000 if county.quick else 1_000_000
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows(rows_of_a_list(county, count))
    content = out.getvalue().encode()
    out.close()
    now = timezone.now()
    with kept_as_it_was():
        with stopwatch() as whole:
            with stopwatch() as checking:
                file = actions.NewFile("arrivals", county.path, "list.csv", content)
                batch = actions.check(batch=actions.receive(by=BY, at=now, file=file))
            batch = actions.commit(by=BY, batch=batch, now=now)
        told = counts(batch)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    words = ", ".join(f"{told[name]:,} {name}" for name in ("accepted", "duplicate", "review", "rejected"))
    return [
        Result(
            f"{count:,} rows of csv against {county.persons:,} persons",
            f"{whole():.0f} s",
            f"≤ {_SECONDS} s",
            whole() <= _SECONDS,
            f"read, checked and matched {checking():.0f} s; {words}",
        ),
        Result("memory at its highest", f"{most} MB", f"≤ {_MEGABYTES} MB", most <= _MEGABYTES, f"parser {child} MB"),
    ]
