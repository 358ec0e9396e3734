"""The pages around an observation as their users press them: alerts, needs, teams, release, orders, call-backs."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from lianfang.field.observation.actions import (
    NewNeed,
    NewReading,
    ask_for,
    draw_callbacks,
    mark_lost,
    record_readings,
    release_ready,
)
from lianfang.field.observation.models import Alert, AlertStep, Callback, Difficulty, HomeAssessment, Need
from lianfang.field.observation.wording import HOME
from lianfang.mandate.duties.models import Enrolment, TeamMember
from lianfang.mandate.orders.models import PersonOrder, Release
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

TOWN, COUNTY, VILLAGE, OTHER = "140931101", "140931", "140931101201", "140931101202"
ASSUMED = {"zh": "试验用", "en": "for the test"}
TABS = ("list", "alerts", "needs", "teams", "release", "orders", "lost", "callbacks")
FRAME = 8  # session, account, rights and what every page shows around its content
PUNISHING = ("处罚", "违反", "违规", "拘留", "罚", "punish", "penalt", "breach", "violat")


@pytest.fixture
def person(people):
    return people["李建国"]


def get(client, name, area=TOWN, **query):
    return client.get(reverse(f"observation:{name}"), {"area": area, **query})


def fever(person, at):
    new = NewReading(uuid4(), person, "temperature", at, celsius=38.5)
    record_readings(by=Actor("grid"), at=at, readings=[new])
    return Alert.objects.get()


@pytest.mark.parametrize("name", TABS)
def test_each_page_is_there_when_it_is_empty_and_says_what_belongs_there(enter, people, name):
    client = enter("township_officer", TOWN)
    client.cookies["django_language"] = "en"
    response = get(client, name)
    assert response.status_code == 200
    if name not in ("list", "teams"):
        assert "lf-empty" in response.content.decode()
        client.cookies["django_language"] = "zh-hans"
        assert "lf-empty" in get(client, name).content.decode()


@pytest.mark.parametrize("name", TABS)
def test_each_page_asks_a_fixed_number_of_questions(enter, people, clock, django_assert_max_num_queries, name):
    now = clock("2020-02-22T09:00:00+08:00")
    for who in people.values():
        if Enrolment.objects.filter(subject=who.uid, observed=True).exists():
            new = NewReading(uuid4(), who, "temperature", now, celsius=38.5)
            record_readings(by=Actor("grid"), at=now, readings=[new])
        ask_for(by=Actor("grid"), at=now, needs=[NewNeed(uuid4(), who, "food", now)])
    client = enter("township_officer", TOWN)
    get(client, name)
    with django_assert_max_num_queries(FRAME + 12):
        assert get(client, name).status_code == 200


@pytest.mark.parametrize("name", TABS)
def test_nobody_of_another_village_is_on_a_page(enter, people, clock, name):
    now = clock("2020-02-22T09:00:00+08:00")
    fever(people["赵春梅"], now)
    ask_for(by=Actor("grid"), at=now, needs=[NewNeed(uuid4(), people["赵春梅"], "food", now)])
    client = enter("village_head", VILLAGE)
    assert "赵春梅" not in get(client, name, VILLAGE).content.decode()
    assert get(client, name, OTHER).status_code == 404


def test_c10_5_township_and_county_receive_by_a_button_and_the_page_shows_the_minutes(
    client, account, people, person, clock
):
    alert = fever(person, clock("2020-02-09T09:10:00+08:00"))
    url = reverse("observation:alert", args=[alert.uid])
    for clock_time, role, area, act in (
        ("09:25", "township_officer", TOWN, "township"),
        ("09:40", "county_officer", COUNTY, "county"),
    ):
        clock(f"2020-02-09T{clock_time}:00+08:00")
        client.force_login(account(role, area))
        assert client.post(url, {"act": act}).status_code == 302
    page = client.get(url).content.decode()
    assert page.count("用时 15 分钟") == 2
    assert "tel:120" in page
    assert sorted(AlertStep.objects.values_list("step", flat=True)) == ["county", "township"]


def test_a_village_does_not_receive_for_the_township(enter, person, clock):
    alert = fever(person, clock("2020-02-09T09:10:00+08:00"))
    client = enter("village_head", VILLAGE)
    assert client.post(reverse("observation:alert", args=[alert.uid]), {"act": "township"}).status_code == 403
    assert not AlertStep.objects.exists()


def test_an_outcome_has_to_be_chosen_before_an_alert_is_closed(enter, person, clock):
    alert = fever(person, clock("2020-02-09T09:10:00+08:00"))
    client, url = enter("health_centre", TOWN), reverse("observation:alert", args=[alert.uid])
    assert client.post(url, {"act": "outcome"}).status_code == 422
    assert client.post(url, {"act": "outcome", "outcome": "well"}).status_code == 302
    assert "李建国" not in get(client, "alerts").content.decode()
    assert "李建国" in get(client, "alerts", show="all").content.decode()


def test_a_need_is_closed_from_the_list(enter, person, clock):
    now = clock("2020-02-09T09:10:00+08:00")
    ask_for(by=Actor("grid"), at=now, needs=[NewNeed(uuid4(), person, "medicine", now, "降压药")])
    client = enter("village_head", VILLAGE)
    assert "降压药" in get(client, "needs", VILLAGE).content.decode()
    url = reverse("observation:met", args=[Need.objects.get().uid])
    assert client.post(f"{url}?area={VILLAGE}", {"note": "已送到"}).status_code == 302
    assert Need.objects.get().met_note == "已送到"
    assert "降压药" in get(client, "needs", VILLAGE, show="met").content.decode()


def test_one_act_gives_many_people_their_member(enter, people):
    client = enter("township_officer", TOWN)
    observed = [str(pk) for pk in Enrolment.objects.filter(observed=True).values_list("pk", flat=True)]
    told = {"people": observed, "health_centre_name": "周医生", "health_centre_phone": "13900000001"}
    assert client.post(f"{reverse('observation:teams')}?area={TOWN}", told).status_code == 302
    assert TeamMember.objects.filter(slot="health_centre", name="周医生").count() == len(observed) == 3
    page = get(client, "teams").content.decode()
    assert "周医生" in page
    assert "0/3" in re.sub(r"\s|<[^>]+>", "", page)


def test_a_team_needs_somebody_ticked_and_a_name(enter, people):
    client = enter("township_officer", TOWN)
    response = client.post(f"{reverse('observation:teams')}?area={TOWN}", {})
    assert response.status_code == 422
    assert not TeamMember.objects.exists()


def test_who_may_not_assign_assigns_nobody(enter, people):
    client = enter("grid_worker", VILLAGE)
    assert client.post(f"{reverse('observation:teams')}?area={VILLAGE}", {}).status_code == 403


def test_a_place_is_handed_over_on_its_page(enter, people, person, clock):
    client = enter("township_officer", TOWN)
    pk = Enrolment.objects.get(subject=person.uid, observed=True).pk
    told = {"people": [str(pk)], "health_centre_name": "周医生"}
    client.post(f"{reverse('observation:teams')}?area={TOWN}", told)
    member = TeamMember.objects.get()
    clock("2020-02-09T11:00:00+08:00")
    url = reverse("observation:member", args=[member.record])
    assert client.post(url, {"record": str(uuid4()), "name": "吴医生", "phone": ""}).status_code == 302
    assert TeamMember.objects.get(until=None).name == "吴医生"
    assert "周医生" in client.get(url).content.decode()
    assert url not in client.get(reverse("observation:person", args=[person.uid])).content.decode()


def test_everybody_who_is_ready_is_released_in_one_act(enter, people, clock):
    clock("2020-02-21T09:00:00+08:00")
    client = enter("township_officer", TOWN)
    assert "李建国" in get(client, "release").content.decode()
    assert client.post(f"{reverse('observation:release')}?area={TOWN}").status_code == 302
    assert Release.objects.filter(kind="completed").count() == 3
    assert "李建国" not in get(client, "release").content.decode()


@pytest.mark.parametrize("ticked", ["²", "nobody", "9" * 30, "0"])
def test_a_tick_that_means_nobody_does_not_release_everybody(enter, people, clock, ticked):
    clock("2020-02-21T09:00:00+08:00")
    client = enter("township_officer", TOWN)
    assert client.post(f"{reverse('observation:release')}?area={TOWN}", {"one": ticked}).status_code == 302
    assert not Release.objects.exists()


def test_a_decision_that_is_none_declines_nothing(client, account, people, person):
    client.force_login(account("health_centre", TOWN))
    told = {"act": "early", "early-record": str(uuid4()), "early-reason": "阴性且另有诊断"}
    assert client.post(reverse("observation:course", args=[person.uid]), told).status_code == 302
    client.force_login(account("township_officer", TOWN))
    made = PersonOrder.objects.get()
    assert client.post(reverse("observation:decide", args=[made.uid])).status_code == 400
    made.refresh_from_db()
    assert made.state == "proposed"


def test_an_ordered_observation_does_not_end_at_the_persons_wish(enter, person):
    client, url = enter("health_centre", TOWN), reverse("observation:course", args=[person.uid])
    assert client.post(url, {"act": "withdraw"}).status_code == 403
    assert not Release.objects.exists()


def test_who_may_not_review_releases_nobody(enter, people, clock):
    clock("2020-02-21T09:00:00+08:00")
    client = enter("village_head", VILLAGE)
    assert client.post(f"{reverse('observation:release')}?area={VILLAGE}").status_code == 403
    assert not Release.objects.exists()


def test_an_order_is_proposed_by_one_and_decided_by_another(client, account, people, person):
    doctor, officer = account("health_centre", TOWN), account("township_officer", TOWN)
    client.force_login(doctor)
    told = {
        "act": "extend",
        "extend-record": str(uuid4()),
        "extend-last_day": "2020-02-26",
        "extend-reason": "仍有症状",
    }
    assert client.post(reverse("observation:course", args=[person.uid]), told).status_code == 302
    order = PersonOrder.objects.get()
    decide = reverse("observation:decide", args=[order.uid])
    assert client.post(decide, {"decision": "approve"}).status_code == 404
    client.force_login(officer)
    page = get(client, "orders").content.decode()
    assert "仍有症状" in page
    assert order.basis in page
    assert client.post(decide, {"decision": "approve"}).status_code == 302
    order.refresh_from_db()
    assert (order.state, order.decided_by) == ("approved", officer.username)
    assert Enrolment.objects.get(subject=person.uid, observed=True, closed_at=None).last_day.isoformat() == "2020-02-26"


def test_c29_1_the_page_refuses_an_extension_without_reason_or_end(enter, person):
    client = enter("township_officer", TOWN)
    url = reverse("observation:course", args=[person.uid])
    for told in ({"extend-reason": "x"}, {"extend-last_day": "2020-02-26"}, {"extend-last_day": "2020-02-10"}):
        response = client.post(url, {"act": "extend", "extend-record": str(uuid4()), **told})
        assert response.status_code == 422
    assert not PersonOrder.objects.exists()


def test_c10_4_early_release_asks_for_the_medical_reason(enter, person):
    client, url = enter("health_centre", TOWN), reverse("observation:course", args=[person.uid])
    assert client.post(url, {"act": "early", "early-record": str(uuid4()), "early-reason": ""}).status_code == 422
    told = {"act": "early", "early-record": str(uuid4()), "early-reason": "阴性且另有诊断"}
    assert client.post(url, told).status_code == 302
    assert (PersonOrder.objects.get().kind, Release.objects.count()) == ("early_release", 0)


def test_a_difficulty_becomes_needs_and_no_page_speaks_of_punishment(enter, person):
    client, url = enter("grid_worker"), reverse("observation:course", args=[person.uid])
    told = {"act": "difficulty", "difficulty-record": str(uuid4()), "difficulty-reason": "work"}
    assert client.post(url, told | {"difficulty-helps": ["food", "other"]}).status_code == 302
    assert Difficulty.objects.get().helps == ["food", "other"]
    said = client.get(url).content.decode()
    assert "务工或农活不能耽误" in said
    assert "需要帮助： 食品" in said
    for page in (client.get(url), get(client, "needs", VILLAGE), get(client, "lost", VILLAGE)):
        assert not [word for word in PUNISHING if word in page.content.decode()]


@pytest.mark.parametrize(("lacking", "said"), [([], "住处评估合格"), (["single_room"], "住处评估不合格")])
def test_the_course_shows_what_was_found_of_the_home(enter, person, lacking, said):
    now = timezone.now()
    HomeAssessment.objects.create(
        uid=uuid4(), person=person, asked=["single_room", "phone"], lacking=lacking, note="北屋朝阳", by="grid",
        at=now, registered_at=now,
    )  # fmt: skip
    client, url = enter("grid_worker"), reverse("observation:course", args=[person.uid])
    shown = client.get(url).content.decode()
    assert said in shown
    assert "北屋朝阳" in shown
    assert [str(HOME[code]) in shown for code in lacking] == [True] * len(lacking)


def test_only_a_reviewer_ends_an_observation_as_a_case(client, account, person):
    url = reverse("observation:course", args=[person.uid])
    told = {"act": "convert", "convert-record": str(uuid4()), "convert-into": "confirmed", "convert-reason": "检测结果"}
    client.force_login(account("grid_worker", VILLAGE))
    assert client.post(url, told).status_code == 403
    client.force_login(account("township_officer", TOWN))
    assert client.post(url, told).status_code == 302
    assert Release.objects.get().kind == "confirmed"


def test_c10_6_the_page_of_the_lost_counts_and_names_them(enter, plan_in_town, arrivals, clock):
    plan_in_town(lost={"missed_days": {"value": 3, "assumed": ASSUMED}})
    arrivals([{"name": "张玉兰", "origin": "湖北武汉", "door": "1号"}])
    now = clock("2020-02-12T09:00:00+08:00")
    mark_lost(at=now)
    client = enter("township_officer", TOWN)
    page = get(client, "lost").content.decode()
    assert "张玉兰" in page
    contact = NewReading(uuid4(), Person.objects.get(), "visit", now + timedelta(minutes=5))
    record_readings(by=Actor("grid"), at=now + timedelta(minutes=5), readings=[contact])
    clock("2020-02-12T09:10:00+08:00")
    assert "张玉兰" not in get(client, "lost").content.decode()


def test_a_record_confirmed_by_call_back_is_shown_as_checked(enter, plan_in_town, arrivals, clock):
    plan_in_town(callbacks={"share_percent": {"value": 100, "assumed": ASSUMED}})
    arrivals([{"name": "张玉兰", "origin": "湖北武汉", "door": "1号"}])
    who, at = Person.objects.get(), clock("2020-02-09T09:00:00+08:00")
    record_readings(by=Actor("grid"), at=at, readings=[NewReading(uuid4(), who, "temperature", at, celsius=36.5)])
    draw_callbacks(at=clock("2020-02-10T08:00:00+08:00"))
    client = enter("township_officer", TOWN)
    card, here = reverse("observation:person", args=[who.uid]), get(client, "list")
    assert "已报" in client.get(card).content.decode()
    assert "已报" in here.content.decode()
    url = reverse("observation:answer", args=[Callback.objects.get().pk])
    assert client.post(f"{url}?area={TOWN}", {"outcome": "confirmed"}).status_code == 302
    assert "已核" in client.get(card).content.decode()
    assert "已核" in get(client, "list").content.decode()
    assert "1/1" in re.sub(r"\s|<[^>]+>", "", get(client, "callbacks").content.decode())


def test_the_card_shows_the_line_of_states(enter, person, clock):
    client, card = enter("township_officer", TOWN), reverse("observation:person", args=[person.uid])
    page = client.get(card).content.decode()
    for word in ("已登记", "告知书送达", "已开始", "第 2 天", "解除审核"):
        assert word in page
    clock("2020-02-21T09:00:00+08:00")
    release_ready(by=Actor("town"), at=timezone.now(), area_path=TOWN)
    clock("2020-02-22T09:00:00+08:00")
    enter("health_centre", TOWN)  # the session of twelve days ago is over
    assert "已解除" in client.get(card).content.decode()
