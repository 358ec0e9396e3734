"""Records over HTTP: batches and single ones, each answered after its commit, against waitress as `serve` runs it."""

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from bench.county import BY, County
from bench.harness import Result, Spread
from lianfang.mandate.duties.models import Enrolment
from lianfang.registry.tokens.actions import NewToken, make

TITLE = "Records over HTTP"
_BATCH, _BATCHES, _SINGLES = 1_000, 120, 6_000
_BATCH_SENDERS, _SINGLE_SENDERS, _THREADS = 3, 16, 16
_SERVER = """
import django
django.setup()
from lianfang.operations.serving import web_server
web_server(host="127.0.0.1", port={port}, threads={threads}).run()
"""


def measure(county: County) -> list[Result]:
    people = list(Enrolment.objects.filter(observed=True).values_list("subject", flat=True)[:100_000])
    key, port = _key(county), _free_port()
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lianfang.settings"}
    command = [sys.executable, "-c", _SERVER.format(port=port, threads=_THREADS)]
    server = subprocess.Popen(command, env=environment)
    try:
        _wait_for(port)
        _load(port, key, [_bodies(people, 1)[0] for _ in range(50)], 4)  # warm
        scale = 10 if county.quick else 1
        before = _cpu(server.pid)
        many = [_bodies(people, _BATCH)[0] for _ in range(_BATCHES // scale)]
        batches, seconds = _load(port, key, many, _BATCH_SENDERS)
        rate, p99 = len(many) * _BATCH / seconds, Spread(batches).percentile(0.99)
        between = _cpu(server.pid)
        singles = _bodies(people, 1, _SINGLES // scale)
        waits, single_seconds = _load(port, key, singles, _SINGLE_SENDERS)
        after = _cpu(server.pid)
    finally:
        server.kill()
        server.wait()
    return [
        Result(
            f"batches of {_BATCH:,}, {_BATCH_SENDERS} senders",
            f"{rate:,.0f} rows/s",
            "≥ 20,000 rows/s",
            rate >= 20_000,
            _spent(before, between, len(many) * _BATCH),
        ),
        Result("a batch", Spread(batches).words + f" · p99 {p99:.0f} ms", "p99 ≤ 400 ms", p99 <= 400),
        Result(
            f"single records, {_SINGLE_SENDERS} senders",
            f"{len(singles) / single_seconds:,.0f} a second",
            "≥ 500 a second",
            len(singles) / single_seconds >= 500,
            f"{Spread(waits).words}; {_spent(between, after, len(singles))}",
        ),
    ]


def _key(county: County) -> str:
    officer, now = county.account("county_officer", county.path), timezone.now()
    new = NewToken(officer, "bench", "county_officer", county.path, now + timedelta(days=1), per_minute=60_000)
    return make(by=BY, at=now, new=new)[1]


def _bodies(people: Sequence, size: int, count: int = 1) -> list[bytes]:
    """Calls ready to be sent: temperatures of random people."""
    at = (timezone.now() - timedelta(minutes=1)).isoformat()
    chosen = random.choices(people, k=size * count)  # noqa: S311  whom it concerns does not matter
    lines = [
        {"id": str(uuid4()), "kind": "temperature", "person": str(person), "at": at, "value": 36.5} for person in chosen
    ]
    return [json.dumps({"records": lines[start : start + size]}).encode() for start in range(0, len(lines), size)]


def _load(port: int, key: str, bodies: Sequence[bytes], senders: int) -> tuple[list[float], float]:
    """(milliseconds of each call, seconds of all) with so many senders, each waiting for its answer."""
    waiting, times, faults, lock = list(bodies), [], [], threading.Lock()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                if not waiting:
                    return connection.close()
                body = waiting.pop()
            begun = time.perf_counter()
            connection.request("POST", "/api/v1/records", body, headers)
            answer = connection.getresponse()
            told = answer.read()
            times.append((time.perf_counter() - begun) * 1000)
            if answer.status != 200 or b'"refused": 0' not in told:
                faults.append(told[:300])

    threads = [threading.Thread(target=send) for _ in range(senders)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(f"{len(faults)} calls were not stored, such as {faults[0]!r}")
    return times, time.perf_counter() - begun


def _cpu(server: int) -> tuple[float, float]:
    """Seconds of processor time that the server and its connections' database processes have used."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        database = [pid for (pid,) in cursor.fetchall()]
    return _seconds(server), sum(map(_seconds, database))


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _spent(before: tuple[float, float], after: tuple[float, float], rows: int) -> str:
    """Where the time goes: what a row costs in processor time, whatever else the machine was doing."""
    server, database = ((late - early) / rows * 1e6 for early, late in zip(before, after, strict=True))
    return f"a row costs {server:,.0f} µs of the server, {database:,.0f} µs of the database"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")
