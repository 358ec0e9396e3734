import os
import subprocess
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from lianfang.operations.serving import web_server
from lianfang.registry.places.commands import LianfangCommand

_STOP_SECONDS = 10


class Command(LianfangCommand):
    help = "Serve the web pages and run the worker, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--threads", type=int, default=8)

    def run(self, *, host: str, port: int, threads: int, **_options):
        if lacking := _missing_libraries():
            words = _("Pages will look bare and half work: %(folder)s lacks %(names)s. Fetch them: tools/set-up")
            self.tell(words % {"folder": settings.NODE_MODULES, "names": ", ".join(lacking)})
        call_command("migrate", verbosity=0, interactive=False)
        try:
            server = web_server(host=host, port=port, threads=threads)
        except OSError as error:
            raise CommandError(
                _("Port %(port)d cannot be used (%(why)s). Choose another: lianfang serve --port 8001")
                % {"port": port, "why": error.strerror}
            ) from None
        command = [sys.executable, "-m", "lianfang", "work", "--parent", str(os.getpid())]
        worker = subprocess.Popen(command, process_group=0)  # Ctrl-C is for the server, which ends the worker
        shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104  only compared
        self.tell(_("Serving on http://%(host)s:%(port)d  (Ctrl-C stops)") % {"host": shown, "port": port})
        try:
            server.run()
        finally:
            server.close()
            _stop(worker)
        return {}

    def said(self, _result) -> list[str]:
        return [_("Stopped.")]


def _missing_libraries() -> list[str]:
    """What pages need from npm and would ask for in vain; the interface for programmes works without."""
    return [name for name, folder in settings.VENDOR.items() if not (settings.NODE_MODULES / folder).is_dir()]


def _stop(worker: subprocess.Popen) -> None:
    worker.terminate()
    try:
        worker.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
