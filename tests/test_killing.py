"""kill -9 of server, worker and database during batch writes: nothing acknowledged is lost, nothing doubled.

The senders do what a good client does: they send a batch until it is answered, always with the same ids. Two controls
show that the check would see it otherwise: a server that answers before it commits loses, a sender that makes new ids
for each attempt doubles.
"""

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from lianfang.cluster import Cluster, ClusterError, temporary_folder

ROUNDS = int(os.environ.get("LIANFANG_KILLS", "100"))
SENDERS, BATCH, SECONDS = 3, 10, 90
SCRIPT = Path(__file__).parent / "killing" / "server.py"


class Served:
    """A running application and what is known of its processes."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        command = [sys.executable, str(SCRIPT), str(self.folder), *options]
        # What a killed process leaves unfinished is written to its log; here it is expected.
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        told = self.process.stdout.readline()
        assert told, "the application did not start"
        self.told = json.loads(told)
        self.running: dict[str, list[int]] = {"server": [], "worker": []}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in iter(self.process.stdout.readline, ""):
            one = json.loads(line)
            self.running[one["kind"]].append(one["pid"])

    def kill(self, kind: str, chance: random.Random) -> None:
        pid = chance.choice(self.running[kind])
        self.running[kind].remove(pid)
        os.kill(pid, signal.SIGKILL)

    def kill_database(self) -> None:
        """The server of the database dies with all that it had not written, and comes back by its log."""
        cluster = Cluster(self.folder)
        os.kill(cluster._pid(), signal.SIGKILL)
        deadline = time.monotonic() + SECONDS
        while True:  # until the last of the killed server's processes has noticed
            try:
                return cluster.start()
            except ClusterError:
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def call(self, path: str, body: bytes, kind: str = "application/json") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.told["port"], timeout=10)
        headers = {"Authorization": f"Bearer {self.told['key']}", "Content-Type": kind}
        try:
            connection.request("POST", f"/api/v1/{path}", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def ask(self, sql: str) -> list[tuple]:
        told = Cluster(self.folder).config()
        with psycopg.connect(host=told["HOST"], port=told["PORT"], user=told["USER"], dbname=told["NAME"]) as asking:
            return asking.execute(sql).fetchall()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(SECONDS)
        self.process.stdout.close()


class Sender(threading.Thread):
    """Sends batches of calls until told to stop; `note` is what a record is about, whatever its id."""

    def __init__(self, served: Served, stop: threading.Event, *, anew: bool = False) -> None:
        super().__init__(daemon=True)
        self.served, self.stop, self.anew = served, stop, anew
        self.acknowledged: list[str] = []
        self.attempts = 0

    def run(self) -> None:
        while not self.stop.is_set():
            notes = [f"n{uuid4().hex}" for _ in range(BATCH)]
            body = self._batch(notes)
            deadline = time.monotonic() + SECONDS
            while not self._sent(body) and time.monotonic() < deadline:
                body = self._batch(notes) if self.anew else body
                time.sleep(0.01)
            self.acknowledged += notes

    def _batch(self, notes: list[str]) -> bytes:
        at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
        people = self.served.told["people"]
        lines = [
            {"id": str(uuid4()), "kind": "call", "person": people[n], "at": at, "note": note}
            for n, note in enumerate(notes)
        ]
        return json.dumps({"records": lines}).encode()

    def _sent(self, body: bytes) -> bool:
        self.attempts += 1
        try:
            status, content = self.served.call("records", body)
        except (OSError, http.client.HTTPException):
            return False
        lost = self.attempts % 5 == 0  # an answer may be lost as well as a call
        return status == 200 and json.loads(content)["stored"] == BATCH and not lost


def killed(served: Served, kills: list[str], *, anew: bool = False) -> list[Sender]:
    """Kill one after the other while batches are written; the senders have got their last answer when it returns."""
    chance, stop = random.Random(1), threading.Event()  # noqa: S311  the same kills in each run
    senders = [Sender(served, stop, anew=anew) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    for kind in kills:
        before, deadline = sum(len(sender.acknowledged) for sender in senders), time.monotonic() + SECONDS
        while sum(len(sender.acknowledged) for sender in senders) == before and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.04))  # somewhere within the next batches
        if kind == "database":
            served.kill_database()
        elif served.running[kind]:
            served.kill(kind, chance)
    stop.set()
    for sender in senders:
        sender.join(SECONDS)
    return senders


def found(served: Served, senders: list[Sender]) -> tuple[set[str], set[str]]:
    """(acknowledged and not there, there more than once), by what the records are about."""
    stored = Counter(note for (note,) in served.ask("SELECT note FROM observation_reading WHERE withdrawn_at IS NULL"))
    told = {note for sender in senders for note in sender.acknowledged}
    return told - stored.keys(), {note for note, many in stored.items() if many > 1}


@pytest.fixture(scope="module")
def folder():
    """One installation, served in turn by a careful and a careless server."""
    made = temporary_folder()
    yield made
    Cluster(made).stop()
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def served(folder):
    made = Served(folder)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def careless(folder, served):
    made = Served(folder, "--early")
    yield made
    made.stop()


def kills() -> list[str]:
    """Mostly servers, every fifth time the worker, every fortieth the database."""
    return ["database" if n % 40 == 20 else "worker" if n % 5 == 3 else "server" for n in range(ROUNDS)]


def send_lists(served: Served, stop: threading.Event, sent: list[str]) -> None:
    """Lists of five people each, for the worker to import while it is being killed."""
    while not stop.is_set():
        number = len(sent)
        rows = [
            f"李{chr(0x4E00 + number * 5 + n)}{chr(0x5200 + number)},东沟村,{number}号,2020-02-08" for n in range(5)
        ]
        content = "\n".join(["姓名,村,门牌,返乡日期", *rows]).encode()
        with contextlib.suppress(OSError, http.client.HTTPException, KeyError, ValueError):
            status, told = served.call("imports", *form(content))
            uid = json.loads(told)["uid"] if status == 201 else ""
            if uid and confirmed(served, uid):
                sent.append(uid)


def confirmed(served: Served, uid: str) -> bool:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            status, _told = served.call(f"imports/{uid}/confirm", b"")
            if status == 200:
                return True
        time.sleep(0.05)
    return False


def form(content: bytes) -> tuple[bytes, str]:
    part = 'Content-Disposition: form-data; name="{}"'
    head = f'--x\r\n{part.format("area")}\r\n\r\n140931101\r\n--x\r\n{part.format("file")}; filename="list.csv"\r\n\r\n'
    return head.encode() + content + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


def test_nothing_acknowledged_is_lost_and_nothing_doubled_when_processes_are_killed(served):
    stop, lists = threading.Event(), []
    importing = threading.Thread(target=send_lists, args=(served, stop, lists), daemon=True)
    importing.start()
    senders = killed(served, kills())
    stop.set()
    importing.join(SECONDS)
    acknowledged = sum(len(sender.acknowledged) for sender in senders)
    attempts = sum(sender.attempts for sender in senders)
    assert acknowledged >= ROUNDS * BATCH
    assert attempts > acknowledged // BATCH, "nobody was interrupted"
    assert found(served, senders) == (set(), set())
    # Each record stands once in each of the three books, or in none.
    assert served.ask("""
        SELECT (SELECT count(*) FROM observation_reading) = (SELECT count(*) FROM intake_receivedrecord),
               (SELECT count(*) FROM observation_reading r WHERE (SELECT count(*) FROM duties_evidence e
                 WHERE e.record = r.uid) <> 1)""") == [(True, 0)]
    finished(served, lists)


def finished(served: Served, lists: list[str]) -> None:
    """What was confirmed is imported whole and once, however often the worker died over it."""
    assert lists
    deadline = time.monotonic() + SECONDS
    unfinished = "SELECT count(*) FROM intake_batch WHERE state = 'confirmed'"
    while served.ask(unfinished) != [(0,)]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    rows = served.ask("""
        SELECT b.uid::text, b.state, count(r.id), count(DISTINCT r.person),
               (SELECT count(*) FROM people_source s WHERE s.reference = b.uid)
          FROM intake_batch b JOIN intake_stagedrow r ON r.batch_id = b.id GROUP BY b.id""")
    told = {uid: tuple(rest) for uid, *rest in rows}
    assert {told[uid] for uid in lists} == {("committed", 5, 5, 5)}


def test_the_same_batch_from_eight_threads_at_once_is_stored_once(served):
    sender = Sender(served, threading.Event())
    notes = [f"eight{uuid4().hex}" for _ in range(BATCH)]
    body, barrier, answers = sender._batch(notes), threading.Barrier(8), []

    def send() -> None:
        barrier.wait(SECONDS)
        answers.append(served.call("records", body))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert {status for status, _content in answers} == {200}
    assert len({content for _status, content in answers}) == 1, "not everybody got the same answer"
    assert served.ask("SELECT count(*) FROM observation_reading WHERE note LIKE 'eight%'") == [(BATCH,)]


def test_control_a_server_that_answers_before_it_commits_is_found_out(careless):
    senders = killed(careless, ["server"] * 10)
    time.sleep(0.5)  # what can still be stored, is
    lost, _doubled = found(careless, senders)
    assert lost


def test_control_a_sender_that_makes_new_ids_for_each_attempt_is_found_out(careless, served):
    # So many that some sender has got its fifth answer, the one that it loses, however quick the machine is.
    senders = killed(served, ["server"] * 30, anew=True)
    assert max(sender.attempts for sender in senders) >= 5
    _lost, doubled = found(served, senders)
    assert doubled
