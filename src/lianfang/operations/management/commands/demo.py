import time

from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from lianfang.jobs import tick
from lianfang.mandate.intake.actions import refresh_statistics
from lianfang.operations import demo
from lianfang.registry.accounts.models import Role
from lianfang.registry.places.actions import AlreadyInstalled, install
from lianfang.registry.places.commands import LianfangCommand, operator
from lianfang.registry.places.queries import full_name


class Command(LianfangCommand):
    help = "Make the demonstration county (an exercise). Once made, it is kept: a second run only catches up."
    needs_installation = False

    def run(self, **_options):
        started = time.monotonic()
        self.tell(_("Tables and national divisions …"))
        call_command("migrate", verbosity=0, interactive=False)
        now = timezone.now()
        try:
            install(by=operator(), at=now, exercise=True)
        except AlreadyInstalled:
            raise CommandError(
                _("This data folder holds a live installation; the demonstration is not for it.")
            ) from None
        self._check_installation()
        if demo.is_made():
            tick(now)
            return {"made": False, "seconds": round(time.monotonic() - started, 1), "accounts": []}
        logins = demo.make(now, lambda what: self.tell(f"  {time.monotonic() - started:5.1f} s  {what}"))
        refresh_statistics()
        return {
            "made": True,
            "seconds": round(time.monotonic() - started, 1),
            "accounts": [
                {
                    "username": login.username,
                    "password": login.password,
                    "role": str(Role(login.title).label),
                    "area": full_name(login.area),
                }
                for login in logins
            ],
        }

    def said(self, result) -> list[str]:
        if not result["made"]:
            return [_("The demonstration county is there; passwords were printed when it was made.")]
        lines = [
            _("The demonstration county is ready. Accounts, with passwords that are printed this once:"),
            "",
        ]
        lines += [
            f"  {one['username']:<8} {one['password']}   {one['role']} · {one['area']}" for one in result["accounts"]
        ]
        return [*lines, ""]
