"""The states of obligations against a slow, obvious derivation, on random enrolments, evidence and moments."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lianfang.mandate.duties import actions
from lianfang.mandate.duties.models import Enrolment, Evidence, Excuse, Obligation, TeamMember
from lianfang.mandate.duties.queries import by_area, by_owner, items, summaries, summaries_with_areas
from lianfang.mandate.duties.rules import NewEnrolment, NewEvidence
from lianfang.mandate.duties.states import local_day
from lianfang.registry.audit.rules import Actor

START = parse_datetime("2020-02-08T00:00:00+08:00")
VILLAGES = ["140931101201", "140931101202", "140931101203"]
PATHWAYS = ["registered", "key-area-arrival", "arrival-check"]
KINDS = ["temperature", "call", "visit", "notice_served", "team_member", "first_verification"]
ROLES = ["township_cadre", "village_cadre", "health_centre", "group_cadre", "grid_worker"]
ALL = ["done", "late", "overdue", "open", "excused", "untimed", "untimed_done"]


def a_random_county(activation, chance: Random) -> None:
    subjects = [UUID(int=chance.getrandbits(128)) for _ in range(12)]
    for subject in subjects:
        at = START + timedelta(minutes=chance.randrange(6 * 1440))
        home = at - timedelta(minutes=chance.randrange(3000)) if chance.random() < 0.6 else None
        joining = [
            NewEnrolment("person", subject, way, chance.choice(VILLAGES), local_day(home or at), home)
            for way in chance.sample(PATHWAYS, chance.randint(1, 3))
        ]
        made = actions.enrol(activation=activation, at=at, joining=joining)
        if chance.random() < 0.2:
            actions.close(enrolments=made, at=at + timedelta(days=chance.randint(1, 5)), reason="moved")
        if chance.random() < 0.1:
            actions.withdraw_subject(subject=subject, at=at + timedelta(days=chance.randint(1, 5)))
    actions.generate_due(at=START + timedelta(days=8))
    for _ in range(160):
        at = START + timedelta(minutes=chance.randrange(9 * 1440))
        new = NewEvidence(uuid4(), chance.choice(subjects), chance.choice(KINDS), at, slot=chance.choice(ROLES))
        actions.add_evidence(at=at + timedelta(minutes=chance.choice([0, 30, 2000])), evidence=[new])
        if chance.random() < 0.1:
            actions.withdraw_records(records=[new.record], at=at + timedelta(days=2))
    for obligation in Obligation.objects.order_by("?")[:5]:
        actions.excuse(by=Actor("test"), at=START + timedelta(days=3), obligation=obligation, reason="in hospital")


class Slow:
    """One obligation after the other, in plain Python."""

    def __init__(self, as_of: datetime) -> None:
        self.as_of, self.today = as_of, local_day(as_of)
        self.evidence = list(Evidence.objects.all())
        self.obligations = list(Obligation.objects.select_related("enrolment", "duty"))
        self.excused = set(Excuse.objects.filter(excused_at__lte=as_of).values_list("obligation", flat=True))

    def counts(self) -> Counter:
        return Counter((o.duty.code, *told) for o in self.obligations if (told := self.state(o)))

    def state(self, o: Obligation) -> tuple[str, bool] | None:
        n: Enrolment = o.enrolment
        slot = o.duty.shape == "slot"
        if n.registered_at > self.as_of or (n.voided_at and n.voided_at <= self.as_of):
            return None
        closed = n.closed_at is not None and n.closed_at <= self.as_of
        if closed and o.opens_at >= n.closed_at:
            return None
        if (o.day > self.today) if slot else (o.opens_at > self.as_of):
            return None
        done_at = self.done_at(o)
        state = self.name(o, done_at)
        earlier = slot and o.day < self.today
        if earlier and state != "overdue":
            return None
        return state, earlier

    def name(self, o: Obligation, done_at: datetime | None) -> str:
        if done_at is not None:
            return "untimed_done" if o.due_at is None else "late" if done_at > o.due_at else "done"
        if o.pk in self.excused:
            return "excused"
        if o.due_at is None:
            return "untimed"
        past = o.duty.shape == "slot" and o.day < self.today
        return "overdue" if past or o.due_at < self.as_of else "open"

    def done_at(self, o: Obligation) -> datetime | None:
        if not o.duty.completes:
            return min((e.at for e in self.evidence if self.closes(e, o)), default=None)
        parts = [p for p in self.obligations if (p.enrolment_id, p.day) == (o.enrolment_id, o.day)]
        parts = [p for p in parts if p.duty.code == o.duty.completes]
        times = [self.done_at(p) for p in parts if self.counts_at_all(p)]
        return max(times) if times and None not in times else None

    def counts_at_all(self, o: Obligation) -> bool:
        n = o.enrolment
        return not (n.closed_at and n.closed_at <= self.as_of and o.opens_at >= n.closed_at)

    def closes(self, e: Evidence, o: Obligation) -> bool:
        return (
            e.subject == o.subject
            and e.kind in o.duty.evidence
            and (not o.duty.per_role or e.slot == o.slot)
            and e.at >= o.accepts_from
            and (o.accepts_until is None or e.at < o.accepts_until)
            and e.at <= self.as_of
            and e.registered_at <= self.as_of
            and (e.withdrawn_at is None or e.withdrawn_at > self.as_of)
        )


@pytest.mark.parametrize("seed", range(6))
def test_fast_states_equal_the_slow_reference(county, seed):
    chance = Random(seed)  # noqa: S311  made-up data
    a_random_county(county, chance)
    for _ in range(4):
        as_of = START + timedelta(minutes=chance.randrange(10 * 1440))
        fast = Counter((i.code, i.state, i.earlier) for i in items(area_path="140931", as_of=as_of, states=ALL))
        assert fast == Slow(as_of).counts()


@pytest.mark.parametrize("seed", range(3))
def test_summaries_count_what_the_lists_name(county, seed):
    chance = Random(seed)  # noqa: S311  made-up data
    a_random_county(county, chance)
    as_of = timezone.localtime(START + timedelta(minutes=chance.randrange(10 * 1440)))
    for row in summaries(area_path="140931", as_of=as_of):
        found = items(area_path="140931", as_of=as_of, duty=row.code, states=ALL)
        here = Counter(item.state for item in found if not item.earlier)
        assert row.due == row.done + row.overdue + row.open + row.excused
        assert (row.overdue, row.open, row.excused) == (here["overdue"], here["open"], here["excused"])
        assert (row.done, row.late, row.untimed) == (
            here["done"] + here["late"],
            here["late"],
            here["untimed"],
        )
        assert row.carried == sum(item.earlier for item in found)
        parts = by_area(area_path="140931", as_of=as_of, length=12, duty=row.code)
        assert sum(part.due for part in parts) == row.due


@pytest.mark.parametrize("seed", range(2))
def test_one_sum_tells_what_two_told(county, seed):
    chance = Random(seed)  # noqa: S311  made-up data
    a_random_county(county, chance)
    for as_of in (START + timedelta(days=12), START + timedelta(minutes=chance.randrange(10 * 1440))):
        asked = {"area_path": "140931", "as_of": as_of}
        for length in (6, 9, 12):
            found, areas = summaries_with_areas(**asked, length=length)
            assert found == summaries(**asked)
            assert list(areas.values()) != []
            assert {(one.path, one.code): one for one in by_area(**asked, length=length)} == areas


@pytest.mark.parametrize("seed", range(2))
def test_the_pages_of_a_long_list_are_the_list(county, seed):
    chance = Random(seed)  # noqa: S311  made-up data
    a_random_county(county, chance)
    for as_of in (START + timedelta(days=12, minutes=chance.randrange(1440)), START + timedelta(days=5)):
        actions.generate_due(at=as_of)
        for states in (["overdue", "open"], ["overdue"], ["open"]):
            for earlier in (None, True, False):
                asked = {"area_path": "140931", "as_of": as_of, "states": states, "earlier": earlier}
                whole = [item.id for item in items(**asked)]
                pages = [items(**asked, limit=7, offset=offset) for offset in range(0, len(whole) + 7, 7)]
                assert sorted(item.id for page in pages for item in page) == sorted(whole)
                assert all(page for page in pages[: len(whole) // 7])


@pytest.mark.parametrize("seed", range(2))
def test_what_each_owner_has_is_what_the_list_names(county, seed):
    chance = Random(seed)  # noqa: S311  made-up data
    a_random_county(county, chance)
    _give_a_team(chance)
    for as_of in (START + timedelta(days=12, minutes=chance.randrange(1440)), START + timedelta(days=5)):
        actions.generate_due(at=as_of)
        for states in (["overdue", "open"], ["overdue"], ["open"], ["untimed"], ["done", "late"]):
            for earlier in (None, True, False):
                asked = {"area_path": "140931", "as_of": as_of, "duty": None, "states": states, "earlier": earlier}
                listed = items(**asked)
                counted = by_owner(**asked)
                assert _owned(counted) == _owned(listed), (states, earlier)
                assert min((one.oldest for one in counted if one.oldest), default=None) == min(
                    (item.due_at for item in listed if item.due_at), default=None
                )


def _give_a_team(chance: Random) -> None:
    for enrolment in chance.sample(list(Enrolment.objects.filter(subject_kind="person", voided_at=None)), 4):
        place = {"name": f"王{enrolment.pk}", "phone": f"138{enrolment.pk:08d}", "since": START, "registered_at": START}
        TeamMember.objects.create(enrolment=enrolment, slot="group_cadre", record=uuid4(), **place)


def _owned(rows) -> Counter:
    """Owner, area and duty → how many."""
    owned = Counter()
    for row in rows:
        owned[row.owner, row.owner_phone, row.area_path, row.code] += getattr(row, "count", 1)
    return owned
