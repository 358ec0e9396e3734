"""Duties and obligations in the words of their plan, in the language of the reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from lianfang.mandate.duties.models import ExcuseProposal
from lianfang.mandate.duties.queries import DutySummary, Item, OwnedCount
from lianfang.mandate.response.queries import plan_of
from lianfang.science.plan import Duty as PlanDuty
from lianfang.science.plan import Plan
from lianfang.web.wording import day_words

LEVEL_WORDS = {
    "worker": gettext_lazy("with its owner"),
    "village": gettext_lazy("reported to the village"),
    "township": gettext_lazy("reported to the township"),
    "county": gettext_lazy("reported to the county"),
}


@dataclass(frozen=True)
class DutyWords:
    """What the plan says of a duty; `assumed` names what the document leaves open, empty where nothing."""

    code: str
    title: str
    unit: str
    clauses: tuple[tuple[str, str], ...]
    assumed: str
    is_report: bool = False


@dataclass(frozen=True)
class Row:
    """One obligation as a line of a list."""

    item: Item
    title: str
    slot: str
    level: str
    may_excuse: bool = False
    waiting: ExcuseProposal | None = None
    may_decide: bool = False

    @property
    def url(self) -> str:
        """The person's card; areas have none."""
        is_person = self.item.subject_kind == "person"
        return reverse("people:card", args=[self.item.subject]) if is_person else ""


def duty_words(found: Iterable[DutySummary]) -> dict[str, DutyWords]:
    """Code → words, in the order given; plans are kept in memory."""
    language = get_language() or "zh-hans"
    return {summary.code: _words(plan_of(summary.plan_version_id), summary.code, language) for summary in found}


def _words(plan: Plan, code: str, language: str) -> DutyWords:
    duty = plan.duties[code]
    notes = [words.of(language) for _path, words in duty.assumed_parts()]
    team = next((plan.team_of(way) for way in plan.pathways.values() if duty.per_role and code in way.duties), None)
    if team and team.assumed:
        notes.append(team.assumed.of(language))
    return DutyWords(
        code=code,
        title=duty.title.of(language),
        unit=duty.unit.of(language),
        clauses=tuple((clause, plan.clause_title(clause, language)) for clause in duty.clauses),
        assumed=pgettext("between two notes", "; ").join(dict.fromkeys(notes)),
        is_report="zero_report" in duty.evidence,
    )


def row_of(item: Item, as_of: datetime) -> Row:
    plan = plan_of(item.plan_version_id)
    language = get_language() or "zh-hans"
    duty = plan.duties[item.code]
    slot = slot_words(plan, duty, item.slot, language)
    if item.earlier:
        slot = f"{day_words(item.day, year=item.day.year != as_of.year)} {slot}".strip()
    return Row(
        item=item,
        title=duty.title.of(language),
        slot=slot,
        level=level_words(item.level) if item.state == "overdue" else "",
    )


def slot_words(plan: Plan, duty: PlanDuty, slot: str, language: str) -> str:
    """The slot of the day, or the place in the team; a duty that has only one slot needs no word for it."""
    if duty.per_role:
        return plan.roles[slot].of(language) if slot in plan.roles else slot
    return duty.slot(slot).name.of(language) if duty.shape == "slot" and len(duty.slots) > 1 else ""


def level_words(level: str) -> str:
    """Up to where an overdue obligation has climbed."""
    return str(LEVEL_WORDS.get(level, level))


def state_words(item: Item) -> str:
    if item.earlier:
        return _("Carried from earlier days")
    words = {
        "done": _("Done"),
        "late": _("Done late"),
        "overdue": _("Overdue"),
        "open": _("Still time"),
        "excused": _("Excused with reason"),
        "untimed": _("Hour of reaching home unknown"),
    }
    return words.get(item.state, item.state)


def owner_key(item: Item | OwnedCount) -> str:
    """Tells owners of one name apart, as far as their phones do."""
    return f"{item.owner} {item.owner_phone}".strip()
