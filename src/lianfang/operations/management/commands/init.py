from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from lianfang.registry.places.actions import AlreadyInstalled, install
from lianfang.registry.places.commands import LianfangCommand, operator
from lianfang.registry.places.models import Area


class Command(LianfangCommand):
    help = "Make an empty installation: tables, national divisions down to townships. No account is made."
    needs_installation = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--exercise", action="store_true", help="an exercise: every page and export says so")

    def run(self, *, exercise: bool, verbosity: int, **_options):
        call_command("migrate", verbosity=0, interactive=False)
        try:
            made = install(by=operator(), at=timezone.now(), exercise=exercise)
        except AlreadyInstalled:
            raise CommandError(
                _("This data folder already holds an installation of the other sort; choose another LIANFANG_DATA.")
            ) from None
        self._check_installation()
        return {"exercise": made.exercise, "made_at": made.made_at.isoformat(), "areas": Area.objects.count()}

    def said(self, result) -> list[str]:
        kind = _("an exercise installation") if result["exercise"] else _("a live installation")
        return [_("Ready: %(kind)s with %(areas)d areas.") % {"kind": kind, "areas": result["areas"]}]
