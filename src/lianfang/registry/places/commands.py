"""The base of our commands: one JSON document on stdout, words on stderr, an installation that is there."""

import getpass
import json
import os
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError, connection
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from lianfang import vault
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.models import Area, Installation
from lianfang.registry.places.queries import area_at, installation
from lianfang.web.moments import BadMoment, read_moment


def operator() -> Actor:
    """The person at the console, by the name of the system's account."""
    try:
        return Actor(f"operator:{getpass.getuser()}")
    except (KeyError, OSError):
        return Actor(f"operator:{os.getuid()}")


class LianfangCommand(BaseCommand):
    """`run(**options)` returns what --json prints; `said(result)` yields the lines for people."""

    requires_system_checks: list[str] = []
    needs_installation = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
        parser.add_argument("--lang", choices=["zh-hans", "en"], help="language of messages")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["lang"] or os.environ.get("LIANFANG_LANG") or "zh-hans"):
            if self.needs_installation:
                self._check_installation()
            result = self.run(**options)
            if options["json"]:
                self.stdout.write(json.dumps(result, ensure_ascii=False, indent=1, default=str))
            else:
                for line in self.said(result):
                    self.stdout.write(line)
            self.finish(result)

    def run(self, **options: Any) -> Any:
        raise NotImplementedError

    def said(self, result: Any) -> list[str]:
        return [json.dumps(result, ensure_ascii=False, indent=1, default=str)]

    def finish(self, result: Any) -> None:
        """After printing: raise SystemExit(1) where the work was done with rejections."""

    def tell(self, message: str) -> None:
        self.stderr.write(message)

    def _check_installation(self) -> None:
        try:
            found = installation()
        except ProgrammingError:
            connection.close()
            if Installation._meta.db_table in connection.introspection.table_names():
                raise CommandError(
                    _("The data here are of an older version of Lianfang. Back them up, then run: lianfang migrate")
                ) from None
            found = None
        if found is None:
            raise CommandError(_("There is no installation in this data folder. Make one: lianfang init --exercise"))
        if bytes(found.key_check) != vault.key_check():
            raise CommandError(_("The key files do not fit the data. Put back the keys of this installation."))


def moment_option(text: str | None) -> datetime:
    """The moment that an option names; now where it names none."""
    if not text:
        return timezone.now()
    try:
        return read_moment(text)
    except BadMoment as error:
        raise CommandError(str(error)) from None


def area_option(path: str | None, *, required: bool = True) -> Area | None:
    """The area of a path or of its full code; an unknown one is a wrong call."""
    if not path:
        if required:
            raise CommandError(_("Name the area: --area PATH, for instance --area 140931101"))
        return None
    found = area_at(path) or Area.objects.filter(code=path).first()
    if found is None:
        raise CommandError(_("There is no area %(path)s. Codes are digits, such as 140931101.") % {"path": path})
    return found


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in the deployment's zone."""
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None
