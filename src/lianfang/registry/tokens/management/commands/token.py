from datetime import timedelta

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.rules import ROLES
from lianfang.registry.places.commands import LianfangCommand, area_option, iso, operator
from lianfang.registry.tokens import actions
from lianfang.registry.tokens.wording import refusal


class Command(LianfangCommand):
    help = "Make a token by which a programme acts for an account; its key is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username")
        parser.add_argument("--title", required=True, help="what the token is for")
        parser.add_argument("--role", required=True, choices=sorted(ROLES))
        parser.add_argument("--area", required=True, metavar="PATH")
        parser.add_argument("--days", type=int, default=90, help="after these days it opens nothing (default 90)")
        parser.add_argument("--per-minute", type=int, default=600, help="calls a minute (default 600)")

    def run(self, *, username: str, title: str, role: str, area: str, days: int, per_minute: int, **_options):
        account = Account.objects.filter(username=username).first()
        if account is None:
            raise CommandError(_("There is no account %(name)s.") % {"name": username})
        now, place = timezone.now(), area_option(area)
        try:
            expires = now + timedelta(days=days)
        except OverflowError:
            raise CommandError(refusal("bad_expiry")) from None
        new = actions.NewToken(account, title, role, place.path, expires, per_minute)
        try:
            token, key = actions.make(by=operator(), at=now, new=new)
        except actions.NotGrantable as refused:
            raise CommandError(refusal(refused.rule)) from None
        return {"token": str(token.uid), "key": key, "role": role, "area": place.path, "expires": iso(expires)}
