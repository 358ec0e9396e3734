"""The page of today: households as rows, counts from the duties, nobody of another area."""

import pytest
from django.urls import reverse
from django.utils import timezone

from lianfang.mandate.duties.queries import summaries
from lianfang.registry.accounts.actions import appoint
from lianfang.registry.accounts.models import Account

TODAY = "/today/"
COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_household_is_one_row(worker, people):
    page = worker.get(TODAY).content.decode()
    assert page.count(f'id="row-{people["李建国"].household.uid}"') == 1
    assert page.count("data-row") == 2  # the household of two, and 张玉兰
    assert "李建国" in page
    assert "李小宝" not in page  # the row goes by the eldest


def test_person_without_a_door_has_a_row(arrivals, people, worker):
    arrivals([{"name": "周小明", "origin": "湖北武汉", "phone": "13900001111"}])
    assert "周小明" in worker.get(TODAY).content.decode()


def test_counts_are_those_of_the_duties(worker, people):
    day = worker.get(TODAY).context["day"]
    morning = next(one for one in day.progress if one.code == "temperature")
    evening = next(one for one in day.later if one.code == "temperature")
    (duty,) = summaries(area_path=VILLAGE, as_of=timezone.now(), duty="temperature")
    assert (morning.due + evening.due, morning.done) == (duty.due, duty.done) == (4, 0)


def test_counts_follow_what_is_recorded(house, worker):
    house.save(李建国__temperature="36.5")
    morning = worker.get(TODAY).context["day"].progress[0]
    assert (morning.code, morning.done, morning.left) == ("temperature", 1, 1)


def test_household_moves_to_done_when_nothing_is_left(house, worker):
    told = {f"{name}__{field}": value for name in ("李建国", "李小宝") for field, value in
            (("temperature", "36.5"), ("notice", "served"), ("well", "on"))}  # fmt: skip
    house.save(**told)
    sections = {part["section"]: part["total"] for part in worker.get(TODAY).context["sections"]}
    assert sections == {"overdue": 0, "todo": 1, "done": 1}


def test_slot_that_is_over_is_missed_and_no_task(worker, clock):
    clock("2020-02-09T14:30:00+08:00")
    day = worker.get(TODAY).context["day"]
    assert day.missed == 2
    assert [task.item.slot for row in day.rows for task in row.open_tasks if task.item.code == "temperature"] == [
        "evening",
        "evening",
    ]


def test_overdue_household_stands_first(worker, people, clock):
    clock("2020-02-09T20:30:00+08:00")
    sections = worker.get(TODAY).context["sections"]
    assert [(part["section"], part["total"]) for part in sections][0] == ("overdue", 2)


@pytest.mark.parametrize(("role", "shown"), [("grid_worker", False), ("village_head", True)])
def test_team_places_stand_with_those_who_fill_them(enter, people, role, shown):
    rows = enter(role).get(TODAY).context["day"].rows
    assert any("team_member" in task.kinds for row in rows for task in row.tasks) is shown


def test_only_households_of_one_duty_are_shown_when_asked(worker, people):
    page = worker.get(f"{TODAY}?duty=temperature").content.decode()
    assert page.count("data-row") == 1
    assert "张玉兰" not in page


def test_long_section_comes_in_parts(arrivals, worker, people):
    arrivals(
        [
            {"name": f"王{name}", "door": f"{n}号"}
            for n, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥", 100)
        ]
    )
    page = worker.get(TODAY).content.decode()
    assert page.count("data-row") == 20
    rest = worker.get(f"{TODAY}?area={VILLAGE}&section=todo&from=20", headers=PART).content.decode()
    assert rest.count("data-row") == 4
    assert "more-todo" not in rest


def test_township_sees_its_villages_with_counts(enter, people):
    response = enter("township_officer", TOWN).get(TODAY)
    areas = {one.path: one for one in response.context["areas"]}
    assert len(areas) == 12
    assert (areas[VILLAGE].observed, areas[OTHER].observed) == (2, 1)
    assert f"?area={VILLAGE}" in response.content.decode()


def test_county_sees_its_townships(enter, people):
    areas = enter("county_officer", COUNTY).get(TODAY).context["areas"]
    assert next(one for one in areas if one.path == TOWN).observed == 3


def test_fever_without_care_stands_before_the_villages(enter, house):
    house.save(李建国__temperature="38.5", 李建国__again="38.5")
    page = enter("health_centre", TOWN).get(TODAY).content.decode()
    assert "李建国" in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("address", [TODAY, "/today/reached/", "/needs/", "/observations/"])
def test_page_is_there_in_both_languages(worker, people, language, address):
    worker.cookies["django_language"] = language
    response = worker.get(address)
    assert response.status_code == 200
    assert ("东沟村" if address != "/needs/" else "李建国") in response.content.decode()


def test_worker_of_two_villages_finds_both(enter, people):
    client = enter("grid_worker")
    worker = Account.objects.get()
    appoint(by=worker.actor, at=timezone.now(), account=worker, role="grid_worker", area_path=OTHER)
    assert f"?area={OTHER}" in client.get(TODAY).content.decode()
    assert "赵春梅" in client.get(f"{TODAY}?area={OTHER}").content.decode()


ADDRESSES = [TODAY, "/today/reached/", "/needs/", "/observations/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_visitor_is_sent_to_log_in(client, people, address):
    assert client.get(address).headers["Location"].startswith("/login/")


@pytest.mark.parametrize("area", [OTHER, TOWN, COUNTY, "14093110120", "999", "x"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_other_area_is_not_there(worker, people, address, area):
    assert worker.get(f"{address}?area={area}").status_code == 404


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_of_another_village_is_on_a_page(worker, people, address):
    assert "赵春梅" not in worker.get(address).content.decode()


def test_account_that_records_nothing_has_no_day(enter, people):
    assert enter("epidemiologist", COUNTY).get(TODAY).status_code == 403


@pytest.mark.parametrize("method", ["get", "post"])
def test_household_of_another_village_is_not_there(worker, people, method):
    url = reverse("observation:household", args=[people["赵春梅"].household.uid])
    assert getattr(worker, method)(url).status_code == 404
    assert getattr(worker, method)(reverse("observation:household", args=[people["赵春梅"].uid])).status_code == 404


def test_queries_do_not_grow_with_the_village(arrivals, worker, people, django_assert_max_num_queries):
    worker.get(TODAY)  # reads the plan once a process
    with django_assert_max_num_queries(20) as few:
        worker.get(TODAY)
    arrivals(
        [
            {"name": f"王{name}", "door": f"{n}号", "origin": "湖北武汉"}
            for n, name in enumerate("甲乙丙丁戊己庚辛", 100)
        ]
    )
    with django_assert_max_num_queries(20) as many:
        worker.get(TODAY)
    assert len(few) == len(many)
