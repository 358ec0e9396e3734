"""Whatever is merged, undone and handed over, everybody is under observation for what is told of themselves alone."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.screening import handover
from lianfang.field.screening.actions import NewArrival, register_arrivals
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.response.actions import Order, activate
from lianfang.mandate.response.queries import in_force
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import NewPerson
from lianfang.science.plan import load_shipped

BY = Actor("test")
START = parse_datetime("2020-02-09T08:00:00+08:00")
DAY = date(2020, 2, 9)
VILLAGES = ["140931101201", "140931101202", "140931101203"]
ITS_OWN = VILLAGES[2]  # a village with a plan of its own
PATHWAY, DAYS = "key-area-arrival", 14


class World:
    """Four cards: what is told of each is kept beside, by the card of which it was told."""

    def __init__(self):
        self.at = START
        self.plan = activate(by=BY, at=START, plan=load_shipped("county-report-2020"), order=Order(ITS_OWN, DAY))
        new = [NewPerson(uuid4(), f"张{name}", VILLAGES[place % 3]) for place, name in enumerate("一二三四")]
        self.cards = list(people.register(at=START, people=new).values())
        self.told = []
        for number, (back, origin) in enumerate([(0, "4201"), (2, "4201"), (1, "1401"), (1, "4201")]):
            self.arrives(number, DAY - timedelta(days=back), origin)

    def later(self):
        self.at += timedelta(minutes=7)
        return self.at

    def card(self, number) -> Person:
        return Person.objects.get(pk=self.cards[number].pk)

    def arrives(self, number, day, origin="4201"):
        card, new = self.card(number), NewArrival(uuid4(), self.cards[number].uid, day, origin_path=origin)
        if card.withdrawn_at is None:
            register_arrivals(at=self.later(), arrivals=[new], people={card.uid: card})
            self.told.append(new)

    def merge(self, one, other):
        return people.merge(by=BY, at=self.later(), kept=self.card(one), merged=self.card(other), reason="one person")

    def undo(self, merge):
        people.undo_merge(by=BY, at=self.later(), merge=merge)

    def goes(self, number, village):
        offer = handover.send(
            by=BY, at=self.later(), uid=uuid4(), person=self.card(number), to_path=village, reason="moved"
        )
        handover.accept(by=BY, at=self.later(), handover=offer, village=village)

    def observed(self):
        """Who is under observation now: card, plan, last day."""
        running = Enrolment.objects.filter(observed=True, closed_at=None, voided_at=None)
        return sorted((str(row.subject), row.activation_id, row.last_day) for row in running)

    def ought(self):
        """The same by what is told of each card and those that are merged into it."""
        found = []
        for card in Person.objects.filter(withdrawn_at=None):
            own = {card.uid, *card_and_merged(card)}
            days = [new.arrived_on for new in self.told if new.person in own and new.origin_path == "4201"]
            if days:
                plan = in_force(card.area_path, DAY)
                found.append((str(card.uid), plan.pk, max(days) + timedelta(days=DAYS)))
        return sorted(found)


def card_and_merged(card) -> set:
    return {uid for other in card.merged_cards.all() for uid in {other.uid, *card_and_merged(other)}}


@pytest.fixture
def world(county):
    return World()


def test_who_was_never_away_is_released_when_the_merge_is_undone_where_another_plan_governs(world):
    """Card 2 came from elsewhere; only while it was one with card 0 was it under observation."""
    made = world.merge(2, 0)
    world.goes(2, VILLAGES[0])
    world.undo(made)
    assert world.observed() == world.ought()


def test_the_observation_of_another_plan_lasts_as_long_as_the_own_return_asks(world):
    made = world.merge(1, 0)
    world.goes(1, ITS_OWN)
    world.undo(made)
    assert world.observed() == world.ought()
