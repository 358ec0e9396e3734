"""A row of each table that nothing refuses; what differs is given."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

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
from lianfang.registry.places.models import Area

NOW = datetime(2020, 2, 8, 10, tzinfo=UTC)
BEFORE, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
DAY = date(2020, 2, 8)
YESTERDAY = DAY - timedelta(days=1)
VILLAGE = "140931101201"


SUBJECT = UUID(int=1)


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
    return Obligation.objects.create(**usual | {"opens_at": NOW, "due_at": LATER, "known_at": NOW} | told)


def evidence(**told):
    usual = {"record": uuid4(), "subject": uuid4(), "kind": "call", "at": NOW, "registered_at": NOW}
    return Evidence.objects.create(**usual | told)


def member(team, slot, name, **told):
    usual = {"slot": slot, "name": name, "record": uuid4(), "since": NOW, "registered_at": NOW}
    return TeamMember.objects.create(enrolment=team, **usual | told)


def excuse(owed, **told):
    usual = {"reason": "in hospital", "excused_by": "one", "excused_at": NOW}
    usual |= {"withdrawn_by": "two", "withdrawn_reason": "came home"} if "withdrawn_at" in told else {}
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
