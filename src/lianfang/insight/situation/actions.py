"""Writing the log of lists that went out."""

from datetime import datetime

from django.db import transaction

from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor


@transaction.atomic
def log_export(
    *,
    by: Actor,
    at: datetime,
    kind: str,
    area_path: str,
    count: int,
    purpose: str = "",
    in_full: bool = False,
) -> Event:
    """One row for each list out: its kind, area and length; its purpose where numbers are in full."""
    return audit.record(
        by=by,
        action="list.exported_in_full" if in_full else "list.exported",
        at=at,
        area_path=area_path,
        purpose=purpose,
        data={"kind": kind, "rows": count},
    )
