"""What the tables of observation and of orders about a person refuse."""

from uuid import uuid4

from rows import DAY, NOW, YESTERDAY, activation, enrolment, notice, person, reading, same_twice, version

from lianfang.field.observation.models import (
    Alert,
    AlertStep,
    Callback,
    Difficulty,
    Draw,
    HomeAssessment,
    Loss,
)
from lianfang.mandate.orders.models import PersonOrder, Release

EARLY = "orders_early_release_has_reason_and_second_person"
DECIDED = "orders_person_order_decided_by_another"
BASIS = "orders_person_order_has_basis_and_reason"


def alert(of=None):
    of = of or reading(kind="temperature", celsius="38.0")
    return Alert.objects.create(
        uid=uuid4(), reading=of, person=of.person, code="fever", raised_at=NOW, registered_at=NOW
    )


def step(of=None, **told):
    usual = {"uid": uuid4(), "step": "township", "at": NOW, "by": "one", "registered_at": NOW}
    return AlertStep.objects.create(alert=of or alert(), **usual | told)


def home(**told):
    usual = {"uid": uuid4(), "person": person(), "asked": ["single_room"], "lacking": [], "at": NOW, "by": "one"}
    return HomeAssessment.objects.create(**usual | {"registered_at": NOW} | told)


def difficulty(**told):
    usual = {"uid": uuid4(), "person": person(), "reason": "food", "at": NOW, "by": "one"}
    return Difficulty.objects.create(**usual | {"registered_at": NOW} | told)


def loss(parts):
    whose, ended = parts
    return Loss.objects.create(person=whose, enrolment=ended, since=DAY, marked_at=NOW)


def draw(of=None):
    usual = {"day": DAY, "seed": "1", "share_percent": 5, "population": 10, "drawn_at": NOW}
    return Draw.objects.create(activation=of or activation(), **usual)


def callback(**told):
    return Callback.objects.create(draw=draw(), reading=reading(), area_path="140931", **told)


def order(**told):
    usual = {"uid": uuid4(), "person": person(), "kind": "extension", "basis": "order 1", "reason": "fever"}
    usual |= {"first_day": DAY, "last_day": DAY, "proposed_by": "one", "proposed_at": NOW, "registered_at": NOW}
    usual |= {"enrolment": told.get("enrolment") or enrolment(), "plan_version": version()}
    return PersonOrder.objects.create(**usual | told)


def release(**told):
    usual = {"uid": uuid4(), "number": 1, "person": person(), "enrolment": enrolment(), "plan_version": version()}
    usual |= {"kind": "completed", "first_day": DAY, "last_day": DAY, "ends_at": NOW, "decided_by": "one"}
    return Release.objects.create(**usual | {"registered_at": NOW} | told)


REFUSED = [
    ("observation_alert_once_a_reading", same_twice(alert, lambda: reading(kind="temperature", celsius="38.0"))),
    ("observation_alert_step_once", same_twice(step, alert)),
    ("observation_alert_step_known", lambda: step(step="province")),
    ("observation_alert_outcome_known", lambda: step(step="outcome")),
    ("observation_alert_outcome_known", lambda: step(outcome="well")),
    ("observation_home_was_asked_something", lambda: home(asked=[])),
    ("observation_home_lacks_what_was_asked", lambda: home(lacking=["window"])),
    ("observation_difficulty_reason_known", lambda: difficulty(reason="disobedience")),
    ("observation_loss_one_at_a_time", same_twice(loss, lambda: (person(), enrolment()))),
    ("observation_draw_once_a_day", same_twice(draw, activation)),
    ("observation_callback_outcome_signed", lambda: callback(outcome="confirmed")),
    ("observation_callback_outcome_signed", lambda: callback(outcome="maybe", at=NOW, by="one")),
    ("observation_callback_outcome_signed", lambda: callback(at=NOW, by="one")),
    ("orders_restriction_has_an_end_date", lambda: notice(kind="monitoring")),
    ("orders_person_order_kind_known", lambda: order(kind="arrest")),
    (BASIS, lambda: order(basis="")),
    (BASIS, lambda: order(reason="")),
    ("orders_person_order_ends_after_it_begins", lambda: order(last_day=YESTERDAY)),
    ("orders_person_order_state_known", lambda: order(state="lost", decided_by="two", decided_at=NOW)),
    (DECIDED, lambda: order(state="approved")),
    (DECIDED, lambda: order(state="approved", decided_by="one", decided_at=NOW)),
    (DECIDED, lambda: order(decided_by="two", decided_at=NOW)),
    ("orders_person_order_one_waiting", same_twice(lambda of: order(enrolment=of), enrolment)),
    ("orders_release_kind_known", lambda: release(kind="escaped")),
    (EARLY, lambda: release(kind="early")),
    (EARLY, lambda: release(kind="early", reason="treated", approved_by="one")),
    (EARLY, lambda: release(kind="early", approved_by="two")),
]
