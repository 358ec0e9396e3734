"""The list of arrivals, its counts, and the part of the card: key area in words, first verification."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianfang.field.screening import queries
from lianfang.field.screening.models import Arrival, Stay, Verification
from lianfang.mandate.duties.actions import close
from lianfang.mandate.duties.models import Enrolment, Evidence
from lianfang.mandate.response.actions import Order, activate
from lianfang.mandate.response.queries import plan_of
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.actions import withdraw
from lianfang.registry.people.models import Person
from lianfang.science.plan import Facts, admits, load_shipped
from lianfang.science.plan import Stay as PlanStay

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
HX = {"HX-Request": "true"}
MOMENT = parse_datetime("2020-02-08T19:00:00+08:00")
ROWS = [
    {"name": "张玉兰", "door": "12号", "origin": "湖北武汉"}
    | {"arrived_on": "2020-02-08", "reached_home": "2020-02-08 14:00"},
    {"name": "李建国", "origin": "湖北孝感"},
    {"name": "刘小军", "door": "3号", "origin": "山西大同"},
    {"name": "赵春梅", "door": "4号", "origin": "看不清"},
    {"name": "孙桂花", "origin": "湖北武汉", "village": "西坪村"},
]


@pytest.fixture
def people(arrivals):
    arrivals(ROWS)
    return {person.name: person for person in Person.objects.all()}


@pytest.fixture
def signed_in(client, account):
    def enter(role, path):
        client.force_login(account(role, path))
        return client

    return enter


@pytest.fixture
def village(signed_in, people):
    return signed_in("village_head", VILLAGE)


def part(name, person):
    return reverse(f"screening:{name}", args=[person.uid])


def section(client, person):
    return client.get(part("person", person), headers=HX).content.decode()


def verify(client, person, **told):
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    values = {"record": uuid4(), "outcome": "reached", "channel": "phone", "at": now}
    return client.post(part("verify", person), values | told, headers=HX)


def counts(area_path=TOWN, as_of=MOMENT):
    where = {"area_path": area_path, "as_of": as_of}
    return (
        queries.count_arrivals(**where).registered,
        queries.count_arrivals(**where).key_area,
        queries.count_incomplete_cards(**where),
    )


def test_every_address_asks_for_a_login(client, people):
    for address in (
        reverse("screening:list"),
        part("person", people["张玉兰"]),
        part("verify", people["张玉兰"]),
    ):
        assert client.get(address)["Location"].startswith("/login/")


def test_part_leaves_a_row_in_the_log_each_time_it_is_shown(village, people):
    person = people["张玉兰"]
    read = Event.objects.filter(action="person.arrivals_read", subject=person.uid, area_path=VILLAGE)
    village.get(part("person", person))
    assert read.count() == 0
    section(village, person)
    assert read.count() == 1
    village.get(part("person", people["孙桂花"]), headers=HX)
    assert verify(village, person, outcome="").status_code == 422
    assert read.count() == 2
    assert Event.objects.filter(action="person.arrivals_read").count() == 2


@pytest.mark.parametrize("typed", ["\x00", "张" * 500])
def test_search_that_is_refused_says_so_and_lists_nobody(village, people, typed):
    answer = village.get(reverse("screening:list"), {"q": typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'class="lf-error"' in page
    assert not any(name in page for name in ("张玉兰", "李建国", "刘小军", "赵春梅"))


def test_counts_are_of_persons_of_the_area(people):
    assert counts() == (5, 3, 2)
    assert counts(VILLAGE) == (4, 2, 1)
    assert counts(OTHER) == (1, 1, 1)


def test_counts_as_of_before_the_list_are_zero(people):
    assert counts(as_of=MOMENT - timedelta(hours=2)) == (0, 0, 0)


def test_second_arrival_and_withdrawn_card_do_not_count_twice(people):
    arrival = Arrival.objects.get(person=people["张玉兰"])
    arrival.pk, arrival.uid = None, uuid4()
    arrival.save()
    assert counts() == (5, 3, 2)
    withdraw(person=people["李建国"], at=MOMENT)
    assert counts(as_of=MOMENT + timedelta(minutes=1)) == (4, 2, 1)
    assert counts(as_of=MOMENT - timedelta(minutes=1)) == (5, 3, 2)


def test_who_is_through_with_the_observation_still_came_from_there(people):
    close(enrolments=Enrolment.objects.filter(observed=True), at=MOMENT, reason="days_done")
    assert counts(as_of=MOMENT + timedelta(days=1))[1] == 3


def test_plan_of_a_lower_area_governs_there(people):
    order = Order(VILLAGE, date(2020, 2, 8))
    plan = load_shipped("county-report-2020")
    shanxi = plan.key_areas[0].model_copy(update={"path": "14"})
    plan = plan.model_copy(update={"plan": "village-plan", "key_areas": [shanxi]})
    activate(by=Actor("test"), at=MOMENT, plan=plan, order=order)
    assert {p.name for p in queries.key_area_people(area_path=TOWN, as_of=MOMENT)} == {"刘小军", "孙桂花"}
    assert counts(VILLAGE)[1] == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["42", "4201", "1402", "140728"]), st.integers(-2, 20)), max_size=3))
def test_key_area_is_what_the_plan_admits(people, county, stays):
    """The statement of the database says what the plan's own criterion says, person by person."""
    arrival = Arrival.objects.get(person=people["刘小军"])
    arrival.stays.all().delete()
    told = [PlanStay(path, arrival.arrived_on - timedelta(days=back)) for path, back in stays]
    Stay.objects.bulk_create(Stay(arrival=arrival, path=one.path, last_day=one.last_day) for one in told)
    plan = plan_of(county.plan_version_id)
    facts = Facts(stays=tuple(told), arrived_on=arrival.arrived_on)
    expected = admits(plan.pathways["key-area-arrival"].admit, facts, plan)
    found = queries.key_area_people(area_path=TOWN, as_of=MOMENT)
    assert found.filter(pk=arrival.person_id).exists() == expected


def test_list_shows_the_village_of_the_account_and_no_other(village):
    page = village.get(reverse("screening:list")).content.decode()
    assert "来返人员 4 人" in page
    assert "张玉兰" in page
    assert "孙桂花" not in page
    assert village.get(reverse("screening:list"), {"area": OTHER}).status_code == 404


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ("key_area", {"张玉兰", "李建国"}),
        ("incomplete", {"李建国"}),
        ("hour_unknown", {"李建国", "刘小军", "赵春梅"}),
    ],
)
def test_filters_leave_whom_the_figures_count(village, chosen, names):
    page = village.get(reverse("screening:list"), {chosen: "on"})
    assert {entry.person.name for _row, entry in page.context["rows"]} == names
    assert f"来返人员 {len(names)} 人" in page.content.decode()


def test_list_of_a_past_moment_is_the_figure_of_that_moment(village):
    page = village.get(reverse("screening:list"), {"as_of": "2020-02-08T17:00:00+08:00"}).content.decode()
    assert "来返人员 0 人" in page
    assert "张玉兰" not in page


def test_list_says_what_is_not_known(village):
    page = village.get(reverse("screening:list")).content.decode()
    assert "来源地不清" in page
    assert "缺门牌号" in page
    assert "不详" in page


def test_number_of_queries_does_not_grow_with_the_list(signed_in, people, arrivals):
    client = signed_in("county_officer", COUNTY)
    client.get(reverse("screening:list"))
    with CaptureQueriesContext(connection) as before:
        client.get(reverse("screening:list"))
    more = enumerate("一二三四五六七八九")
    arrivals([{"name": f"李四{n}", "door": f"{k}号", "origin": "湖北武汉", "village": "上川村"} for k, n in more])
    client.get(reverse("screening:list"))  # the name of the other village is remembered
    with CaptureQueriesContext(connection) as after:
        client.get(reverse("screening:list"))
    assert len(after) == len(before) <= 14


def test_part_of_another_village_is_not_there(village, people):
    assert village.get(part("person", people["孙桂花"]), headers=HX).status_code == 404
    assert verify(village, people["孙桂花"]).status_code == 404
    assert not Verification.objects.exists()


def test_part_alone_leads_to_the_card(village, people):
    answer = village.get(part("person", people["张玉兰"]))
    assert answer["Location"] == reverse("people:card", args=[people["张玉兰"].uid])


def test_part_names_the_key_area_and_what_is_assumed(village, people):
    page = section(village, people["张玉兰"])
    for words in ("湖北省 · 武汉市", "重点地区", "XX-2.3.5", "14 日内", "文件未载明 · 暂定", "list.xlsx"):
        assert words in page


def test_part_does_not_call_an_unknown_origin_no_key_area(village, people):
    assert "来源地不清楚" in section(village, people["赵春梅"])
    assert "没有在现行方案所列重点地区停留" in section(village, people["刘小军"])


def test_verification_is_recorded_once_and_closes_what_is_owed(village, people):
    record = uuid4()
    for _ in range(2):
        answer = verify(village, people["张玉兰"], record=record)
        assert answer.status_code == 200
    assert "逾期核实" in answer.content.decode()
    assert Verification.objects.count() == 1
    assert Evidence.objects.filter(kind="first_verification").count() == 1


def test_not_reaching_somebody_closes_nothing(village, people):
    page = verify(village, people["张玉兰"], outcome="not_reached").content.decode()
    assert "未联系上 1 次" in page
    assert "登记首次核实" in page
    assert not Evidence.objects.filter(kind="first_verification").exists()


def test_verification_of_tomorrow_is_refused(village, people):
    later = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    answer = verify(village, people["张玉兰"], at=later)
    assert answer.status_code == 422
    assert later in answer.content.decode()
    assert not Verification.objects.exists()


def test_role_without_the_right_records_nothing(signed_in, people):
    client = signed_in("epidemiologist", COUNTY)
    assert verify(client, people["张玉兰"]).status_code == 403
    assert "登记首次核实" not in section(client, people["张玉兰"])
    assert not Event.objects.filter(action="verifications.recorded").exists()
