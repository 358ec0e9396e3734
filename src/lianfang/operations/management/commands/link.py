from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from lianfang.mandate.intake.rules.problems import FileFault
from lianfang.mandate.intake.wording import problem_message
from lianfang.registry.places.commands import LianfangCommand, area_option, operator


def _linking() -> ModuleType:
    """The library is heavy and not part of what every installation has: only this command asks for it."""
    try:
        return import_module("lianfang.operations.linking")
    except ModuleNotFoundError as missing:
        told = _("Linking needs %(package)s, which is not installed here. Install it: pip install splink")
        raise CommandError(told % {"package": missing.name}) from None


class Command(LianfangCommand):
    help = "Which cards of an area the rows of a list may be: probability and what agrees, in a workbook; no merge."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--area", metavar="PATH", help="the area whose register is compared")
        parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the workbook to write")
        parser.add_argument("--least", metavar="P", type=float, default=0.5, help="least probability, 0 to 1 (0.5)")

    def run(self, *, file: Path, area: str | None, output: Path, least: float, **_options: Any) -> dict[str, Any]:
        linking = _linking()
        target = area_option(area)
        if not 0 <= least <= 1:
            raise CommandError(_("--least is a probability: a number from 0 to 1."))
        try:
            counts = linking.link_file(
                by=operator(),
                at=timezone.now(),
                area_path=target.path,
                file=file,
                out=output,
                threshold=least,
                say=self.tell,
            )
        except OSError as error:
            told = {"file": error.filename or file, "why": error.strerror}
            raise CommandError(_("%(file)s cannot be read: %(why)s") % told) from None
        except FileFault as fault:
            raise CommandError(problem_message(fault.problem())) from None
        return {**counts, "output": str(output)}

    def said(self, result: dict[str, Any]) -> list[str]:
        return [_("%(matched)d of %(rows)d rows may be on the register; nothing was merged. See %(output)s.") % result]
