"""A day of the town: what is due, what is done, and every gap by name, on the township's own list."""

from uuid import NAMESPACE_OID, uuid5

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.queries import by_area, items, summaries
from lianfang.mandate.intake.records import record_batch
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.models import Area

COUNTY, BY = "140931", Actor("test")
AS_OF = parse_datetime("2020-02-09T21:00:00+08:00")
READINGS = [("2020-02-09T07:30:00+08:00", 36.5), ("2020-02-09T16:10:00+08:00", 36.7)]


def line(kind: str, at: str, **what) -> dict:
    return {
        "id": str(uuid5(NAMESPACE_OID, f"{kind}{at}{sorted(what.items())}")),
        "kind": kind,
        "at": at,
        **what,
    }


@pytest.fixture
def missing(town, db):
    """Everybody's two temperatures but five; ten villages report, one of them zero."""
    people = sorted(str(uid) for uid in Enrolment.objects.filter(observed=True).values_list("subject", flat=True))
    lines = [line("temperature", at, person=uid, value=value) for at, value in READINGS for uid in people]
    villages = list(Area.objects.reporting_units().order_by("path").values_list("path", flat=True))
    reports = [
        line("zero_report", "2020-02-09T16:00:00+08:00", area=path, value=position)
        for position, path in enumerate(villages[:10])
    ]
    outcome = record_batch(by=BY, at=AS_OF, lines=[*lines[:-5], *reports])
    assert (outcome.stored, outcome.rejected) == (135, 0)
    return {"temperature": set(people[-5:]), "villages": set(villages[10:])}


def summary(duty: str):
    (row,) = summaries(area_path=COUNTY, as_of=AS_OF, duty=duty)
    return row


def test_temperatures_but_five(missing):
    row = summary("temperature")
    assert (row.due, row.done, row.overdue, row.share.percent) == (130, 125, 5, 96.2)


def test_the_five_are_named_with_owner_and_age(missing):
    found = items(area_path=COUNTY, as_of=AS_OF, duty="temperature")
    assert {str(item.subject) for item in found} == missing["temperature"]
    assert {(item.slot, item.age_minutes, bool(item.owner)) for item in found} == {("evening", 60, True)}


def test_the_report_follows_when_the_days_readings_are_in(missing):
    row = summary("report")
    assert (row.due, row.done) == (65, 60)


def test_silent_villages_are_named_and_a_zero_is_a_report(missing):
    row = summary("zero-report")
    assert (row.due, row.done) == (12, 10)
    found = items(area_path=COUNTY, as_of=AS_OF, duty="zero-report")
    today = {item.area_path for item in found if not item.earlier}
    assert today == missing["villages"]
    assert (row.overdue, row.carried) == (2, 12)  # nobody reported on the day before


def test_sending_a_batch_twice_stores_nothing_new(missing):
    again = [line("zero_report", "2020-02-09T16:00:00+08:00", area="140931101001", value=0)]
    outcome = record_batch(by=BY, at=AS_OF, lines=again)
    assert (outcome.stored, outcome.already) == (0, 1)


def test_the_same_id_with_other_content_is_a_conflict(missing):
    changed = line("zero_report", "2020-02-09T16:00:00+08:00", area="140931101001", value=0) | {"value": 3}
    outcome = record_batch(by=BY, at=AS_OF, lines=[changed])
    assert [fault.rule for fault in outcome.faults] == ["id_conflict"]


def test_team_places_and_notices_are_due_until_done(missing):
    assert (summary("team").due, summary("notice").due) == (325, 2053)
    later = parse_datetime("2020-02-10T21:00:00+08:00")
    assert [row.due for row in summaries(area_path=COUNTY, as_of=later, duty="notice")] == [2053]


def test_counts_by_village_add_up_to_the_county(missing):
    parts = by_area(area_path=COUNTY, as_of=AS_OF, length=12, duty="temperature")
    whole = summary("temperature")
    assert (sum(p.due for p in parts), sum(p.done for p in parts)) == (whole.due, whole.done)


def test_a_reading_of_before_the_first_slot_closes_nothing(missing):
    uid = next(iter(missing["temperature"]))
    record_batch(by=BY, at=AS_OF, lines=[line("temperature", "2020-02-09T05:30:00+08:00", person=uid, value=36.4)])
    assert summary("temperature").done == 125


def test_a_reading_after_the_slots_end_is_late(missing):
    uid = next(iter(missing["temperature"]))
    record_batch(by=BY, at=AS_OF, lines=[line("temperature", "2020-02-09T20:30:00+08:00", person=uid, value=36.4)])
    row = summary("temperature")
    assert (row.done, row.late, row.overdue) == (126, 1, 4)


def test_the_past_does_not_know_what_was_registered_later(missing):
    before = parse_datetime("2020-02-09T20:59:00+08:00")
    assert [row.done for row in summaries(area_path=COUNTY, as_of=before, duty="temperature")] == [0]


def test_lists_take_a_fixed_number_of_queries(missing, django_assert_num_queries):
    with django_assert_num_queries(1):
        summaries(area_path=COUNTY, as_of=AS_OF)
    with django_assert_num_queries(4):
        assert len(items(area_path=COUNTY, as_of=AS_OF)) > 2000
