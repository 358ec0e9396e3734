"""The board: every figure of the county; and its way over the last days, which follows by itself."""

from bench.county import County
from bench.harness import Result, page

TITLE = "Board"


def measure(county: County) -> list[Result]:
    query = f"?area={county.path}"
    return [
        *page(county, "figures", "county_officer", county.path, [f"/overview/{query}"], limit=300),
        *page(county, "trend", "county_officer", county.path, [f"/overview/trend/{query}"], limit=1000, times=10),
    ]
