"""What may be done to the engine: every context above writes enrolments and evidence through these alone."""

from lianfang.mandate.duties.actions.changes import (
    TransferResult,
    gather_subject,
    merge_subjects,
    move_subject,
    preview_transfer,
    transfer,
    undo_merge,
)
from lianfang.mandate.duties.actions.enrolments import (
    CannotExtend,
    close,
    enrol,
    enrol_areas,
    extend,
    void,
    void_causes,
    withdraw_subject,
    withdraw_subjects,
)
from lianfang.mandate.duties.actions.evidence import (
    PlaceTaken,
    add_evidence,
    fill_places,
    withdraw_records,
)
from lianfang.mandate.duties.actions.excuses import (
    CannotConfirm,
    NeedsSecondPerson,
    by_two,
    decide_excuse,
    excuse,
    explain,
    propose_excuse,
    withdraw_excuse,
)
from lianfang.mandate.duties.actions.reminders import CannotRemind, NewReminder, remind
from lianfang.mandate.duties.actions.ticks import catch_up, close_ended, escalate, generate_due, settle

__all__ = [
    "CannotConfirm",
    "CannotExtend",
    "CannotRemind",
    "NeedsSecondPerson",
    "NewReminder",
    "PlaceTaken",
    "TransferResult",
    "add_evidence",
    "by_two",
    "catch_up",
    "close",
    "close_ended",
    "decide_excuse",
    "enrol",
    "enrol_areas",
    "escalate",
    "excuse",
    "explain",
    "extend",
    "fill_places",
    "generate_due",
    "gather_subject",
    "merge_subjects",
    "move_subject",
    "preview_transfer",
    "propose_excuse",
    "remind",
    "settle",
    "transfer",
    "undo_merge",
    "void",
    "void_causes",
    "withdraw_excuse",
    "withdraw_records",
    "withdraw_subject",
    "withdraw_subjects",
]
