"""The real application in several processes that may be killed: servers and a worker, forked from one parent.

    python server.py FOLDER [--early]

Prints one JSON line with port, key and people, then a line for each process that it starts: kind and number. A process
that dies is started again. `--early` is the control: it answers before it commits, as a careless server would.
"""

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

SERVERS = 3
LISTS = Path(__file__).parent.parent / "data" / "lists"


def main(folder: Path, *, early: bool) -> None:
    os.environ |= {"LIANFANG_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "lianfang.settings"}
    os.environ.pop("DATABASE_URL", None)
    from lianfang.cluster import Cluster

    with Cluster(folder).hold():
        import django

        django.setup()
        from django.core.wsgi import get_wsgi_application
        from django.db import connections

        told, application = prepared(folder), get_wsgi_application()
        listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        say(told | {"port": listening.getsockname()[1]})
        warm(application, told["key"])
        connections.close_all()
        answering = careless(application) if early else application
        keep_alive({"server": lambda: serve(answering, listening), "worker": work}, ["server"] * SERVERS + ["worker"])


def say(told: dict) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def warm(application, key: str) -> None:
    """Load what the first call would load, so that a process that is started again answers at once."""
    from wsgiref.util import setup_testing_defaults

    for path in ("/api/v1/token", "/api/v1/records"):
        environ = {"PATH_INFO": path, "HTTP_AUTHORIZATION": f"Bearer {key}"}
        setup_testing_defaults(environ)
        application(environ, lambda *_told: None).close()


def prepared(folder: Path) -> dict:
    """What was made by the first who served this folder."""
    kept = folder / "told.json"
    if not kept.exists():
        kept.write_text(json.dumps(prepare()), encoding="utf-8")
    return json.loads(kept.read_text(encoding="utf-8"))


def prepare() -> dict:
    """A town, a plan in force since yesterday, thirty people, an officer's key."""
    from datetime import timedelta
    from uuid import uuid4

    from django.core.management import call_command
    from django.utils import timezone

    from lianfang.mandate.intake.areas import import_area_file
    from lianfang.mandate.response.actions import Order, activate
    from lianfang.registry.accounts.actions import appoint, open_account
    from lianfang.registry.audit.rules import Actor
    from lianfang.registry.people.actions import register
    from lianfang.registry.people.rules import NewPerson
    from lianfang.registry.places.actions import install
    from lianfang.registry.tokens.actions import NewToken, make
    from lianfang.science.plan import load_shipped

    call_command("migrate", verbosity=0)
    by, now = Actor("test"), timezone.now()
    install(by=by, at=now - timedelta(days=2), exercise=True)
    villages = LISTS / "villages.csv"
    import_area_file(by=by, at=now, name=villages.name, content=villages.read_bytes())
    order = Order("140931", timezone.localdate() - timedelta(days=1))
    activate(by=by, at=now, plan=load_shipped("county-report-2020"), order=order)
    people = [NewPerson(uuid4(), f"张{chr(0x4E00 + n)}", "140931101201", door=str(n)) for n in range(30)]
    register(at=now, people=people)
    officer = open_account(by=by, at=now, username="officer", display_name="officer", password=None)
    appoint(by=by, at=now, account=officer, role="township_officer", area_path="140931101")
    at = timezone.now()
    new = NewToken(officer, "kill", "township_officer", "140931101", at + timedelta(days=1), per_minute=60_000)
    return {"key": make(by=by, at=at, new=new)[1], "people": [str(person.uid) for person in people]}


def serve(application, listening: socket.socket) -> None:
    from lianfang.operations import serving

    serving.get_wsgi_application = lambda: application
    serving.web_server(sockets=[listening], threads=4).run()


def work() -> None:
    from django.db import connection
    from django.utils import timezone

    from lianfang.mandate.intake.actions import work_off

    while True:
        try:
            work_off(now=timezone.now())
        except Exception:  # noqa: BLE001  as the worker of `serve`: the next round tries again
            connection.close()
        time.sleep(0.02)


def careless(application):
    """Answers that all is stored, and stores afterwards: whoever pulls the plug in between loses records."""

    def answer(environ, start_response):
        if not environ["PATH_INFO"].endswith("/records"):
            return application(environ, start_response)
        length = int(environ["CONTENT_LENGTH"])
        content = environ["wsgi.input"].read(length)
        many = len(json.loads(content)["records"])

        def later():
            import io

            time.sleep(0.05)
            application(environ | {"wsgi.input": io.BytesIO(content)}, lambda *_told: None).close()

        threading.Thread(target=later).start()
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"stored": many, "refused": 0}).encode()]

    return answer


def keep_alive(kinds: dict, wanted: list[str]) -> None:
    running: dict[int, str] = {}

    def end(_number, _frame):
        for pid in running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        raise SystemExit

    signal.signal(signal.SIGTERM, end)
    while True:
        for kind in wanted:
            pid = os.fork()
            if pid == 0:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                kinds[kind]()
                os._exit(1)
            running[pid] = kind
            say({"kind": kind, "pid": pid})
        pid, _status = os.wait()
        wanted = [running.pop(pid)] if pid in running else []


if __name__ == "__main__":
    main(Path(sys.argv[1]), early="--early" in sys.argv)
