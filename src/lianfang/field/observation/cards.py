"""What was said, looked at, needed and checked follows its person from card to card."""

from datetime import datetime
from typing import Any

from lianfang.field.observation.models import Alert, Difficulty, Erasure, HomeAssessment, Loss, Need, Reading
from lianfang.registry.people.models import Person

FOLLOW = [(model, "person") for model in (Reading, Alert, Need, HomeAssessment, Difficulty, Loss, Erasure)]


def merge(*, at: datetime, kept: Person, merged: Person) -> dict[str, Any]:
    """One person is lost once: where both cards are, the other card's loss stays behind, ended."""
    doubled = list(Loss.objects.filter(person=merged, found_at__isnull=True).values_list("pk", flat=True))
    Loss.objects.filter(pk__in=doubled).update(found_at=at)
    return {"doubled": doubled}


def undo(*, at: datetime, kept: Person, merged: Person, moved: dict[str, Any]) -> None:
    Loss.objects.filter(pk__in=moved["doubled"]).update(found_at=None)
