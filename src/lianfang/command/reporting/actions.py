"""The village's report of the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianfang.command.reporting.models import ZeroReport
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.rules import NewEvidence
from lianfang.mandate.duties.states import local_day
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.rules import uid_of


@dataclass(frozen=True)
class NewReport:
    """`value` 0 is the explicit zero; a village that says nothing has no report."""

    uid: UUID
    area_path: str
    value: int
    at: datetime


@transaction.atomic
def report(*, by: Actor, at: datetime, reports: Sequence[NewReport]) -> int:
    """Keep reports; a second one of the same village and day supersedes the first, which is kept."""
    for new in reports:
        day = local_day(new.at)
        ZeroReport.objects.filter(area_path=new.area_path, day=day, superseded_at__isnull=True).update(superseded_at=at)
        ZeroReport.objects.create(
            uid=new.uid,
            area_path=new.area_path,
            day=day,
            value=new.value,
            at=new.at,
            by=by.name,
            registered_at=at,
        )
    duties.add_evidence(
        at=at,
        evidence=[NewEvidence(new.uid, uid_of(new.area_path), "zero_report", new.at) for new in reports],
    )
    audit.record(by=by, action="reports.recorded", at=at, data={"reports": len(reports)})
    return len(reports)
