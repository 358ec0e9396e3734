"""The list of people under observation, the part of the card, and needs."""

from uuid import uuid4

import pytest
from django.urls import reverse

from lianfang.field.observation.models import Alert, Need
from lianfang.mandate.duties.models import Enrolment
from lianfang.registry.audit.models import Event

LIST = "/observations/"
COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"


def names(response):
    return [row.person.name for row in response.context["rows"]]


def part(person):
    return reverse("observation:person", args=[person.uid])


def test_list_says_what_is_known_of_each(house, worker, people):
    house.save(李建国__temperature="36.5", 李建国__notice="served")
    (row,) = [row for row in worker.get(LIST).context["rows"] if row.person.name == "李建国"]
    assert (row.period.number, row.period.days, str(row.reading.celsius), row.notice) == (
        2,
        14,
        "36.5",
        "served",
    )
    assert (row.filled, row.places, row.is_fever) == (0, 5, False)


def test_figures_are_the_lengths_of_their_lists(house, worker):
    house.save(李建国__temperature="38.5", 李建国__again="38.5")
    for show, figure in zip(("", "new", "released", "fever"), worker.get(LIST).context["figures"], strict=True):
        assert len(names(worker.get(f"{LIST}?show={show}"))) == figure["value"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["李小宝", "李建国"]),
        ("sort=name", ["李建国", "李小宝"]),
        ("sort=-name", ["李小宝", "李建国"]),
        ("q=李建", ["李建国"]),
        ("q=ljg", ["李建国"]),
        ("show=overdue", ["李小宝", "李建国"]),
        ("show=ending", []),
        ("sort=nonsense", ["李小宝", "李建国"]),
    ],
)
def test_list_is_filtered_searched_and_sorted(worker, people, query, expected):
    assert sorted(names(worker.get(f"{LIST}?{query}"))) == sorted(expected)
    if query.startswith("sort=") and "name" in query:
        assert names(worker.get(f"{LIST}?{query}")) == expected


def test_list_shows_a_past_moment(worker, people):
    assert names(worker.get(f"{LIST}?as_of=2020-02-08T17:00:00%2B08:00")) == []
    assert worker.get(f"{LIST}?as_of=2020-02-10T17:00:00%2B08:00").status_code == 400


def test_higher_account_narrows_to_a_village(enter, people):
    officer = enter("county_officer", COUNTY)
    assert len(names(officer.get(LIST))) == 3
    assert names(officer.get(f"{LIST}?area={OTHER}")) == ["赵春梅"]


@pytest.mark.parametrize("role", ["grid_worker", "county_officer"])
def test_counts_hold_nobody_of_another_area(enter, people, role):
    client = enter(role, VILLAGE)
    assert client.get(LIST).context["figures"][0]["value"] == 2


def test_queries_do_not_grow_with_the_list(arrivals, worker, people, django_assert_max_num_queries):
    worker.get(LIST)
    with django_assert_max_num_queries(30) as few:
        worker.get(LIST)
    arrivals([{"name": f"王{name}", "door": f"{n}号", "origin": "湖北武汉"} for n, name in enumerate("甲乙丙丁戊", 90)])
    with django_assert_max_num_queries(30) as many:
        assert len(names(worker.get(LIST))) == 7
    assert len(few) == len(many)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_part_of_the_card_shows_days_team_and_readings(house, worker, people, language):
    house.save(李建国__temperature="36.5")
    worker.cookies["django_language"] = language
    page = worker.get(part(people["李建国"])).content.decode()
    assert f"36.5 {'°C' if language == 'en' else '℃'}" in page
    assert 'data-chart="temperatures"' in page
    assert "37.3" in page
    assert page.count("lf-assumed") >= 3  # days, team, threshold


def test_part_of_the_card_shows_fever_needs_and_who_arranged_care(house, worker, people, open_house, clock):
    house.save(李建国__temperature="38.5", 李建国__again="38.5")
    worker.post("/needs/", need(people["李建国"]))
    clock("2020-02-09T10:00:00+08:00")
    field = f"李建国__alert_{Alert.objects.get().uid.hex}"
    open_house(worker, people["李建国"]).save(**{field: "on", f"{field}_note": "县医院"})
    page = worker.get(part(people["李建国"])).content.decode()
    assert all(words in page for words in ("38.5 ℃", "县医院", f"grid_worker-{VILLAGE}", "降压药"))


def test_part_of_a_card_without_observation_is_there(worker, people):
    assert worker.get(part(people["张玉兰"])).status_code == 200


def test_reading_somebodys_health_is_logged(worker, people):
    worker.get(part(people["李建国"]))
    event = Event.objects.get(action="person.health_read")
    assert (event.subject, event.actor) == (people["李建国"].uid, f"grid_worker-{VILLAGE}")


def test_part_of_a_card_of_another_village_is_not_there_and_not_logged(worker, people):
    assert worker.get(part(people["赵春梅"])).status_code == 404
    assert not Event.objects.filter(action="person.health_read").exists()


def test_visitor_of_a_card_is_sent_to_log_in(client, people):
    assert client.get(part(people["李建国"])).status_code == 302


def need(person, **more):
    return {"batch": uuid4(), "person": str(person.uid), "category": "medicine", "note": "降压药", **more}


def test_need_becomes_a_duty_of_the_village(worker, people):
    assert worker.post("/needs/", need(people["张玉兰"])).status_code == 302
    told = Need.objects.get()
    assert (told.category, told.by) == ("medicine", f"grid_worker-{VILLAGE}")
    assert Enrolment.objects.get(cause=told.uid).subject == people["张玉兰"].uid


def test_need_sent_twice_is_one_need(worker, people, clock):
    data = need(people["张玉兰"])
    worker.post("/needs/", data)
    clock("2020-02-09T09:45:00+08:00")
    assert worker.post("/needs/", data).status_code == 302
    assert Need.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"category": ""}, {"category": "money"}, {"person": ""}, {"batch": "x"}])
def test_need_without_its_parts_is_not_stored(worker, people, wrong):
    assert worker.post("/needs/", need(people["张玉兰"]) | wrong).status_code == 422
    assert not Need.objects.exists()


def test_need_of_somebody_of_another_village_is_not_stored(worker, people):
    assert worker.post("/needs/", need(people["赵春梅"])).status_code == 422
    assert worker.post(f"/needs/?person={people['赵春梅'].uid}", need(people["赵春梅"])).status_code == 404
    assert not Need.objects.exists()
