"""What keeps an area from closing: people are under duties there. The area's own duties end with it."""

from datetime import datetime

from lianfang.mandate.duties.models import Enrolment


def _tasks(area_path: str, at: datetime) -> int:
    here = Enrolment.objects.filter(area_path__startswith=area_path, voided_at=None, closed_at=None)
    return here.exclude(subject_kind="area").filter(registered_at__lte=at).count()


def closing(area_path: str, at: datetime) -> None:
    here = Enrolment.objects.filter(area_path__startswith=area_path, voided_at=None, closed_at=None)
    here.filter(subject_kind="area").update(closed_at=at, closed_reason="area_closed")


OPEN = {"tasks": _tasks}
