"""Decisions on held rows, and taking them back."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from lianfang.mandate.intake.actions.receiving import one_commit_at_a_time
from lianfang.mandate.intake.importing import Judged, importers
from lianfang.mandate.intake.models import StagedRow
from lianfang.mandate.intake.queries import origin_of, row_in
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people


class NotDecidable(ValueError):
    """A row that is not held, or a decision that was not taken."""


@transaction.atomic
def decide(*, by: Actor, at: datetime, row: StagedRow, decision: str, person: UUID | None = None) -> StagedRow:
    """A held row is the same person as a known card, to which it adds what it says, or another: a card of its own.

    `person` chooses among several candidates; the first where it is left out.
    """
    one_commit_at_a_time()
    row = StagedRow.objects.select_for_update().select_related("batch").get(pk=row.pk)
    chosen = person or UUID(row.candidates[0]["person"]) if row.candidates else None
    known = {UUID(candidate["person"]) for candidate in row.candidates}
    if row.outcome != "review" or row.decision or row.batch.state != "committed" or chosen not in known:
        raise NotDecidable
    if decision == "same":
        row.person = chosen
        _write(row, "duplicate", chosen, at, by)
    elif decision == "other":
        row.person = uuid4()
        _write(row, "accepted", row.person, at, by)
    else:
        raise NotDecidable
    for repeat in _repeats_of(row):
        same_file = repeat.batch_id != row.batch_id and repeat.batch.sha256 == row.batch.sha256
        _write(repeat, "duplicate", row.person, at, by, repeated=same_file)
    row.decision, row.decided_by, row.decided_at = decision, by.name, at
    row.save(update_fields=["decision", "decided_by", "decided_at", "person"])
    _log_decision(by, at, row, f"duplicate.decided_{decision}")
    return row


@transaction.atomic
def undo_decision(*, by: Actor, at: datetime, row: StagedRow) -> StagedRow:
    """Take a decision back: what the row added to the card is withdrawn, or the card that it made."""
    one_commit_at_a_time()
    row = StagedRow.objects.select_for_update().select_related("batch").get(pk=row.pk)
    if not row.decision or row.batch.state != "committed":
        raise NotDecidable
    importer = importers()[row.batch.kind]
    for one in [*_repeats_of(row), *([row] if row.decision == "same" else [])]:
        people.withdraw_sources(at=at, reference=one.batch.uid, sheet=one.sheet, row=one.number)
        decided = replace(origin_of(one.batch), registered_at=row.decided_at)
        importer.withdraw_row(_judged(one, "duplicate", row.person), decided, at)
    if row.decision == "other":
        importer.withdraw_card(row.person, at)
    _log_decision(by, at, row, "duplicate.decision_undone")
    row.decision, row.decided_by, row.decided_at = "", "", None
    row.person = UUID(row.candidates[0]["person"])
    row.save(update_fields=["decision", "decided_by", "decided_at", "person"])
    return row


def _repeats_of(row: StagedRow) -> list[StagedRow]:
    """The rows, of this list or another, that say the same as the held row and waited for its decision."""
    found = StagedRow.objects.filter(fingerprint=row.fingerprint, outcome="duplicate", batch__state="committed")
    return list(found.exclude(candidates=[]).select_related("batch").order_by("pk"))


def _judged(row: StagedRow, outcome: str, person: UUID | None) -> Judged:
    (judged,) = importers()[row.batch.kind].reader(origin_of(row.batch))([row_in(row)])
    judged.outcome, judged.person = outcome, person
    return judged


def _write(row: StagedRow, outcome: str, person: UUID, at: datetime, by: Actor, *, repeated: bool = False) -> None:
    """What the row says is of the moment of its list; it counts as known from the decision on."""
    importer = importers()[row.batch.kind]
    judged = _judged(row, outcome, person)
    if outcome == "accepted":
        judged = importer.as_other(judged)
    importer.commit([judged], replace(origin_of(row.batch), registered_at=at, repeated=repeated), by)


def _log_decision(by: Actor, at: datetime, row: StagedRow, action: str) -> None:
    audit.record(
        by=by,
        action=action,
        at=at,
        subject_kind="person",
        subject=row.person,
        area_path=row.batch.area_path,
        data={"batch": str(row.batch.uid), "sheet": row.sheet, "row": row.number},
    )
