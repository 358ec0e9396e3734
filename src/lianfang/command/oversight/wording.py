"""The words of acts: which kinds there are, how each is said, and how what was kept beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from lianfang.registry.accounts.models import Role
from lianfang.web.wording import day_words

KINDS = {
    "read": _("Reading"),
    "in_full": _("Numbers in full and exports"),
    "change": _("Changes"),
    "account": _("Accounts"),
    "system": _("System"),
    "alarm": _("Alarms"),
}


@dataclass(frozen=True)
class Act:
    kind: str
    zh: str
    en: str

    @property
    def words(self) -> str:
        return self.zh if (get_language() or "en").startswith("zh") else self.en


def _read() -> dict[str, Act]:
    told = yaml.safe_load((Path(__file__).parent / "data" / "actions.yaml").read_text(encoding="utf-8"))
    if set(told) != set(KINDS):
        raise ValueError(f"kinds of acts: {sorted(set(told) ^ set(KINDS))}")
    return {code: Act(kind, *words) for kind, acts in told.items() for code, words in acts.items()}


ACTS = _read()


def act_words(code: str) -> str:
    """An act of a version that is gone keeps its code."""
    return ACTS[code].words if code in ACTS else code


def codes_of(kind: str) -> list[str]:
    return [code for code, act in ACTS.items() if act.kind == kind]


_DETAILS = yaml.safe_load((Path(__file__).parent / "data" / "details.yaml").read_text(encoding="utf-8"))
_CODED = {"kind", "outcome", "place"}  # these carry codes of the values in words
_VALUES = {"role": dict(Role.choices)}


def details_words(data: Mapping[str, Any], areas: Mapping[str, str]) -> str:
    """What is kept beside an act, for readers: no keys of rows; areas by name, dates as elsewhere, of many how many.

    A key that has no words yet is told as it is: better than a log that conceals.
    """
    told = {key: _value_words(key, value, areas) for key, value in data.items() if key not in _DETAILS["hidden"]}
    chinese = (get_language() or "en").startswith("zh")
    names = {key: _DETAILS["words"][key][0 if chinese else 1] if key in _DETAILS["words"] else key for key in told}
    return (" · ").join(f"{names[key]} {words}" for key, words in told.items() if words)


def _value_words(key: str, value: Any, areas: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return now_in_words("yes") if value else now_in_words("no")
    if isinstance(value, list):
        return f"{len(value):,}"
    if isinstance(value, int):
        return f"{value:,}"
    if value in areas:
        return areas[value]
    day = _day(value)
    if day:
        return day_words(day, year=True)
    told = _DETAILS["values"].get(value)
    if told and key in _CODED:
        return told[0 if (get_language() or "en").startswith("zh") else 1]
    return str(_VALUES.get(key, {}).get(value, "" if value is None else value))


def _day(value: object) -> date | None:
    try:
        return parse_date(value) if isinstance(value, str) else None
    except ValueError:
        return None
