"""How well whole files are linked: public sets with their truth, and a made Chinese one. No county is needed."""

import csv
from datetime import date
from itertools import combinations
from pathlib import Path

from bench.county import County
from bench.harness import Result, stopwatch
from lianfang.science.identity.linkage import CHINESE, FAKE, FEBRL, How, Quality, link, quality, with_sounds
from lianfang.science.population.duplicated import make_duplicated

TITLE = "Linkage of whole files"
DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "linkage"

# F1 of the reference results that came with the sets: a Fellegi-Sunter model of recordlinkage, and Splink's example.
REFERENCE = {"febrl1": 0.9990, "febrl3": 0.9967, "fake_1000": 0.8139}


def febrl(name: str) -> tuple[list[dict], set[tuple[str, str]]]:
    rows = [
        {key.strip(): value.strip() or None for key, value in row.items()}
        for row in csv.DictReader((DATA / f"{name}.csv").read_text(encoding="utf-8").splitlines())
    ]
    rows = [{"unique_id": row.pop("rec_id"), **row} for row in rows]
    return rows, _together((row["unique_id"], row["unique_id"].split("-")[1]) for row in rows)


def fake() -> tuple[list[dict], set[tuple[str, str]]]:
    told = csv.DictReader((DATA / "fake_1000.csv").read_text(encoding="utf-8").splitlines())
    rows = [{key: value or None for key, value in row.items()} for row in told]
    return rows, _together((row["unique_id"], row["cluster"]) for row in rows)


def chinese() -> tuple[list[dict], set[tuple[str, str]]]:
    rows, truth = make_duplicated(4000, 1200, seed=20200208, as_of=date(2020, 2, 8))
    return with_sounds(rows), truth


SETS: dict[str, tuple] = {
    "febrl1": (lambda: febrl("febrl1"), FEBRL),
    "febrl3": (lambda: febrl("febrl3"), FEBRL),
    "fake_1000": (fake, FAKE),
    "made Chinese set": (chinese, CHINESE),
}


def linked(name: str) -> Quality:
    make, how = SETS[name]
    rows, truth = make()
    return measured(rows, truth, how)


def measured(rows: list[dict], truth: set[tuple[str, str]], how: How) -> Quality:
    return quality(link(rows, how, threshold=0.5), truth)


def measure(_county: County) -> list[Result]:
    found = []
    for name in SETS:
        with stopwatch() as seconds:
            told = linked(name)
        reference = REFERENCE.get(name)
        found.append(
            Result(
                name,
                f"precision {told.precision:.4f}, recall {told.recall:.4f}, F1 {told.f1:.4f}",
                f"reference F1 {reference:.4f}" if reference else "",
                told.f1 >= reference - 0.005 if reference else None,
                f"{told.true_pairs:,} true pairs, {seconds():.1f} s",
            )
        )
    return found


def _together(members) -> set[tuple[str, str]]:
    groups: dict[str, list[str]] = {}
    for uid, group in members:
        groups.setdefault(group, []).append(uid)
    return {tuple(sorted(pair)) for group in groups.values() for pair in combinations(group, 2)}
