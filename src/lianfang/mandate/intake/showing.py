"""What the pages of an import show of its rows. A number stands in full only in the field where it is mended."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lianfang.mandate.duties.states import local_day
from lianfang.mandate.intake.importing import importers
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.pairs import Pair, Side, pairs_of, row_side
from lianfang.mandate.intake.progress import progress_of
from lianfang.mandate.intake.queries import content_of
from lianfang.mandate.intake.rules.cells import cell_from_json, clean_text
from lianfang.mandate.intake.rules.problems import Problem
from lianfang.mandate.intake.wording import field_label, problem_message
from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import staff_names, visible_to
from lianfang.science.identity.documents import Document, mask, read_document
from lianfang.science.identity.phones import mask_phone, read_phones

WAITING = ("received", "confirmed", "undoing")
_LOOKED_THROUGH, _MOST_REPEATED, _SHOWN_KEPT = 5000, 8, 100
ROWS_A_PAGE = {"rejected": 20, "review": 10, "duplicate": 50, "accepted": 50}
_STEPS = {
    **dict.fromkeys(("received", "held", "failed", "dropped"), 1),
    "checked": 2,
    **dict.fromkeys(("confirmed", "committed", "undoing", "undone"), 3),
}
_STATE_KINDS = {
    "received": "due",
    "checked": "due",
    "confirmed": "due",
    "undoing": "due",
    "committed": "done",
    "failed": "overdue",
    "held": "late",
    "dropped": "excused",
    "undone": "excused",
}


@dataclass(frozen=True)
class Cell:
    code: str
    label: str
    value: str
    faults: list[str]
    editable: bool = False
    nearest: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RejectedRow:
    row: StagedRow
    cells: list[Cell]

    @property
    def faulty(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.faults]

    @property
    def editable(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.editable]


@dataclass(frozen=True)
class AcceptedRow:
    row: StagedRow
    told: Side
    warnings: list[str]
    missing: list[str]


@dataclass(frozen=True)
class DuplicateRow:
    """`card` and `twin` say where the person was known from: the register, or another row of this file."""

    row: StagedRow
    told: Side
    card: Person | None
    twin: StagedRow | None


@dataclass(frozen=True)
class DecidedPair(Pair):
    """A pair with the name of who decided on it, as people know it."""

    decided_by: str = ""


@dataclass(frozen=True)
class Tab:
    code: str
    label: str
    count: int
    active: bool


def state_words(state: str) -> str:
    return {
        "received": pgettext("state of a list", "reading"),
        "checked": pgettext("state of a list", "waiting for confirmation"),
        "confirmed": pgettext("state of a list", "importing"),
        "undoing": pgettext("state of a list", "being taken back"),
        "committed": pgettext("state of a list", "imported"),
        "failed": pgettext("state of a list", "could not be read"),
        "dropped": pgettext("state of a list", "not imported"),
        "held": pgettext("state of a list", "possibly cut off, held"),
        "undone": pgettext("state of a list", "import undone"),
    }[state]


def state_kind(state: str) -> str:
    return _STATE_KINDS[state]


def steps(state: str) -> list[dict[str, Any]]:
    now = _STEPS[state]
    words = (_("File"), pgettext("step of an import", "Check"), _("Confirm the import"))
    return [{"label": label, "active": place == now} for place, label in enumerate(words, start=1)]


@dataclass(frozen=True)
class Share:
    """How far a long import is: rows done, and of how many where that is known."""

    done: int
    whole: int | None


def progress(batch: Batch) -> Share | None:
    found = progress_of(batch.pk)
    if found is None:
        return None
    step, done, whole = found
    return Share(done, whole if step != "check" else None)


def still_used(batch: Batch) -> list[dict[str, Any]]:
    """What an undoing left in place, with the reason in words."""
    words = {
        "other_list": _("another list tells of the person"),
        "records": _("something was recorded about the person since"),
        "team": _("a team looks after the person"),
        "merged": _("the card was joined with another"),
    }
    between = pgettext("between names", ", ")
    return [one | {"words": between.join(words[why] for why in one["why"])} for one in batch.still_used[:_SHOWN_KEPT]]


def tabs(batch: Batch, counts: dict[str, int], asked: str) -> list[Tab]:
    """Those that need somebody come first; the first that has rows is open unless another is asked for."""
    labels = {
        "rejected": _("To correct"),
        "review": _("To review"),
        "duplicate": _("Duplicate"),
        "accepted": _("Imported") if batch.state == "committed" else _("Accepted"),
    }
    found = next((code for code in labels if counts[code]), "accepted")
    active = asked if asked in labels else found
    return [Tab(code, label, counts[code], code == active) for code, label in labels.items()]


def entries(batch: Batch, outcome: str, rows: Sequence[StagedRow], account: Account) -> list[Any]:
    """The rows of one page as their tab shows them; the number of queries does not grow with them."""
    if outcome == "rejected":
        return [_rejected(batch, row) for row in rows]
    if outcome == "review":
        return decided_pairs(batch, rows, account)
    if outcome == "duplicate":
        return _duplicates(batch, rows, account)
    return [_accepted(batch, row) for row in rows]


def decided_pairs(batch: Batch, rows: Sequence[StagedRow], account: Account) -> list[DecidedPair]:
    names = staff_names({row.decided_by for row in rows})
    return [
        DecidedPair(**vars(pair), decided_by=names.get(pair.row.decided_by, pair.row.decided_by))
        for pair in pairs_of(batch, rows, account)
    ]


def messages_of(problems: Sequence[dict[str, Any]]) -> list[str]:
    return [problem_message(Problem.from_json(problem)) for problem in problems]


def rejected(batch: Batch, row: StagedRow) -> RejectedRow | None:
    """The row where it is still to correct."""
    return _rejected(batch, row) if row.outcome == "rejected" else None


def outcome_words(row: StagedRow) -> str:
    """What became of a row that was put right."""
    words = {
        "accepted": _("Row %(number)s is good now."),
        "duplicate": _("Row %(number)s is somebody already there."),
        "review": _("Row %(number)s may be somebody already there and waits for a decision."),
        "rejected": _("Row %(number)s is still to correct."),
    }
    return words[row.outcome] % {"number": row.number}


def _rejected(batch: Batch, row: StagedRow) -> RejectedRow:
    """Every cell that says something and every cell that is at fault, empty or not.

    They stand as in the file, but a number is seen in full only where it has to be compared with the original.
    """
    content = content_of(row)
    faults: dict[str, list[Problem]] = {}
    for problem in content.problems:
        faults.setdefault(problem.field, []).append(problem)
    cells_in = {code: cell_from_json(value) for code, value in content.raw.items()}
    shown = {
        code: clean_text(value) if code in faults or code not in _MASKED else _MASKED[code](value)
        for code, value in cells_in.items()
    }
    for problem in content.problems:
        shown.setdefault(problem.field, problem.value)
    offered = set(faults) | ({"township"} if "village" in faults else set())
    cells = [
        Cell(
            code,
            field_label(code),
            value,
            [_hint(problem) for problem in faults.get(code, [])],
            editable=code in offered and code in {spec.code for spec in importers()[batch.kind].fields},
            nearest=_nearest(faults.get(code, [])),
        )
        for code, value in shown.items()
        if value or code in offered
    ]
    return RejectedRow(row, cells)


def _hint(problem: Problem) -> str:
    """What is wrong and the remedy; the field below has the number, which is not said twice."""
    shown = _MASKED[problem.field](problem.value) if problem.value and problem.field in _MASKED else problem.value
    return problem_message(replace(problem, value=shown))


def _nearest(problems: Sequence[Problem]) -> list[str]:
    return [name for problem in problems for name in str(problem.values.get("nearest", "")).split("、") if name]


@dataclass(frozen=True)
class Repeated:
    """A wrong value that stands in several rows."""

    field: str
    label: str
    value: str
    rows: int
    nearest: list[str]


def repeated_faults(batch: Batch) -> list[Repeated]:
    """The wrong values that most rows share; masked fields are nobody's slip repeated, so they are left out."""
    times: Counter[tuple[str, str]] = Counter()
    nearest: dict[tuple[str, str], list[str]] = {}
    for row in batch.rows.filter(outcome="rejected").order_by("pk")[:_LOOKED_THROUGH]:
        for problem in content_of(row).problems:
            if problem.value and problem.field not in _MASKED:
                times[problem.field, problem.value] += 1
                nearest.setdefault((problem.field, problem.value), _nearest([problem]))
    return [
        Repeated(code, field_label(code), value, rows, nearest[code, value])
        for (code, value), rows in times.most_common(_MOST_REPEATED)
        if rows > 1
    ]


def _masked_document(value: object) -> str:
    found = read_document(value)
    return mask(found.number if isinstance(found, Document) else clean_text(value))


def _masked_phones(value: object) -> str:
    numbers = read_phones(value) or (clean_text(value),)
    return pgettext("between names", ", ").join(map(mask_phone, numbers))


_MASKED = {"document": _masked_document, "phone": _masked_phones}


def _accepted(batch: Batch, row: StagedRow) -> AcceptedRow:
    content = content_of(row)
    return AcceptedRow(
        row,
        row_side(row, local_day(batch.at)),
        [problem_message(problem) for problem in content.problems],
        [field_label(code) for code in content.missing],
    )


def _duplicates(batch: Batch, rows: Sequence[StagedRow], account: Account) -> list[DuplicateRow]:
    uids: set[UUID | None] = {row.person for row in rows}
    cards = {card.uid: card for card in visible_to(account, Permission.IMPORT).filter(uid__in=uids)}
    twins = {row.person: row for row in batch.rows.filter(outcome="accepted", person__in=uids)}
    day = local_day(batch.at)
    return [DuplicateRow(row, row_side(row, day), cards.get(row.person), twins.get(row.person)) for row in rows]
