from datetime import datetime

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lianfang.mandate.duties.actions import catch_up
from lianfang.mandate.duties.queries import GAP_STATES, DutySummary, Item, items, summaries
from lianfang.mandate.response.models import Duty
from lianfang.mandate.response.queries import plan_of
from lianfang.registry.audit import actions as audit
from lianfang.registry.people.queries import numbers_of
from lianfang.registry.places.commands import LianfangCommand, area_option, iso, moment_option, operator
from lianfang.registry.places.queries import is_exercise


class Command(LianfangCommand):
    help = "What is due and not done, by duty, each gap with its owner and age."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--area", metavar="PATH")
        parser.add_argument("--duty", metavar="CODE")
        parser.add_argument("--as-of", metavar="T", help="a moment, ISO 8601 (default: now)")
        parser.add_argument("--identify", action="store_true", help="documents in full; needs --purpose, is logged")
        parser.add_argument("--purpose", default="")

    def run(
        self,
        *,
        area: str | None,
        duty: str | None,
        as_of: str | None,
        identify: bool,
        purpose: str,
        **_options,
    ):
        place, moment = area_option(area, required=False), moment_option(as_of)
        path = place.path if place else ""
        if duty and not Duty.objects.filter(code=duty).exists():
            known = ", ".join(sorted(set(Duty.objects.values_list("code", flat=True))))
            raise CommandError(_("No plan has a duty %(code)s. There are: %(known)s") % {"code": duty, "known": known})
        if identify:
            if not purpose.strip():
                raise CommandError(_("Say for what purpose documents are shown in full: --purpose TEXT"))
            audit.record(by=operator(), action="gaps.identified", at=moment, area_path=path, purpose=purpose)
        catch_up(as_of=moment, now=timezone.now())
        found = items(area_path=path, as_of=moment, duty=duty, states=[*GAP_STATES, "untimed"])
        people = {item.subject for item in found if item.subject_kind == "person"}
        documents = {uid: told.document for uid, told in numbers_of(people, in_full=identify).items()}
        by_duty: dict[str, list[Item]] = {}
        for item in found:
            by_duty.setdefault(item.code, []).append(item)
        return [
            _told(row, by_duty.get(row.code, []), documents, moment)
            for row in summaries(area_path=path, as_of=moment, duty=duty)
        ]

    def said(self, result) -> list[str]:
        lines = []
        for duty in result:
            percent = "—" if duty["percent"] is None else f"{duty['percent']} %"
            counts = _("overdue %(overdue)d, open %(open)d, carried %(carried)d") % duty
            lines.append(f"{duty['label']}  {duty['done']}/{duty['due']}  {percent}  {counts}")
            lines += [
                f"    {i['area_name']}  {i['name']}  {i['slot']}  {i['due_at']}  {i['owner']}" for i in duty["items"]
            ]
        return lines


def _told(row: DutySummary, found: list[Item], documents: dict, moment: datetime) -> dict:
    plan = plan_of(row.plan_version_id)
    duty, lang = plan.duties[row.code], get_language()
    told = [_item(item, documents) for item in found]
    return {
        "duty": row.code,
        "label": duty.title.of(lang),
        "shape": row.shape,
        "unit": duty.unit.of(lang),
        "clauses": list(duty.clauses),
        "exercise": is_exercise(),
        "as_of": iso(moment),
        "due": row.due,
        "done": row.done,
        "late": row.late,
        "overdue": row.overdue,
        "open": row.open,
        "excused": row.excused,
        "carried": row.carried,
        "untimed": row.untimed,
        "percent": row.share.percent,
        "items": [one for one in told if one["state"] != "untimed"],
        "untimed_items": [one for one in told if one["state"] == "untimed"],
    }


def _item(item: Item, documents: dict) -> dict:
    return {
        "subject": str(item.subject),
        "name": item.name,
        "document": documents.get(item.subject, ""),
        "area": item.area_path,
        "area_name": item.area_name,
        "slot": item.slot,
        "day": item.day.isoformat(),
        "due_at": iso(item.due_at),
        "owner": item.owner,
        "owner_vacant": item.owner_vacant,
        "age_minutes": item.age_minutes,
        "level": item.level,
        "state": item.state,
    }
