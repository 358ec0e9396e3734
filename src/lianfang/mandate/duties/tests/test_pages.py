"""The outstanding list: scope, numbers that open their lists, and explanations."""

from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import escape

from lianfang.mandate.duties.actions import generate_due
from lianfang.mandate.duties.models import Excuse, Obligation
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.intake.records import record_batch
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
AS_OF = "2020-02-09T14:30:00+08:00"
MOMENT = parse_datetime(AS_OF)


@pytest.fixture
def people(arrivals):
    """Three from the key area and one from elsewhere in 东沟村, two from the key area in 西坪村."""
    arrivals(
        [
            {"name": "张玉兰", "door": "12号", "origin": "湖北武汉"},
            {"name": "李建国", "door": "27号", "origin": "湖北孝感"},
            {"name": "赵春梅", "door": "27号", "origin": "湖北省武汉市"},
            {"name": "刘小军", "door": "3号", "origin": "山西大同"},
            {"name": "孙桂花", "door": "5号", "origin": "湖北武汉", "village": "西坪村"},
            {"name": "周国强", "door": "6号", "origin": "湖北武汉", "village": "西坪村"},
        ]
    )
    return {person.name: person for person in Person.objects.all()}


@pytest.fixture
def signed_in(client, account):
    def enter(role, path):
        client.force_login(account(role, path))
        return client

    return enter


def url(**query):
    return f"{reverse('duties:gaps')}?{urlencode({'as_of': AS_OF} | query)}"


def say(kind, person, at, **more):
    line = {"id": str(uuid4()), "kind": kind, "person": str(person.uid), "at": at, **more}
    assert record_batch(by=Actor("test"), at=parse_datetime(at), lines=[line]).stored == 1


def test_every_address_asks_for_a_login(client, people):
    owed = Obligation.objects.first()
    for address in (
        reverse("duties:gaps"),
        reverse("duties:person", args=[uuid4()]),
        reverse("duties:excuse", args=[owed.pk]),
    ):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("login"))


def test_administrators_have_no_outstanding_list(signed_in, people):
    assert signed_in("administrator", COUNTY).get(url()).status_code == 403


@pytest.mark.parametrize("area", [OTHER, TOWN, COUNTY, "14", "140931101999", "x"])
def test_area_outside_of_the_account_is_not_there(signed_in, people, area):
    assert signed_in("village_head", VILLAGE).get(url(area=area)).status_code == 404


def test_village_sees_its_own_people_only(signed_in, people):
    client = signed_in("grid_worker", VILLAGE)
    for query in ({}, {"state": "outstanding"}, {"tab": "owner"}, {"tab": "area"}, {"duty": "temperature"}):
        body = client.get(url(**query)).content.decode()
        assert "孙桂花" not in body
        assert "西坪村" not in body
    assert "张玉兰" in client.get(url(state="outstanding")).content.decode()


def test_each_number_opens_a_list_of_that_length(signed_in, people):
    say("temperature", people["张玉兰"], "2020-02-09T08:00:00+08:00", value=36.5)
    say("temperature", people["孙桂花"], "2020-02-09T12:40:00+08:00", value=36.6)
    client = signed_in("county_officer", COUNTY)
    for moment in ("2020-02-09T14:30:00+08:00", "2020-02-10T22:00:00+08:00"):
        page = client.get(url(as_of=moment))
        numbers = [one for card in page.context["cards"] for one in card["numbers"] + card["apart"]]
        assert len(numbers) > 20
        for one in numbers:
            behind = client.get(one["url"]).context["page"]
            assert behind.paginator.count == one["value"] == len(behind.object_list), one


def test_carried_slots_stand_apart_from_what_is_due_today(signed_in, people):
    client = signed_in("county_officer", COUNTY)
    generate_due(at=parse_datetime("2020-02-09T23:00:00+08:00"))
    page = client.get(url(as_of="2020-02-10T07:00:00+08:00", duty="temperature"))
    (card,) = page.context["cards"]
    assert {one["code"]: one["value"] for one in card["apart"]} == {"carried": 15}
    assert {one["code"]: one["value"] for one in card["numbers"]}["due"] == 10
    carried = client.get(url(as_of="2020-02-10T07:00:00+08:00", duty="temperature", state="carried"))
    assert [row.item.day.day for row in carried.context["rows"]] == [8] * 5 + [9] * 10


def test_arrivals_without_hour_are_named_outside_of_the_percentage(signed_in, people):
    page = signed_in("county_officer", COUNTY).get(url(duty="known-in-two-hours"))
    (card,) = page.context["cards"]
    assert card["summary"].due == 0
    assert [(one["code"], one["value"]) for one in card["apart"]] == [("untimed", 5)]


def test_pages_of_a_long_list_hold_every_row_once(signed_in, arrivals):
    arrivals([{"name": f"王{chr(0x4E00 + i)}", "door": f"{i}号"} for i in range(120)])
    client = signed_in("township_officer", TOWN)
    seen = [row.item.id for page in (1, 2, 3) for row in client.get(url(duty="notice", page=page)).context["rows"]]
    assert len(seen) == len(set(seen)) == 120


def test_owner_is_named_with_the_phone_to_call_or_as_a_vacant_post(signed_in, people):
    place = {"slot": "group_cadre", "name": "王建民", "phone": "13800000001"}
    say("team_member", people["张玉兰"], "2020-02-09T07:00:00+08:00", **place)
    page = signed_in("county_officer", COUNTY).get(url(duty="temperature", state="overdue"))
    body = page.content.decode()
    assert 'href="tel:13800000001"' in body
    vacant = [row.item.owner for row in page.context["rows"] if row.item.owner_vacant]
    assert len(vacant) == 4
    assert all("村" in owner for owner in vacant)


def test_owners_stand_in_the_order_of_areas_and_never_by_number(signed_in, people):
    page = signed_in("county_officer", COUNTY).get(url(tab="owner"))
    owners = page.context["owners"]
    paths = [owner["path"] for owner in owners]
    assert len(paths) == 12
    assert paths == sorted(paths)
    found = summaries(area_path=COUNTY, as_of=MOMENT)
    assert sum(owner["total"] for owner in owners) == sum(one.outstanding for one in found)
    for owner in owners:
        behind = page.client.get(owner["url"]).context["page"]
        assert behind.paginator.count == owner["total"]


def test_areas_below_add_up_to_the_area_above(signed_in, people):
    page = signed_in("township_officer", TOWN).get(url(tab="area"))
    position = [words.code for words in page.context["duties"]].index("temperature")
    cells = {area["name"]: area["cells"][position]["count"] for area in page.context["areas"]}
    assert len(cells) == 12
    assert {name: (cell.due, cell.overdue) for name, cell in cells.items() if cell} == {
        "东沟村": (6, 3),
        "西坪村": (4, 2),
    }


def test_assumed_values_are_marked_on_the_duty(signed_in, people):
    body = signed_in("county_officer", COUNTY).get(url(duty="temperature")).content.decode()
    assert "XX-1.1.3.2" in body
    assert "lf-assumed" in body


def test_documents_are_not_shown(signed_in, arrivals):
    arrivals([{"name": "张玉兰", "document": "990000199001010017", "origin": "湖北武汉"}])
    if not Person.objects.exists():
        pytest.fail("the row was not accepted")
    body = signed_in("county_officer", COUNTY).get(url(state="outstanding")).content.decode()
    assert "张玉兰" in body
    assert "990000" not in body


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"as_of": "yesterday"}, 400),
        ({"as_of": "2020-02-09"}, 400),
        ({"as_of": "2999-01-01T00:00:00+08:00"}, 400),
        ({"state": "best"}, 404),
        ({"tab": "ranking"}, 404),
    ],
)
def test_address_that_names_nothing_is_refused(signed_in, county, query, status):
    assert signed_in("county_officer", COUNTY).get(url(**query)).status_code == status


def test_plus_sign_lost_in_an_address_is_read(signed_in, county):
    answer = signed_in("county_officer", COUNTY).get(f"{reverse('duties:gaps')}?as_of={AS_OF}")
    assert answer.context["as_of"] == MOMENT


def owed_by(person, duty="temperature"):
    return next(one for one in items(area_path=VILLAGE, as_of=MOMENT, duty=duty) if one.subject == person.uid)


def test_explaining_needs_a_reason_and_the_right_to_assign(signed_in, people):
    address = reverse("duties:excuse", args=[owed_by(people["张玉兰"], "notice").id])
    assert signed_in("grid_worker", VILLAGE).post(address, {"reason": "住院"}).status_code == 404
    assert signed_in("village_head", OTHER).post(address, {"reason": "住院"}).status_code == 404
    head = signed_in("village_head", VILLAGE)
    assert head.get(address).status_code == 200
    assert head.post(address, {"reason": "  "}).status_code == 422
    assert Excuse.objects.count() == 0
    assert head.post(address, {"reason": "住院"}).status_code == 302
    assert Excuse.objects.get().reason == "住院"


def test_explanation_is_logged_and_takes_the_case_off_the_list(signed_in, people):
    owed = owed_by(people["张玉兰"], "notice")
    head = signed_in("village_head", VILLAGE)
    head.post(reverse("duties:excuse", args=[owed.id]), {"reason": "住院"})
    event = Event.objects.get(action="obligation.excused")
    assert (event.actor, event.area_path, event.subject) == (f"village_head-{VILLAGE}", VILLAGE, owed.subject)
    now = head.get(f"{reverse('duties:gaps')}?duty=notice&state=excused")
    assert [row.item.name for row in now.context["rows"]] == ["张玉兰"]


def test_second_explanation_changes_nothing_and_says_so(signed_in, people):
    address = reverse("duties:excuse", args=[owed_by(people["张玉兰"], "notice").id])
    head = signed_in("village_head", VILLAGE)
    head.post(address, {"reason": "住院"})
    assert head.post(address, {"reason": "再说一次"}).status_code == 422
    assert Excuse.objects.get().reason == "住院"


def test_explanation_leads_back_only_into_this_site(signed_in, people):
    address = reverse("duties:excuse", args=[owed_by(people["张玉兰"], "notice").id])
    answer = signed_in("village_head", VILLAGE).post(f"{address}?next=https://elsewhere.example/", {"reason": "住院"})
    assert answer["Location"].startswith(reverse("duties:gaps"))


def test_part_of_a_card_tells_what_is_due_for_one_person(signed_in, people):
    address = reverse("duties:person", args=[people["张玉兰"].uid])
    page = signed_in("village_head", VILLAGE).get(address)
    assert page.status_code == 200
    assert {row.item.subject for row in page.context["now"]} == {people["张玉兰"].uid}
    assert signed_in("village_head", OTHER).get(address).status_code == 404


@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ({}, 9),
        ({"state": "outstanding"}, 11),
        ({"duty": "temperature", "state": "overdue"}, 11),
        ({"tab": "owner"}, 11),
        ({"tab": "area"}, 9),
    ],
)
def test_queries_do_not_grow_with_rows(signed_in, arrivals, django_assert_max_num_queries, query, queries):
    client = signed_in("county_officer", COUNTY)
    for start, size in ((0, 2), (100, 40)):
        names = [f"钱{chr(0x4E00 + start + i)}" for i in range(size)]
        arrivals([{"name": name, "door": name, "origin": "湖北武汉"} for name in names])
        client.get(url(**query))  # a plan is read once and kept
        with django_assert_max_num_queries(queries):
            client.get(url(**query))


def test_reports_of_the_villages_are_reached_from_their_duty(signed_in, people):
    client = signed_in("county_officer", COUNTY)
    cards = client.get(url(area=TOWN)).context["cards"]
    told = {card["summary"].code: card["reports_query"] for card in cards}
    assert [code for code, query in told.items() if query] == ["zero-report"]
    link = f"{reverse('reporting:list')}?{told['zero-report']}"
    assert escape(link) in client.get(url(area=TOWN)).content.decode()
    assert client.get(link).context["place"].path == TOWN


def test_duty_without_a_known_base_is_told_from_one_that_owes_nothing(signed_in, people):
    body = signed_in("county_officer", COUNTY).get(url(duty="known-in-two-hours")).content.decode()
    assert "底数不明" in body
    assert "无应办" not in body


def test_export_takes_every_filter_of_the_page_with_it(signed_in, people):
    page = signed_in("county_officer", COUNTY).get(url(duty="temperature", state="overdue", owner="x", tab="owner"))
    query = parse_qs(urlsplit(page.context["export_url"]).query)
    told = {"duty": ["temperature"], "state": ["overdue"], "owner": ["x"], "area": [COUNTY]}
    assert {key: query[key] for key in told} == told
    assert "tab" not in query
