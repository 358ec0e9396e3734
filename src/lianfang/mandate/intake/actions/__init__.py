"""Files in: received, checked, confirmed, committed; rows decided upon and mended; all of it taken back."""

from lianfang.mandate.intake.actions.deciding import NotDecidable, decide, undo_decision
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
from lianfang.mandate.intake.actions.working import refresh_statistics, work_off

__all__ = [
    "NewFile",
    "NotDecidable",
    "check",
    "commit",
    "confirm",
    "decide",
    "drop",
    "purge_originals",
    "receive",
    "refresh_statistics",
    "say_it_is_whole",
    "undo_decision",
    "work_off",
]
