"""The private database server: started once, stopped by the last, in nobody's way."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from lianfang import cluster as cluster_module
from lianfang.cluster import Cluster, database_config, require_version
from lianfang.postgres import ClusterError

HOLDER = """
import sys
from pathlib import Path
from lianfang.cluster import Cluster
with Cluster(Path(sys.argv[1]), durable=False).hold():
    print("up", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def cluster(tmp_path):
    return Cluster(tmp_path / "var", durable=False)


@pytest.fixture
def made(cluster):
    """A cluster that has run once and stands still."""
    with cluster.hold():
        pass
    return cluster


def holder(cluster):
    """Another process that uses the same server until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, cluster.data_dir],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "up\n"
    return process


def value(cluster, statement):
    with psycopg.connect(cluster.dsn) as connection:
        return connection.execute(statement).fetchone()[0]


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


def test_server_runs_inside_the_block_only(cluster):
    with cluster.hold():
        assert value(cluster, "SHOW listen_addresses") == ""
        assert value(cluster, "SELECT current_user") == "lianfang"
    assert cluster._pid() is None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.dsn)


def test_locale_lets_trigrams_find_chinese(cluster):
    with cluster.hold(), psycopg.connect(cluster.dsn) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT cardinality(show_trgm('联防'))").fetchone()[0] > 0


def test_folders_are_private_and_parents_keep_their_modes(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    parents = [closed, *closed.parents]
    before = [path.stat().st_mode for path in parents]
    cluster = Cluster(closed / "var", durable=False)
    with cluster.hold():
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (cluster.data_dir, cluster.home, cluster.data)]
        assert modes == [0o700] * 3
    assert [path.stat().st_mode for path in parents] == before


def test_server_never_runs_as_root(made):
    assert made.data.stat().st_uid != 0
    with made.hold():
        assert os.stat(f"/proc/{made._pid()}").st_uid == made.data.stat().st_uid


def test_first_to_leave_does_not_stop_it_for_the_others(made):
    with made.hold():
        other = holder(made)
    assert value(made, "SELECT 1") == 1
    other.communicate("\n")
    assert made._pid() is None


def test_two_at_once_start_one_server(made):
    first, second = (holder(made) for _ in range(2))
    assert len(list(made.home.glob("data/postmaster.pid"))) == 1
    first.communicate("\n")
    assert value(made, "SELECT 1") == 1
    second.communicate("\n")
    assert made._pid() is None


def test_server_left_by_a_killed_process_is_stopped_by_the_next(made):
    other = holder(made)
    other.kill()
    other.communicate()
    assert made._pid() is not None
    with made.hold():
        pass
    assert made._pid() is None


def test_killed_server_comes_back_with_its_data(made):
    with made.hold():
        with psycopg.connect(made.dsn, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
            connection.execute("CHECKPOINT")
        os.kill(made._pid(), signal.SIGKILL)
        wait_until(lambda: made._pid() is None)
        with Cluster(made.data_dir, durable=False).hold():
            assert value(made, "SELECT n FROM kept") == 7


def test_number_of_a_dead_server_worn_by_another_process_is_no_server(made):
    (made.data / "postmaster.pid").write_text(f"{os.getpid()}\n/proc/self/cwd\n", encoding="ascii")
    with made.hold():
        assert value(made, "SELECT 1") == 1


def test_half_made_cluster_is_made_anew(cluster):
    half = cluster.home / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n", encoding="ascii")
    with cluster.hold():
        assert value(cluster, "SELECT 1") == 1
    assert not half.exists()


def test_data_of_another_major_version_is_refused(made):
    (made.data / "PG_VERSION").write_text("13\n", encoding="ascii")
    with pytest.raises(ClusterError, match="made by PostgreSQL 13"), made.hold():
        pass


@pytest.mark.parametrize("name", ["x" * 90, "a,b c"])
def test_socket_moves_where_its_path_would_not_do(tmp_path, monkeypatch, name):
    monkeypatch.setattr(cluster_module, "SYSTEM_TEMP", Path("/tmp"))
    cluster = Cluster(tmp_path / name / "var", durable=False)
    place = cluster.socket_dir
    assert place.parent == Path("/tmp")
    with cluster.hold():
        assert value(cluster, "SELECT 1") == 1
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert not place.exists()


def test_socket_folder_prepared_by_somebody_else_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "SYSTEM_TEMP", tmp_path)
    cluster = Cluster(tmp_path / "a,b", durable=False)
    cluster.socket_dir.mkdir(mode=0o755)
    with pytest.raises(ClusterError, match="not ours alone"), cluster.hold():
        pass


def test_data_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "var").write_text("", encoding="ascii")
    with (
        pytest.raises(ClusterError, match=r"data folder .*var cannot be used"),
        Cluster(tmp_path / "var").hold(),
    ):
        pass


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p%40ss%2F1@db:5433/lf", ("lf", "u", "p@ss/1", "db", "5433", {})),
        ("postgresql://u@[::1]/lf?sslmode=require", ("lf", "u", "", "::1", "", {"sslmode": "require"})),
        ("postgres:///lf?host=/run/My%20Sockets", ("lf", "", "", "/run/My Sockets", "", {})),
        ("postgres://u@%2Frun%2FSockets/lf", ("lf", "u", "", "/run/Sockets", "", {})),
    ],
)
def test_database_url_is_read(url, expected, tmp_path):
    config = database_config({"DATABASE_URL": url}, tmp_path)
    assert tuple(config[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")) == expected


@pytest.mark.parametrize("url", ["mysql://u@h/db", "postgres://u@h", "postgres://u@h:x y/db?nonsense=1"])
def test_database_url_that_leads_nowhere_is_refused(url, tmp_path):
    with pytest.raises(ClusterError, match="DATABASE_URL"):
        database_config({"DATABASE_URL": url}, tmp_path)


def test_without_database_url_the_private_server_is_meant_and_nothing_is_made(tmp_path):
    config = database_config({}, tmp_path / "var")
    assert config["HOST"].startswith("/")
    assert not (tmp_path / "var").exists()


def test_old_server_is_refused_with_both_versions():
    with pytest.raises(ClusterError, match=r"PostgreSQL 14; 15 or newer"):
        require_version(SimpleNamespace(pg_version=140012))
    require_version(SimpleNamespace(pg_version=150000))
