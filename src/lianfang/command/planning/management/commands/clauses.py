"""The clause trace of the plan in force: what carries each clause, what is due and done, what is missing."""

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lianfang.command.planning.queries import Trace, plan_at, trace, trace_of
from lianfang.mandate.duties.actions import catch_up
from lianfang.mandate.response.models import Activation
from lianfang.registry.places.commands import LianfangCommand, area_option, moment_option


class Command(LianfangCommand):
    help = "What carries each clause of the plan in force, with its figures; or of a plan by its code."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--area", metavar="PATH", help="default: the widest area with a plan in force")
        parser.add_argument("--plan", metavar="CODE", help="a plan by its code, without figures")
        parser.add_argument("--as-of", metavar="T", help="a past moment (default: now)")

    def run(self, *, area: str | None, plan: str | None, as_of: str | None, **_options):
        if plan:
            found = plan_at(plan)
            if found is None:
                raise CommandError(_("There is no plan %(code)s.") % {"code": plan})
            return self._told(trace_of(found))
        moment = moment_option(as_of)
        place = area_option(area).path if area else self._widest()
        catch_up(as_of=moment, now=timezone.now())
        traced = trace(area_path=place, as_of=moment)
        if traced is None:
            raise CommandError(_("No plan is in force in %(area)s at that moment.") % {"area": place or "—"})
        return self._told(traced)

    @staticmethod
    def _widest() -> str:
        paths = Activation.objects.values_list("area_path", flat=True).distinct()
        return min(paths, key=lambda path: (len(path), path), default="")

    @staticmethod
    def _told(traced: Trace) -> dict:
        language = get_language() or "zh-hans"
        return {
            "plan": traced.plan.plan,
            "clauses": [
                {
                    "id": one.clause.id,
                    "title": one.clause.title.of(language),
                    "carried_by": [str(carrier) for carrier in one.clause.carried_by],
                    "due": one.due,
                    "done": one.done,
                    "gap": one.gap,
                }
                for one in traced.clauses
            ],
            "carried": traced.carried,
            "not_yet": traced.not_yet,
        }

    def said(self, result) -> list[str]:
        head = _("%(plan)s: %(carried)d clauses carried, %(not_yet)d not yet.") % {
            "plan": result["plan"],
            "carried": result["carried"],
            "not_yet": result["not_yet"],
        }
        lines = [
            f"{one['id']}  {one['title']}  {', '.join(one['carried_by']) or _('not yet')}" for one in result["clauses"]
        ]
        return [head, *lines]
