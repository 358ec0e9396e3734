"""A live installation by its commands: plans, keys, records from two hands at once."""

import getpass
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from lianfang.cluster import Cluster, temporary_folder
from lianfang.science.identity.documents import check_character
from lianfang.science.plan import shipped

LISTS = Path(__file__).parent / "data" / "lists"
TOWN, FROM = "140931101", "2020-02-08"
BASIS = ["--basis", "县指挥部令第1号（2020年2月8日）"]
STEMS = [f"9900001980010100{n}" for n in range(1, 10)] + [f"990000198001010{n}" for n in range(10, 31)]
NUMBERS = [f"{stem:0<17}"[:17] + check_character(f"{stem:0<17}"[:17]) for stem in STEMS]


class Installation:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._environment = os.environ | {"LIANFANG_DATA": str(folder), "PYTHONWARNINGS": "error"}

    def start(self, *arguments: str | bytes) -> subprocess.Popen:
        command = [sys.executable, "-m", "lianfang", *arguments, "--json"]
        return subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str | bytes, status: int = 0):
        """The document on stdout, or what stderr says where there is none."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode == status, err
        return json.loads(out) if out else err

    def activate(self, plan: Path | str, *more: str, status: int = 0):
        return self.run("plan", "activate", str(plan), "--area", "140931", "--from", FROM, *more, status=status)


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    """The county's plan as if it were in force today."""
    path = tmp_path_factory.mktemp("plans") / "county-report-now.yaml"
    text = shipped()["county-report-2020"].read_text(encoding="utf-8")
    path.write_text(text.replace("status: historic", "status: in_force"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def live():
    folder = temporary_folder()
    made = Installation(folder)
    told = made.run("init")
    assert told["exercise"] is False
    made.run("account", "second", "--name", "李主任", "--role", "county_officer", "--area", "140931")
    yield made
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def working(live, plan, tmp_path_factory):
    """Villages, a plan in force, thirty people."""
    live.run("import", "areas", str(LISTS / "villages.csv"))
    live.activate(plan, *BASIS, "--approved-by", "second")
    path = tmp_path_factory.mktemp("lists") / "list.csv"
    rows = [
        f"张{'一二三四五六七八九十'[n % 10]}{'甲乙丙'[n // 10]},{number},东沟村,{FROM}"
        for n, number in enumerate(NUMBERS)
    ]
    path.write_text("\n".join(["姓名,身份证号,村,返乡日期", *rows]), encoding="utf-8")
    told = live.run("import", "arrivals", str(path), "--area", TOWN, "--at", "2020-02-08T18:00:00+08:00")
    assert told["accepted"] == 30
    return live


def test_a_historic_plan_is_refused_live(live):
    said = live.activate("county-report-2020", *BASIS, "--approved-by", "second", status=2)
    assert said.startswith("lianfang: ")


@pytest.mark.parametrize(
    "more",
    [
        [],
        BASIS,
        ["--approved-by", "second"],
        [*BASIS, "--approved-by", "nobody"],
        [*BASIS, "--approved-by", getpass.getuser()],
        [*BASIS, "--approved-by", f"operator:{getpass.getuser()}"],
        [*BASIS, "--approved-by", "  "],
        ["--basis", " ", "--approved-by", "second"],
    ],
)
def test_a_live_order_without_basis_or_second_person_is_a_wrong_call(live, plan, more):
    said = live.activate(plan, *more, status=2)
    assert said.startswith("lianfang: ")
    assert said.count("\n") == 1


def test_a_live_installation_cannot_become_an_exercise(live):
    assert live.run("init", "--exercise", status=2).startswith("lianfang: ")
    assert live.run("init")["exercise"] is False


def test_a_second_plan_at_the_same_time_is_refused(working, plan):
    said = working.activate(plan, *BASIS, "--approved-by", "second", status=2)
    assert said.startswith("lianfang: ")


def test_two_who_issue_notices_at_once_give_no_number_twice(working, tmp_path):
    halves = []
    for half in (NUMBERS[:15], NUMBERS[15:]):
        lines = [
            {
                "id": str(uuid4()),
                "kind": "notice_served",
                "document": number,
                "at": "2020-02-09T09:00:00+08:00",
            }
            for number in half
        ]
        path = tmp_path / f"{len(halves)}.jsonl"
        path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
        halves.append(path)
    both = [working.start("record", str(path), "--at", "2020-02-09T10:00:00+08:00") for path in halves]
    ended = [process.communicate(timeout=120) for process in both]
    assert [(process.returncode, err) for process, (_out, err) in zip(both, ended, strict=True)] == [(0, "")] * 2
    assert [json.loads(out)["stored"] for out, _err in ended] == [15, 15]
    (notice,) = [row for row in working.run("gaps", "--as-of", "2020-02-09T10:30:00+08:00") if row["duty"] == "notice"]
    assert (notice["due"], notice["done"]) == (30, 30)


def waiting(connection: psycopg.Connection) -> int:
    sql = """SELECT count(*) FROM pg_stat_activity
              WHERE wait_event_type = 'Lock' AND datname = current_database()"""
    return connection.execute(sql).fetchone()[0]


@contextmanager
def held_back(installation: Installation, many: int) -> Iterator[None]:
    """Whatever is begun inside waits at the door until `many` stand there, and then goes in at once."""
    cluster = Cluster(installation.folder)
    with cluster.hold(), psycopg.connect(**connection_of(cluster)) as door:
        door.execute("LOCK TABLE intake_receivedrecord IN ACCESS EXCLUSIVE MODE")
        yield
        with psycopg.connect(**connection_of(cluster), autocommit=True) as watching:
            deadline = time.monotonic() + 60
            while waiting(watching) < many:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        door.rollback()


def connection_of(cluster: Cluster) -> dict[str, str]:
    told = cluster.config()
    names = {"host": "HOST", "dbname": "NAME", "user": "USER", "port": "PORT", "password": "PASSWORD"}
    return {name: told[key] for name, key in names.items() if told.get(key)}


def test_the_same_batch_from_two_hands_at_once_is_stored_once(working, tmp_path):
    path = tmp_path / "calls.jsonl"
    lines = [
        {"id": str(uuid4()), "kind": "call", "document": number, "at": "2020-02-09T09:00:00+08:00"}
        for number in NUMBERS
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    with held_back(working, 2):
        both = [working.start("record", str(path), "--at", "2020-02-09T11:00:00+08:00") for _ in range(2)]
    ended = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], [err for _out, err in ended]
    told = [json.loads(out) for out, _err in ended]
    assert sorted((one["stored"], one["already"]) for one in told) == [(0, 30), (30, 0)]


def test_a_file_whose_name_is_of_another_encoding_is_read(working, tmp_path):
    path = os.fsencode(tmp_path) + "/返乡.csv".encode("gb18030")
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123  a name that no Path prints
        file.write(f"姓名,身份证号,村,返乡日期\n张一甲,{NUMBERS[0]},东沟村,{FROM}\n")
    told = working.run("import", "arrivals", path, "--area", TOWN, "--at", "2020-02-09T12:00:00+08:00")
    assert (told["rows"], told["duplicate"]) == (1, 1)


def test_other_keys_are_refused_and_the_right_ones_work_again(working):
    """Last, because it takes the keys away."""
    keys, kept = working.folder / "keys", working.folder / "kept"
    shutil.move(keys, kept)
    for command in (["gaps"], ["tick"], ["figures"], ["import", "areas", str(LISTS / "villages.csv")]):
        assert working.run(*command, status=2).startswith("lianfang: ")
    assert working.run("init", status=2).startswith("lianfang: ")
    shutil.rmtree(keys)
    shutil.move(kept, keys)
    assert working.run("gaps", "--as-of", "2020-02-09T10:30:00+08:00")
