"""Taking in what a form recorded: all of it or nothing, and sending it twice stores it once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from lianfang.mandate.intake.models import ReceivedRecord
from lianfang.mandate.intake.records import RecordFault, record_batch
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission

Lines = Callable[[datetime | None], list[dict[str, Any]]]
Steps = Sequence[Callable[[], object]]


class NotStored(ValueError):
    """Nothing was stored; `faults` says which records were refused and why."""

    def __init__(self, faults: list[RecordFault]) -> None:
        super().__init__("refused")
        self.faults = faults


def store(request: HttpRequest, *, at: datetime, lines: Lines, steps: Steps = ()) -> None:
    """Record the lines and take the further steps in one transaction; NotStored where a record is refused.

    `lines` is called with the moment at which the same form was taken in before, if it was: a record that is
    sent again must say the same. Two sendings at once meet in the key of the record; the later looks again.
    """
    try:
        _store(request, at, lines, steps)
    except IntegrityError:
        _store(request, at, lines, steps)


@transaction.atomic
def _store(request: HttpRequest, at: datetime, lines: Lines, steps: Steps) -> None:
    scope = scope_for(request.user)
    told = lines(None)
    ids = [UUID(line["id"]) for line in told]
    known = ReceivedRecord.objects.filter(id__in=ids).values_list("registered_at", flat=True).first()
    outcome = record_batch(
        by=request.user.actor,
        at=at,
        lines=lines(known) if known else told,
        allowed=lambda path: scope.allows(Permission.RECORD, path),
    )
    if outcome.faults:
        raise NotStored(outcome.faults)
    for step in steps:
        step()
