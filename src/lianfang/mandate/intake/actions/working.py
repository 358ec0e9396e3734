"""The worker's step: one list after the other, each in its own transaction."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import OperationalError, connection

from lianfang.mandate.intake.actions.receiving import check, commit
from lianfang.mandate.intake.actions.undoing import undo_import
from lianfang.mandate.intake.models import Batch
from lianfang.mandate.intake.rules.problems import FileFault
from lianfang.registry.audit.rules import Actor

log = logging.getLogger(__name__)


def refresh_statistics() -> None:
    """Tell the planner of the new rows at once: until it knows them, a list of a county may take minutes."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def work_off(*, now: datetime) -> Sequence[Batch]:
    """The worker's step: take back, check what was received, commit what was confirmed; one batch a transaction."""
    done = [_taken_back(batch, now) for batch in _in_state("undoing")]
    done += [_guarded(batch, lambda one: check(batch=one)) for batch in _in_state("received")]
    for batch in _in_state("confirmed"):
        by = Actor(batch.by, batch.by_id)
        done.append(_guarded(batch, lambda one, by=by: commit(by=by, batch=one, now=now)))
        refresh_statistics()
    return done


def _taken_back(batch: Batch, now: datetime) -> Batch:
    """One that cannot be taken back stays imported, so that it can be asked for again."""
    try:
        return undo_import(by=Actor(batch.undone_by), at=now, batch=batch)
    except OperationalError:
        raise
    except Exception:
        log.exception("list %s could not be taken back", batch.uid)
        batch.state, batch.undone_by, batch.undone_at = "committed", "", None
        batch.save(update_fields=["state", "undone_by", "undone_at"])
        return batch
    finally:
        refresh_statistics()


def _in_state(state: str) -> list[Batch]:
    return list(Batch.objects.filter(state=state).order_by("arrived_at"))


def _guarded(batch: Batch, step: Callable[[Batch], Batch]) -> Batch:
    """One list that cannot be worked off must not hold up the others: it is marked, with the reason in the log."""
    try:
        return step(batch)
    except OperationalError:
        raise
    except Exception:
        log.exception("list %s could not be worked off", batch.uid)
        batch.state, batch.fault = "failed", FileFault("import_failed").problem().to_json()
        batch.save(update_fields=["state", "fault"])
        return batch
