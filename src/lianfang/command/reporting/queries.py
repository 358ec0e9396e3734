"""Reads of the daily report: a value, an explicit zero and silence are three things."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from lianfang.command.reporting.models import ZeroReport
from lianfang.mandate.duties.queries import Item, items
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Duty
from lianfang.mandate.response.queries import running_on
from lianfang.registry.people.queries import staff_names
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import names_of

EVIDENCE = "zero_report"
_STATES = ["done", "late", "overdue", "open", "excused"]


@dataclass(frozen=True)
class VillageReport:
    """One village on the day of the moment. `state` is its duty's; empty where nothing is asked of it."""

    path: str
    name: str
    township: str
    report: ZeroReport | None
    reported_by: str
    state: str
    due_at: datetime | None
    owner: str
    owner_phone: str
    silent_before: int

    @property
    def kind(self) -> str:
        """value, zero or silent; not_asked where no plan asks the village to report."""
        if self.report is not None:
            return "value" if self.report.value else "zero"
        return "silent" if self.state else "not_asked"


def zero_reports(area_path: str, as_of: datetime) -> list[VillageReport]:
    """Every village of the area, in code order, with its report of the day as it was known at the moment."""
    day = local_day(as_of)
    units = list(Area.objects.under(area_path).reporting_units().order_by("path"))
    reports = reports_of(area_path, day, as_of)
    uids = [unit.uid for unit in units]
    owed: dict[str, list[Item]] = {}
    for code in duty_codes(area_path, day):
        for item in items(area_path=area_path, as_of=as_of, duty=code, states=_STATES, subjects=uids):
            owed.setdefault(item.area_path, []).append(item)
    workers = staff_names(report.by for report in reports.values())
    townships = names_of({unit.path[:9] for unit in units})
    return [
        _village(
            unit,
            townships.get(unit.path[:9], ""),
            report := reports.get(unit.path),
            workers.get(report.by, report.by) if report else "",
            owed.get(unit.path, []),
        )
        for unit in units
    ]


def _village(unit: Area, township: str, report: ZeroReport | None, reported_by: str, owed: list[Item]) -> VillageReport:
    today = next((item for item in owed if not item.earlier), None)
    return VillageReport(
        path=unit.path,
        name=unit.name,
        township=township,
        report=report,
        reported_by=reported_by,
        state=today.state if today else "",
        due_at=today.due_at if today else None,
        owner=today.owner if today else "",
        owner_phone=today.owner_phone if today else "",
        silent_before=sum(item.earlier for item in owed),
    )


def reports_of(area_path: str, day: date, as_of: datetime) -> dict[str, ZeroReport]:
    """Village → its report of the day as it was valid at the moment, before any later correction."""
    rows = ZeroReport.objects.filter(
        Q(superseded_at__isnull=True) | Q(superseded_at__gt=as_of),
        area_path__startswith=area_path,
        day=day,
        at__lte=as_of,
        registered_at__lte=as_of,
    )
    return {row.area_path: row for row in rows.order_by("registered_at", "pk")}


def duty_codes(area_path: str, day: date) -> list[str]:
    """The duties, by the plans in force in or above the area, that a village's report closes."""
    near = [
        activation.plan_version_id
        for activation in running_on(day)
        if activation.area_path.startswith(area_path) or area_path.startswith(activation.area_path)
    ]
    asked = Duty.objects.filter(plan_version__in=near, evidence__contains=[EVIDENCE])
    return list(asked.order_by("code").values_list("code", flat=True).distinct())
