from django.core.management.base import CommandParser

from lianfang.jobs import tick
from lianfang.registry.places.commands import LianfangCommand, iso, moment_option


class Command(LianfangCommand):
    help = "Make the obligations that are due, end what has ended, escalate what is overdue. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", metavar="T", help="the moment, ISO 8601 (default: now)")

    def run(self, *, as_of: str | None, **_options):
        at = moment_option(as_of)
        return {"as_of": iso(at)} | tick(at)
