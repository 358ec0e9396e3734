"""The list of what is overdue: what it has beyond the outstanding list."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lianfang.mandate.duties.forms import AGES, OverdueFilter
from lianfang.mandate.duties.overdue import Beside, overdue_items
from lianfang.mandate.duties.queries import Item
from lianfang.mandate.duties.wording import level_words
from lianfang.web.wording import when_words


def narrowed_words(told: dict[str, str], duty: str) -> list[str]:
    """How the list was narrowed, as its page says it."""
    words = [duty] if duty else []
    words += [level_words(told["level"])] if told.get("level") else []
    words += [str(AGES[int(told["hours"])])] if told.get("hours") else []
    return [*words, _("Of earlier days")] if told.get("earlier") else words


def headers() -> list[str]:
    return [_("Reported"), _("Times reminded"), _("Last reminded by"), _("Last reminded at"), _("Note")]


def found(area_path: str, as_of: datetime, told: dict[str, str]) -> list[Item]:
    return overdue_items(area_path=area_path, as_of=as_of, narrowed=OverdueFilter(told).narrowed())


def cells(told: Beside) -> list[object]:
    steps = pgettext("between two notes", "; ").join(
        f"{level_words(step.level)} {when_words(step.reached_at)}" for step in told.steps
    )
    said = told.said
    if said is None:
        return [steps, 0, "", None, ""]
    return [steps, said.times, said.name, said.last.reminded_at, said.last.note]
