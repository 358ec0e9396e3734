"""The list that a village works from, village after village."""

from bench.county import County
from bench.harness import Result, page

TITLE = "Village list"


def measure(county: County) -> list[Result]:
    some = county.villages[:: max(1, len(county.villages) // 40)]
    gaps = [f"/gaps/?area={path}&state=outstanding" for path in some]
    return page(county, "outstanding", "county_officer", county.path, gaps, limit=50)
