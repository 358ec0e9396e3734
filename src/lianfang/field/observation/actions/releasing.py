"""Releasing in one act everybody whose days are done; who has an open alert is left for a doctor's word."""

from datetime import datetime

from django.db import transaction

from lianfang.field.observation.queries.releasing import due_for_release, without_open_alert
from lianfang.mandate.orders.actions import release
from lianfang.registry.audit.rules import Actor


@transaction.atomic
def release_ready(*, by: Actor, at: datetime, area_path: str, only: list[int] | None = None) -> tuple[int, int]:
    """(released, left for review) of the area; `only` names enrolments (primary keys)."""
    due = due_for_release(area_path, at)
    if only is not None:
        due = due.filter(pk__in=only)
    ready = list(without_open_alert(due, at).values_list("pk", flat=True))
    total = due.count()
    return release(by=by, at=at, enrolments=ready), total - len(ready)
