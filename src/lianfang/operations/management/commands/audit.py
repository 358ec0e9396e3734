import json
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from lianfang.registry.audit import actions, queries
from lianfang.registry.audit.rules import Head
from lianfang.registry.places.commands import LianfangCommand, iso, moment_option, operator

SHOWN = 100


class Command(LianfangCommand):
    help = "The log of acts: its head to be kept outside, its verification, the removal of rows past retention."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("act", choices=["head", "verify", "remove"])
        parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="head: write it to this file")
        parser.add_argument("--head", metavar="FILE", type=Path, help="verify: a head that was kept outside")
        parser.add_argument("--before", metavar="T", help="remove: rows that arrived before this moment, ISO 8601")

    def run(self, *, act: str, **options: Any) -> dict[str, Any]:
        actions.seal(at=timezone.now())
        return getattr(self, f"_{act}")(**options)

    def _head(self, *, output: Path | None, **_options: Any) -> dict[str, Any]:
        found = queries.head()
        told = {"number": found.number, "digest": found.digest, "at": iso(timezone.now())}
        if output is not None:
            output.write_text(json.dumps(told) + "\n", encoding="utf-8")
        return told

    def _verify(self, *, head: Path | None, **_options: Any) -> dict[str, Any]:
        kept = _read(head) if head is not None else None
        found = list(islice(queries.breaks(kept), SHOWN))
        return {
            "links": queries.head().number - queries.start()[0],
            "whole": not found,
            "against_head": None if kept is None else kept.number,
            "breaks": [{"number": one.number, "rule": one.rule, "event": one.event} for one in found],
        }

    def _remove(self, *, before: str | None, **_options: Any) -> dict[str, Any]:
        if not before:
            raise CommandError(_("Say up to when rows are removed: --before, ISO 8601"))
        try:
            removed = actions.remove_old(by=operator(), at=timezone.now(), before=moment_option(before))
        except actions.TooYoung:
            raise CommandError(_("Rows of the last three years are kept: the law asks for them.")) from None
        return {"removed": removed}

    def said(self, result: dict[str, Any]) -> list[str]:
        if "whole" not in result:
            return super().said(result)
        if result["whole"]:
            return [_("The chain of %(links)d rows is whole.") % result]
        where = ", ".join(f"{one['rule']} {one['number']}" for one in result["breaks"])
        return [_("The log was tampered with: %(where)s") % {"where": where}]

    def finish(self, result: dict[str, Any]) -> None:
        if result.get("whole") is False:
            raise SystemExit(1)


def _read(file: Path) -> Head:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return Head(int(told["number"]), str(told["digest"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(_("%(file)s holds no head of a log.") % {"file": file}) from error
