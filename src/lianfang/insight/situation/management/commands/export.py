import os
import tempfile
from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from lianfang.insight.situation.actions import log_export
from lianfang.insight.situation.exports import FORMATS, KINDS, Wanted, table, write
from lianfang.mandate.duties.actions import catch_up
from lianfang.registry.places.commands import LianfangCommand, area_option, iso, moment_option, operator
from lianfang.registry.places.queries import is_exercise


class Command(LianfangCommand):
    help = "Export a list of an area as .xlsx or .csv; documents and phones are masked unless --identify."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("--area", metavar="PATH", help="the area of the list")
        parser.add_argument("--as-of", metavar="T", help="a moment, ISO 8601 (default: now)")
        parser.add_argument("-o", "--output", metavar="FILE", help="a file that ends in .xlsx or .csv")
        parser.add_argument("--identify", action="store_true", help="numbers in full; needs --purpose, is logged")
        parser.add_argument("--purpose", default="")

    def run(
        self,
        *,
        kind: str,
        area: str | None,
        as_of: str | None,
        output: str | None,
        identify: bool,
        purpose: str,
        **_options,
    ) -> dict:
        path, extension = _target(output)
        if identify and not purpose.strip():
            raise CommandError(_("Say for what purpose documents are shown in full: --purpose TEXT"))
        place, moment = area_option(area), moment_option(as_of)
        if kind == "gaps":
            catch_up(as_of=moment, now=timezone.now())
        told = table(Wanted(kind, place.path, moment, in_full=identify))
        count = self._write(told, extension, path)
        log_export(
            by=operator(),
            at=timezone.now(),
            kind=kind,
            area_path=place.path,
            count=count,
            purpose=purpose.strip() if identify else "",
            in_full=identify,
        )
        return {
            "kind": kind,
            "area": place.path,
            "as_of": iso(moment),
            "exercise": is_exercise(),
            "rows": count,
            "file": str(path),
        }

    def _write(self, told, extension: str, path: Path) -> int:
        """Whole or not at all, and readable by its owner only."""
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as out:
                count = write(told, extension, out, self._progress)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return count

    def _progress(self, count: int) -> None:
        self.tell(_("%(count)d rows …") % {"count": count})

    def said(self, result: dict) -> list[str]:
        return [_("%(rows)d rows in %(file)s") % result]


def _target(output: str | None) -> tuple[Path, str]:
    if not output:
        raise CommandError(_("Name the file: -o FILE.xlsx or -o FILE.csv"))
    path = Path(output)
    extension = path.suffix.lower().removeprefix(".")
    if extension not in FORMATS:
        raise CommandError(
            _("%(file)s: the file must end in .xlsx or .csv, so that its form is known") % {"file": output}
        )
    if not path.parent.is_dir():
        raise CommandError(_("There is no folder %(folder)s") % {"folder": path.parent})
    return path, extension
