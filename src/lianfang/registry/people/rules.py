"""What a new card says, before it is one."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from lianfang.science.identity.documents import Document

# Stands where something has to be said and what was said is forgotten.
FORGOTTEN = "#"


@dataclass(frozen=True)
class NewPerson:
    """A person to register; `phones` in normal form, `door` as people write it."""

    uid: UUID
    name: str
    area_path: str
    sex: str = ""
    birth_date: date | None = None
    door: str = ""
    document: Document | None = None
    phones: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class NewSource:
    """Where a person was mentioned."""

    person: UUID
    kind: str
    label: str
    reference: UUID
    sheet: str = ""
    row: int | None = None


ADULT_AGE = 18  # Civil Code of the People's Republic of China, art. 17


def is_minor(birth_date: date | None, on: date) -> bool:
    """Whether a guardian receives for the person; unknown birth dates count as adult."""
    if birth_date is None:
        return False
    had_birthday = (on.month, on.day) >= (birth_date.month, birth_date.day)
    return on.year - birth_date.year - (not had_birthday) < ADULT_AGE


class Line(NamedTuple):
    """One line of a batch of records, with its subject found: a person, or an area. Made by the thousand."""

    id: UUID
    kind: str
    at: datetime
    person: Any
    area_path: str
    value: Any
    data: dict[str, Any]

    def text(self, name: str) -> str:
        """What the line says under the name; nothing for null as for what is not there."""
        found = self.data.get(name)
        return "" if found is None else str(found).strip()

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """A word out of a list; anything else is refused."""
        found = self.data.get(name, default)
        if found not in allowed:
            raise Refused(name, str(found), "not_one_of", {"allowed": ", ".join(allowed)})
        return str(found)


class Refused(ValueError):
    """A line that cannot be stored: field, value, rule."""

    def __init__(self, name: str, value: str, rule: str, values: dict[str, str] | None = None) -> None:
        super().__init__(rule)
        self.field, self.value, self.rule, self.values = name, value, rule, values or {}
