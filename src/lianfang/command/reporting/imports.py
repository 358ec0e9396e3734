"""Records in: the village's report of the day."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from lianfang.command.reporting.actions import NewReport, report
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.rules import Line, Refused

_MOST = 2**31 - 1  # what the table's column holds


def record_zero_reports(*, by: Actor, at: datetime, lines: Sequence[Line]) -> dict[UUID, Refused]:
    """A whole number from 0 on, for a village."""
    reports, refused = [], {}
    for line in lines:
        whole = isinstance(line.value, int) and not isinstance(line.value, bool)
        if len(line.area_path) != 12:
            refused[line.id] = Refused("area", line.area_path, "not_a_village")
        elif not whole or not 0 <= line.value <= _MOST:
            refused[line.id] = Refused("value", str(line.value), "not_a_count")
        else:
            reports.append(NewReport(line.id, line.area_path, line.value, line.at))
    if reports:
        report(by=by, at=at, reports=reports)
    return refused


RECORDERS = {"zero_report": record_zero_reports}
