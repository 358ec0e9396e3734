"""The steps of a tick, in order; each is idempotent and stands in its own transaction."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection

from lianfang.command.oversight import actions as oversight
from lianfang.command.planning import actions as planning
from lianfang.field.observation import actions as observation
from lianfang.field.screening import actions as screening
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.intake import actions as intake
from lianfang.registry.accounts import actions as accounts
from lianfang.registry.audit import actions as audit
from lianfang.registry.people import duplicates

_LOCK = 7_310_002

STEPS: dict[str, Callable[..., int]] = {
    "gone_over": planning.carry_out_orders,
    "matched": screening.match_late,
    "generated": duties.generate_due,
    "ended": duties.close_ended,
    "settled": duties.settle,
    "hours_counted": duties.count_past,
    "escalated": duties.escalate,
    "lost": observation.mark_lost,
    "callbacks_drawn": observation.draw_callbacks,
    "originals_deleted": intake.purge_originals,
    "identities_erased": observation.erase_identities,
    "attempts_forgotten": accounts.forget_attempts,
    "duplicates_found": duplicates.find_duplicates,
    "alarms": oversight.raise_alarms,
    "sealed": audit.seal,
}


def tick(at: datetime) -> dict[str, int]:
    """Do all steps for the moment. Two ticks at once follow one another; after downtime one tick catches up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        return {name: step(at=at) for name, step in STEPS.items()}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
