"""Merge, hand-over and undo in odd orders: whatever comes between, each card's area alone owns the person."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.screening import handover
from lianfang.field.screening.models import Arrival, Handover
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.queries import items
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people
from lianfang.registry.people.models import Person

AT = parse_datetime("2020-02-09T08:00:00+08:00")
BY = Actor("officer")
EAST, WEST, NORTH = "140931101201", "140931101202", "140931101203"


@pytest.fixture
def twice(arrivals):
    """One person named by two villages' lists: a card in each, both under observation."""
    arrivals(
        [
            {"name": "张玉兰", "door": "12号", "origin": "湖北武汉"},
            {"name": "张玉蓝", "door": "3号", "origin": "湖北武汉", "village": "西坪村"},
        ]
    )
    return Person.objects.get(area_path=EAST), Person.objects.get(area_path=WEST)


def owed_in(area, at):
    """Whose temperatures are still to be taken in the area."""
    return {item.subject for item in items(area_path=area, as_of=at, duty="temperature", states=["open"])}


def areas_of(card):
    running = Enrolment.objects.filter(subject=card.uid, closed_at=None, voided_at=None)
    return set(running.values_list("area_path", flat=True)) | set(
        Arrival.objects.filter(person=card).values_list("area_path", flat=True)
    )


def test_a_merge_over_the_border_of_two_villages_leaves_the_person_to_one(twice):
    kept, merged = twice
    people.merge(by=BY, at=AT, kept=kept, merged=merged, reason="one person")
    assert areas_of(kept) == {EAST}
    later = AT + timedelta(minutes=1)
    assert (owed_in(EAST, later), owed_in(WEST, later)) == ({kept.uid}, set())


def test_handed_over_after_a_merge_and_undone_each_card_is_its_own_areas(twice):
    kept, merged = twice
    made = people.merge(by=BY, at=AT, kept=kept, merged=merged, reason="one person")
    offer = handover.send(by=BY, at=AT, uid=uuid4(), person=kept, to_path=NORTH, reason="moved")
    handover.accept(by=BY, at=AT + timedelta(minutes=5), handover=offer, village=NORTH)
    later = AT + timedelta(minutes=10)
    people.undo_merge(by=BY, at=later, merge=made)
    kept.refresh_from_db()
    assert (areas_of(kept), areas_of(merged)) == ({NORTH}, {WEST})
    later += timedelta(minutes=1)
    assert [owed_in(area, later) for area in (EAST, NORTH, WEST)] == [set(), {kept.uid}, {merged.uid}]


def sent_from(card):
    return {(offer.from_path, offer.to_path, offer.state) for offer in Handover.objects.filter(person=card)}


def offer_of(card, to_path):
    return handover.send(by=BY, at=AT, uid=uuid4(), person=card, to_path=to_path, reason="moved")


def test_an_open_offer_that_follows_a_merge_is_the_offer_of_whoever_has_the_person(twice):
    kept, merged = twice
    offer_of(merged, NORTH)
    made = people.merge(by=BY, at=AT, kept=kept, merged=merged, reason="one person")
    assert (sent_from(kept), sent_from(merged)) == ({(EAST, NORTH, "sent")}, set())
    people.undo_merge(by=BY, at=AT + timedelta(minutes=1), merge=made)
    assert (sent_from(kept), sent_from(merged)) == (set(), {(WEST, NORTH, "sent")})


def test_an_offer_to_the_area_that_has_the_person_after_a_merge_is_over_until_the_merge_is_undone(twice):
    kept, merged = twice
    offer_of(merged, EAST)
    made = people.merge(by=BY, at=AT, kept=kept, merged=merged, reason="one person")
    assert sent_from(kept) == {(WEST, EAST, "withdrawn")}
    people.undo_merge(by=BY, at=AT + timedelta(minutes=1), merge=made)
    assert (sent_from(kept), sent_from(merged)) == (set(), {(WEST, EAST, "sent")})


def test_an_offer_that_was_accepted_between_merge_and_undo_stays_with_the_card_that_went(twice):
    kept, merged = twice
    offer = offer_of(merged, NORTH)
    made = people.merge(by=BY, at=AT, kept=kept, merged=merged, reason="one person")
    handover.accept(by=BY, at=AT + timedelta(minutes=1), handover=offer, village=NORTH)
    people.undo_merge(by=BY, at=AT + timedelta(minutes=2), merge=made)
    kept.refresh_from_db()
    merged.refresh_from_db()
    assert (kept.area_path, merged.area_path) == (NORTH, WEST)
    assert (sent_from(kept), sent_from(merged)) == ({(EAST, NORTH, "accepted")}, set())


def test_a_card_that_was_taken_in_is_sent_nowhere(twice):
    kept, merged = twice
    people.merge(by=BY, at=AT, kept=kept, merged=merged, reason="one person")
    with pytest.raises(handover.NotPossible, match="card_gone"):
        offer_of(merged, NORTH)
