"""What the engine keeps of a person follows from card to card: what is owed once stays owed once."""

from datetime import datetime
from typing import Any

from lianfang.mandate.duties.actions import merge_subjects, undo_merge
from lianfang.registry.people.models import Person


def merge(*, at: datetime, kept: Person, merged: Person) -> dict[str, Any]:
    return merge_subjects(at=at, kept=kept.uid, merged=merged.uid)


def undo(*, at: datetime, kept: Person, merged: Person, moved: dict[str, Any]) -> None:
    undo_merge(at=at, moved=moved)
