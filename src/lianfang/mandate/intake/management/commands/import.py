import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from lianfang.mandate.intake import actions
from lianfang.mandate.intake.areas import import_area_file
from lianfang.mandate.intake.importing import importers
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.progress import Listener, listened
from lianfang.mandate.intake.queries import content_of, counts
from lianfang.mandate.intake.rules.problems import FileFault, Problem
from lianfang.mandate.intake.wording import area_message, problem_json, problem_message
from lianfang.registry.places.commands import LianfangCommand, area_option, iso, moment_option, operator


class Command(LianfangCommand):
    help = "Import a list: arrivals into an area, or areas (code,name,parent,kind; or GeoJSON)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("kind", choices=["areas", *sorted(importers())])
        parser.add_argument("file")
        parser.add_argument("--area", metavar="PATH", help="villages are looked up below this area")
        parser.add_argument("--at", metavar="T", help="the moment at which the list counts as given (default: now)")
        parser.add_argument("--whole", action="store_true", help="a list at its format's last row is complete")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; keep nothing")

    def run(self, *, kind: str, file: str, area: str | None, at: str | None, whole: bool, dry_run: bool, **_options):
        path = Path(file)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(_("%(file)s cannot be read: %(why)s") % {"file": file, "why": error.strerror}) from None
        moment = moment_option(at)
        try:
            with transaction.atomic():
                if kind == "areas":
                    result = self._areas(_name_of(path), content, moment)
                else:
                    target = area_option(area)
                    file = actions.NewFile(kind, target.path, _name_of(path), content)
                    with progress_bar() as show, listened(show):
                        result = self._list(file, moment, whole=whole)
                if dry_run:
                    result["dry_run"] = True
                    transaction.set_rollback(True)
        except FileFault as fault:
            raise CommandError(problem_message(fault.problem())) from None
        actions.refresh_statistics()
        return result

    def _areas(self, name: str, content: bytes, moment):
        outcome = import_area_file(by=operator(), at=moment, name=name, content=content)
        errors = [
            {
                "row": fault.row,
                "field": fault.field,
                "value": fault.value,
                "rule": fault.rule,
                "message": area_message(fault.rule, field=fault.field, value=fault.value),
            }
            for fault in outcome.faults
        ]
        return {
            "rows": outcome.rows,
            "accepted": outcome.added + outcome.changed,
            "added": outcome.added,
            "changed": outcome.changed,
            "rejected": len({error["row"] for error in errors}),
            "errors": errors,
            "warnings": [problem_json(warning) for warning in outcome.warnings],
        }

    def _list(self, file: actions.NewFile, moment, *, whole: bool):
        self.tell(_("Reading %(file)s …") % {"file": file.name})
        received = actions.receive(by=operator(), at=moment, file=file, now=timezone.now())
        batch = actions.check(batch=received)
        if whole and batch.state == "held":
            batch = actions.check(batch=actions.say_it_is_whole(by=operator(), at=timezone.now(), batch=batch))
        if batch.fault:
            raise FileFault(batch.fault["rule"], batch.fault["values"])
        self.tell(_("Writing %(rows)d rows …") % {"rows": batch.read_rows})
        batch = actions.commit(by=operator(), batch=batch, now=timezone.now())
        return told(batch)

    def finish(self, result) -> None:
        if result["rejected"]:
            raise SystemExit(1)


@contextmanager
def progress_bar(console: Console | None = None) -> Iterator[Listener]:
    """A bar for each step of a long import, on a terminal; a log would fill with it."""
    console = console or Console(stderr=True)
    words = {"check": _("Rows read"), "commit": _("Rows written"), "undo": _("Rows taken back")}
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, whole: int) -> None:
            if step not in tasks:  # of a check, nobody knows the rows before the end
                tasks[step] = bar.add_task(words[step], total=None if step == "check" else whole)
            bar.update(tasks[step], completed=done)

        yield show


def _name_of(path: Path) -> str:
    """The file's name as people read it: unpacked archives bring names in GB18030."""
    raw = os.fsencode(path.name)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def told(batch: Batch) -> dict:
    """What the import of a list says of itself."""
    rows = list(batch.rows.exclude(outcome="accepted", rules=[]).order_by("pk"))
    accepted = batch.rows.filter(outcome="accepted")
    incomplete = sum(bool(content_of(row).missing) for row in accepted.iterator(2000))
    return {
        "batch": str(batch.uid),
        "at": iso(batch.at),
        **counts(batch),
        "incomplete": incomplete,
        "errors": [problem_json(problem, row) for row in rows if row.outcome == "rejected" for problem in _errors(row)],
        "held": [
            {
                "sheet": row.sheet,
                "row": row.number,
                "reasons": row.candidates[0]["reasons"],
                "candidates": row.candidates,
            }
            for row in rows
            if row.outcome == "review"
        ],
        "warnings": [problem_json(Problem.from_json(warning)) for warning in batch.warnings]
        + [problem_json(problem, row) for row in rows if row.outcome != "rejected" for problem in _errors(row)],
    }


def _errors(row: StagedRow) -> list[Problem]:
    return content_of(row).problems
