"""What the pages of accounts show of posts and roles."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from lianfang.registry.accounts.models import Appointment, Role
from lianfang.registry.accounts.rules import FILE, RESPONSIBLE_ROLES
from lianfang.registry.places.queries import names_of
from lianfang.registry.places.rules import ancestors_of

_COUNTY = 6


@dataclass(frozen=True)
class PostRow:
    """A post in words; `state` is now, later or ended."""

    appointment: Appointment
    role: str
    area: str
    state: str


def post_rows(appointments: Iterable[Appointment], now: datetime) -> list[PostRow]:
    appointments = list(appointments)
    names = full_names({one.area_path for one in appointments})
    return [PostRow(one, role_words(one.role), names[one.area_path], _state(one, now)) for one in appointments]


def role_words(code: str) -> str:
    """A role that the file no longer has keeps its code: the post was held all the same."""
    return str(Role(code).label) if code in Role.values else code


def full_names(paths: set[str]) -> dict[str, str]:
    """Path → county and below in words, all in one query."""
    above = {
        path: [step for step in [*ancestors_of(path), path] if len(step) >= min(_COUNTY, len(path))] for path in paths
    }
    names = names_of({step for steps in above.values() for step in steps})
    return {path: " · ".join(names[step] for step in steps if step in names) or path for path, steps in above.items()}


def _state(one: Appointment, now: datetime) -> str:
    if one.until is not None and one.until <= now:
        return "ended"
    return "later" if one.since > now else "now"


def role_table() -> dict[str, Any]:
    language = get_language() or "en"
    levels = {role: level for level, role in RESPONSIBLE_ROLES.items()}
    return {
        "rows": [
            {
                "code": code,
                "title": role.title.of(language),
                "words": [words.of(language) for right, words in FILE.permissions.items() if right in role.may],
                "responsible": levels.get(code, ""),
            }
            for code, role in FILE.roles.items()
        ],
    }
