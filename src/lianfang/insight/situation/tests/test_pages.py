"""Start page, overview and the export page: scope, links, what is drawn."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from lianfang.insight.situation.queries import figures
from lianfang.registry.places.models import Area

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
AS_OF = "2020-02-09T14:30:00+08:00"
SQUARE = {"type": "Polygon", "coordinates": [[[111, 39], [111.1, 39], [111.1, 39.1], [111, 39]]]}


@pytest.fixture
def people(arrivals):
    arrivals(
        [
            {"name": "张玉兰", "door": "12号", "origin": "湖北武汉"},
            {"name": "李建国", "origin": "湖北孝感"},
            {"name": "孙桂花", "door": "5号", "origin": "山西大同", "village": "西坪村"},
        ]
    )


@pytest.fixture
def signed_in(client, account):
    def enter(role, path):
        client.force_login(account(role, path))
        return client

    return enter


def url(**query):
    return f"{reverse('situation:overview')}?{urlencode({'as_of': AS_OF} | query)}"


def values(page):
    return {str(one["figure"].label): one["figure"].value for one in page.context["figures"]}


@pytest.mark.parametrize("name", ["home", "situation:overview"])
def test_pages_ask_for_a_login(client, county, name):
    assert client.get(reverse(name))["Location"].startswith(reverse("login"))


@pytest.mark.parametrize(
    ("role", "path", "target"),
    [
        ("county_officer", COUNTY, "situation:overview"),
        ("township_officer", TOWN, "situation:overview"),
        ("epidemiologist", COUNTY, "situation:overview"),
        ("village_head", VILLAGE, "observation:today"),
        ("grid_worker", VILLAGE, "observation:today"),
    ],
)
def test_each_account_starts_where_its_work_is(signed_in, county, role, path, target):
    assert signed_in(role, path).get("/")["Location"] == reverse(target)


def test_administrator_without_area_of_work_begins_with_the_people_of_the_office(signed_in, county):
    assert signed_in("administrator", COUNTY).get("/")["Location"] == "/settings/staff/"


def test_account_without_appointment_gets_a_page_and_no_figures(client, django_user_model, county):
    client.force_login(django_user_model.objects.create(username="new", display_name="new"))
    assert client.get("/").status_code == 200
    assert client.get(url()).status_code == 403


@pytest.mark.parametrize("area", [OTHER, TOWN, COUNTY, "14", "x"])
def test_overview_of_another_area_is_not_there(signed_in, people, area):
    assert signed_in("village_head", VILLAGE).get(url(area=area)).status_code == 404


def test_overview_counts_the_people_of_the_area_alone(signed_in, people):
    told = figures(area_path=OTHER, as_of=parse_datetime(AS_OF))
    page = signed_in("village_head", OTHER).get(url())
    assert page.context["figures"][0]["figure"].value == told["registered_arrivals"].value == 1
    assert page.context["coverage"] is None
    assert "东沟村" not in page.content.decode()


def test_each_figure_opens_a_list_that_is_there_and_as_long(signed_in, people):
    client = signed_in("county_officer", COUNTY)
    page = client.get(url())
    assert len(page.context["figures"]) == 7
    for one in page.context["figures"]:
        behind = client.get(one["href"])
        assert behind.status_code == 200, one["href"]
        shown = behind.context.get("page")
        count = shown.paginator.count if shown else len(behind.context["rows"])
        assert count == one["figure"].value, one["href"]


def test_each_figure_says_as_of_when(signed_in, people):
    page = signed_in("county_officer", COUNTY).get(url())
    assert page.content.decode().count("lf-figure-asof") == len(page.context["figures"])


def test_duties_link_to_what_is_missing(signed_in, people):
    client = signed_in("county_officer", COUNTY)
    duties = {one["words"].code: one for one in client.get(url()).context["duties"]}
    behind = client.get(duties["temperature"]["missing_url"])
    assert behind.context["page"].paginator.count == duties["temperature"]["missing"] == 4


def test_areas_without_borders_are_tiles_that_say_the_same_as_the_table(signed_in, people):
    page = signed_in("township_officer", TOWN).get(url())
    coverage = page.context["coverage"]
    assert "shapes" not in coverage
    assert [tile["name"] for tile in coverage["tiles"]] == [row["name"] for row in coverage["rows"]]
    assert len(coverage["rows"]) == 12
    (temperature,) = [one["summary"] for one in page.context["duties"] if one["words"].code == "temperature"]
    assert sum(row["share"].denominator for row in coverage["rows"]) == temperature.due == 4


def test_areas_with_imported_borders_are_a_map(signed_in, people):
    Area.objects.under(TOWN).reporting_units().update(boundary=SQUARE)
    page = signed_in("township_officer", TOWN).get(url())
    shapes = page.context["coverage"]["shapes"]["features"]
    assert len(shapes) == 12
    assert "data-map" in page.content.decode()


def test_area_where_nothing_is_due_has_no_percentage(signed_in, people):
    page = signed_in("county_officer", COUNTY).get(url())
    tiles = {tile["name"]: tile for tile in page.context["coverage"]["tiles"]}
    assert tiles["义门镇"]["level"] is not None
    assert tiles["东关镇"]["level"] is None
    assert tiles["东关镇"]["value"] == "无应办"
    assert "无应办" in page.content.decode()


def test_area_whose_clocks_cannot_start_has_no_known_base(signed_in, people):
    page = signed_in("county_officer", COUNTY).get(url(duty="known-in-two-hours"))
    tiles = {tile["name"]: tile["value"] for tile in page.context["coverage"]["tiles"]}
    assert (tiles["义门镇"], tiles["东关镇"]) == ("底数不明", "无应办")


def test_map_shows_one_duty_at_a_time(signed_in, people):
    client = signed_in("county_officer", COUNTY)
    assert "notice" not in client.get(url()).context["coverage"]["rows"][0]["url"]
    page = client.get(url(duty="notice"))
    coverage = page.context["coverage"]
    (notice,) = [one["summary"] for one in page.context["duties"] if one["words"].code == "notice"]
    assert coverage["so_far"]
    assert sum(row["share"].denominator for row in coverage["rows"]) == notice.due == 3
    assert [one["here"] for one in coverage["choices"]].count(True) == 1
    assert client.get(url(duty="nothing")).status_code == 404


def test_duties_done_once_say_that_they_count_all_days(signed_in, people):
    duties = {one["words"].code: one for one in signed_in("county_officer", COUNTY).get(url()).context["duties"]}
    assert duties["notice"]["so_far"]
    assert not duties["temperature"]["so_far"]


# --- the trend, loaded after the figures ------------------------------------------------------------------


def trend_url(**query):
    return f"{reverse('situation:trend')}?{urlencode({'as_of': AS_OF} | query)}"


def test_trend_asks_for_a_login_and_for_the_right(client, signed_in, county):
    assert client.get(trend_url())["Location"].startswith(reverse("login"))
    assert signed_in("administrator", COUNTY).get(trend_url()).status_code == 403


@pytest.mark.parametrize("area", [OTHER, TOWN, COUNTY, "14", "x"])
def test_trend_of_another_area_is_not_there(signed_in, people, area):
    assert signed_in("village_head", VILLAGE).get(trend_url(area=area)).status_code == 404


def test_overview_loads_the_trend_of_its_own_area_and_moment(signed_in, people):
    client = signed_in("village_head", OTHER)
    part = client.get(client.get(url()).context["trend_url"])
    assert part.context["as_of"] == parse_datetime(AS_OF)
    assert part.context["figures"][0]["figure"].value == 1
    assert part.context["joined"]["series"][0]["values"][-1] == 1
    assert part.content.decode().count("lf-figure-delta") == 4


def test_a_trend_whose_hours_are_being_counted_says_so_and_compares_nothing_with_them(signed_in, people, monkeypatch):
    client = signed_in("county_officer", COUNTY)
    assert "正在重新统计" not in client.get(trend_url()).content.decode()
    monkeypatch.setattr("lianfang.mandate.duties.past._MOST_ROWS", -1)
    part = client.get(trend_url())
    assert part.context["overdue"]["series"][0]["values"][:-1] == [None] * 13
    said = part.content.decode()
    assert "正在重新统计" in said
    assert said.count("lf-figure-delta") == 3  # what is outstanding has no yesterday


@pytest.mark.parametrize("as_of", ["soon", "2020-02-09", "2999-01-01T00:00:00+08:00"])
def test_moment_that_is_none_is_refused(signed_in, county, as_of):
    assert signed_in("county_officer", COUNTY).get(url(as_of=as_of)).status_code == 400


def test_queries_do_not_grow_with_rows(signed_in, arrivals, django_assert_num_queries):
    client = signed_in("county_officer", COUNTY)
    for start, size in ((0, 2), (100, 40)):
        names = [f"钱{chr(0x4E00 + start + i)}" for i in range(size)]
        arrivals([{"name": name, "door": name, "origin": "湖北武汉"} for name in names])
        client.get(url())  # a plan is read once and kept
        with django_assert_num_queries(7):
            client.get(url())


def test_lists_are_offered_to_those_who_may_take_them_out(signed_in, people):
    assert signed_in("health_centre", TOWN).get(url()).context["exports"] == []
    client = signed_in("township_officer", TOWN)
    offered = client.get(url()).context["exports"]
    assert len(offered) == 2
    for one in offered:
        assert client.get(one["url"]).status_code == 200
