"""What was said, looked at, needed and checked follows its person from card to card."""

from datetime import datetime
from typing import Any

from lianfang.field.observation.models import Alert, Difficulty, HomeAssessment, Loss, Need, Reading
from lianfang.registry.people.models import Person

FOLLOW = [
    (Reading, "person"),
    (Alert, "person"),
    (Need, "person"),
    (HomeAssessment, "person"),
    (Difficulty, "person"),
]


def merge(*, at: datetime, kept: Person, merged: Person) -> dict[str, Any]:
    """One person is lost once: where both cards are, the other card's loss stays behind, ended."""
    both = Loss.objects.filter(person=kept, found_at__isnull=True).exists()
    doubled = (
        list(Loss.objects.filter(person=merged, found_at__isnull=True).values_list("pk", flat=True)) if both else []
    )
    moved = list(Loss.objects.filter(person=merged).exclude(pk__in=doubled).values_list("pk", flat=True))
    Loss.objects.filter(pk__in=moved).update(person=kept)
    Loss.objects.filter(pk__in=doubled).update(found_at=at)
    return {"losses": moved, "doubled": doubled}


def undo(*, at: datetime, kept: Person, merged: Person, moved: dict[str, Any]) -> None:
    Loss.objects.filter(pk__in=moved["losses"], person=kept).update(person=merged)
    Loss.objects.filter(pk__in=moved["doubled"]).update(found_at=None)
