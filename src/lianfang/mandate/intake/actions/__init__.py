"""Files in: received, checked, confirmed, committed; rows decided upon and mended; all of it taken back."""

from lianfang.mandate.intake.actions.deciding import NotDecidable, decide, undo_decision
from lianfang.mandate.intake.actions.mapping import map_columns
from lianfang.mandate.intake.actions.mending import ChangedMeanwhile, Mended, NotMendable, mend, replace_everywhere
from lianfang.mandate.intake.actions.receiving import (
    NewFile,
    check,
    commit,
    confirm,
    drop,
    purge_originals,
    receive,
    say_it_is_whole,
)
from lianfang.mandate.intake.actions.undoing import NotUndoable, ask_undo, undo_import
from lianfang.mandate.intake.actions.working import refresh_statistics, work_off

__all__ = [
    "ChangedMeanwhile",
    "Mended",
    "NewFile",
    "NotDecidable",
    "NotMendable",
    "NotUndoable",
    "ask_undo",
    "check",
    "commit",
    "confirm",
    "decide",
    "drop",
    "map_columns",
    "mend",
    "purge_originals",
    "receive",
    "refresh_statistics",
    "replace_everywhere",
    "say_it_is_whole",
    "undo_decision",
    "undo_import",
    "work_off",
]
