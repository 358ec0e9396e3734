from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from lianfang.registry.accounts import actions
from lianfang.registry.accounts.models import Account, Role
from lianfang.registry.places.commands import LianfangCommand, area_option, operator


class Command(LianfangCommand):
    help = "Open an account with a role in an area; its random password is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the name that others read")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--area", required=True, metavar="PATH")
        parser.add_argument("--phone", default="")

    def run(self, *, username: str, name: str, role: str, area: str, phone: str, **_options):
        if Account.objects.filter(username=username).exists():
            raise CommandError(_("There is an account %(name)s already.") % {"name": username})
        place, now, password = area_option(area), timezone.now(), actions.random_password()
        account = actions.open_account(
            by=operator(), at=now, username=username, display_name=name, password=password, phone=phone
        )
        actions.appoint(by=operator(), at=now, account=account, role=role, area_path=place.path)
        return {"username": username, "password": password, "role": role, "area": place.path}
