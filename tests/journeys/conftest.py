"""A real installation in a folder of its own, driven by the commands that an administrator types."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from journeys.desk import OPTIONS
from playwright.sync_api import sync_playwright

from lianfang.cluster import temporary_folder

ROOT = Path(__file__).parents[2]
VILLAGES = ROOT / "tests" / "data" / "lists" / "villages.csv"
COUNTY, TOWN, VILLAGE = "140931", "140931101", "140931101201"
PHONES = {"county": "13800000001", "town": "13800000002", "head": "13800000003", "grid": "13800000004"}
WORKERS = {
    "county": ("county_officer", COUNTY, "周县"),
    "town": ("township_officer", TOWN, "吴镇"),
    "head": ("village_head", VILLAGE, "郑村"),
    "grid": ("grid_worker", VILLAGE, "王格"),
}
AFTERNOON = 15  # the hour at which the second temperature of the day is open and the village still reports
CONTINENTS = ("Africa/", "America/", "Asia/", "Atlantic/", "Pacific/")  # every hour has a place in one of them


def zone_where_it_is_afternoon() -> str:
    """Slots of the day open by the clock on the wall: the installation stands where that clock suits."""
    named = (name for name in sorted(available_timezones()) if name.startswith(CONTINENTS))
    return next(name for name in named if datetime.now(ZoneInfo(name)).hour == AFTERNOON)


class Installation:
    """The data folder, the commands in it, and the server when it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.server, self.passwords = folder, None, {}
        zone = zone_where_it_is_afternoon()
        self.today = datetime.now(ZoneInfo(zone)).date()
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment = kept | {
            "LIANFANG_DATA": str(folder),
            "LIANFANG_ZONE": zone,
            "PYTHONPATH": str(ROOT / "src"),
        }
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: object) -> dict:
        command = [sys.executable, "-m", "lianfang", *map(str, arguments), "--json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)

    def settle(self) -> None:
        """From nothing to a county at work: areas, the plan in force, people who may log in."""
        self.run("init", "--exercise")
        self.run("import", "areas", VILLAGES)
        start = self.today - timedelta(days=5)
        self.run("plan", "activate", "county-report-2020", "--area", COUNTY, "--from", start)
        for username, (role, area, name) in WORKERS.items():
            told = ["--name", name, "--role", role, "--area", area, "--phone", PHONES[username]]
            self.passwords[username] = self.run("account", username, *told)["password"]

    def begin(self) -> None:
        """Start the server in a process group of its own, as a terminal does."""
        with (self.folder / "serve.log").open("ab") as log:
            self.server = subprocess.Popen(
                [sys.executable, "-m", "lianfang", "serve", "--port", str(self.port)],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def serve(self) -> float:
        """Start the server; returns the seconds until its first page."""
        begun = time.monotonic()
        self.begin()
        while time.monotonic() - begun < 60 and not self.answers():
            assert self.server.poll() is None, self.log()
            time.sleep(0.1)
        return time.monotonic() - begun

    def answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", "/login/")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def interrupt(self) -> int:
        """Ctrl-C in a terminal reaches the whole group; returns the exit status."""
        os.killpg(self.server.pid, signal.SIGINT)
        return self.server.wait(timeout=30)

    def log(self) -> str:
        return (self.folder / "serve.log").read_text(encoding="utf-8")

    def processes(self) -> list[str]:
        """Every process that stands in the folder or was given it: servers, workers, databases."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                given = f"LIANFANG_DATA={self.folder}".encode() in (entry / "environ").read_bytes().split(b"\0")
                inside = os.readlink(entry / "cwd").startswith(str(self.folder))
                if given or inside:
                    words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found.append(f"{entry.name} {words}")
        return found

    def port_is_free(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) != 0

    def remove(self) -> None:
        """Whatever a failed test left running is ended, each by its own number."""
        for line in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.split()[0]), signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def settled():
    """An installation at work; nothing is served yet."""
    made = Installation(temporary_folder())
    try:
        made.settle()
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="module")
def served(settled):
    """The installation, served; afterwards Ctrl-C must leave neither a process nor the port."""
    settled.serve()
    yield settled
    settled.interrupt()
    assert settled.processes() == []
    assert settled.port_is_free()


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(chromium), args=OPTIONS)
        yield running
        running.close()
