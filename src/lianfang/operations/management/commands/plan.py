from datetime import date
from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lianfang.command.planning.actions import carry_out_due
from lianfang.command.planning.wording import refused as refused_words
from lianfang.mandate.response.actions import CannotActivate, Order, activate, check_first
from lianfang.mandate.response.queries import departures_of
from lianfang.registry.accounts.models import Account
from lianfang.registry.places.commands import LianfangCommand, area_option, iso, moment_option, operator
from lianfang.registry.places.models import Area
from lianfang.science.plan import Plan, PlanFaults, calendar, describe_plan, load_plan, shipped

_YEARS = (1900, 2200)


class Command(LianfangCommand):
    help = "Check, show, and put in force response plans; print the calendar that follows for one anchor date."
    without_database = ("check", "show", "calendar")
    needs_installation = False

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        options = {name: verbs.add_parser(name) for name in ("check", "show", "calendar", "activate")}
        for verb in options.values():
            super().add_arguments(verb)
            verb.add_argument("plan", help="the code of a shipped plan, or a file")
        options["calendar"].add_argument("pathway")
        options["calendar"].add_argument("--anchor", required=True, metavar="DATE")
        order = options["activate"]
        order.add_argument("--area", required=True, metavar="PATH")
        order.add_argument("--from", required=True, dest="starts_on", metavar="DATE")
        order.add_argument("--basis", default="", help="the lawful basis (needed for a live plan)")
        order.add_argument("--approved-by", default="", metavar="USER", help="the second person of a live plan")
        order.add_argument("--at", metavar="T", help="the moment at which the order counts as given (default: now)")

    def run(self, *, verb: str, plan: str, **options):
        self._verb = verb
        try:
            loaded = load_plan(shipped().get(plan) or Path(plan))
        except PlanFaults as faults:
            return self._faults(plan, faults)
        return getattr(self, f"_{verb}")(loaded, **options)

    def _faults(self, name: str, faults: PlanFaults):
        if self._verb != "check":
            raise CommandError(
                _("The plan %(plan)s has faults; see: lianfang plan check %(plan)s") % {"plan": name}
            ) from faults
        told = [
            {
                "line": fault.line,
                "path": fault.path,
                "rule": fault.rule,
                "message": fault.message(get_language()),
            }
            for fault in faults.faults
        ]
        return {"plan": name, "valid": False, "faults": told}

    def _check(self, plan: Plan, **_options):
        assumed = [{"path": one.path, "assumed": one.words.of(get_language())} for one in plan.assumed()]
        return {"plan": plan.plan, "version": plan.version, "valid": True, "faults": [], "assumed": assumed}

    def _show(self, plan: Plan, **_options):
        sections = describe_plan(plan, get_language())
        return {
            "plan": plan.plan,
            "version": plan.version,
            "title": plan.title.of(get_language()),
            "status": plan.status,
            "sections": [{"title": section.title, "lines": list(section.lines)} for section in sections],
        }

    def _calendar(self, plan: Plan, *, pathway: str, anchor: str, **_options):
        if pathway not in plan.pathways:
            known = ", ".join(plan.pathways)
            raise CommandError(
                _("The plan has no pathway %(code)s. It has: %(known)s") % {"code": pathway, "known": known}
            )
        return calendar(plan, pathway, _day(anchor), get_language()).as_json()

    def _activate(
        self, plan: Plan, *, area: str, starts_on: str, basis: str, approved_by: str, at: str | None, **_rest
    ):
        self._check_installation()
        place, moment = area_option(area), moment_option(at)
        self._check_approver(approved_by)
        self._check_key_areas(plan)
        order = Order(place.path, _day(starts_on), basis, approved_by)
        self._check_departures(plan, order)
        try:
            with transaction.atomic():
                check_first(order.area_path)
                made = activate(by=operator(), at=moment, plan=plan, order=order)
                carried = carry_out_due(by=operator(), at=moment)
        except CannotActivate as refused:
            raise CommandError(refused_words(refused.rule)) from None
        return {
            "plan": plan.plan,
            "version": plan.version,
            "area": place.path,
            "from": order.starts_on.isoformat(),
            "ordered_at": iso(moment),
            "exercise": made.exercise,
            "enrolled": {"areas": carried.areas, "people": carried.persons},
        }

    @staticmethod
    def _check_departures(plan: Plan, order: Order) -> None:
        """What loosens or exceeds the higher plan is ordered by two persons, not by a command."""
        found = departures_of(plan, order.area_path, order.starts_on)
        if found:
            named = "; ".join(departure.message(get_language() or "zh-hans") for departure in found)
            told = _(
                "The plan departs from the one above it: %(departures)s. "
                "An order by two persons must name each departure."
            )
            raise CommandError(told % {"departures": named})

    @staticmethod
    def _check_key_areas(plan: Plan) -> None:
        """A key area that does not exist would match nobody, without a word."""
        paths = {area.path for area in plan.key_areas}
        unknown = sorted(paths - set(Area.objects.filter(path__in=paths).values_list("path", flat=True)))
        if unknown:
            raise CommandError(
                _("The plan names key areas that do not exist: %(paths)s") % {"paths": ", ".join(unknown)}
            )

    @staticmethod
    def _check_approver(username: str) -> None:
        """The second person is somebody: an account of this installation, and not the operator's own name."""
        operators_own = operator().name.partition(":")[2] == username
        if username and (operators_own or not Account.objects.filter(username=username, is_active=True).exists()):
            raise CommandError(
                _("%(name)s cannot approve: name an account of this installation other than your own.")
                % {"name": username}
            )

    def said(self, result) -> list[str]:
        if self._verb == "show":
            head = f"{result['title']}  ({result['plan']} {result['version']})"
            body = [line for s in result["sections"] for line in ("", s["title"], *(f"  {one}" for one in s["lines"]))]
            return [head, *body]
        if self._verb == "check" and result["valid"]:
            return [
                _("%(plan)s is valid; %(n)d values are assumed.")
                % {"plan": result["plan"], "n": len(result["assumed"])}
            ]
        if self._verb == "check":
            return [f"{fault['line']}: {fault['path']}: {fault['message']}" for fault in result["faults"]]
        return super().said(result)

    def finish(self, result) -> None:
        if self._verb == "check" and not result["valid"]:
            raise SystemExit(1)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not _YEARS[0] <= day.year <= _YEARS[1]:
        raise CommandError(_("%(text)s is not a date. Write it like 2020-02-08.") % {"text": text})
    return day
