"""What the database keeps beside obligations equals what the records say, on random histories."""

from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import connection
from django.utils.dateparse import parse_datetime

from lianfang.jobs import tick
from lianfang.mandate.duties import actions, queries
from lianfang.mandate.duties.models import Enrolment, Excuse, Obligation
from lianfang.mandate.duties.rules import NewEnrolment, NewEvidence
from lianfang.mandate.duties.states import _WIDE_TALLY as WIDE_TALLY
from lianfang.mandate.duties.states import local_day, parameters
from lianfang.registry.audit.rules import Actor

START = parse_datetime("2020-02-08T00:00:00+08:00")
BY, COUNTY = Actor("test"), "140931"
VILLAGES = ["140931101201", "140931101202", "140931101203"]
PATHWAYS = ["registered", "key-area-arrival", "arrival-check"]
KINDS = ["temperature", "temperature", "temperature", "call", "notice_served", "team_member", "first_verification"]
ROLES = ["township_cadre", "village_cadre", "health_centre", "group_cadre", "grid_worker"]

WRONG = """
SELECT o.id, d.code FROM duties_obligation o JOIN response_duty d ON d.id = o.duty_id
  JOIN duties_enrolment n ON n.id = o.enrolment_id
 WHERE (o.done_at, o.excused) IS DISTINCT FROM
       (duties_done_at(o.id, d.completes, 'infinity'), duties_excused_at(o.id, 'infinity'))
    OR o.ended_at IS DISTINCT FROM least(n.voided_at, CASE WHEN o.opens_at >= n.closed_at THEN n.closed_at END)
"""
# For each moment from `changed_at` on the kept value is what the records say of it.
TOO_EARLY = """
SELECT o.id, d.code FROM duties_obligation o JOIN response_duty d ON d.id = o.duty_id
 WHERE o.changed_at <= %(as_of)s AND o.ended_at IS NULL
   AND (o.done_at, o.excused) IS DISTINCT FROM
       (duties_done_at(o.id, d.completes, %(as_of)s), duties_excused_at(o.id, %(as_of)s))
"""
SUMS = "SELECT duty_id, area_path, day, slot, sum(undone), sum(done), sum(late), sum(excused), sum(untimed) FROM {} "
TALLY = """(SELECT left(t.area_path, 9) AS area_path, t.duty_id, t.day, t.slot, t.undone, t.done, t.late, t.excused,
                   t.untimed, t.untimed_done FROM duties_tally t) told"""
KEYS = "GROUP BY 1, 2, 3, 4 HAVING sum(undone + done + excused + untimed + untimed_done) <> 0 ORDER BY 1, 2, 3, 4"


def rows(sql, values=None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


class History:
    """One random act after the other, as a month brings them."""

    def __init__(self, activation, chance: Random) -> None:
        self.activation, self.chance = activation, chance
        self.subjects = [uuid4() for _ in range(6)]
        self.records = []
        self.now = START + timedelta(hours=9)

    def act(self) -> None:
        self.now += timedelta(minutes=self.chance.randrange(5, 400))
        names = (
            "join",
            "record",
            "record",
            "record",
            "withdraw",
            "excuse",
            "unexcuse",
            "extend",
            "move",
            "close",
            "tick",
        )
        getattr(self, self.chance.choice(names))()

    def join(self) -> None:
        subject, home = self.chance.choice(self.subjects), self.now - timedelta(minutes=self.chance.randrange(3000))
        new = NewEnrolment(
            "person", subject, self.chance.choice(PATHWAYS), self.chance.choice(VILLAGES), local_day(home)
        )
        actions.enrol(activation=self.activation, at=self.now, joining=[new])

    def record(self) -> None:
        told = [
            NewEvidence(
                uuid4(),
                self.chance.choice(self.subjects),
                self.chance.choice(KINDS),
                self.now - timedelta(minutes=self.chance.choice([0, 10, 500, 2000])),
                slot=self.chance.choice(ROLES),
            )
            for _ in range(self.chance.randint(1, 12))
        ]
        self.records += [new.record for new in told]
        actions.add_evidence(at=self.now, evidence=told)

    def withdraw(self) -> None:
        actions.withdraw_records(records=self.chance.sample(self.records, min(3, len(self.records))), at=self.now)

    def excuse(self) -> None:
        free = Obligation.objects.exclude(excuses__withdrawn_at=None, excuses__isnull=False)
        if owed := free.order_by("?").first():
            actions.excuse(by=BY, at=self.now, obligation=owed, reason="in hospital")

    def unexcuse(self) -> None:
        if made := Excuse.objects.filter(withdrawn_at=None).order_by("?").first():
            actions.withdraw_excuse(by=BY, at=self.now, excuse=made, reason="came home")

    def extend(self) -> None:
        if running := self._running().filter(last_day__isnull=False).order_by("?").first():
            longer = running.last_day + timedelta(days=2)
            actions.extend(by=BY, at=self.now, enrolment=running, last_day=longer, reason="contact")

    def move(self) -> None:
        there = self.chance.choice(VILLAGES)
        actions.move_subject(by=BY, at=self.now, subject=self.chance.choice(self.subjects), area_path=there)

    def close(self) -> None:
        if self.chance.random() < 0.3:
            actions.close(enrolments=self._running().order_by("?")[:1], at=self.now, reason="released")

    def tick(self) -> None:
        tick(self.now)

    def _running(self):
        return Enrolment.objects.filter(
            subject_kind="person", closed_at=None, voided_at=None, registered_at__lt=self.now
        )


@pytest.mark.parametrize("seed", range(4))
def test_what_is_kept_is_what_the_records_say(county, seed):
    chance = Random(seed)  # noqa: S311  made-up data
    history = History(county, chance)
    for step in range(45):
        history.act()
        if step % 15 == 14:
            assert rows(WRONG) == []
            assert rows(SUMS.format("duties_tally") + KEYS) == rows(SUMS.format("duties_counted") + KEYS)
    for _ in range(4):
        as_of = START + timedelta(minutes=chance.randrange(1, int((history.now - START).total_seconds() // 60)))
        assert rows(TOO_EARLY, {"as_of": as_of}) == []
    merged = actions.merge_subjects(at=history.now, kept=history.subjects[0], merged=history.subjects[1])
    assert rows(WRONG) == []
    actions.undo_merge(at=history.now, moved=merged)
    assert rows(WRONG) == []
    assert rows(SUMS.format("duties_tally") + KEYS) == rows(SUMS.format("duties_counted") + KEYS)


@pytest.mark.parametrize("seed", range(3))
def test_counts_of_the_tally_are_counts_of_the_rows(county, seed):
    history = History(county, Random(seed))  # noqa: S311  made-up data
    for _ in range(40):
        history.act()
    tick(history.now)
    for hours in (0, 5, 30):
        for length in (0, 9, 12):
            values = parameters(COUNTY, history.now + timedelta(hours=hours)) | {"length": length, "duty": None}
            for what in (queries._SUMMARY, queries._BY_AREA):
                assert queries._counts(what, values) == rows(queries._OF_ROWS + what, values)


@pytest.mark.parametrize("seed", range(3))
def test_townships_and_what_is_not_summed_there_are_the_tally(county, seed):
    history = History(county, Random(seed))  # noqa: S311  made-up data
    for step in range(40):
        history.act()
        if step % 10 == 9:
            wide = TALLY.replace("duties_tally t", WIDE_TALLY)
            assert rows(SUMS.format(TALLY) + KEYS) == rows(SUMS.format(wide) + KEYS)
    tick(history.now)
    assert rows(SUMS.format(TALLY) + KEYS) == rows(SUMS.format("duties_widetally") + KEYS)
    (latest,) = rows("SELECT (SELECT max(since) FROM duties_tally) = (SELECT max(since) FROM duties_widetally)")
    assert latest == (True,)


def test_a_tick_settles_what_two_transactions_did_not_see_of_each_other_and_adds_up_the_tally(county):
    history = History(county, Random(1))  # noqa: S311  made-up data
    for _ in range(30):
        history.act()
    tick(history.now)
    before = rows(SUMS.format("duties_counted") + KEYS)
    done = Obligation.objects.filter(done_at__isnull=False, duty__completes="")
    assert done.update(done_at=None, changed_at=None) > 0
    tick(history.now)
    assert rows(WRONG) == []
    assert rows(SUMS.format("duties_tally") + KEYS) == rows(SUMS.format("duties_counted") + KEYS) == before
    assert (
        max(count for (count,) in rows("SELECT count(*) FROM duties_tally GROUP BY area_path, duty_id, day, slot")) <= 8
    )
