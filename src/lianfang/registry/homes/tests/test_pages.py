"""The pages of the household ledger: who sees which doors, what is named as missing, what an act leaves behind."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes import actions, queries
from lianfang.registry.homes.models import Group
from lianfang.registry.people.models import Household, Person

COUNTY, TOWN, VILLAGE, OTHER, GRID = "140931", "140931101", "140931101201", "140931101202", "140931101201001"
AT, BY = parse_datetime("2020-02-08T09:00:00+08:00"), Actor("test")


@pytest.fixture
def signed_in(client, account):
    def enter(role="village_head", path=VILLAGE):
        client.force_login(account(role, path))
        return client

    return enter


def read(client, name, *args, **query):
    answer = client.get(reverse(f"homes:{name}", args=args), query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def test_the_list_shows_the_doors_of_the_account_only(signed_in, households):
    households(2)
    households(1, path=OTHER, first=77)
    page = read(signed_in(), "list")
    assert "1号" in page
    assert "77号" not in page
    assert "77号" in read(signed_in("township_officer", TOWN), "list")


def test_a_worker_of_a_grid_sees_the_doors_of_the_grid_only(signed_in, households):
    homes = households(3)
    actions.assign_grid(by=BY, at=AT, households=homes[:1], grid_path=GRID)
    client = signed_in("grid_worker", GRID)
    page = read(client, "list")
    assert homes[0].door in page
    assert homes[1].door not in page
    assert client.get(reverse("homes:household", args=[homes[1].uid])).status_code == 404


def test_what_is_asked_for_narrows_the_list(signed_in, households):
    homes = households(12)
    actions.assign_grid(by=BY, at=AT, households=homes[1:], grid_path=GRID)
    client = signed_in()
    page = read(client, "list", show="no_grid")
    assert ("1号" in page, "12号" in page) == (True, False)
    assert "12号" in read(client, "list", q="12")
    assert client.get(reverse("homes:list"), {"show": "nonsense"}).status_code == 422
    assert client.get(reverse("homes:list"), {"area": OTHER}).status_code == 404


def test_ticked_households_go_into_a_grid_and_out_of_it_again(signed_in, households):
    homes = households(3)
    client = signed_in()
    told = {"village": VILLAGE, "home": [home.pk for home in homes[:2]], "to": f"grid:{GRID}"}
    assert client.post(reverse("homes:assign"), told).status_code == 302
    assert queries.households_by_grid(VILLAGE, timezone.now()) == {GRID: 2}
    client.post(reverse("homes:assign"), told | {"home": [homes[0].pk], "to": "leave:grid"})
    assert queries.households_by_grid(VILLAGE, timezone.now()) == {GRID: 1}


def test_nothing_ticked_and_doors_of_others_change_nothing(signed_in, households):
    (stranger,) = households(1, path=OTHER)
    households(1)
    client = signed_in()
    for home in ([], [stranger.pk], ["x"]):
        told = {"village": VILLAGE, "home": home, "to": f"grid:{GRID}"}
        client.post(reverse("homes:assign"), told)
        assert "没有勾选任何户" in read(client, "list")
    assert queries.households_by_grid("140931", timezone.now()) == {}
    assert client.post(reverse("homes:assign"), {"village": OTHER, "to": f"grid:{OTHER}001"}).status_code == 403


def test_a_household_is_checked_told_of_and_moved_and_the_opening_is_logged(signed_in, households):
    home = households(1)[0]
    actions.assign_grid(by=BY, at=AT, households=[home], grid_path=GRID)
    person = Person.objects.get(household=home)
    client = signed_in()
    read(client, "household", home.uid)
    assert Event.objects.filter(action="door.opened", subject=person.uid).count() == 1
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    told = {"record": str(uuid4()), "at": now, "note": "一致"}
    assert client.post(reverse("homes:verify", args=[home.uid]), told).status_code == 302
    client.post(reverse("homes:verify", args=[home.uid]), told)
    assert [check.note for check in queries.checks_of(home)] == ["一致"]
    prefix = f"p{person.pk}"
    said = {f"{prefix}-kind": "mobile", f"{prefix}-flags": ["pregnant"]}
    assert client.post(reverse("homes:residents", args=[home.uid]), said).status_code == 302
    assert "孕产妇" in read(client, "household", home.uid)
    move = {"record": str(uuid4()), "door": "88号"}
    assert client.post(reverse("homes:move", args=[home.uid]), move).status_code == 302
    reached = Household.objects.get(door="88号")
    page = read(client, "household", home.uid)
    assert ("88号" in page, "第一网格" in page) == (True, True)
    assert person.name in read(client, "household", reached.uid)
    assert client.post(reverse("homes:move", args=[reached.uid]), move | {"record": str(uuid4())}).status_code == 422


def test_c05_1_the_page_names_the_households_outside_any_group_and_shows_no_100_percent(signed_in, households):
    homes = households(22)
    actions.assign_grid(by=BY, at=AT, households=homes, grid_path=GRID)
    client = signed_in()
    url = f"{reverse('homes:groups')}?area={VILLAGE}"
    assert client.post(url, {"kind": "ten_households", "size": "10"}).status_code == 302
    answer = read(client, "groups", area=VILLAGE)
    assert ("已编成 2 个小组" in answer, "2 户未编组" in answer) == (True, True)
    page = read(client, "coverage", area=VILLAGE)
    assert ("21号" in page, "22号" in page, "90.9%" in page, "未完成" in page) == (True, True, True, True)
    assert client.post(url, {"kind": "ten_households", "size": "1"}).status_code == 422


def test_c05_2_the_coverage_page_names_the_compound_without_a_grid(signed_in, village):
    client = signed_in()
    url = f"{reverse('homes:compounds')}?area={VILLAGE}"
    for number in range(1, 6):
        told = {"name": f"{number}号院", "kind": "unmanaged", "grid": "" if number == 4 else GRID}
        assert client.post(url, told).status_code == 302
    assert client.post(url, {"name": "1号院", "kind": "unmanaged"}).status_code == 422
    page = read(client, "coverage", area=VILLAGE)
    assert ("4号院" in page, "3号院" in page) == (True, False)
    (bare,) = queries.compounds_without_grid(VILLAGE, timezone.now())
    client.post(reverse("homes:compound_grid", args=[bare.uid]), {"grid": GRID})
    assert "4号院" not in read(client, "coverage", area=VILLAGE)


def test_no_households_is_no_denominator(signed_in, village):
    page = read(signed_in("county_officer", COUNTY), "coverage")
    assert ("底数不明" in page, "100.0%" in page) == (True, False)


def test_a_group_gets_its_coordinator_and_ends(signed_in, households):
    households(10)
    (group,) = actions.form_groups(by=BY, at=AT, area_path=VILLAGE, kind="ten_households", size=10).groups
    client = signed_in()
    assert "空缺" in read(client, "group", group.uid)
    url = reverse("homes:group", args=[group.uid])
    assert client.post(url, {"coordinator": ""}).status_code == 422
    client.post(url, {"coordinator": "王某", "phone": "13800000000"})
    assert "王某" in read(client, "groups", area=VILLAGE)
    client.post(url, {"dissolve": "1"})
    assert Group.objects.get(pk=group.pk).dissolved_at is not None
    assert signed_in("village_head", OTHER).get(url).status_code == 403


@pytest.mark.parametrize("name", ["list", "coverage", "groups"])
@pytest.mark.parametrize(("role", "path"), [("village_head", VILLAGE), ("county_officer", COUNTY)])
def test_pages_ask_little(signed_in, households, django_assert_max_num_queries, name, role, path):
    homes = households(60)
    actions.assign_grid(by=BY, at=AT, households=homes[:30], grid_path=GRID)
    actions.form_groups(by=BY, at=AT, area_path=VILLAGE, kind="ten_households", size=7)
    client = signed_in(role, path)
    read(client, name)
    with django_assert_max_num_queries(12):
        read(client, name)


def test_a_household_page_asks_little(signed_in, households, django_assert_max_num_queries):
    (home,) = households(1)
    client = signed_in()
    read(client, "household", home.uid)
    with django_assert_max_num_queries(16):
        read(client, "household", home.uid)
