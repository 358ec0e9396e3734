"""C06.1 on the town's list of 2,121 rows: 2,053 returnees, 65 of them from a key area."""

from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.screening.actions import Correction, correct_arrival
from lianfang.field.screening.queries import (
    count_arrivals,
    key_area_people,
    people_who_arrived,
)
from lianfang.mandate.duties.models import Enrolment
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people

BY, COUNTY = Actor("test"), "140931"
EVENING = parse_datetime("2020-02-08T21:00:00+08:00")


def figures(as_of=EVENING):
    where = {"area_path": COUNTY, "as_of": as_of}
    told = count_arrivals(**where).registered, count_arrivals(**where).key_area
    lists = people_who_arrived(paths=[COUNTY], as_of=as_of).count(), key_area_people(**where).count()
    assert told == lists  # each figure opens its list
    return told


@pytest.mark.django_db
def test_c06_1_correcting_a_travel_history_changes_65_only_and_a_merge_2053_only(town):
    assert figures() == (2053, 65)
    one = key_area_people(area_path=COUNTY, as_of=EVENING).order_by("pk").first()
    for arrival in one.arrivals.filter(withdrawn_at=None):
        told = Correction(arrival.arrived_on, "大同市", "1402", "asked by phone")
        correct_arrival(by=BY, at=EVENING, arrival=arrival, uid=uuid4(), told=told)
    assert figures() == (2053, 64)
    assert not Enrolment.objects.filter(subject=one.uid, observed=True, voided_at=None).exists()
    others = people_who_arrived(paths=[COUNTY], as_of=EVENING).exclude(
        pk__in=key_area_people(area_path=COUNTY, as_of=EVENING)
    )
    kept, merged = others.order_by("pk")[:2]
    people.merge(by=BY, at=EVENING, kept=kept, merged=merged, reason="asked by phone")
    assert figures() == (2052, 64)
    told = set(Event.objects.filter(at=EVENING).values_list("action", flat=True))
    assert {"arrival.origin_corrected", "person.merged"} <= told
