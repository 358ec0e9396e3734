"""Identity goes after the plan's period, with a log; what a village is asked to record is counted and shown."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from lianfang import vault
from lianfang.field.declarations.models import Declaration
from lianfang.field.observation.actions import NewReading, erase_identities, record_readings
from lianfang.field.observation.models import (
    Alert,
    AlertStep,
    Callback,
    Difficulty,
    Draw,
    Erasure,
    HomeAssessment,
    Need,
    Reading,
    Referral,
)
from lianfang.field.observation.queries.burden import burden
from lianfang.field.observation.rules import DIFFICULTIES
from lianfang.field.screening.models import Arrival, Exposure, Handover
from lianfang.field.screening.models import Referral as SoughtPerson
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.actions import close_ended, generate_due
from lianfang.mandate.duties.models import Enrolment, Excuse, ExcuseProposal, Obligation, Reminder, ReminderLine
from lianfang.mandate.orders.models import PersonOrder, Release
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.organisation.models import Body
from lianfang.registry.people import actions as people_actions
from lianfang.registry.people.hashes import document_hash
from lianfang.registry.people.models import Document, Person, Phone
from lianfang.registry.people.rules import FORGOTTEN, NewPerson
from lianfang.science.identity.documents import read_document

TOWN, VILLAGE, COUNTY = "140931101", "140931101201", "140931"
ASSUMED = {"zh": "试验用", "en": "for the test"}
KEEP = {"originals_days": {"value": 30, "assumed": ASSUMED}, "observation_days": {"value": 60, "assumed": ASSUMED}}


def at(day):
    return parse_datetime(f"2020-{day}T09:00:00+08:00")


@pytest.fixture
def ended(plan_in_town, arrivals):
    """张玉兰, whose observation ended on 21 February; 李建国, who came on 10 April."""
    plan_in_town(retention=KEEP)
    card = {"origin": "湖北武汉", "door": "1号", "phone": "13900001234"}
    arrivals([card | {"name": "张玉兰", "document": "990000195501011042"}])
    woman = Person.objects.get()
    note = NewReading(uuid4(), woman, "call", at("02-10"), note="女儿张小妹接电话")
    record_readings(by=Actor("grid"), at=at("02-10"), readings=[note])
    for day in ("02-22", "04-10"):
        generate_due(at=at(day))
        close_ended(at=at(day))
    arrivals([card | {"name": "李建国", "arrived_on": "2020-04-10", "door": "2号"}], at="2020-04-10T18:00:00+08:00")
    return woman


def test_c29_4_identity_goes_after_the_retention_period_with_a_log(ended):
    assert erase_identities(at=at("04-21")) == 0  # 60 days after 21 February
    assert erase_identities(at=at("04-22")) == 1
    assert erase_identities(at=at("04-23")) == 0
    ended.refresh_from_db()
    assert ended.name == f"#{str(ended.uid)[:8]}"
    assert (ended.pinyin, ended.initials, ended.birth_date, ended.household) == ("", "", None, None)
    assert not Document.objects.filter(person=ended).exists()
    assert not Phone.objects.filter(person=ended).exists()
    assert Reading.objects.get(person=ended).note == ""
    log = Erasure.objects.get()
    assert (log.person, log.ended_on.isoformat(), log.retention_days) == (ended, "2020-02-21", 60)
    event = Event.objects.get(action="identities.erased")
    assert event.data == {"people": 1, "days": 60, "plan": "county-report-2020"}


NAMED = "张小妹"


@pytest.fixture
def written_about(ended, county):
    """Somebody wrote a name wherever words can be written about the person."""
    now, by, uid = at("02-20"), Actor("officer"), uuid4
    enrolment = Enrolment.objects.get(subject=ended.uid, observed=True)
    who, told = {"person": ended}, {"at": now, "by": "officer", "registered_at": now}
    reading = Reading.objects.get(person=ended)
    alert = Alert.objects.create(uid=uid(), reading=reading, code="fever", raised_at=now, registered_at=now, **who)
    AlertStep.objects.create(uid=uid(), alert=alert, step="township", note=NAMED, **told)
    Referral.objects.create(uid=uid(), alert=alert, note=NAMED, **told)
    Need.objects.create(uid=uid(), category="food", note=NAMED, met_at=now, met_by="a", met_note=NAMED, **who, **told)
    HomeAssessment.objects.create(uid=uid(), asked=["own_room"], lacking=[], note=NAMED, **who, **told)
    Difficulty.objects.create(uid=uid(), reason=DIFFICULTIES[0], note=NAMED, **who, **told)
    draw = Draw.objects.create(
        activation=enrolment.activation, day=now.date(), seed="1", share_percent=5, population=1, drawn_at=now
    )
    Callback.objects.create(draw=draw, reading=reading, area_path=VILLAGE, note=NAMED)
    first, second = Obligation.objects.filter(subject=ended.uid, duty__code="temperature").order_by("pk")[:2]
    duties.withdraw_excuse(
        by=by, at=now, excuse=duties.excuse(by=by, at=now, obligation=first, reason=NAMED), reason=NAMED
    )
    ExcuseProposal.objects.create(obligation=second, reason=NAMED, proposed_by="a", proposed_at=now)
    reminder = Reminder.objects.create(
        uid=uid(), area_path=TOWN, note=NAMED, reminded_by="a", reminded_at=now, covered=1
    )
    ReminderLine.objects.create(reminder=reminder, obligation=first)
    about = {"enrolment": enrolment, "plan_version": enrolment.activation.plan_version, "reason": NAMED, **who}
    days = {"first_day": enrolment.first_day, "last_day": enrolment.last_day, "registered_at": now}
    PersonOrder.objects.create(
        uid=uid(), kind="extension", basis="B", state="declined", proposed_by="a", proposed_at=now, decided_by="b",
        decided_at=now, decision_note=NAMED, **about, **days,
    )  # fmt: skip
    Release.objects.create(
        uid=uid(), number=7, kind="early", ends_at=now, decided_by="a", approved_by="b", **about, **days
    )
    Arrival.objects.filter(person=ended).update(vehicle=NAMED, transport=NAMED, origin_text=NAMED)
    Exposure.objects.create(
        uid=uid(), area_path=VILLAGE, exposed_on=now.date(), setting=NAMED, source=NAMED, registered_at=now, **who
    )
    Handover.objects.create(
        uid=uid(), from_path=VILLAGE, to_path=COUNTY, state="rejected", reason=NAMED, sent_at=now, sent_by="a",
        decided_at=now, decided_by="b", decision_reason=NAMED, **who,
    )  # fmt: skip
    looked_for = {"uid": uid(), "batch": uid(), "sheet": "a", "row": 1, "area_path": VILLAGE, "registered_at": now}
    SoughtPerson.objects.create(
        name=NAMED, place_text=NAMED, note=NAMED, told_sealed=vault.seal(NAMED), outcome="settled", outcome_at=now,
        outcome_by="a", document=document_hash(read_document("990000195501011042")), **looked_for,
    )  # fmt: skip
    unit = Body.objects.create(uid=uid(), area_path=VILLAGE, kind="member_unit", name="U", valid_from=now)
    Declaration.objects.create(
        uid=uid(), unit=unit, key=b"k" * 32, name=NAMED, door=NAMED, document_sealed=vault.seal(NAMED), batch=uid(),
        phone_sealed=vault.seal(NAMED), requested_at=now, requested_by="a", submitted_at=now, submitted_by="b",
        answer=uid(), travelled=True, origin_text=NAMED, returned_on=now.date(), **who,
    )  # fmt: skip
    other = NewPerson(uuid4(), NAMED, VILLAGE)
    card = people_actions.register(at=now, people=[other])[other.uid]
    people_actions.merge(by=by, at=now, kept=Person.objects.get(pk=ended.pk), merged=card, reason=NAMED)
    return ended


def test_c29_4_no_word_that_was_written_about_the_person_names_anybody_afterwards(written_about):
    """Every table is read whole; sealed columns are read as well."""
    assert len(naming()) >= 18
    assert erase_identities(at=at("04-22")) == 1
    assert naming() == set()
    order, excused = PersonOrder.objects.get(), Excuse.objects.get()
    assert (order.basis, order.decided_by, order.reason, excused.excused_by) == ("B", "b", FORGOTTEN, "officer")


def naming() -> set[str]:
    """Models with a row in which the name stands."""
    return {model._meta.label for model in apps.get_models() for row in model.objects.all() if NAMED in words_of(row)}


def words_of(row) -> str:
    sealed = [name for name, said in getattr(row, "PRIVACY", {}).items() if said == "sealed"]
    said = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return str(
        {**said, **{name: vault.unseal_bytes(said[name]).decode(errors="replace") for name in sealed if said[name]}}
    )


def test_c29_4_who_is_still_looked_for_by_a_list_is_not_forgotten_by_it(ended):
    document = document_hash(read_document("990000195501011042"))
    SoughtPerson.objects.create(
        uid=uuid4(), batch=uuid4(), sheet="a", row=1, area_path=VILLAGE, registered_at=at("04-21"), name="张玉兰",
        told_sealed=vault.seal("{}"), document=document,
    )  # fmt: skip
    assert erase_identities(at=at("04-22")) == 1
    assert SoughtPerson.objects.get().name == "张玉兰"


def test_c29_4_who_is_under_observation_keeps_the_card(ended):
    erase_identities(at=at("04-22"))
    other = Person.objects.exclude(pk=ended.pk).get()
    assert other.name == "李建国"
    assert Phone.objects.filter(person=other).exists()


def test_a_plan_that_sets_no_period_erases_nobody(plan_in_town, arrivals):
    plan_in_town()
    arrivals([{"name": "张玉兰", "origin": "湖北武汉", "door": "1号"}])
    close_ended(at=at("06-01"))
    assert erase_identities(at=at("12-31")) == 0


def test_c29_5_the_different_records_demanded_of_a_village_are_computed_and_shown(client, account, people, clock):
    now = clock("2020-02-09T10:00:00+08:00")
    generate_due(at=now)
    found = burden(TOWN, now, length=12)
    # temperature, call or visit, symptoms or visit, zero report
    assert (found[VILLAGE].forms, found[VILLAGE].records) == (4, 2 * (2 + 1 + 1) + 1)
    client.force_login(account("township_officer", TOWN))
    page = client.get(f"{reverse('observation:today')}?area={TOWN}")
    (row,) = [one for one in page.context["areas"] if one.path == VILLAGE]
    assert (row.forms, row.records) == (4, 9)
    assert "每日 9 条" in page.content.decode()
