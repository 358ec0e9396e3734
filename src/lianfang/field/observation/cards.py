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
from lianfang.registry.people.models import Person

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
