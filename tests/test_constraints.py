"""Every constraint of our tables refuses what it is there to refuse: a row here for each, none forgotten."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from lianfang.command.reporting.models import ZeroReport
from lianfang.field.observation.models import Need, Reading
from lianfang.field.screening.models import Arrival, Stay, Verification
from lianfang.mandate.duties.models import (
    Enrolment,
    EscalationStep,
    Evidence,
    Excuse,
    Obligation,
    TeamMember,
)
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.orders.models import Delivery, Notice
from lianfang.mandate.response.models import Activation, Duty, PlanVersion
from lianfang.registry.accounts.models import Account, Appointment
from lianfang.registry.audit.models import Event
from lianfang.registry.people.models import Document, Household, Person, Phone, Source
from lianfang.registry.places.models import Area, Installation

pytestmark = pytest.mark.django_db

NOW = datetime(2020, 2, 8, 10, tzinfo=UTC)
BEFORE, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
DAY = date(2020, 2, 8)
YESTERDAY = DAY - timedelta(days=1)
VILLAGE = "140931101201"


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("lianfang.")]


# --- a row of each table that nothing refuses; what differs is given ---


def event(**told):
    return Event.objects.create(**{"at": NOW, "actor": "test", "action": "tested"} | told)


def area(**told):
    usual = {"code": VILLAGE, "path": VILLAGE, "uid": uuid4(), "name": "东沟村", "pinyin": "dong gou cun"}
    return Area.objects.create(**usual | {"kind": "village"} | told)


def account(name="worker"):
    return Account.objects.create(username=name, display_name=name)


def appointment(**told):
    usual = {"role": "village_head", "area_path": VILLAGE, "since": NOW}
    return Appointment.objects.create(**usual | ({} if "account" in told else {"account": account()}) | told)


def household(**told):
    usual = {"uid": uuid4(), "area_path": VILLAGE, "door": "12号", "door_key": "12"}
    return Household.objects.create(**usual | told)


def person(**told):
    usual = {
        "uid": uuid4(),
        "name": "张玉兰",
        "pinyin": "zhang yu lan",
        "initials": "zyl",
        "area_path": VILLAGE,
    }
    return Person.objects.create(**usual | {"registered_at": NOW} | told)


def document(**told):
    usual = {"kind": "resident_id", "number_sealed": b"s", "number_hash": b"h" * 32}
    return Document.objects.create(person=person(), **usual | told)


def phone(whose):
    return Phone.objects.create(person=whose, number_sealed=b"s", number_hash=b"h" * 32)


def source(whose, reference, **told):
    usual = {"kind": "list", "label": "a", "sheet": "Sheet1", "row": 5, "registered_at": NOW}
    return Source.objects.create(person=whose, reference=reference, **usual | told)


def version(**told):
    usual = {"code": "a-plan", "version": "v1", "document": {}, "registered_at": NOW}
    return PlanVersion.objects.get_or_create(**usual | told)[0]


def duty(**told):
    usual = {"code": "call", "position": 0, "shape": "slot", "evidence": ["call"], "owner": "village_head"}
    usual |= {"plan_version": version(), "ladder_after": [], "ladder_to": []}
    return Duty.objects.create(**usual | told)


def activation(**told):
    usual = {"plan_version": version(), "area_path": "140931", "starts_on": DAY, "exercise": True}
    return Activation.objects.create(**usual | {"ordered_by": "one", "ordered_at": NOW} | told)


def live(**told):
    return activation(**{"exercise": False, "basis": "order 1", "approved_by": "two"} | told)


def enrolment(**told):
    subject = told.pop("subject", uuid4())
    usual = {"subject_kind": "person", "subject": subject, "cause": subject, "pathway": "registered"}
    usual |= {"area_path": VILLAGE, "anchor_on": DAY, "first_day": DAY, "registered_at": NOW}
    return Enrolment.objects.create(**usual | ({} if "activation" in told else {"activation": activation()}) | told)


def obligation(**told):
    usual = {"subject": uuid4(), "area_path": VILLAGE, "day": DAY, "slot": "day", "accepts_from": NOW}
    usual |= {"enrolment": told.get("enrolment") or enrolment(), "duty": told.get("duty") or duty()}
    return Obligation.objects.create(**usual | {"opens_at": NOW, "due_at": LATER} | told)


def evidence(**told):
    usual = {"record": uuid4(), "subject": uuid4(), "kind": "call", "at": NOW, "registered_at": NOW}
    return Evidence.objects.create(**usual | told)


def member(team, slot, name, **told):
    usual = {"slot": slot, "name": name, "record": uuid4(), "since": NOW, "registered_at": NOW}
    return TeamMember.objects.create(enrolment=team, **usual | told)


def excuse(owed, **told):
    usual = {"reason": "in hospital", "excused_by": "one", "excused_at": NOW}
    return Excuse.objects.create(obligation=owed, **usual | told)


def step(owed):
    return EscalationStep.objects.create(obligation=owed, level="village", reached_at=NOW, logged_at=NOW)


def notice(**told):
    usual = {"uid": uuid4(), "number": 1, "person": person(), "kind": "health", "plan_version": version()}
    return Notice.objects.create(**usual | {"issued_at": NOW, "issued_by": "one", "registered_at": NOW} | told)


def delivery(of, **told):
    usual = {"uid": uuid4(), "outcome": "served", "received_by": "self", "at": NOW, "by": "one"}
    return Delivery.objects.create(notice=of, **usual | {"registered_at": NOW} | told)


def batch(**told):
    usual = {"uid": uuid4(), "kind": "arrivals", "area_path": VILLAGE, "filename": "a", "sha256": "0"}
    return Batch.objects.create(**usual | {"at": NOW, "by": "one"} | told)


def staged(of=None, **told):
    usual = {"sheet": "Sheet1", "number": 5, "outcome": "accepted", "content_sealed": b"s"}
    return StagedRow.objects.create(batch=of or batch(), **usual | told)


def stay(**told):
    made = Arrival.objects.create(uid=uuid4(), person=person(), area_path=VILLAGE, arrived_on=DAY, registered_at=NOW)
    return Stay.objects.create(arrival=made, **{"path": "42", "last_day": DAY} | told)


def verification(**told):
    usual = {"uid": uuid4(), "person": person(), "at": NOW, "registered_at": NOW, "by": "one"}
    return Verification.objects.create(**usual | told)


def reading(**told):
    usual = {"uid": uuid4(), "person": person(), "kind": "call", "at": NOW, "given_by": "self"}
    return Reading.objects.create(**usual | {"channel": "phone", "by": "one", "registered_at": NOW} | told)


def need(**told):
    usual = {"uid": uuid4(), "person": person(), "category": "food", "at": NOW, "by": "one"}
    return Need.objects.create(**usual | {"registered_at": NOW} | told)


def report(**told):
    usual = {"uid": uuid4(), "area_path": VILLAGE, "day": DAY, "value": 0, "at": NOW, "by": "one"}
    return ZeroReport.objects.create(**usual | {"registered_at": NOW} | told)


def same_twice(make: Callable, made: Callable) -> Callable:
    """The same row made twice from the same parts."""

    def act():
        parts = made()
        make(parts)
        make(parts)

    return act


def twice(make: Callable, **told) -> Callable:
    def act():
        make(**told)
        make(**told)

    return act


CELSIUS = "observation_temperature_has_a_possible_value"
SYMPTOMS = "observation_symptoms_have_a_list"
LIVE = "response_live_activation_has_basis_and_second_person"
DECISION = "intake_decision_only_on_review_and_signed"
AREA_LENGTH = "places_area_path_has_a_level_length"
ONE_PLAN = "response_one_plan_in_force_an_area"
CLOSED = "duties_enrolment_closed_with_reason"
COMMITTED = "intake_batch_committed_with_time"
MET = "observation_need_met_by_somebody"
SUBJECT = UUID(int=1)

REFUSED: list[tuple[str, Callable]] = [
    ("audit_event_names_its_action", lambda: event(action="")),
    (
        "places_installation_is_one_row",
        lambda: Installation.objects.create(id=2, exercise=True, made_at=NOW, key_check=b""),
    ),
    (AREA_LENGTH, lambda: area(code="1409311012", path="1409311012")),
    (AREA_LENGTH, lambda: area(code="", path="")),
    ("places_area_code_begins_with_path", lambda: area(code="140931101202")),
    ("places_area_ends_after_it_begins", lambda: area(valid_from=DAY, valid_to=DAY)),
    ("accounts_appointment_ends_after_it_begins", lambda: appointment(until=NOW)),
    ("accounts_appointment_once_at_a_time", same_twice(lambda who: appointment(account=who), account)),
    ("people_household_one_per_door", twice(household)),
    ("people_household_has_a_door", lambda: household(door_key="")),
    ("people_person_has_a_name", lambda: person(name="")),
    ("people_person_sex_is_known_code", lambda: person(sex="x")),
    ("people_person_withdrawn_after_registered", lambda: person(withdrawn_at=BEFORE)),
    ("people_document_on_one_card", twice(document)),
    ("people_phone_once_a_person", same_twice(phone, person)),
    ("people_source_once", same_twice(lambda who: source(who, SUBJECT), person)),
    (
        "response_plan_version_once",
        lambda: PlanVersion.objects.bulk_create(
            PlanVersion(code="a", version="v", document={}, registered_at=NOW) for _ in range(2)
        ),
    ),
    ("response_duty_once_a_plan", twice(duty)),
    ("response_duty_shape_is_built", lambda: duty(shape="event")),
    (ONE_PLAN, twice(activation)),
    (
        ONE_PLAN,
        lambda: (
            activation(ends_on=LATER.date() + timedelta(days=2)),
            activation(starts_on=DAY + timedelta(1)),
        ),
    ),
    (LIVE, lambda: live(basis="")),
    (LIVE, lambda: live(approved_by="")),
    (LIVE, lambda: live(approved_by="one")),
    (
        "duties_enrolment_once_at_a_time",
        same_twice(lambda order: enrolment(activation=order, subject=SUBJECT), activation),
    ),
    ("duties_enrolment_subject_kind_is_built", lambda: enrolment(subject_kind="venue")),
    ("duties_enrolment_ends_after_it_begins", lambda: enrolment(last_day=YESTERDAY)),
    (CLOSED, lambda: enrolment(closed_at=NOW)),
    (CLOSED, lambda: enrolment(closed_reason="moved")),
    ("duties_obligation_due_after_opening", lambda: obligation(due_at=NOW)),
    (
        "duties_obligation_once",
        same_twice(lambda parts: obligation(enrolment=parts[0], duty=parts[1]), lambda: (enrolment(), duty())),
    ),
    ("duties_evidence_once_a_record", twice(evidence, record=SUBJECT, subject=SUBJECT)),
    ("duties_evidence_withdrawn_after_registered", lambda: evidence(withdrawn_at=BEFORE)),
    (
        "duties_team_place_held_by_one",
        lambda: (team := enrolment(), member(team, "grid_worker", "一"), member(team, "grid_worker", "二")),
    ),
    (
        "duties_team_member_holds_one_place",
        lambda: (team := enrolment(), member(team, "grid_worker", "一"), member(team, "village_cadre", "一")),
    ),
    ("duties_excuse_one_in_force", same_twice(excuse, obligation)),
    ("duties_excuse_has_a_reason", lambda: excuse(obligation(), reason="")),
    ("duties_escalation_step_once", same_twice(step, obligation)),
    ("orders_restriction_has_an_end_date", lambda: notice(kind="home_observation")),
    ("orders_restriction_has_an_end_date", lambda: notice(last_day=DAY)),
    ("orders_restriction_has_an_end_date", lambda: notice(kind="arrest", last_day=DAY)),
    ("orders_delivery_outcome_known", lambda: delivery(notice(), outcome="printed")),
    ("orders_delivery_receiver_known", lambda: delivery(notice(), received_by="neighbour")),
    ("orders_notice_served_once", same_twice(delivery, notice)),
    ("intake_batch_state_known", lambda: batch(state="lost")),
    (COMMITTED, lambda: batch(state="committed")),
    (COMMITTED, lambda: batch(committed_at=NOW)),
    ("intake_row_once", same_twice(staged, batch)),
    ("intake_row_outcome_known", lambda: staged(outcome="lost")),
    (
        "intake_row_decision_known",
        lambda: staged(decision="maybe", outcome="review", decided_by="a", decided_at=NOW),
    ),
    (DECISION, lambda: staged(decision="same", decided_by="a", decided_at=NOW)),
    (DECISION, lambda: staged(decision="same", outcome="review", decided_at=NOW)),
    (DECISION, lambda: staged(decision="same", outcome="review", decided_by="a")),
    ("screening_stay_ends_after_it_begins", lambda: stay(first_day=DAY + timedelta(days=1))),
    ("screening_verification_outcome_known", lambda: verification(outcome="maybe")),
    (CELSIUS, lambda: reading(kind="temperature")),
    (CELSIUS, lambda: reading(kind="temperature", celsius="29.9")),
    (CELSIUS, lambda: reading(kind="temperature", celsius="45.1")),
    (CELSIUS, lambda: reading(celsius="36.5")),
    (SYMPTOMS, lambda: reading(kind="symptoms")),
    (SYMPTOMS, lambda: reading(symptoms=["cough"])),
    ("observation_reading_kind_known", lambda: reading(kind="guess")),
    ("observation_given_by_known", lambda: reading(given_by="neighbour")),
    ("observation_channel_known", lambda: reading(channel="rumour")),
    ("observation_need_category_known", lambda: need(category="money")),
    (MET, lambda: need(met_at=NOW)),
    (MET, lambda: need(met_by="one")),
    ("reporting_value_not_negative", lambda: report(value=-1)),
    ("reporting_one_valid_report_a_day", twice(report)),
]


@pytest.mark.parametrize(("name", "act"), REFUSED, ids=[f"{n}-{name}" for n, (name, _act) in enumerate(REFUSED)])
def test_constraint_refuses(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_every_constraint_has_a_row_here():
    named = {constraint.name for model in ours() for constraint in model._meta.constraints}
    assert named - {name for name, _act in REFUSED} == set()
    assert {name for name, _act in REFUSED} - named == set()


def test_every_model_can_be_made_as_the_rows_above_make_it():
    """Otherwise a constraint could seem to refuse what another column refused."""
    owed = obligation()
    made = [event(), appointment(), household(), document(), source(person(), uuid4()), live(area_path="14")]
    made += [
        evidence(),
        member(owed.enrolment, "grid_worker", "一"),
        excuse(owed),
        step(owed),
        delivery(notice()),
    ]
    made += [staged(), stay(), verification(), reading(), need(), report()]
    assert all(row.pk for row in made)


@pytest.mark.parametrize(
    "act",
    [
        lambda: (source(who := person(), SUBJECT, withdrawn_at=NOW), source(who, SUBJECT)),
        lambda: (document(withdrawn_at=NOW), document()),
        lambda: (activation(ends_on=DAY + timedelta(1)), activation(starts_on=DAY + timedelta(1))),
        lambda: (activation(), activation(area_path="140932")),
        lambda: (report(superseded_at=NOW), report()),
        lambda: (delivery(paper := notice(), outcome="refused"), delivery(paper)),
        lambda: (
            who := account(),
            appointment(account=who, until=LATER),
            appointment(account=who, since=LATER),
        ),
        lambda: (excuse(owed := obligation(), withdrawn_at=NOW), excuse(owed)),
        lambda: (
            enrolment(activation=(order := activation()), subject=SUBJECT, voided_at=NOW),
            enrolment(activation=order, subject=SUBJECT),
        ),
    ],
    ids=[
        "source",
        "document",
        "next plan",
        "next county",
        "report",
        "refused first",
        "post",
        "excuse",
        "enrolment",
    ],
)
def test_what_follows_after_something_has_ended_is_allowed(act):
    assert all(act())
