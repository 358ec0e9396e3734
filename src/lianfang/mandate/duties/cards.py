"""What the engine keeps of a person follows from card to card: owed once stays owed once, and where the card is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lianfang.mandate.duties.actions import gather_subject, merge_subjects, undo_merge
from lianfang.mandate.duties.models import Excuse, ExcuseProposal, Reminder
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import FORGOTTEN


def merge(*, at: datetime, kept: Person, merged: Person) -> dict[str, Any]:
    moved = merge_subjects(at=at, kept=kept.uid, merged=merged.uid)
    gather_subject(at=at, subject=kept.uid, area_path=kept.area_path)
    return moved


def undo(*, at: datetime, kept: Person, merged: Person, moved: dict[str, Any]) -> None:
    undo_merge(at=at, moved=moved)
    for card in (kept, merged):  # the kept one may have been handed over meanwhile
        gather_subject(at=at, subject=card.uid, area_path=card.area_path)


def forget(*, people: Sequence[int]) -> None:
    """Reasons and words of reminders may name somebody. A reason was given: that stays."""
    subjects = Person.objects.filter(pk__in=people).values("uid")
    for model in (Excuse, ExcuseProposal):
        model.objects.filter(obligation__subject__in=subjects).update(reason=FORGOTTEN)
    Excuse.objects.filter(obligation__subject__in=subjects).exclude(withdrawn_reason="").update(
        withdrawn_reason=FORGOTTEN
    )
    Reminder.objects.filter(lines__obligation__subject__in=subjects).exclude(note="").update(note="")
