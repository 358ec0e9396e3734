"""`lianfang <command>`: Django's management commands, with the database server held while one runs.

Exit status: 0 done, 1 done with rejections (the command says so itself), 2 the call was wrong or nothing
could be read, 70 a fault of the program, 130 and 143 ended by Ctrl-C and by the system.

A command class may say `needs_database = False`, or name in `without_database` those of its first arguments
that need none (`plan check` as against `plan activate`): then no server is started.
"""

import contextlib
import os
import pkgutil
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType
from typing import Any

import django
import psycopg
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import load_command_class
from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import OperationalError, connections

from lianfang.cluster import Cluster, require_version
from lianfang.postgres import ClusterError

WRONG_CALL, FAULT, INTERRUPTED = 2, 70, 130
# Django's own commands that an administrator needs; the others stay reachable for developers by their names.
OF_DJANGO = ("migrate", "makemigrations", "shell", "dbshell", "check")
EXPECTED = (ClusterError, ImproperlyConfigured, OperationalError, psycopg.OperationalError, OSError)


def main(argv: list[str] | None = None) -> int:
    """Do the command; a command that ends the program itself (SystemExit) is let through."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianfang.settings")
    try:
        with _ended_in_order():
            return _main(sys.argv[1:] if argv is None else argv)
    except CommandError as error:
        # 1 is Django's default; here 1 means that the work was done
        return _say(error, error.returncode if error.returncode != 1 else WRONG_CALL)
    except EXPECTED as error:
        return _say(error, WRONG_CALL)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:  # noqa: BLE001 - the last handler: a fault must not end with the status of "rejections"
        traceback.print_exc()
        return FAULT


def _main(arguments: list[str]) -> int:
    # Before the settings put the keys into it: whoever makes the folder decides who may look inside.
    _data_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    django.setup()
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        sys.stdout.write(_help())
        return 0 if arguments else WRONG_CALL
    name, *rest = arguments
    command = _load(name)
    if command is None:
        sys.stderr.write(f"lianfang: unknown command: {name}\n{_help()}")
        return WRONG_CALL
    # Read before the server starts: a wrong call or --help needs no database.
    command._called_from_command_line = True
    options = vars(command.create_parser("lianfang", name).parse_args(rest))
    with _server(command, rest):
        try:
            _execute(command, options)
        finally:
            connections.close_all()
            # A second Ctrl-C must not cut off the stopping of the server.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    return 0


def _execute(command: BaseCommand, options: dict[str, Any]) -> None:
    try:
        command.execute(*options.pop("args", ()), **options)
    except CommandError:
        if options["traceback"]:
            traceback.print_exc()
        raise


def _server(command: BaseCommand, rest: list[str]) -> AbstractContextManager[object]:
    without = getattr(command, "without_database", ())
    if not getattr(command, "needs_database", True) or (rest and rest[0] in without):
        return contextlib.nullcontext()
    if os.environ.get("DATABASE_URL"):
        require_version(connections["default"])
        return contextlib.nullcontext()
    return Cluster(_data_folder()).hold()


def _data_folder() -> Path:
    return Path(os.environ.get("LIANFANG_DATA", "var")).resolve()


def _own_commands() -> dict[str, str]:
    """Name of each command of ours, and the app it belongs to."""
    found: dict[str, str] = {}
    for app in apps.get_app_configs():
        if app.name.startswith("lianfang."):
            folder = Path(app.path) / "management" / "commands"
            found |= {module.name: app.name for module in pkgutil.iter_modules([str(folder)])}
    return found


def _load(name: str) -> BaseCommand | None:
    app = _own_commands().get(name, "django.core" if name in OF_DJANGO else "")
    return load_command_class(app, name) if app else None


def _help() -> str:
    helps = {name: str(getattr(_load(name), "help", "")).strip() for name in sorted(_own_commands())}
    width = max(map(len, helps), default=0)
    lines = "".join(f"  {name:<{width}}  {''.join(text.splitlines()[:1])}\n" for name, text in helps.items())
    return f"usage: lianfang <command> [options]\n\n{lines}\nlianfang <command> --help tells more.\n"


def _say(error: BaseException, status: int) -> int:
    message = str(error) if isinstance(error, SystemCheckError) else " ".join(str(error).split())
    sys.stderr.write(f"lianfang: {message}\n")
    return status


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """A terminal that closes, or a system that shuts down, ends a command as Ctrl-C does."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
