"""Records by the batch, over HTTP."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from pydantic import Field, WithJsonSchema

from lianfang.mandate.intake.gathering import Gathering
from lianfang.mandate.intake.records import Outcome, RecordFault, record_batch
from lianfang.mandate.intake.wording import fault_message
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.tokens.access import Problem, ProblemOut, fault, needs
from lianfang.registry.tokens.actions import log_call

router = Router(tags=["records"])
MOST_RECORDS = 5_000
_FEW = 50  # as many gather with others; more fill a transaction of their own
_gathering = Gathering()

RECORD_SCHEMA = {
    "type": "object",
    "required": ["id", "kind", "at"],
    "properties": {
        "id": {"type": "string", "format": "uuid", "description": "made by the sender, once for each record"},
        "kind": {"type": "string", "description": "temperature, symptoms, call, visit, need, zero_report, …"},
        "at": {"type": "string", "format": "date-time", "description": "when it happened"},
        "person": {"type": "string", "format": "uuid"},
        "document": {"type": "string", "description": "instead of person: the number of an identity document"},
        "area": {"type": "string", "description": "for records of a village"},
        "value": {"description": "degrees, a list of symptoms, a need, a count: as the kind asks"},
    },
    "additionalProperties": True,
}
Record = Annotated[dict[str, Any], WithJsonSchema(RECORD_SCHEMA)]


class BatchIn(Schema):
    """Each record stands alone: what can be stored is stored, what cannot is named."""

    records: Annotated[list[Record], Field(min_length=1, max_length=MOST_RECORDS)]


class ResultOut(Schema):
    """What became of one record; `line` counts from 1. Sent again it says the same."""

    line: int
    id: str
    status: Literal["stored", "refused", "conflict"]
    field: str = ""
    value: str = ""
    rule: str = ""
    remedy: str = ""


class BatchOut(Schema):
    """`stored` counts what is in the books now, whether it came with this call or an earlier one."""

    received: int
    stored: int
    refused: int
    results: list[ResultOut]


class ConflictOut(ProblemOut, BatchOut):
    """Some record was sent before and said something else. The others of the batch are stored."""


@router.post(
    "/records",
    auth=needs(Permission.RECORD, logs=False),
    response={200: BatchOut, 409: ConflictOut},
    summary=_("Send records"),
)
def send_records(request: HttpRequest, body: BatchIn):
    """Temperatures, symptoms, calls, visits, needs, notices, team places, reports: everything that closes a duty.

    Answered once it is on disk. Whoever has lost the answer sends the same batch again and gets the same answer.
    """
    lines = body.records

    def store(lines: list[Any], calls: int) -> Outcome:
        return _store(request, lines, calls)

    if len(lines) <= _FEW:
        outcome = _gathering.store(request.auth.pk, lines, store)
    else:
        outcome = store(lines, 1)
    told = _told(lines, outcome.faults)
    if any(one.rule == "id_conflict" for one in outcome.faults):
        raise Problem("conflict", more=told)
    return HttpResponse(json.dumps(told), content_type="application/json")


@transaction.atomic
def _store(request: HttpRequest, lines: list[Any], calls: int) -> Outcome:
    """The records and the trace of the call: both or neither."""
    scope, now, token = scope_for(request.user), timezone.now(), request.auth
    outcome = record_batch(
        by=request.user.actor, at=now, lines=lines, allowed=lambda path: scope.allows(Permission.RECORD, path)
    )
    data = {"calls": calls, "received": outcome.received, "stored": outcome.stored, "refused": outcome.rejected}
    log_call(at=now, token=token, operation="POST records", data=data)
    return outcome


def _told(lines: Sequence[dict[str, Any]], faults: Sequence[RecordFault]) -> dict[str, Any]:
    wrong = {one.line: one for one in faults}
    results = [
        _refused(wrong[number]) if number in wrong else {"line": number, "id": str(line["id"]), "status": "stored"}
        for number, line in enumerate(lines, start=1)
    ]
    return {"received": len(lines), "stored": len(lines) - len(faults), "refused": len(faults), "results": results}


def _refused(one: RecordFault) -> dict[str, Any]:
    status = "conflict" if one.rule == "id_conflict" else "refused"
    remedy = fault_message(one.rule, one.values, field=one.field, value=one.value)
    told = fault(one.field, one.value, one.rule, remedy)
    return {"line": one.line, "id": fault("", one.id, "", "")["value"], "status": status} | told
