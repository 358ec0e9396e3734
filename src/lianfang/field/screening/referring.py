"""Rows of a list that wait for a village get one; what came of looking for somebody is written down."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianfang.field.screening.models import Referral
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor


class ChangedMeanwhile(ValueError):
    """Somebody else wrote since the row was shown."""


@transaction.atomic
def place(*, by: Actor, at: datetime, uid: UUID, area_path: str, version: int) -> Referral:
    """Say which village has to look for the person; also where a village says that the person is another's."""
    found = _locked(uid, version)
    found.area_path, found.placed, found.placed_by = area_path, True, by.name
    found.outcome, found.outcome_at, found.outcome_by = "", None, ""
    return _saved(by, at, found, "referral.placed")


@transaction.atomic
def tell_outcome(*, by: Actor, at: datetime, uid: UUID, outcome: str, version: int, note: str = "") -> Referral:
    """What came of it; an outcome can be told anew, the log keeps the earlier one."""
    found = _locked(uid, version)
    found.outcome, found.outcome_at, found.outcome_by, found.note = outcome, at, by.name, note[:200]
    return _saved(by, at, found, "referral.outcome_told")


def _locked(uid: UUID, version: int) -> Referral:
    found = Referral.objects.select_for_update().get(uid=uid, withdrawn_at__isnull=True)
    if found.version != version:
        raise ChangedMeanwhile
    return found


def _saved(by: Actor, at: datetime, found: Referral, action: str) -> Referral:
    found.version += 1
    found.save()
    data = {"batch": str(found.batch), "row": found.row, "outcome": found.outcome}
    audit.record(by=by, action=action, at=at, area_path=found.area_path, data=data)
    return found
