"""What keeps an area from closing: people live there."""

from datetime import datetime

from lianfang.registry.people.models import Person


def _persons(area_path: str, at: datetime) -> int:
    return Person.objects.as_of(at).under(area_path[:12]).count() if len(area_path) <= 12 else 0


OPEN = {"persons": _persons}
