"""Plans are ordered by two persons; what an order would change is counted first, and everybody is matched anew."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.command.planning.actions import approve, carry_out_due, carry_out_orders, preview
from lianfang.field.screening.actions import NewArrival, register_arrivals
from lianfang.field.screening.contacts import NewExposure, register_exposures
from lianfang.mandate.duties.actions import catch_up
from lianfang.mandate.duties.models import Enrolment, Obligation
from lianfang.mandate.duties.queries import summaries
from lianfang.mandate.response.actions import (
    CannotActivate,
    NewOrder,
    Order,
    activate,
    add_key_area,
    propose,
    register_version,
    turn_down,
)
from lianfang.mandate.response.actions import (
    approve as approve_alone,
)
from lianfang.mandate.response.models import Activation, PlanOrder, PlanVersion
from lianfang.mandate.response.queries import departures_of, in_force, measure_rule, midnight
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.actions import register
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import NewPerson
from lianfang.registry.places.models import Installation
from lianfang.science.plan import from_json, load_shipped, to_json

COUNTY, VILLAGE, OTHER_COUNTY = "140931", "140931101201", "140932"
DAY = date(2020, 2, 10)
AT, LATER = parse_datetime("2020-02-10T10:00:00+08:00"), parse_datetime("2020-02-11T21:00:00+08:00")
FIRST, SECOND = Actor("first"), Actor("second")
BASIS = "县指挥部令第3号"

pytestmark = pytest.mark.django_db


def people_from(origin_path, *names, at=AT, village=VILLAGE, arrived=DAY - timedelta(days=2)):
    new = [NewPerson(uid=uuid4(), name=name, area_path=village) for name in names]
    register(at=at, people=new)
    cards = {card.uid: card for card in Person.objects.filter(uid__in=[one.uid for one in new])}
    arrivals = [NewArrival(uuid4(), one.uid, arrived, origin_path=origin_path) for one in new]
    register_arrivals(at=at, arrivals=arrivals, people=cards)
    return [cards[one.uid] for one in new]


def in_exercise(code, area=COUNTY, since=date(2020, 2, 8)):
    return activate(by=Actor("operator"), at=AT, plan=load_shipped(code), order=Order(area, since))


def ordered(plan, *, kind="activation", area=COUNTY, starts=DAY + timedelta(days=1), basis=BASIS, departures=()):
    version = plan if isinstance(plan, PlanVersion) else register_version(plan=plan, at=AT)
    return propose(by=FIRST, at=AT, order=NewOrder(kind, area, version, starts, basis, departures=tuple(departures)))


def approved_and_begun(order):
    """Approved the day before, carried out by the first tick of its first day."""
    approve(by=SECOND, at=AT, order=order)
    assert carry_out_due(by=SECOND, at=AT).persons == 0
    carry_out_orders(at=midnight(order.starts_on) + timedelta(seconds=20))


def observed():
    running = Enrolment.objects.filter(observed=True, closed_at=None, voided_at=None, last_day__gte=DAY)
    names = dict(Person.objects.values_list("uid", "name"))
    return sorted((names[row.subject], row.pathway, row.activation.plan_version.code) for row in running)


def changed(base, **values):
    """The plan with some values of its text replaced, by dotted path."""
    data = to_json(base)
    for path, value in values.items():
        *parents, last = path.split("__")
        block = data
        for part in parents:
            block = block[part]
        block[last] = value
    return from_json(data)


def test_c06_3_a_new_key_area_matches_everybody_already_registered(installation):
    activation = in_exercise("county-report-2020")
    people_from("140728", "平遥甲", "平遥乙")
    people_from("42", "湖北甲")
    assert [name for name, *_rest in observed()] == ["湖北甲"]
    version = add_key_area(at=AT, version=activation.plan_version, path="140728", name="平遥县", since=DAY, basis=BASIS)
    order = ordered(version, kind="key_area", starts=DAY)
    told = preview(by=FIRST, at=AT, order=order)
    names = dict(Person.objects.values_list("uid", "name"))
    assert sorted(names[uid] for uid in told.matched) == ["平遥乙", "平遥甲"]
    assert (len(told.moved), told.released) == (1, [])
    assert (told.before["temperature"], told.after["temperature"]) == (2, 6)
    assert [name for name, *_rest in observed()] == ["湖北甲"]  # counting changes nothing
    approve(by=SECOND, at=AT, order=order)
    assert [name for name, *_rest in observed()] == ["平遥乙", "平遥甲", "湖北甲"]
    assert {code for *_rest, code in observed()} == {"county-report-2020"}
    assert in_force(COUNTY, DAY).plan_version == version


def test_a_preview_counts_exactly_what_approval_does(installation):
    in_exercise("county-report-2020")
    people_from("42", "湖北甲", "湖北乙")
    people_from("33", "浙江甲")
    people_from("33", "浙江老", arrived=DAY - timedelta(days=40))  # whose days would be over long since
    order = ordered(load_shipped("baode-2020"))
    told = preview(by=FIRST, at=AT, order=order)
    assert (len(told.matched), len(told.released), len(told.moved)) == (1, 0, 2)
    assert told.day == DAY + timedelta(days=1)
    assert PlanOrder.objects.get().preview["after"] == told.after
    approved_and_begun(order)
    assert [name for name, *_rest in observed()] == ["浙江甲", "湖北乙", "湖北甲"]
    found = {row.code: row.due for row in summaries(area_path=COUNTY, as_of=LATER)}
    assert {code: found[code] for code in told.after} == told.after
    assert (found["temperature"], "call" in told.after, "call" in told.before) == (6, False, True)


def test_past_obligations_keep_the_version_that_justified_them(installation):
    old = in_exercise("county-report-2020")
    people_from("42", "湖北甲")
    before = Obligation.objects.filter(enrolment__activation=old, day=DAY).count()
    approve(by=SECOND, at=AT, order=ordered(load_shipped("baode-2020")))
    past = Obligation.objects.filter(day=DAY)
    assert before == past.count() > 0
    assert {row.duty.plan_version.code for row in past} == {"county-report-2020"}
    evening = AT + timedelta(hours=11)
    assert {row.plan_version_id for row in summaries(area_path=COUNTY, as_of=evening)} == {old.plan_version_id}


def test_an_order_of_the_afternoon_asks_nothing_of_the_morning(installation):
    """What was owed until the order stays with the plan before; the slot under way is not owed twice."""
    old = in_exercise("county-report-2020")
    (person,) = people_from("42", "湖北甲", at=AT - timedelta(days=1))
    afternoon = AT + timedelta(hours=7)
    order = ordered(load_shipped("baode-2020"), starts=DAY)
    approve(by=SECOND, at=afternoon, order=order)
    today = list(Obligation.objects.filter(day=DAY, ended_at=None).select_related("enrolment"))
    new = [row for row in today if row.enrolment.activation_id != old.pk]
    assert all(row.opens_at >= afternoon for row in new)
    assert {row.enrolment.activation_id for row in today if row.opens_at < afternoon} == {old.pk}
    asked = [(row.subject, row.duty_id, row.slot, row.day) for row in today]
    assert len(asked) == len(set(asked)) > 0
    assert observed() == [("湖北甲", "key-area-arrival", "baode-2020")]


def test_who_only_the_old_plan_admitted_is_released(installation):
    in_exercise("baode-2020")
    people_from("33", "浙江甲")
    people_from("42", "湖北甲")
    order = ordered(load_shipped("county-report-2020"))
    assert len(preview(by=FIRST, at=AT, order=order).released) == 1
    approved_and_begun(order)
    assert observed() == [("湖北甲", "key-area-arrival", "county-report-2020")]


def test_a_list_asked_for_before_the_tick_keeps_nobody_whom_only_the_old_plan_admitted(installation):
    """Before a list people go over already; the tick still releases whom the new plan has no ground for."""
    in_exercise("baode-2020")
    people_from("33", "浙江甲")
    people_from("42", "湖北甲")
    order = ordered(load_shipped("county-report-2020"))
    approve(by=SECOND, at=AT, order=order)
    morning = midnight(order.starts_on) + timedelta(hours=1)
    catch_up(as_of=morning, now=morning)
    carry_out_orders(at=morning)
    assert observed() == [("湖北甲", "key-area-arrival", "county-report-2020")]


def test_nobody_approves_an_order_of_his_own(installation):
    order = ordered(load_shipped("baode-2020"))
    with pytest.raises(CannotActivate) as refused:
        approve(by=FIRST, at=AT, order=order)
    assert refused.value.rule == "no_second_person"
    assert not Activation.objects.exists()


def test_a_decision_is_made_once(installation):
    order = ordered(load_shipped("baode-2020"))
    turn_down(by=SECOND, at=AT, order=order, note="依据不足")
    with pytest.raises(CannotActivate) as refused:
        approve(by=SECOND, at=AT, order=order)
    assert refused.value.rule == "decided"
    assert (PlanOrder.objects.get().decision, PlanOrder.objects.get().note) == ("rejected", "依据不足")
    assert Event.objects.filter(action="plan.rejected").exists()


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"basis": "  "}, "no_basis"),
        ({"starts": DAY - timedelta(days=1)}, "starts_in_the_past"),
        ({"kind": "end"}, "not_in_force"),
    ],
)
def test_an_order_that_cannot_be_given_says_why(installation, told, rule):
    with pytest.raises(CannotActivate) as refused:
        ordered(load_shipped("baode-2020"), **told)
    assert refused.value.rule == rule


def test_one_open_order_an_area(installation):
    ordered(load_shipped("baode-2020"))
    with pytest.raises(CannotActivate) as refused:
        ordered(load_shipped("county-report-2020"))
    assert refused.value.rule == "order_open"


def test_the_end_of_a_plan_releases_everybody_and_owes_nothing_after(installation):
    activation = in_exercise("county-report-2020")
    people_from("42", "湖北甲")
    approved_and_begun(ordered(activation.plan_version, kind="end"))
    assert observed() == []
    assert in_force(COUNTY, DAY + timedelta(days=1)) is None
    assert in_force(COUNTY, DAY).pk == activation.pk
    slots = [row for row in summaries(area_path=COUNTY, as_of=LATER) if row.shape == "slot"]
    assert [row.due for row in slots] == [0] * len(slots)


def test_a_key_area_is_listed_once(installation):
    activation = in_exercise("county-report-2020")
    with pytest.raises(CannotActivate) as refused:
        add_key_area(at=AT, version=activation.plan_version, path="42", name="湖北省", since=DAY, basis=BASIS)
    assert refused.value.rule == "key_area_listed"


# --- layers ------------------------------------------------------------------------------------------------


def test_a_lower_plan_that_loosens_names_every_departure_or_is_refused(installation):
    in_exercise("baode-2020", area="1409")
    looser = changed(
        load_shipped("baode-2020"), plan="looser-2020", under="baode-2020", thresholds__fever_c__value=38.0
    )
    (departure,) = departures_of(looser, COUNTY, DAY)
    assert departure.code == "threshold:thresholds.fever_c"
    with pytest.raises(CannotActivate) as refused:
        ordered(looser)
    assert refused.value.rule == "departs"
    approve(by=SECOND, at=AT, order=ordered(looser, departures=[departure.code]))
    assert in_force(COUNTY, DAY + timedelta(days=1)).plan_version.code == "looser-2020"


def test_what_departs_when_it_is_approved_is_refused_though_it_did_not_when_proposed(installation):
    looser = changed(load_shipped("baode-2020"), plan="looser-2020", thresholds__fever_c__value=38.0)
    order = ordered(looser)
    in_exercise("baode-2020", area="1409")
    with pytest.raises(CannotActivate) as refused:
        approve(by=SECOND, at=AT, order=order)
    assert refused.value.rule == "departs"


def test_contradictory_plans_stand_in_two_counties_at_once(installation):
    in_exercise("shaoyang-2020", COUNTY)
    in_exercise("bailin-2020", OTHER_COUNTY)
    people_from("4201", "武汉甲")
    people_from("4201", "武汉乙", village=f"{OTHER_COUNTY}100201")
    assert observed() == [("武汉乙", "wuhan-returnee", "bailin-2020"), ("武汉甲", "returnee", "shaoyang-2020")]
    assert [measure_rule(path, "road_closure", DAY) for path in (COUNTY, OTHER_COUNTY)] == ["forbidden", "required"]
    owed = [
        {row.code: row.due for row in summaries(area_path=path, as_of=LATER) if row.shape == "slot"}
        for path in (COUNTY, OTHER_COUNTY)
    ]
    assert owed == [{"health-monitoring": 1}, {"temperature": 2, "visit": 3}]


def test_c10_2_bailin_473_at_home_owe_946_temperatures_and_1419_visits_a_day(installation):
    in_exercise("bailin-2020")
    people_from("4201", *[f"返乡{number}" for number in range(473)], arrived=DAY)
    due = {row.code: row.due for row in summaries(area_path=COUNTY, as_of=LATER)}
    assert (len(observed()), due["temperature"], due["visit"]) == (473, 946, 1419)


# --- live --------------------------------------------------------------------------------------------------


@pytest.fixture
def live(installation):
    Installation.objects.update(exercise=False)


def test_a_historic_plan_cannot_even_be_proposed_live(live):
    with pytest.raises(CannotActivate) as refused:
        ordered(load_shipped("bailin-2020"))
    assert refused.value.rule == "historic_live"


def test_measles_contacts_are_asked_for_21_days_by_an_order_of_two_persons(live):
    register(at=AT, people=[NewPerson(uid=uuid4(), name="接触甲", area_path=VILLAGE)])
    person = Person.objects.get()
    exposure = NewExposure(uuid4(), person.uid, DAY - timedelta(days=3), "学校")
    register_exposures(at=AT, exposures=[exposure, exposure], people={person.uid: person})
    assert observed() == []
    order = ordered(load_shipped("measles-contacts"), starts=DAY, basis="《传染病防治法》第六十二条；县疾控判定书第2号")
    with pytest.raises(CannotActivate):
        approve(by=FIRST, at=AT, order=order)
    assert len(preview(by=FIRST, at=AT, order=order).matched) == 1
    approve(by=SECOND, at=AT, order=order)
    (enrolment,) = Enrolment.objects.filter(subject_kind="person")
    activation = enrolment.activation
    assert (activation.exercise, activation.ordered_by, activation.approved_by) == (False, "first", "second")
    assert (enrolment.anchor_on, enrolment.first_day) == (DAY - timedelta(days=3), DAY - timedelta(days=2))
    assert enrolment.last_day == DAY - timedelta(days=3) + timedelta(days=21)
    assert activation.plan_version.plan.pathways[enrolment.pathway].voluntary
    late = NewExposure(uuid4(), person.uid, DAY - timedelta(days=1))
    register_exposures(at=AT, exposures=[late], people={person.uid: person})
    running = Enrolment.objects.get(closed_at__isnull=True, subject=person.uid)
    assert running.last_day == DAY + timedelta(days=20)  # from the last exposure, not the first


def test_an_order_alone_leaves_people_to_the_caller(installation):
    """The lower context only puts the plan in force; planning adds the people in the same transaction."""
    people_from("42", "湖北甲")
    approve_alone(by=SECOND, at=AT, order=ordered(load_shipped("baode-2020"), starts=DAY))
    assert (Activation.objects.count(), observed()) == (1, [])
