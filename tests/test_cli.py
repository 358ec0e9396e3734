"""`lianfang <command>` as a terminal sees it: status, one line, and no server left behind."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lianfang.cluster import Cluster

PRINT_AND_WAIT = "print('up', flush=True); import time; time.sleep(60)"


@pytest.fixture
def data(tmp_path):
    return tmp_path / "var"


@pytest.fixture
def environment(data):
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {"LIANFANG_DATA": str(data)}


@pytest.fixture
def lianfang(environment):
    def run(*arguments, **more):
        command = [sys.executable, "-m", "lianfang", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment | more)

    return run


def test_help_names_each_command_in_a_line(lianfang):
    done = lianfang("--help")
    listed = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line.startswith("  ")}
    assert done.returncode == 0
    assert {"init", "demo", "serve", "tick", "import", "record", "plan", "gaps", "figures", "export"} <= set(listed)
    assert [name for name, words in listed.items() if not words] == []


@pytest.mark.parametrize("arguments", [["nonsense"], [], ["tick", "--nonsense"], ["plan"]])
def test_wrong_call_is_told_by_its_status_and_starts_no_server(lianfang, data, arguments):
    done = lianfang(*arguments)
    assert done.returncode == 2
    assert "usage: lianfang" in done.stdout + done.stderr
    assert not (data / "pg").exists()


@pytest.mark.parametrize("arguments", [["tick", "--help"], ["plan", "show", "county-report-2020"]])
def test_command_that_needs_no_database_starts_none(lianfang, data, arguments):
    assert lianfang(*arguments).returncode == 0
    assert not (data / "pg").exists()


def test_server_is_stopped_after_the_command_and_its_folder_private(lianfang, data):
    done = lianfang("migrate", "--plan")
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert Cluster(data)._pid() is None


def test_fault_of_the_program_is_no_rejection(lianfang, data):
    done = lianfang("shell", "-c", "1 / 0")
    assert done.returncode == 70
    assert "ZeroDivisionError" in done.stderr
    assert Cluster(data)._pid() is None


@pytest.fixture
def waiting(environment):
    """A command that is in the middle of its work."""
    command = [sys.executable, "-m", "lianfang", "shell", "-v", "0", "-c", PRINT_AND_WAIT]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=environment, **pipes) as process:
        try:
            assert process.stdout.readline() == "up\n"
            yield process
        finally:
            process.terminate()


# Python itself dies of a Ctrl-C that came up through exec(), as it does in `shell -c`: status -2.
@pytest.mark.parametrize(
    ("number", "statuses"), [(signal.SIGINT, {130, -2}), (signal.SIGTERM, {143}), (signal.SIGHUP, {129})]
)
def test_interrupted_command_leaves_nothing_running(waiting, data, number, statuses):
    assert Cluster(data)._pid() is not None
    waiting.send_signal(number)
    assert waiting.wait(timeout=60) in statuses
    assert waiting.stderr.read() == ""
    assert Cluster(data)._pid() is None


@pytest.mark.parametrize("url", ["mysql://u@h/db", "postgres:///db?host=/nowhere"])
def test_database_that_cannot_be_had_is_one_line(lianfang, url):
    done = lianfang("migrate", DATABASE_URL=url)
    assert done.returncode == 2
    assert done.stderr.startswith("lianfang: ")
    assert done.stderr.count("\n") == 1


def test_data_folder_that_is_a_file_is_one_line(lianfang, tmp_path):
    Path(tmp_path, "file").write_text("", encoding="ascii")
    done = lianfang("migrate", LIANFANG_DATA=str(tmp_path / "file"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
