"""A workbook of twenty thousand rows: parsed, checked, matched against the register, committed."""

import io

from django.utils import timezone

from bench.county import BY, County
from bench.harness import Result, kept_as_it_was, stopwatch
from bench.lists import rows_of_a_list, write_xlsx
from lianfang.mandate.intake import actions
from lianfang.mandate.intake.queries import counts

TITLE = "A list of 20,000"
_GOAL = 20


def measure(county: County) -> list[Result]:
    count = 500 if county.quick else 20_000
    out = io.BytesIO()
    write_xlsx(rows_of_a_list(county, count), out)
    file = actions.NewFile("arrivals", county.path, "list.xlsx", out.getvalue())
    now = timezone.now()
    with kept_as_it_was():
        with stopwatch() as whole:
            with stopwatch() as checking:
                batch = actions.check(batch=actions.receive(by=BY, at=now, file=file))
            batch = actions.commit(by=BY, batch=batch, now=now)
        told = counts(batch)
    words = ", ".join(f"{told[name]:,} {name}" for name in ("accepted", "duplicate", "review", "rejected"))
    return [
        Result(
            f"{count:,} rows of xlsx against {county.persons:,} persons",
            f"{whole():.1f} s",
            f"≤ {_GOAL} s",
            whole() <= _GOAL,
            f"read, checked and matched {checking():.1f} s; {words}",
        )
    ]
