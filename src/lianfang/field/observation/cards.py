"""What was said, looked at, needed and checked follows its person from card to card."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lianfang.field.observation.models import (
    Alert,
    AlertStep,
    Callback,
    Difficulty,
    Erasure,
    HomeAssessment,
    Loss,
    Need,
    Reading,
    Referral,
)
from lianfang.mandate.duties.models import Excuse, ExcuseProposal, Reminder
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import FORGOTTEN

FOLLOW = [(model, "person") for model in (Reading, Alert, Need, HomeAssessment, Difficulty, Loss, Erasure)]


def merge(*, at: datetime, kept: Person, merged: Person) -> dict[str, Any]:
    """One person is lost once: where both cards are, the other card's loss stays behind, ended."""
    doubled = list(Loss.objects.filter(person=merged, found_at__isnull=True).values_list("pk", flat=True))
    Loss.objects.filter(pk__in=doubled).update(found_at=at)
    return {"doubled": doubled}


def undo(*, at: datetime, kept: Person, merged: Person, moved: dict[str, Any]) -> None:
    Loss.objects.filter(pk__in=moved["doubled"]).update(found_at=None)


def forget(*, people: Sequence[int]) -> None:
    """What was written freely may name somebody; what was counted stays."""
    for model in (Reading, Need, Difficulty, HomeAssessment):
        model.objects.filter(person__in=people).exclude(note="").update(note="")
    Need.objects.filter(person__in=people).exclude(met_note="").update(met_note="")
    for model in (AlertStep, Referral):
        model.objects.filter(alert__person__in=people).exclude(note="").update(note="")
    Callback.objects.filter(reading__person__in=people).exclude(note="").update(note="")
    subjects = Person.objects.filter(pk__in=people).values("uid")
    for model in (Excuse, ExcuseProposal):
        model.objects.filter(obligation__subject__in=subjects).update(reason=FORGOTTEN)
    Excuse.objects.filter(obligation__subject__in=subjects).exclude(withdrawn_reason="").update(
        withdrawn_reason=FORGOTTEN
    )
    Reminder.objects.filter(lines__obligation__subject__in=subjects).exclude(note="").update(note="")
