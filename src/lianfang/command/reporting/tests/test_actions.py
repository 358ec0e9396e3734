"""The village's report of the day: a value, an explicit zero, silence, a correction."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.utils.dateparse import parse_datetime

from lianfang.command.reporting.models import ZeroReport
from lianfang.mandate.duties.models import Evidence
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.intake.records import record_batch
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor

BY, VILLAGE = Actor("test"), "140931101201"
AT = parse_datetime("2020-02-08T16:00:00+08:00")
EVENING = parse_datetime("2020-02-08T21:00:00+08:00")

pytestmark = pytest.mark.usefixtures("county")


def send(value, area=VILLAGE, at=AT, arrives=EVENING):
    line = {"id": str(uuid4()), "kind": "zero_report", "area": area, "at": at.isoformat(), "value": value}
    return record_batch(by=BY, at=arrives, lines=[line])


def done(as_of=EVENING) -> int:
    return summaries(area_path="140931", as_of=as_of, duty="zero-report")[0].done


def test_zero_is_a_report_and_silence_is_none():
    assert (send(0).stored, done()) == (1, 1)
    silent = {item.area_path for item in items(area_path="140931", as_of=EVENING, duty="zero-report")}
    assert (len(silent), VILLAGE in silent) == (11, False)
    assert ZeroReport.objects.get().value == 0


def test_a_correction_supersedes_and_the_first_is_kept():
    send(3)
    send(5)
    assert list(ZeroReport.objects.order_by("pk").values_list("value", "superseded_at")) == [
        (3, EVENING),
        (5, None),
    ]
    assert done() == 1


def test_two_reports_of_one_village_in_one_batch_leave_one_valid():
    lines = [
        {"id": str(uuid4()), "kind": "zero_report", "area": VILLAGE, "at": AT.isoformat(), "value": value}
        for value in (1, 2)
    ]
    assert record_batch(by=BY, at=EVENING, lines=lines).stored == 2
    assert ZeroReport.objects.get(superseded_at=None).value == 2


@pytest.mark.parametrize(("clock", "late"), [("17:00:00", 0), ("17:00:01", 1)])
def test_the_end_of_the_slot_is_still_in_time(clock, late):
    send(0, at=parse_datetime(f"2020-02-08T{clock}+08:00"))
    assert summaries(area_path="140931", as_of=EVENING, duty="zero-report")[0].late == late


def test_a_report_is_of_its_own_local_day():
    send(0, at=parse_datetime("2020-02-08T15:59:59+00:00"), arrives=parse_datetime("2020-02-09T09:00:00+08:00"))
    assert ZeroReport.objects.get().day.day == 8


@pytest.mark.parametrize(
    "value", [-1, 1.5, "3", None, True, False, [], {}, 10**12, 2**31, float("nan"), "零", 3.0], ids=repr
)
def test_what_is_no_count_is_refused_and_the_rest_is_kept(value):
    assert send(value).rejected == 1
    assert (ZeroReport.objects.count(), done()) == (0, 0)


@pytest.mark.parametrize(
    "area",
    ["", "140931", "140931101", "140931101999", "140931101201001", "东沟村", "\x00", None, 140931, [VILLAGE]],
    ids=repr,
)
def test_what_is_no_village_is_refused(area):
    assert send(0, area=area).rejected == 1
    assert ZeroReport.objects.count() == 0


def test_a_report_and_its_row_in_the_log_stand_or_fall_together():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT closed CHECK (false) NOT VALID")
    with pytest.raises(IntegrityError, match="closed"):
        send(0)
    assert (ZeroReport.objects.count(), Evidence.objects.count()) == (0, 0)


def test_the_log_keeps_the_number_of_reports():
    send(0)
    assert Event.objects.get(action="reports.recorded").data == {"reports": 1}
