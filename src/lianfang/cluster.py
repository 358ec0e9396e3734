"""The installation's own PostgreSQL server: private, started on demand, stopped by the last who used it.

It listens on a Unix socket alone, inside a folder of mode 0700.

    <data>/pg/             mode 0700
        start.lock         held while somebody starts or stops the server
        users.lock         held, shared, by every process that uses the server
        server.log
        data/              the cluster and its socket; belongs to the account under which the server runs

The server is started *inside* its data folder and knows it as /proc/self/cwd. So it never walks the path from
the root, and as root it can run under an account without rights although that account may not enter /root,
the data folder, or whatever lies above: no mode of any folder has to be opened for it.

Who may connect is decided twice: by the folder's mode, and by the kernel, which tells the server the account
behind a connection (`peer`). `trust` would leave the mode alone to protect the data, and a password would be
one more secret to keep. `requirepeer` is the same check the other way round.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import conninfo

from lianfang.postgres import Account, ClusterError, major_version, programs_for

OLDEST_SERVER = 150000  # PostgreSQL 15
DATABASE = "lianfang"
ROLE = "lianfang"
PORT = "5432"  # no port is opened: it is part of the socket's name
HERE = "/proc/self/cwd"

# A socket's path must fit into 108 bytes with its end mark; some systems allow 104.
LONGEST_SOCKET_PATH = 100
# Not TMPDIR: that differs between two terminals of one person, and the socket must be found from both.
SYSTEM_TEMP = Path("/tmp")  # noqa: S108 - the folder inside is ours, mode 0700, and checked before each use

START_SECONDS = 600  # after a power cut the server first replays its log
STOP_SECONDS = 120
LOG_BYTES = 16 * 1024 * 1024

TEMPORARY = "lianfang-test-"
JUST_MADE_SECONDS = 60  # its owner may not have come to locking it

MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20  # MiB of this machine


def _share(of: int, least: int, most: int) -> str:
    """That part of the machine's memory; a small machine must still start, a large one gains nothing more."""
    return f"{min(most, max(least, MEMORY // of))}MB"


SETTINGS = {
    "cluster_name": "lianfang",
    "listen_addresses": "",
    "max_connections": "50",
    # A county of a million is a database of seven gigabytes; what is under observation now is about half of it.
    "shared_buffers": _share(4, 128, 4096),
    "effective_cache_size": _share(2, 256, 65536),  # what the system keeps of files besides; only plans follow it
    "work_mem": _share(512, 8, 32),  # of each sort or hash: a gap list groups tens of thousands of counts
    "maintenance_work_mem": _share(32, 64, 512),  # of an index made or a table vacuumed, seldom and alone
    "random_page_cost": "1.1",  # pages lie in memory or on a disk without arms
    # A list of a million rows writes gigabytes of log: few checkpoints, spread out, write each page less often.
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_buffers": "16MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "jit": "off",  # our statements are short: compiling them costs more than it saves
    "log_checkpoints": "off",
    # The log must not become a second place with people's names in it.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
# For the servers of tests, which nobody misses after a power cut.
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
}


class HasVersion(Protocol):
    """A database connection as Django wraps it."""

    @property
    def pg_version(self) -> int: ...


def require_version(connection: HasVersion) -> None:
    if connection.pg_version < OLDEST_SERVER:
        found, needed = connection.pg_version // 10000, OLDEST_SERVER // 10000
        raise ClusterError(f"DATABASE_URL leads to PostgreSQL {found}; {needed} or newer is needed.")


def database_config(env: Mapping[str, str], data_dir: Path) -> dict[str, Any]:
    """Django's DATABASES["default"]: the server of DATABASE_URL, else the private one. Starts nothing."""
    url = env.get("DATABASE_URL", "")
    return _config_of_url(url) if url else Cluster(data_dir).config()


def _config_of_url(url: str) -> dict[str, Any]:
    if not url.startswith(("postgres://", "postgresql://")):
        raise ClusterError("DATABASE_URL must begin with postgres:// or postgresql://.")
    try:
        given = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise ClusterError(f"DATABASE_URL cannot be read: {str(error).strip()}.") from None
    if not given.get("dbname"):
        raise ClusterError("DATABASE_URL names no database: postgres://user:password@host:port/database.")
    named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    config: dict[str, Any] = {key: str(given.pop(name, None) or "") for key, name in named.items()}
    return {"ENGINE": "django.db.backends.postgresql", **config, "OPTIONS": given}


@dataclass
class Cluster:
    data_dir: Path
    durable: bool = True
    _child: int | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.data_dir = self.data_dir.absolute()

    @property
    def home(self) -> Path:
        return self.data_dir / "pg"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def account(self) -> Account:
        """Under which the server runs: the owner of the cluster, else who we are, else one without rights."""
        try:
            return Account(os.stat(self.data).st_uid)
        except (FileNotFoundError, PermissionError):
            return Account.without_rights() if os.geteuid() == 0 else Account(os.geteuid())

    @property
    def socket_dir(self) -> Path:
        # libpq would read a comma as the beginning of a second server.
        path = os.fsencode(self.data / f".s.PGSQL.{PORT}")
        if len(path) <= LONGEST_SOCKET_PATH and b"," not in path:
            return self.data
        return SYSTEM_TEMP / f"lianfang-{hashlib.sha256(path).hexdigest()[:20]}"

    @property
    def dsn(self) -> str:
        return self._dsn(DATABASE)

    def config(self) -> dict[str, Any]:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": DATABASE,
            "USER": ROLE,
            "PASSWORD": "",
            "HOST": str(self.socket_dir),
            "PORT": PORT,
            "OPTIONS": {"requirepeer": self.account.name},
        }

    @contextlib.contextmanager
    def hold(self) -> Iterator[Cluster]:
        """The server runs inside this block. Whoever leaves last stops it."""
        self._make_home()
        with self._locked("start.lock"):
            users = self._open("users.lock")
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self._start()
            except BaseException:
                self._stop_if_last(users)
                raise
        try:
            yield self
        finally:
            with self._locked("start.lock"):
                self._stop_if_last(users)

    def start(self) -> None:
        """Start the server, or find it running, and leave it running: hold() is what a command wants."""
        self._make_home()
        with self._locked("start.lock"):
            self._start()

    def stop(self) -> None:
        pid = self._pid()
        if pid is None:
            return
        for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
            if self._wait_for_end(pid, seconds):
                break
        else:
            raise ClusterError(f"The database server (process {pid}) does not stop; see {self.log}.")
        if self.socket_dir != self.data:
            with contextlib.suppress(OSError):
                self.socket_dir.rmdir()

    def _start(self) -> None:
        if self._pid() is not None and self._answers():
            return
        account = self.account
        account.check()
        programs = programs_for(account)
        if not self.data.exists():
            self._create(account, programs)
        self._check_version(account, programs)
        self._make_socket_dir(account)
        self._write_access_rules(account)
        # What is left of a server that was killed: its process number may meanwhile be somebody else's.
        for left in (self.data / "postmaster.pid", self.socket_dir / f".s.PGSQL.{PORT}.lock"):
            left.unlink(missing_ok=True)
        self._launch(account, programs)
        if not self._answers():
            raise ClusterError(f"The database server did not start: {self._last_words()}")
        self._make_database()

    def _create(self, account: Account, programs: Path) -> None:
        """`initdb` in a folder beside: a cluster half made never bears the name of a whole one."""
        half = self.home / "data.new"
        if half.exists():
            shutil.rmtree(half)
        half.mkdir(mode=0o700)
        account.give(half)
        options = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        access = ["--auth-local=peer", "--auth-host=reject", f"--username={ROLE}"]
        sync = [] if self.durable else ["--no-sync"]
        command = [str(programs / "initdb"), "-D", HERE, *options, *access, *sync]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **account.inside(half))
        if done.returncode != 0:
            raise ClusterError(f"The database could not be created: {done.stderr.strip() or done.stdout}")
        half.rename(self.data)

    def _check_version(self, account: Account, programs: Path) -> None:
        made_by = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        ours = major_version(programs, account)
        if made_by != ours:
            raise ClusterError(
                f"The database in {self.data} was made by PostgreSQL {made_by}, the installed one is {ours}. "
                f"Export it with the release that made it, or set DATABASE_URL to a server of your own."
            )

    def _make_socket_dir(self, account: Account) -> None:
        place = self.socket_dir
        if place == self.data:
            return
        try:
            place.mkdir(mode=0o700)
            account.give(place)
        except FileExistsError:
            found = place.lstat()
            private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
            if not private or found.st_uid != account.uid:
                raise ClusterError(f"{place} exists and is not ours alone; remove it.") from None

    def _write_access_rules(self, account: Account) -> None:
        """Before every start, so that a folder given to another account opens for its new owner."""
        names = {account.name, Account(os.geteuid()).name}
        rules = {
            "pg_hba.conf": "local all all peer map=lianfang\n",
            "pg_ident.conf": "".join(f'lianfang "{name}" {ROLE}\n' for name in sorted(names)),
        }
        for name, text in rules.items():
            # By the server's account itself: root writing into a folder of somebody else could be led astray.
            script = ["/bin/sh", "-c", 'umask 077 && cat > "$0"', name]
            subprocess.run(script, input=text.encode(), check=True, **account.inside(self.data))

    def _launch(self, account: Account, programs: Path) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        place = "." if self.socket_dir == self.data else str(self.socket_dir)
        settings = SETTINGS | ({} if self.durable else THROWAWAY_SETTINGS) | {"unix_socket_directories": place}
        command = [str(programs / "postgres"), "-D", HERE, "-p", PORT]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with os.fdopen(self._open(self.log.name, os.O_APPEND), "ab") as log:
            server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **account.inside(self.data)
            )
        self._child = server.pid
        server.returncode = 0  # no longer Popen's business: it may outlive us and be stopped by others

    def _answers(self) -> bool:
        """Wait until the server takes connections. False when it ended instead."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self._dsn("postgres"), connect_timeout=10).close()
            except psycopg.OperationalError as error:
                if "authentication failed" in str(error) or "requirepeer" in str(error):
                    raise ClusterError(f"The database server refuses us: {error}") from None
                if self._has_ended():
                    return False
                time.sleep(0.05)
            else:
                return True
        raise ClusterError(f"The database server does not answer: {self._last_words()}")

    def _has_ended(self) -> bool:
        return not self._child_lives() and self._pid() is None

    def _child_lives(self) -> bool:
        """Also takes an ended server of ours off the process table, where it would stay as a zombie."""
        try:
            return self._child is not None and os.waitpid(self._child, os.WNOHANG)[0] == 0
        except ChildProcessError:
            return False

    def _make_database(self) -> None:
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _pid(self) -> int | None:
        """The server's process, if it lives: a process of its account that stands in its data folder."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
            folder, here = os.stat(f"/proc/{pid}/cwd"), os.stat(self.data)
            owner = os.stat(f"/proc/{pid}").st_uid
        except (OSError, ValueError):
            return None
        same = (folder.st_dev, folder.st_ino, owner) == (here.st_dev, here.st_ino, here.st_uid)
        return pid if same and pid > 1 else None

    def _wait_for_end(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self._child_lives() and self._pid() != pid:
                return True
            time.sleep(0.02)
        return False

    def _stop_if_last(self, users: int) -> None:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.stop()
        except BlockingIOError:
            pass  # somebody else still uses the server
        finally:
            os.close(users)

    def _make_home(self) -> None:
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.home.mkdir(mode=0o700, exist_ok=True)
            owner = self.home.stat().st_uid
        except OSError as error:
            raise ClusterError(f"The data folder {self.data_dir} cannot be used: {error.strerror}.") from None
        if os.geteuid() not in (0, owner):
            raise ClusterError(f"{self.home} belongs to {Account(owner).name}: run the program as that user.")

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        lock = self._open(name)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open(self, name: str, flags: int = 0) -> int:
        path = self.home / name
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | flags, 0o600)
        if os.geteuid() == 0:  # root as a guest in somebody's folder leaves files that the owner can open
            home = self.home.stat()
            os.fchown(descriptor, home.st_uid, home.st_gid)
        return descriptor

    def _dsn(self, database: str) -> str:
        return conninfo.make_conninfo(
            host=str(self.socket_dir), port=PORT, user=ROLE, dbname=database, requirepeer=self.account.name
        )

    def _last_words(self) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return " | ".join(text.splitlines()[-3:]) or f"see {self.log}"


def temporary_folder() -> Path:
    """A data folder for a test run, whose server is Cluster(folder, durable=False); remove it afterwards."""
    _sweep()
    return Path(tempfile.mkdtemp(prefix=TEMPORARY))


def _sweep() -> None:
    """What test runs left that were killed outright: nobody holds the lock of their server any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{TEMPORARY}*"):
        with contextlib.suppress(OSError, ClusterError):
            found = folder.stat()
            if found.st_uid != os.geteuid() or time.time() - found.st_mtime < JUST_MADE_SECONDS:
                continue
            with (folder / "pg" / "users.lock").open("rb") as users:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                Cluster(folder, durable=False).stop()
            shutil.rmtree(folder)
