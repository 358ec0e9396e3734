"""The county's list of what is outstanding: a page of it, with the exact count."""

from bench.county import County
from bench.harness import Result, page

TITLE = "Gap list of the county"


def measure(county: County) -> list[Result]:
    base = f"/gaps/?area={county.path}"
    return [
        *page(county, "all outstanding", "county_officer", county.path, [f"{base}&state=outstanding"], limit=300),
        *page(county, "overdue temperatures", "county_officer", county.path, _of(base, "temperature"), limit=300),
        *page(county, "page 50", "county_officer", county.path, [f"{base}&state=outstanding&page=50"], limit=300),
        *page(county, "by owner", "county_officer", county.path, [f"{base}&tab=owner"], limit=300, times=10),
    ]


def _of(base: str, duty: str) -> list[str]:
    return [f"{base}&duty={duty}&state={state}" for state in ("overdue", "missing", "outstanding")]
