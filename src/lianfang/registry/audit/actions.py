"""Writing the log, always inside the caller's transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor


def record(
    *,
    by: Actor,
    action: str,
    at: datetime,
    subject_kind: str = "",
    subject: UUID | None = None,
    area_path: str = "",
    purpose: str = "",
    data: dict[str, Any] | None = None,
) -> Event:
    """Log one act; a batch logs one row with its counts."""
    return Event.objects.create(
        at=at,
        actor=by.name,
        actor_id=by.account_id,
        action=action,
        subject_kind=subject_kind,
        subject=subject,
        area_path=area_path,
        purpose=purpose,
        data=data or {},
    )
