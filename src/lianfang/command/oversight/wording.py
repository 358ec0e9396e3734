"""The words of acts: which kinds there are, how each is said."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

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
