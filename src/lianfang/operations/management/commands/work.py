import logging
import os
import time

from django.core.management.base import CommandParser
from django.db import connection
from django.utils import timezone

from lianfang.jobs import tick
from lianfang.mandate.intake.actions import work_off
from lianfang.registry.places.commands import LianfangCommand

log = logging.getLogger("lianfang.work")
_TICK_SECONDS = 60
_LOOK_SECONDS = 0.5


class Command(LianfangCommand):
    help = "The worker: imports that were uploaded, and a tick every minute. `serve` runs one."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--parent", type=int, help="stop when this process is no longer the parent")

    def run(self, *, parent: int | None, **_options):
        next_tick = 0.0
        while parent is None or os.getppid() == parent:
            try:
                work_off(now=timezone.now())
                if time.monotonic() >= next_tick:
                    next_tick = time.monotonic() + _TICK_SECONDS
                    tick(timezone.now())
            except Exception:
                # A worker that ends leaves pages that look alive and duties that nobody makes: say so, go on.
                log.exception("this round failed; the next one tries again")
                connection.close()
            time.sleep(_LOOK_SECONDS)
        return {}
