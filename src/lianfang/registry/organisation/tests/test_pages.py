"""The pages of the organisation: what is named as vacant, who may change what, what is logged."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.organisation import actions, queries
from lianfang.registry.organisation.models import Body, Term, Venue
from lianfang.registry.places.models import Area

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
AT, BY = parse_datetime("2020-02-08T09:00:00+08:00"), Actor("test")


@pytest.fixture
def office(client, account, county):
    client.force_login(account("county_officer", COUNTY))
    return client


@pytest.fixture
def group(county):
    return actions.establish(by=BY, at=AT, area_path=TOWN, kind="leading_group", name="义门镇领导小组")


def read(client, route, /, *args, status=200, **query):
    answer = client.get(reverse(f"organisation:{route}", args=args), query)
    assert answer.status_code == status
    return answer.content.decode()


def post(client, route, /, *args, area=TOWN, **told):
    return client.post(f"{reverse(f'organisation:{route}', args=args)}?area={area}", told)


def holder(name="王某", **told):
    return {"post": "head", "name": name, "since": timezone.localdate().isoformat()} | told


def test_a_leading_group_is_set_up_and_its_head_named(office):
    assert (
        post(office, "establish", kind="leading_group", name="领导小组", duties="每日研判\n督导检查").status_code == 302
    )
    made = Body.objects.get()
    assert made.duties == ["每日研判", "督导检查"]
    assert "组长（主任）空缺" in read(office, "chart", area=TOWN)
    assert post(office, "fill", made.uid, **holder()).status_code == 302
    page = read(office, "chart", area=TOWN)
    assert ("王某" in page, "组长（主任）空缺" in page) == (True, False)
    again = post(office, "establish", kind="leading_group", name="第二领导小组")
    assert (again.status_code, "本地已有领导小组" in again.content.decode()) == (422, True)


def test_c01_1_the_vacancy_page_shows_the_two_villages_and_10_of_12(office):
    villages = list(Area.objects.under(TOWN).reporting_units().order_by("path"))
    for village in villages[2:]:
        actions.establish(by=BY, at=AT, area_path=village.path, kind="leading_group", name="领导小组")
    page = read(office, "vacancies", area=TOWN, kind="no_leading_group")
    assert "10 / 12" in page
    shown = [village.name for village in villages if f">{village.name}</a></td>" in page]
    assert shown == [village.name for village in villages[:2]]


def test_c01_2_the_command_page_shows_three_gaps_with_the_names_of_the_units(office):
    top = actions.establish(by=BY, at=AT, area_path=COUNTY, kind="leading_group", name="保德县领导小组")
    units = [
        actions.establish(by=BY, at=AT, area_path=COUNTY, kind="member_unit", name=f"第{n}局", parent=top)
        for n in range(1, 32)
    ]
    new = [actions.NewTerm(COUNTY, "contact", "某人", AT, body=unit) for unit in units[3:]]
    actions.appoint_many(by=BY, at=AT, new=new)
    assert "28 / 31" in read(office, "chart", area=COUNTY)
    page = read(office, "vacancies", area=COUNTY, kind="no_contact")
    assert [f">第{n}局</a>" in page for n in (1, 2, 3, 4)] == [True, True, True, False]


def test_c01_4_a_venue_becomes_fixed_with_the_fourth_party(office):
    told = {"village": VILLAGE, "kind": "venue", "name": "集贸市场"}
    assert post(office, "venues", **told).status_code == 302
    market = Venue.objects.get()
    for party in ("locality", "department", "unit"):
        assert post(office, "venues", venue=market.uid, **holder(post=party)).status_code == 302
    page = read(office, "venues", area=TOWN)
    assert ("未落实" in page, "0 / 1" in page) == (True, True)
    post(office, "venues", venue=market.uid, **holder(post="individual"))
    assert "1 / 1" in read(office, "venues", area=TOWN)
    assert post(office, "venues", **told).status_code == 422


def test_a_holder_ends_a_proposal_is_confirmed(office, group):
    post(office, "appoint", **holder("甲某", post="first_responsible"))
    post(office, "appoint", **holder("乙某", post="first_responsible", proposal="on"))
    assert "甲某" in read(office, "chart", area=TOWN)
    proposed = Term.objects.get(name="乙某")
    post(office, "term", proposed.uid, how="confirm")
    assert queries.responsible_on(TOWN, "first_responsible", timezone.now()).name == "乙某"
    post(office, "term", proposed.uid, how="end")
    assert queries.responsible_on(TOWN, "first_responsible", timezone.now()) is None


def test_the_chart_of_a_past_day_cannot_be_changed(office, group):
    page = read(office, "chart", area=TOWN, day="2020-02-09")
    assert ("义门镇领导小组" in page, "保存任职" in page) == (True, False)
    assert "义门镇领导小组" not in read(office, "chart", area=TOWN, day="2020-02-07")


def test_a_body_with_an_open_post_says_why_it_cannot_close(office, group):
    post(office, "fill", group.uid, **holder())
    post(office, "end_body", group.uid, how="close")
    assert "在任职务 1" in read(office, "body", group.uid)
    post(office, "term", Term.objects.get().uid, how="end")
    post(office, "end_body", group.uid, how="close")
    group.refresh_from_db()
    assert group.valid_to is not None
    assert read(office, "body", group.uid)


def test_only_who_orders_above_closes_an_area(office, client, account):
    post(office, "close_area", area=OTHER)
    assert Area.objects.get(path=OTHER).valid_to == timezone.localdate()
    client.force_login(account("village_head", VILLAGE))
    assert post(client, "close_area", area=VILLAGE).status_code == 403


def test_the_directory_is_searched_and_opening_it_is_logged(office, group):
    post(office, "fill", group.uid, **holder(phone="13800000001", unit="卫健局"))
    page = read(office, "directory", area=TOWN, q="卫健")
    assert ("王某" in page, "13800000001" in page) == (True, True)
    assert "王某" not in read(office, "directory", area=TOWN, q="交通")
    assert [e.data for e in Event.objects.filter(action="directory.opened").order_by("pk")][0] == {"entries": 1}


def test_register_and_decisions_show_who_and_when(office, group):
    post(office, "appoint", **holder("甲某", post="first_responsible"))
    post(office, "describe", group.uid, duties="一\n二")
    assert "甲某" in read(office, "register", area=TOWN)
    page = read(office, "decisions", area=TOWN)
    assert ("甲某" in page, "空缺" in page) == (True, True)


def test_who_does_not_work_here_neither_sees_nor_changes(client, account, group):
    client.force_login(account("village_head", VILLAGE))
    assert read(client, "chart", area=OTHER, status=404)
    assert read(client, "body", group.uid, status=403)
    assert post(client, "fill", group.uid, **holder()).status_code == 403
    client.force_login(account("grid_worker", VILLAGE))
    assert post(client, "appoint", area=VILLAGE, **holder(post="first_responsible")).status_code == 403
    assert "保存任职" not in read(client, "chart", area=VILLAGE)


@pytest.mark.parametrize("name", ["chart", "vacancies", "directory", "register", "decisions", "venues"])
def test_pages_ask_little(office, group, django_assert_max_num_queries, name):
    read(office, name, area=COUNTY)
    with django_assert_max_num_queries(24):
        read(office, name, area=COUNTY)
