"""What the first tables refuse: (name of the constraint, an act that it refuses)."""

from collections.abc import Callable
from datetime import timedelta

from rows import (
    BEFORE,
    DAY,
    LATER,
    NOW,
    SUBJECT,
    YESTERDAY,
    account,
    activation,
    appointment,
    area,
    batch,
    delivery,
    document,
    duty,
    enrolment,
    event,
    evidence,
    excuse,
    household,
    live,
    member,
    need,
    notice,
    obligation,
    person,
    phone,
    reading,
    report,
    same_twice,
    source,
    staged,
    stay,
    step,
    twice,
    verification,
)

from lianfang.mandate.response.models import PlanVersion
from lianfang.registry.places.models import Installation

CELSIUS = "observation_temperature_has_a_possible_value"
SYMPTOMS = "observation_symptoms_have_a_list"
LIVE = "response_live_activation_has_basis_and_second_person"
DECISION = "intake_decision_only_on_review_and_signed"
AREA_LENGTH = "places_area_path_has_a_level_length"
ONE_PLAN = "response_one_plan_in_force_an_area"
CLOSED = "duties_enrolment_closed_with_reason"
COMMITTED = "intake_batch_committed_with_time"
MET = "observation_need_met_by_somebody"
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
