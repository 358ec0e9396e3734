"""Any sequence of merge, undo, hand-over and move keeps every record, and every person has exactly one owner."""

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils.dateparse import parse_datetime
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lianfang.field.screening import handover
from lianfang.field.screening.actions import NewArrival, NewVerification, register_arrivals, verify_first
from lianfang.field.screening.handover import NotPossible
from lianfang.field.screening.models import Arrival, Handover, Verification
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.models import Enrolment, Evidence, Obligation
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people
from lianfang.registry.people.merging import CardGone, LaterMergeFirst
from lianfang.registry.people.models import Document, Merge, Person, Phone, Source
from lianfang.registry.people.queries import survivors
from lianfang.registry.people.rules import NewPerson, NewSource
from lianfang.science.identity.documents import read_document

BY = Actor("test")
START = parse_datetime("2020-02-09T08:00:00+08:00")
VILLAGES = ["140931101201", "140931101202", "140931101203"]
TABLES = [Arrival, Verification, Document, Phone, Source]
which = st.integers(0, 3)


class OneOwner(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.at, self.transaction = START, transaction.atomic()
        self.transaction.__enter__()
        new = [
            NewPerson(
                uuid4(),
                f"张{name}",
                VILLAGES[place % 3],
                door="12号",
                document=read_document(f"E1234567{place}"),
                phones=("13900000001", f"1390000001{place}"),
            )
            for place, name in enumerate("一二三四")
        ]
        cards = people.register(at=START, people=new)
        self.cards = list(cards.values())
        people.add_sources(at=START, sources=[NewSource(one.uid, "list", "a", uuid4(), "S", 1) for one in new])
        arrived = [NewArrival(uuid4(), one.uid, START.date(), origin_path="4201") for one in new]
        register_arrivals(at=START, arrivals=arrived, people=cards)
        verify_first(by=BY, at=START, verifications=[NewVerification(uuid4(), card, START) for card in self.cards])
        self.owners = {model: dict(model.objects.order_by("pk").values_list("pk", "person__uid")) for model in TABLES}
        self.evidence = dict(Evidence.objects.values_list("pk", "subject"))
        self.obligations = set(Obligation.objects.values_list("pk", flat=True))

    def teardown(self):
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    def later(self):
        self.at += timedelta(minutes=7)
        return self.at

    @staticmethod
    def offers():
        return Handover.objects.filter(state__in=Handover.OPEN)

    def card(self, number) -> Person:
        return Person.objects.get(pk=self.cards[number].pk)

    @rule(one=which, other=which)
    def merge(self, one, other):
        with suppress(CardGone):
            people.merge(by=BY, at=self.later(), kept=self.card(one), merged=self.card(other), reason="one person")

    @rule(number=which)
    def undo(self, number):
        live = list(Merge.objects.filter(undone_at=None).order_by("-pk"))
        with suppress(LaterMergeFirst):
            if live:
                people.undo_merge(by=BY, at=self.later(), merge=live[number % len(live)])

    @rule(number=which, place=st.integers(0, 2))
    def move(self, number, place):
        """Nobody moves by themselves while an offer waits: it says from where it is."""
        if self.card(number).withdrawn_at is None and not self.offers().filter(person=self.card(number)).exists():
            at, card = self.later(), self.card(number)
            card = people.move(by=BY, at=at, person=card, area_path=VILLAGES[place], door="12号")
            Arrival.objects.filter(person=card).update(area_path=card.area_path)
            duties.move_subject(by=BY, at=at, subject=card.uid, area_path=card.area_path)

    @rule(number=which, place=st.integers(0, 2))
    def send(self, number, place):
        with suppress(NotPossible):
            handover.send(
                by=BY, at=self.later(), uid=uuid4(), person=self.card(number), to_path=VILLAGES[place], reason="moved"
            )

    @rule(act=st.sampled_from(["accept", "reject", "withdraw", "reroute"]), number=which, place=st.integers(0, 2))
    def decide(self, act, number, place):
        offers = list(Handover.objects.order_by("pk"))
        if not offers:
            return
        offer, told = offers[number % len(offers)], {"by": BY, "at": self.later()}
        with suppress(NotPossible), transaction.atomic():
            if act == "accept":
                assert offer.state != "sent" or offer.from_path == offer.person.area_path
                handover.accept(**told, handover=offer, village=offer.to_path)
            elif act == "reroute":
                handover.reroute(**told, uid=uuid4(), handover=offer, to_path=VILLAGES[place], reason="again")
            else:
                getattr(handover, act)(**told, handover=offer, reason="not here")

    @invariant()
    def every_record_is_there_with_its_person_or_the_card_that_took_it_in(self):
        if not hasattr(self, "owners"):
            return
        goes_on = survivors([card.uid for card in self.cards])
        for model, before in self.owners.items():
            now = dict(model.objects.order_by("pk").values_list("pk", "person__uid"))
            assert now.keys() == before.keys()
            # A number that both cards hold stays with the merged one.
            wrong = [
                key
                for key in before
                if now[key] not in (goes_on.get(before[key], before[key]), *self.chain(before[key]))
            ]
            assert wrong == []
        told = dict(Evidence.objects.values_list("pk", "subject"))
        assert told == {key: goes_on.get(uid, uid) for key, uid in self.evidence.items()}

    def chain(self, uid):
        """The card itself and those between it and the card that goes on."""
        found, card = [uid], Person.objects.get(uid=uid)
        while card.merged_into is not None:
            card = card.merged_into
            found.append(card.uid)
        return found

    @invariant()
    def exactly_one_owner(self):
        if not hasattr(self, "owners"):
            return
        live = Person.objects.filter(withdrawn_at=None)
        merged = Merge.objects.filter(undone_at=None).count()
        assert live.count() == len(self.cards) - merged
        assert all(person.area_path in VILLAGES for person in live)
        offers = list(self.offers().values_list("person", flat=True))
        assert len(offers) == len(set(offers))
        for offer in self.offers().select_related("person"):
            owner = offer.person.area_path
            assert offer.person.withdrawn_at is None
            assert offer.from_path == owner  # who has the person decides about the offer
            assert not owner.startswith(offer.to_path)
        running = Enrolment.objects.filter(closed_at=None, voided_at=None, subject_kind="person")
        observed = list(running.filter(observed=True).values_list("subject", flat=True))
        assert sorted(map(str, observed)) == sorted(str(person.uid) for person in live)
        # The card says whose the person is; what runs, what is still owed and the arrivals say nothing else.
        homes = {person.uid: person.area_path for person in live}
        for uid, area in running.values_list("subject", "area_path"):
            assert homes[uid] == area
        assert all(
            homes[uid] == area
            for uid, area in Arrival.objects.filter(person__in=live).values_list("person__uid", "area_path")
        )
        owed = Obligation.objects.filter(enrolment__in=running, due_at__gt=self.at)
        assert all(homes[uid] == area for uid, area in owed.values_list("subject", "area_path"))
        assert self.obligations <= set(Obligation.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_any_sequence_of_merge_undo_and_hand_over_keeps_every_record_and_one_owner(county):
    run_state_machine_as_test(
        OneOwner,
        settings=settings(
            max_examples=25,
            stateful_step_count=14,
            deadline=None,
            database=None,
        ),
    )
