"""Whatever is merged, undone and handed over, everybody is under observation for what is told of themselves alone."""

from contextlib import suppress
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils.dateparse import parse_datetime
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lianfang.field.screening import handover
from lianfang.field.screening.actions import NewArrival, register_arrivals
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.response.actions import Order, activate
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import in_force
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people
from lianfang.registry.people.merging import CardGone, LaterMergeFirst
from lianfang.registry.people.models import Merge, Person
from lianfang.registry.people.rules import NewPerson
from lianfang.science.plan import load_shipped

BY = Actor("test")
START = parse_datetime("2020-02-09T08:00:00+08:00")
DAY = date(2020, 2, 9)
VILLAGES = ["140931101201", "140931101202", "140931101203"]
ITS_OWN = VILLAGES[2]  # a village with a plan of its own
PATHWAY, DAYS = "key-area-arrival", 14
which = st.integers(0, 3)


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


def running(world, number) -> Enrolment:
    return Enrolment.objects.get(subject=world.cards[number].uid, observed=True, closed_at=None, voided_at=None)


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
    mine = running(world, 1)
    made = world.merge(1, 0)
    world.goes(1, ITS_OWN)
    gone = world.at
    world.undo(made)
    assert world.observed() == world.ought()
    mine.refresh_from_db()
    assert (mine.closed_at, mine.closed_reason) == (gone, "moved")  # then it went, not when the merge was undone


def test_another_return_while_two_were_one_leaves_neither_without_an_observation(world):
    others = running(world, 0)
    made = world.merge(1, 0)
    world.arrives(1, DAY + timedelta(days=1))
    world.undo(made)
    assert world.observed() == world.ought()
    assert running(world, 0) == others  # the same goes on, with its team and its past


def test_released_while_two_were_one_and_back_once_more_the_undo_gives_back_what_was(world):
    mine, others = running(world, 1), running(world, 0)
    made = world.merge(1, 0)
    duties.close(enrolments=[others], at=world.later(), reason="released")
    world.arrives(1, DAY + timedelta(days=1))
    following = running(world, 1)
    world.undo(made)
    assert running(world, 1) == following
    mine.refresh_from_db()
    assert (mine.closed_at, mine.closed_reason) == (following.registered_at, "followed_by_another")
    assert str(world.cards[0].uid) not in {subject for subject, _plan, _last in world.observed()}


def test_who_was_released_stays_so_and_an_extension_goes_with_whom_it_was_ordered_for(world):
    mine, others = running(world, 1), running(world, 0)
    duties.close(enrolments=[mine], at=world.later(), reason="released")
    made = world.merge(1, 0)
    duties.extend(
        by=BY, at=world.later(), enrolment=Enrolment.objects.get(pk=others.pk), last_day=date(2020, 3, 1), reason="r"
    )
    world.undo(made)
    assert str(world.cards[1].uid) not in {subject for subject, _plan, _last in world.observed()}
    assert running(world, 0).last_day == date(2020, 3, 1)


def test_a_plan_that_came_while_two_were_one_has_each_once_and_the_one_before_it_nobody(world, county):
    made, day = world.merge(1, 0), DAY + timedelta(days=3)
    world.at += timedelta(days=3)
    Activation.objects.filter(pk=county.pk).update(ends_on=day)
    county.refresh_from_db()
    plan = activate(by=BY, at=world.later(), plan=load_shipped("baode-2020"), order=Order("140931", day))
    duties.transfer(by=BY, at=world.later(), old=county, new=plan)
    world.undo(made)
    told = [(subject, activation) for subject, activation, _last in world.observed()]
    assert [one for one in told if one[1] == county.pk] == []
    for number in (0, 1):
        assert told.count((str(world.cards[number].uid), plan.pk)) == 1


class OneCause(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.world = World()

    def teardown(self):
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    @rule(one=which, other=which)
    def merge(self, one, other):
        with suppress(CardGone):
            self.world.merge(one, other)

    @rule(number=which)
    def undo(self, number):
        live = list(Merge.objects.filter(undone_at=None).order_by("-pk"))
        with suppress(LaterMergeFirst):
            if live:
                self.world.undo(live[number % len(live)])

    @rule(number=which, village=st.sampled_from(VILLAGES))
    def goes(self, number, village):
        with suppress(handover.NotPossible):
            self.world.goes(number, village)

    @rule(number=which, back=st.integers(-2, 2))
    def arrives(self, number, back):
        self.world.arrives(number, DAY - timedelta(days=back))

    @invariant()
    def everybody_is_under_observation_for_the_own_returns(self):
        if hasattr(self, "world"):
            assert self.world.observed() == self.world.ought()


@pytest.mark.django_db
def test_any_sequence_of_merge_undo_hand_over_and_return_leaves_everybody_the_own_observation(county):
    run_state_machine_as_test(
        OneCause,
        settings=settings(
            max_examples=20,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            database=None,
        ),
    )
