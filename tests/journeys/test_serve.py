"""`lianfang serve` as an office runs it: quick again, nothing lost, and nothing left behind at Ctrl-C."""

import time

import pytest


@pytest.fixture
def running(settled):
    settled.serve()
    yield settled
    if settled.server.poll() is None:
        settled.interrupt()


def test_second_start_answers_within_seconds_and_keeps_the_data(running):
    before = running.run("figures")["figures"]
    running.interrupt()
    assert running.serve() < 10
    assert running.run("figures")["figures"] == before


def test_interrupt_leaves_no_process_and_frees_the_port(running):
    names = " ".join(running.processes())
    assert "postgres" in names
    assert " work " in names
    assert running.interrupt() == 0
    assert running.processes() == []
    assert running.port_is_free()
    assert "Traceback" not in running.log()


def test_interrupt_during_the_start_leaves_no_process(settled):
    for pause in (0.3, 1.2):
        settled.server = None
        settled.begin()
        time.sleep(pause)
        settled.interrupt()
        assert settled.processes() == []


def test_server_that_is_killed_takes_its_worker_along(running):
    running.server.kill()
    running.server.wait()
    deadline = time.monotonic() + 15
    while any(" work " in line for line in running.processes()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert [line for line in running.processes() if " work " in line] == []
    assert running.serve() < 15
