"""`lianfang serve` as an office runs it: quick again, nothing lost, and nothing left behind at Ctrl-C."""

import time

import psycopg
import pytest

from lianfang.cluster import Cluster

BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@pytest.fixture
def running(settled):
    settled.serve()
    yield settled
    if settled.server.poll() is None:
        settled.interrupt()


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert condition()


def worker_of(installation):
    return [line for line in installation.processes() if " work " in line]


def test_second_start_answers_within_seconds_and_keeps_the_data(running):
    before = running.run("figures")["figures"]
    running.interrupt()
    assert running.serve() < 10
    assert running.run("figures")["figures"] == before


def test_interrupt_leaves_no_process_and_frees_the_port(running):
    assert "postgres" in " ".join(running.processes())
    wait_until(lambda: worker_of(running))
    assert running.interrupt() == 0
    assert running.processes() == []
    assert running.port_is_free()


@pytest.mark.parametrize("pause", [0.3, 1.2])
def test_interrupt_during_the_start_leaves_no_process(settled, pause):
    settled.begin()
    time.sleep(pause)
    settled.interrupt()
    assert settled.processes() == []


def test_interrupt_in_the_middle_of_a_tick_ends_the_worker_at_once(settled):
    with Cluster(settled.folder).hold() as cluster, psycopg.connect(cluster.dsn) as other:
        other.execute("LOCK TABLE duties_obligation")
        settled.serve()
        with psycopg.connect(cluster.dsn, autocommit=True) as watcher:
            wait_until(lambda: watcher.execute(BLOCKED).fetchone()[0])
        began = time.monotonic()
        assert settled.interrupt() == 0
        assert time.monotonic() - began < 5
        assert worker_of(settled) == []
    assert settled.processes() == []


def test_server_that_is_killed_takes_its_worker_along(running):
    running.server.kill()
    running.server.wait()
    wait_until(lambda: not worker_of(running))
    assert running.serve() < 15
