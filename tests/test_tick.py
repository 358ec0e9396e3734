"""The command line on an installation of its own: parallel, repeated and late ticks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lianfang.cluster import temporary_folder

LISTS = Path(__file__).parent / "data" / "lists"


class Installation:
    def __init__(self, folder: Path) -> None:
        self._environment = os.environ | {"LIANFANG_DATA": str(folder), "PYTHONWARNINGS": "error"}

    def start(self, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "lianfang", *arguments, "--json"]
        return subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str, status: int = 0):
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode == status, err
        return json.loads(out)

    def obligations(self) -> dict[str, int]:
        return {duty["duty"]: duty["due"] for duty in self.run("gaps", "--as-of", "2020-02-12T21:00:00+08:00")}


@pytest.fixture(scope="module")
def installation():
    folder = temporary_folder()
    made = Installation(folder)
    made.run("init", "--exercise")
    assert made.run("import", "areas", str(LISTS / "villages.csv"))["accepted"] == 12
    made.run("plan", "activate", "county-report-2020", "--area", "140931", "--from", "2020-02-08")
    town = ["import", "arrivals", str(LISTS / "town-returnees.xlsx"), "--area", "140931101"]
    made.run(*town, "--at", "2020-02-08T18:00:00+08:00", status=1)
    return made


def test_two_ticks_at_once_and_one_more_make_nothing_twice(installation):
    at = "2020-02-09T08:00:00+08:00"
    both = [installation.start("tick", "--as-of", at) for _ in range(2)]
    made = [json.loads(process.communicate(timeout=120)[0])["generated"] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(made)[0] == 0
    assert installation.run("tick", "--as-of", at)["generated"] == 0


def test_a_tick_after_three_days_makes_what_was_due_meanwhile(installation):
    assert installation.run("tick", "--as-of", "2020-02-12T08:00:00+08:00")["generated"] > 0
    counts = {
        day: {
            duty["duty"]: duty["due"] for duty in installation.run("gaps", "--as-of", f"2020-02-{day}T21:00:00+08:00")
        }
        for day in ("10", "12")
    }
    assert counts["10"]["zero-report"] == counts["12"]["zero-report"] == 12
    assert counts["12"]["temperature"] == 2 * counts["12"]["call"]
    assert installation.run("tick", "--as-of", "2020-02-12T08:00:00+08:00")["generated"] == 0


def test_a_dry_run_keeps_nothing(installation):
    before = installation.obligations()
    town = ["import", "arrivals", str(LISTS / "town-returnees.xlsx"), "--area", "140931101", "--dry-run"]
    told = installation.run(*town, "--at", "2020-02-08T19:00:00+08:00", status=1)
    assert (told["dry_run"], told["duplicate"]) == (True, 2094)
    assert installation.obligations() == before


@pytest.mark.parametrize(
    "call",
    [
        ["import", "arrivals", "nowhere.xlsx", "--area", "140931101"],
        ["gaps", "--area", "999999"],
        ["tick", "--as-of", "tomorrow"],
        ["gaps", "--identify"],
    ],
)
def test_a_wrong_call_ends_with_status_2_and_one_clear_line(installation, call):
    process = installation.start(*call)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (2, "")
    assert err.startswith("lianfang: ")
