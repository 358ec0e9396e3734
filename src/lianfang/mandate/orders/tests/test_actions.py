"""Notices: issued, served, refused are three facts; a guardian receives for a minor; numbers are unique."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.utils.dateparse import parse_datetime

from lianfang.field.screening.actions import NewArrival, register_arrivals
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.intake.records import record_batch
from lianfang.mandate.orders import actions
from lianfang.mandate.orders.actions import NewDelivery, NoPlanInForce
from lianfang.mandate.orders.models import Delivery, Notice
from lianfang.mandate.orders.queries import latest_notices, needed_kind
from lianfang.mandate.response.models import Activation
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

BY = Actor("test")
AT = parse_datetime("2020-02-09T09:00:00+08:00")
LATER = parse_datetime("2020-02-09T15:00:00+08:00")


@pytest.fixture
def people(arrivals):
    """From Wuhan, from elsewhere, and a child whose birth date the document tells."""
    arrivals(
        [
            {"name": "张玉兰", "origin": "湖北武汉", "door": "1号", "document": "990000199303133223"},
            {"name": "李建国", "origin": "山西省大同市", "door": "2号"},
            {"name": "王小明", "origin": "山西省太原市", "door": "3号", "document": "990000201111026159"},
        ]
    )
    return {person.name: person for person in Person.objects.all()}


def deliver(person: Person, outcome: str = "served", at=AT, received_by: str = "") -> int:
    return actions.deliver(by=BY, at=at, deliveries=[NewDelivery(uuid4(), person, outcome, at, received_by)])


def issue(*people: Person) -> list[Notice]:
    return actions.issue(by=BY, at=AT, people=people, happened={one.uid: (uuid4(), AT) for one in people})


def send(person: Person, kind: str, at=AT, **told):
    line = {"id": str(uuid4()), "kind": kind, "person": str(person.uid), "at": at.isoformat(), **told}
    return record_batch(by=BY, at=at, lines=[line])


def done(duty: str = "notice", at=LATER) -> int:
    (row,) = summaries(area_path="140931", as_of=at, duty=duty)
    return row.done


def test_under_observation_the_notice_is_the_observations_with_its_end(people):
    issue(*people.values())
    watched = Notice.objects.get(person=people["张玉兰"])
    assert (watched.kind, watched.first_day, watched.last_day) == (
        "home_observation",
        date(2020, 2, 8),
        date(2020, 2, 21),
    )
    other = Notice.objects.get(person=people["李建国"])
    assert (other.kind, other.first_day, other.last_day) == ("health", None, None)


def test_numbers_run_on_and_none_is_given_twice(people):
    issue(people["张玉兰"], people["李建国"])
    deliver(people["王小明"])
    assert list(Notice.objects.order_by("pk").values_list("number", flat=True)) == [1, 2, 3]


def test_printed_is_not_served(people):
    issue(*people.values())
    assert done() == 0
    deliver(people["张玉兰"])
    assert done() == 1


def test_serving_what_was_not_issued_issues_it_too(people):
    deliver(people["张玉兰"])
    notice = Notice.objects.get()
    assert (notice.issued_at, notice.deliveries.get().outcome) == (AT, "served")


@pytest.mark.parametrize(("name", "receiver"), [("王小明", "guardian"), ("张玉兰", "self"), ("李建国", "self")])
def test_who_receives_follows_from_age_where_nobody_says(people, name, receiver):
    deliver(people[name])
    assert Delivery.objects.get().received_by == receiver


@pytest.mark.parametrize(("receiver", "stored"), [("self", 0), ("guardian", 1), ("family", 1), ("", 1)])
def test_a_minor_never_receives_alone(people, receiver, stored):
    told = {"received_by": receiver} if receiver else {}
    assert send(people["王小明"], "notice_served", **told).stored == stored
    assert not Delivery.objects.filter(received_by="self").exists()


def test_a_notice_is_served_once(people):
    assert [deliver(people["张玉兰"]), deliver(people["张玉兰"], at=LATER)] == [1, 0]
    assert (Notice.objects.count(), Delivery.objects.count(), done()) == (1, 1, 1)


def test_a_notice_refused_may_be_served_later_and_both_are_kept(people):
    deliver(people["张玉兰"], "refused")
    assert done() == 0
    deliver(people["张玉兰"], "refused", at=LATER)
    deliver(people["张玉兰"], "served", at=LATER)
    outcomes = list(Delivery.objects.order_by("pk").values_list("outcome", flat=True))
    assert (outcomes, Notice.objects.count(), done()) == (["refused", "refused", "served"], 1, 1)


def test_what_was_served_cannot_be_refused_afterwards(people):
    deliver(people["张玉兰"])
    assert deliver(people["张玉兰"], "refused", at=LATER) == 0
    assert done() == 1


def test_served_twice_in_one_batch_is_served_once(people):
    lines = [
        {
            "id": str(uuid4()),
            "kind": "notice_served",
            "person": str(people["张玉兰"].uid),
            "at": AT.isoformat(),
        }
        for _ in range(3)
    ]
    assert record_batch(by=BY, at=AT, lines=lines).rejected == 0
    assert (Notice.objects.count(), Delivery.objects.count()) == (1, 1)


def test_issued_twice_in_one_batch_is_issued_once(people):
    lines = [
        {
            "id": str(uuid4()),
            "kind": "notice_issued",
            "person": str(people["张玉兰"].uid),
            "at": AT.isoformat(),
        }
        for _ in range(2)
    ]
    assert record_batch(by=BY, at=AT, lines=lines).rejected == 0
    assert Notice.objects.count() == 1


def watch(person: Person) -> None:
    """A later mention places the person in Wuhan."""
    new = NewArrival(uuid4(), person.uid, date(2020, 2, 8), origin_text="湖北武汉", origin_path="4201")
    register_arrivals(at=AT, arrivals=[new], people={person.uid: person})


def test_after_a_health_notice_the_observations_is_issued_by_a_record_too(people):
    person = people["李建国"]
    send(person, "notice_served")
    watch(person)
    assert needed_kind(person, LATER) == "home_observation"
    assert send(person, "notice_issued", at=LATER).stored == 1
    latest = latest_notices([person.uid])[person.uid]
    assert (latest.kind, latest.last_day) == ("home_observation", date(2020, 2, 22))


def test_after_a_health_notice_the_observations_is_served_by_a_record_too(people):
    person = people["李建国"]
    send(person, "notice_served")
    watch(person)
    send(person, "notice_served", at=LATER)
    served = Delivery.objects.filter(outcome="served").values_list("notice__kind", flat=True)
    assert sorted(served) == ["health", "home_observation"]


def test_without_a_plan_in_force_there_is_no_notice(people):
    Activation.objects.update(starts_on=date(2021, 1, 1))
    with pytest.raises(NoPlanInForce):
        issue(people["李建国"])
    outcome = send(people["李建国"], "notice_served")
    assert ([fault.rule for fault in outcome.faults], Notice.objects.count()) == (["no_plan_in_force"], 0)


@pytest.mark.parametrize("receiver", ["neighbour", "SELF", 1, None, ["guardian"], {}])
def test_a_receiver_that_is_none_is_refused(people, receiver):
    outcome = send(people["张玉兰"], "notice_served", received_by=receiver)
    assert [fault.field for fault in outcome.faults] == ["received_by"]
    assert Delivery.objects.count() == 0


def test_an_act_and_its_row_in_the_log_stand_or_fall_together(people):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT closed CHECK (false) NOT VALID")
    for act in (lambda: issue(people["张玉兰"]), lambda: deliver(people["张玉兰"])):
        with pytest.raises(IntegrityError, match="closed"):
            act()
    assert (Notice.objects.count(), Delivery.objects.count(), done()) == (0, 0, 0)


def test_a_batch_leaves_one_row_of_the_log_with_its_counts(people):
    issue(*people.values())
    assert Event.objects.get(action="notices.issued").data == {"notices": 3}


def test_the_duty_is_the_villages_until_the_notice_is_served(people):
    found = items(area_path="140931", as_of=LATER, duty="notice")
    assert {item.owner for item in found} == {"东沟村 负责人（空缺）"}
    assert len(found) == 3
