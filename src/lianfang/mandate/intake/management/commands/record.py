import sys
from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from lianfang.mandate.intake.records import record_batch
from lianfang.mandate.intake.wording import fault_message
from lianfang.registry.places.commands import LianfangCommand, moment_option, operator


class Command(LianfangCommand):
    help = "Store a batch of records, one JSON object a line. Sending it twice stores nothing new."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", help="a .jsonl file, or - for standard input")
        parser.add_argument("--at", metavar="T", help="the moment at which the records arrive (default: now)")

    def run(self, *, file: str, at: str | None, **_options):
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(_("%(file)s cannot be read: %(why)s") % {"file": file, "why": error}) from None
        outcome = record_batch(by=operator(), at=moment_option(at), lines=text.split("\n"))
        return {
            "received": outcome.received,
            "stored": outcome.stored,
            "already": outcome.already,
            "rejected": outcome.rejected,
            "errors": [
                {
                    "line": fault.line,
                    "id": fault.id,
                    "field": fault.field,
                    "value": fault.value,
                    "rule": fault.rule,
                    "message": fault_message(fault.rule, fault.values, field=fault.field, value=fault.value),
                }
                for fault in outcome.faults
            ],
        }

    def finish(self, result) -> None:
        if result["rejected"]:
            raise SystemExit(1 if result["stored"] or result["already"] else 2)
