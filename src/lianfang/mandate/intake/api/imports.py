"""Lists in, over HTTP: a file is received, read and checked by the worker, confirmed, its held rows decided."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as N_
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import AwareDatetime, Field

from lianfang.mandate.intake import actions, pairs, queries
from lianfang.mandate.intake.importing import importers
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.rules.problems import Problem as RowProblem
from lianfang.mandate.intake.wording import problem_json
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.audit import actions as audit
from lianfang.registry.places.queries import names_of
from lianfang.registry.tokens.access import FaultOut, Problem, fault, needs
from lianfang.registry.tokens.asking import AreaPath, Key, moment_asked
from lianfang.registry.tokens.paging import Page, Paging, paged
from lianfang.registry.tokens.wording import validation_words

router = Router(tags=["imports"])
_MOST_BYTES = 50 * 2**20
WHAT_NEXT = {
    "received": N_("The list is still being read. Ask for it again in a moment."),
    "held": N_(
        "If the list was compared with its original and nothing is missing, send POST …/whole; "
        "otherwise send POST …/drop and send the whole list in parts."
    ),
    "checked": N_("The list is read and not held. Send POST …/confirm to import its good rows."),
    "confirmed": N_("The list is being imported. Ask for it again in a moment."),
    "committed": N_("The list is imported already. Nothing needs to be done."),
    "failed": N_("The list could not be read. Put the file right and send it again."),
    "dropped": N_("The list was dropped and nothing of it is kept. Send the file again."),
    "undoing": N_("The import is being taken back. Ask for it again in a moment."),
    "undone": N_("The import was taken back. Send the file again if it is to be imported after all."),
}


class ImportOut(Schema):
    """`state`: received, held, checked, confirmed, committed, failed, dropped, undoing, undone.

    A `held` list may be cut off: `faults` says why, and which call goes on. `counts`: rows and their outcomes.
    """

    uid: UUID
    kind: str
    area: str
    filename: str
    state: str
    at: datetime
    counts: dict[str, int]
    faults: list[FaultOut]


class RowOut(Schema):
    """One row: accepted, duplicate, review or rejected; `candidates` are the cards that a held row may be."""

    row: int
    sheet: str
    number: int
    outcome: str
    decision: str
    person: UUID | None
    candidates: list[UUID]
    faults: list[FaultOut]


class NewImport(Schema):
    """`at` is the moment for which the list speaks; without it, now."""

    kind: Annotated[str, Field(max_length=20, pattern=r"^[a-z_]*$")] = "arrivals"
    area: Annotated[AreaPath, Field(min_length=2)]
    at: AwareDatetime | None = None


class RowQuery(Paging):
    outcome: Literal["", "accepted", "duplicate", "review", "rejected"] = ""


class Decision(Schema):
    """`person` chooses among several candidates; the first where it is left out."""

    decision: Literal["same", "other"]
    person: UUID | None = None


@router.post("/imports", auth=needs(Permission.IMPORT), response={201: ImportOut}, summary=_("Send a list"))
def send_list(request: HttpRequest, told: Form[NewImport], file: UploadedFile = File(...)):  # noqa: B008  ninja's way
    if told.kind not in importers():
        raise Problem("invalid", [fault("kind", told.kind, "not_one_of", validation_words("enum", "kind", told.kind))])
    if not scope_for(request.user).allows(Permission.IMPORT, told.area) or told.area not in names_of({told.area}):
        raise Problem("not_found")
    if (file.size or 0) > _MOST_BYTES:
        raise Problem("too_large")
    new = actions.NewFile(told.kind, told.area, _storable(file.name or "list"), file.read())
    now = timezone.now()
    batch = actions.receive(by=request.user.actor, at=moment_asked(told.at), file=new, now=now)
    return Status(201, import_out(batch))


@router.get("/imports", auth=needs(Permission.IMPORT), response=Page[ImportOut], summary=_("Lists that were sent"))
def lists(request: HttpRequest, query: Query[Paging]):
    return paged(queries.listed_for(request.user), query, key="pk", shown_all=_imports)


@router.get("/imports/{uuid:uid}", auth=needs(Permission.IMPORT), response=ImportOut, summary=_("One list"))
def one_list(request: HttpRequest, uid: UUID):
    return import_out(_batch(request, uid))


@router.get(
    "/imports/{uuid:uid}/rows", auth=needs(Permission.IMPORT), response=Page[RowOut], summary=_("The rows of a list")
)
@transaction.atomic
def rows_of(request: HttpRequest, uid: UUID, query: Query[RowQuery]):
    batch = _batch(request, uid)
    rows = batch.rows.filter(outcome=query.outcome) if query.outcome else batch.rows.all()
    data = {"batch": str(batch.uid), "outcome": query.outcome}
    by, now = request.user.actor, timezone.now()
    audit.record(by=by, action="list.rows_opened", at=now, area_path=batch.area_path, data=data)
    return paged(rows, query, key="pk", shown_all=lambda page: [row_out(row) for row in page])


@router.post(
    "/imports/{uuid:uid}/confirm", auth=needs(Permission.IMPORT), response=ImportOut, summary=_("Import the good rows")
)
def confirm(request: HttpRequest, uid: UUID):
    batch = _batch(request, uid)
    if batch.state not in ("checked", "confirmed", "committed"):
        raise Problem("conflict", _why_not(batch))
    return import_out(actions.confirm(by=request.user.actor, at=timezone.now(), batch=batch))


@router.post(
    "/imports/{uuid:uid}/whole",
    auth=needs(Permission.IMPORT),
    response=ImportOut,
    summary=_("Say that a held list is whole"),
)
def say_it_is_whole(request: HttpRequest, uid: UUID):
    """Somebody compared the list with its original: it ends where its format ends. It is then read."""
    batch = _batch(request, uid)
    if batch.state != "held":
        raise Problem("conflict", _why_not(batch))
    return import_out(actions.say_it_is_whole(by=request.user.actor, at=timezone.now(), batch=batch))


@router.post(
    "/imports/{uuid:uid}/drop", auth=needs(Permission.IMPORT), response=ImportOut, summary=_("Import nothing of a list")
)
def drop(request: HttpRequest, uid: UUID):
    batch = _batch(request, uid)
    actions.drop(by=request.user.actor, at=timezone.now(), batch=batch)
    batch.refresh_from_db()
    if batch.state != "dropped":
        raise Problem("conflict")
    return import_out(batch)


@router.post(
    "/imports/{uuid:uid}/rows/{row}/decision",
    auth=needs(Permission.IMPORT),
    response=RowOut,
    summary=_("Decide whether a held row is somebody known"),
)
def decide(request: HttpRequest, uid: UUID, row: Key, body: Decision):
    held = _batch(request, uid).rows.filter(pk=row, outcome="review").first()
    if held is None:
        raise Problem("not_found")
    if not pairs.may_decide(held, request.user):
        raise Problem("not_permitted")
    by, now = request.user.actor, timezone.now()
    try:
        held = actions.decide(by=by, at=now, row=held, decision=body.decision, person=body.person)
    except actions.NotDecidable:
        raise Problem("conflict") from None
    return row_out(held)


def _batch(request: HttpRequest, uid: UUID) -> Batch:
    found = queries.listed_for(request.user).filter(uid=uid).first()
    if found is None:
        raise Problem("not_found")
    return found


def _why_not(batch: Batch) -> list[dict[str, Any]]:
    """What stands in the way of a list that cannot be confirmed, and what to do about it."""
    return _faults(batch) or [fault("state", batch.state, "conflict", _now(WHAT_NEXT[batch.state]))]


def _faults(batch: Batch) -> list[dict[str, Any]]:
    """Of a held list the remedy names the two calls that go on from there."""
    if batch.fault is None:
        return []
    found = _fault(RowProblem.from_json(batch.fault))
    if batch.state == "held":
        found["remedy"] += " " + _now(WHAT_NEXT["held"])
    return [found]


def _storable(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable())[:200] or "list"


def _imports(batches: list[Batch]) -> list[ImportOut]:
    counts = queries.counts_of(batches)
    return [_import(batch, counts[batch.pk]) for batch in batches]


def import_out(batch: Batch) -> ImportOut:
    return _import(batch, queries.counts(batch))


def _import(batch: Batch, counts: dict[str, int]) -> ImportOut:
    return ImportOut(
        uid=batch.uid,
        kind=batch.kind,
        area=batch.area_path,
        filename=batch.filename,
        state=batch.state,
        at=batch.at,
        counts=counts,
        faults=[*_faults(batch), *(_fault(RowProblem.from_json(one)) for one in batch.warnings)],
    )


def row_out(row: StagedRow) -> RowOut:
    return RowOut(
        row=row.pk,
        sheet=row.sheet,
        number=row.number,
        outcome=row.outcome,
        decision=row.decision,
        person=row.person,
        candidates=[UUID(one["person"]) for one in row.candidates],
        faults=[_fault(problem) for problem in queries.content_of(row).problems],
    )


def _fault(problem: RowProblem) -> dict[str, Any]:
    told = problem_json(problem, lang=get_language() or "zh-hans")
    return fault(told["field"], told["value"], told["rule"], told["message"])
