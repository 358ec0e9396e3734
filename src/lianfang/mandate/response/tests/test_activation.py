"""Putting a plan in force: in an exercise; and live, with a lawful basis and a second person."""

from datetime import date

import pytest
from django.db import IntegrityError, connection
from django.utils.dateparse import parse_datetime

from lianfang.mandate.response.actions import CannotActivate, Order, activate, register_version
from lianfang.mandate.response.models import Activation, Duty, PlanVersion
from lianfang.mandate.response.queries import in_force, nearest, plan_of
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.models import Installation
from lianfang.science.plan import Plan, load_plan, load_shipped, shipped

AT, BY = parse_datetime("2020-02-08T09:00:00+08:00"), Actor("first")
COUNTY, TOWN, VILLAGE = "140931", "140931101", "140931101201"
DAY = date(2020, 2, 8)
LIVE = Order(COUNTY, DAY, "县指挥部令第1号（2020年2月8日）", "second")

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(installation):
    """The same installation, live."""
    Installation.objects.update(exercise=False)


@pytest.fixture(scope="module")
def current(tmp_path_factory) -> Plan:
    """The county's plan as if it were in force today."""
    path = tmp_path_factory.mktemp("plans") / "county-report-now.yaml"
    text = shipped()["county-report-2020"].read_text(encoding="utf-8")
    path.write_text(text.replace("status: historic", "status: in_force"), encoding="utf-8")
    return load_plan(path)


def put_in_force(plan: Plan, order: Order, by: Actor = BY) -> Activation:
    return activate(by=by, at=AT, plan=plan, order=order)


@pytest.mark.parametrize("code", ["county-report-2020", "baode-2020"])
def test_a_historic_plan_is_never_put_in_force_live(live, code):
    with pytest.raises(CannotActivate) as refused:
        put_in_force(load_shipped(code), LIVE)
    assert refused.value.rule == "historic_live"
    assert (Activation.objects.count(), Event.objects.filter(action="plan.activated").count()) == (0, 0)


@pytest.mark.parametrize("code", ["county-report-2020", "baode-2020"])
def test_a_historic_plan_is_put_in_force_in_an_exercise(installation, code):
    made = put_in_force(load_shipped(code), Order(COUNTY, DAY))
    assert (made.exercise, made.ordered_by, made.ordered_at) == (True, "first", AT)
    logged = Event.objects.get(action="plan.activated")
    assert (logged.area_path, logged.data["plan"]) == (COUNTY, code)


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        (Order(COUNTY, DAY), "no_basis"),
        (Order(COUNTY, DAY, "   ", "second"), "no_basis"),
        (Order(COUNTY, DAY, "order 1"), "no_second_person"),
        (Order(COUNTY, DAY, "order 1", "first"), "no_second_person"),
        (Order(COUNTY, DAY, "order 1", " first "), "no_second_person"),
        (Order(COUNTY, DAY, "order 1", "   "), "no_second_person"),
    ],
)
def test_a_live_order_needs_its_basis_and_a_second_person(live, current, order, rule):
    with pytest.raises(CannotActivate) as refused:
        put_in_force(current, order)
    assert refused.value.rule == rule
    assert Activation.objects.count() == 0


def test_a_live_order_with_both_is_in_force_and_is_no_exercise(live, current):
    made = put_in_force(current, LIVE)
    assert (made.exercise, made.basis, made.approved_by) == (False, LIVE.basis, "second")


@pytest.mark.parametrize("starts_on", [DAY, date(2020, 2, 1), date(2021, 1, 1)])
def test_a_second_plan_at_the_same_time_is_refused(installation, starts_on):
    put_in_force(load_shipped("county-report-2020"), Order(COUNTY, DAY))
    with pytest.raises(CannotActivate) as refused:
        put_in_force(load_shipped("baode-2020"), Order(COUNTY, starts_on))
    assert refused.value.rule == "already_in_force"
    assert Event.objects.filter(action="plan.activated").count() == 1


def test_after_one_plan_has_ended_the_next_begins(installation):
    first = put_in_force(load_shipped("county-report-2020"), Order(COUNTY, DAY))
    Activation.objects.filter(pk=first.pk).update(ends_on=date(2020, 3, 1))
    second = put_in_force(load_shipped("baode-2020"), Order(COUNTY, date(2020, 3, 1)))
    days = [date(2020, 2, 7), DAY, date(2020, 2, 29), date(2020, 3, 1)]
    assert [in_force(VILLAGE, day) for day in days] == [None, first, first, second]


def test_the_nearest_plan_governs(installation):
    county = put_in_force(load_shipped("county-report-2020"), Order(COUNTY, DAY))
    town = put_in_force(load_shipped("baode-2020"), Order(TOWN, DAY))
    assert [in_force(path, DAY) for path in (VILLAGE, TOWN, "140931102", "140932")] == [
        town,
        town,
        county,
        None,
    ]
    assert nearest("1409", DAY) == county


def test_one_text_of_a_plan_is_kept_once_with_a_row_for_each_duty(installation):
    plan = load_shipped("county-report-2020")
    first, second = register_version(plan=plan, at=AT), register_version(plan=plan, at=AT)
    assert first == second
    kept = list(Duty.objects.filter(plan_version=first).order_by("position").values_list("code", flat=True))
    assert kept == list(plan.duties)


def test_another_text_under_the_same_name_is_another_version(installation, current):
    versions = {register_version(plan=plan, at=AT).pk for plan in (current, load_shipped("county-report-2020"))}
    assert len(versions) == 2


@pytest.mark.parametrize("code", sorted(shipped()))
def test_the_plan_out_of_the_database_is_the_plan_that_went_in(installation, code):
    plan = load_shipped(code)
    kept = PlanVersion.objects.get(pk=register_version(plan=plan, at=AT).pk)
    assert plan_of(kept.pk) == plan


def test_without_its_row_in_the_log_nothing_is_put_in_force(installation):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT closed CHECK (false) NOT VALID")
    with pytest.raises(IntegrityError, match="closed"):
        put_in_force(load_shipped("county-report-2020"), Order(COUNTY, DAY))
    assert (Activation.objects.count(), PlanVersion.objects.count()) == (0, 0)
