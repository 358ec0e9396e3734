"""Hand-over between areas: sent, accepted, rejected, sent elsewhere, withdrawn; one owner at any time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.screening import handover
from lianfang.field.screening.handover import NotPossible
from lianfang.field.screening.models import Arrival, Handover
from lianfang.field.screening.queries import count_arrivals
from lianfang.mandate.duties.models import Enrolment, Obligation
from lianfang.mandate.duties.queries import items
from lianfang.mandate.response.actions import Order, activate
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import visible_to
from lianfang.registry.people.searching import search
from lianfang.science.plan import load_shipped

BY, THERE = Actor("sender"), Actor("receiver")
AT = parse_datetime("2020-02-09T08:00:00+08:00")
VILLAGE, OTHER, TOWN = "140931101201", "140931101202", "140931101"
NEXT_DAY = AT + timedelta(days=1)


@pytest.fixture
def zhang(arrivals):
    """张玉兰 of 东沟村, under observation since 8 February."""
    arrivals([{"name": "张玉兰", "door": "12号", "origin": "湖北武汉"}])
    return Person.objects.get()


def send(person, to_path=OTHER, **told):
    return handover.send(
        **{"by": BY, "at": AT, "uid": uuid4(), "person": person, "to_path": to_path, "reason": "moved"} | told
    )


def accept(made, village=OTHER, door="5号", at=AT):
    return handover.accept(by=THERE, at=at, handover=made, village=village, door=door)


def owed(area, at=AT):
    return {
        (item.day.isoformat(), item.slot)
        for item in items(area_path=area, as_of=at, duty="temperature", states=["open", "overdue"])
    }


def test_until_it_is_accepted_the_person_stays_with_the_sender(zhang):
    send(zhang)
    zhang.refresh_from_db()
    assert (zhang.area_path, count_arrivals(area_path=OTHER, as_of=AT).registered) == (VILLAGE, 0)


def test_with_the_acceptance_card_arrivals_and_duties_go_along(zhang):
    accept(send(zhang))
    zhang.refresh_from_db()
    assert (zhang.area_path, zhang.household.door, zhang.household.area_path) == (OTHER, "5号", OTHER)
    assert Arrival.objects.get().area_path == OTHER
    assert count_arrivals(area_path=OTHER, as_of=AT).registered == 1
    assert count_arrivals(area_path=VILLAGE, as_of=AT).registered == 0
    assert owed(OTHER) == {("2020-02-09", "morning"), ("2020-02-09", "evening")}
    assert owed(VILLAGE) == {("2020-02-08", "evening")}  # missed before: it stays where it was missed
    assert Enrolment.objects.filter(observed=True, subject=zhang.uid, closed_at=None, voided_at=None).count() == 1


def test_where_another_plan_governs_the_person_is_enrolled_anew(zhang):
    """The observation of the old plan ends as moved; the new plan's begins."""
    second = activate(by=BY, at=AT, plan=load_shipped("county-report-2020"), order=Order(OTHER, AT.date()))
    accept(send(zhang), at=NEXT_DAY)
    running = Enrolment.objects.filter(subject=zhang.uid, closed_at=None, voided_at=None, observed=True)
    assert [row.activation_id for row in running] == [second.pk]
    assert set(
        Enrolment.objects.filter(subject=zhang.uid).exclude(closed_at=None).values_list("closed_reason", flat=True)
    ) == {"moved"}


def test_a_rejection_needs_a_reason_and_goes_elsewhere_with_the_chain_kept(zhang):
    first = handover.reject(by=THERE, at=AT, handover=send(zhang), reason="no such door here")
    second = handover.reroute(by=BY, at=AT, uid=uuid4(), handover=first, to_path=TOWN + "203", reason="asked again")
    first.refresh_from_db()
    assert (first.state, second.state, second.follows, first.decision_reason) == (
        "rerouted",
        "sent",
        first,
        "no such door here",
    )
    accept(second, village=TOWN + "203")
    zhang.refresh_from_db()
    assert zhang.area_path == TOWN + "203"


def test_the_sender_withdraws_what_is_sent_or_rejected(zhang):
    assert handover.withdraw(by=BY, at=AT, handover=send(zhang)).state == "withdrawn"
    rejected = handover.reject(by=THERE, at=AT, handover=send(zhang), reason="unknown here")
    assert handover.withdraw(by=BY, at=AT, handover=rejected).state == "withdrawn"
    assert send(zhang).state == "sent"


def test_one_offer_at_a_time_and_none_to_where_the_person_lives(zhang):
    made = send(zhang)
    for to_path, rule in ((TOWN + "203", "already_sent"), (VILLAGE, "lives_there"), (TOWN, "lives_there")):
        with pytest.raises(NotPossible) as fault:
            send(zhang, to_path)
        assert fault.value.rule == rule
    assert list(Handover.objects.all()) == [made]


def test_what_is_decided_stays_decided(zhang):
    made = accept(send(zhang))
    for act in (handover.accept, handover.reject, handover.withdraw):
        with pytest.raises(NotPossible, match="decided_already"):
            act(by=BY, at=AT, handover=made, **({"village": OTHER} if act is handover.accept else {"reason": "x"}))


def test_a_township_accepts_into_one_of_its_villages_only(zhang):
    made = send(zhang, "140931102")
    with pytest.raises(NotPossible, match="not_in_the_area"):
        accept(made, village=OTHER)
    assert accept(made, village="140931102201").state == "accepted"


def test_sending_twice_sends_once(zhang):
    uid = uuid4()
    assert send(zhang, uid=uid) == send(zhang, uid=uid)


def test_every_step_is_in_the_log(zhang):
    first = handover.reject(by=THERE, at=AT, handover=send(zhang), reason="unknown here")
    accept(handover.reroute(by=BY, at=AT, uid=uuid4(), handover=first, to_path=OTHER, reason="asked again"))
    told = Event.objects.filter(subject=zhang.uid).order_by("pk").values_list("action", "actor")
    assert [row for row in told if row[0].startswith(("handover", "person.moved"))] == [
        ("handover.sent", "sender"),
        ("handover.rejected", "receiver"),
        ("handover.sent", "sender"),
        ("person.moved", "receiver"),
        ("handover.accepted", "receiver"),
    ]


def test_past_obligations_keep_the_area_of_their_day(zhang):
    """What was due in the old village on the day before stays its own; nothing is lost or doubled."""
    before = Obligation.objects.filter(subject=zhang.uid).count()
    accept(send(zhang), at=parse_datetime("2020-02-09T21:00:00+08:00"))
    assert Obligation.objects.filter(subject=zhang.uid).count() == before
    assert set(
        Obligation.objects.filter(subject=zhang.uid, slot="morning", day="2020-02-09").values_list(
            "area_path", flat=True
        )
    ) == {VILLAGE}


def test_c29_3_another_village_finds_the_person_after_the_hand_over_only(zhang, account):
    there = account("village_head", OTHER)
    assert not search(visible_to(there), "张玉兰").exists()
    made = send(zhang)
    assert not search(visible_to(there), "张玉兰").exists()
    accept(made)
    assert search(visible_to(there), "张玉兰").exists()
    assert not search(visible_to(account("village_head", VILLAGE)), "张玉兰").exists()
