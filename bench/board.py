"""The board: every figure of the county; and its way over the last days, which follows by itself."""

from datetime import timedelta

from django.utils import timezone

from bench.county import County
from bench.harness import Result, page
from lianfang.mandate.duties.actions.past import count_hours, missing_hours
from lianfang.mandate.duties.past import full_hour

TITLE = "Board"
DAYS = 14  # of the trend


def measure(county: County) -> list[Result]:
    _count_past_hours()
    query = f"?area={county.path}"
    return [
        *page(county, "figures", "county_officer", county.path, [f"/overview/{query}"], limit=300),
        *page(county, "trend", "county_officer", county.path, [f"/overview/trend/{query}"], limit=1000, times=10),
    ]


def _count_past_hours() -> None:
    """The county was written at once: what ticks would have counted hour by hour, of the hours that are asked for."""
    now = timezone.now()
    asked = {full_hour(now - timedelta(days=day, hours=-ahead)) for day in range(1, DAYS) for ahead in (0, 1)}
    for hour in sorted(asked.intersection(missing_hours(now))):
        count_hours([hour])
