"""Notices on a person's card and on paper: issued, served, refused; what they say; who may see them."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from lianfang.mandate.duties.actions import fill_places
from lianfang.mandate.duties.models import Enrolment, Evidence, TeamMember
from lianfang.mandate.orders.models import Delivery, Notice
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.actions import register
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import NewPerson
from lianfang.web.wording import day_words

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
HX = {"HX-Request": "true"}
BY = Actor("test")
MOTHER_BORN = date(1980, 1, 5)
THREATS = ("罚款", "处罚", "拘留", "法律责任", "punish", "penalt", "fine of")


def number_of(born):
    """A number of nobody: 990000 is no division."""
    digits = f"990000{born:%Y%m%d}001"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]


@pytest.fixture
def people(arrivals):
    """张玉兰 and her child from Hubei, 刘小军 from elsewhere, 孙桂花 in 西坪村; arrived today."""
    at = timezone.now() - timedelta(minutes=5)
    day = timezone.localdate(at)
    child, mother = number_of(day - timedelta(days=3000)), number_of(MOTHER_BORN)
    rows = [
        {
            "name": "张玉兰",
            "door": "12号",
            "origin": "湖北武汉",
            "document": mother,
        },
        {"name": "张小宝", "door": "12号", "origin": "湖北武汉", "document": child},
        {"name": "刘小军", "door": "3号", "origin": "山西大同"},
        {"name": "孙桂花", "door": "5号", "origin": "湖北武汉", "village": "西坪村"},
    ]
    arrivals([row | {"arrived_on": day.isoformat()} for row in rows], at=at.isoformat())
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
    return reverse(f"orders:{name}", args=[person.uid])


def issue(client, person, record=None):
    return client.post(part("issue", person), {"record": record or uuid4()}, headers=HX)


def deliver(client, person, **told):
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    values = {"record": uuid4(), "outcome": "served", "received_by": "self", "at": now}
    return client.post(part("deliver", person), values | told, headers=HX)


def paper(client, person, language="zh-hans"):
    client.cookies["django_language"] = language
    notice = Notice.objects.filter(person=person).latest("pk")
    return client.get(reverse("orders:notice", args=[notice.uid])).content.decode()


def test_every_address_asks_for_a_login(client, people):
    names = ("person", "issue", "deliver", "notice")
    for address in [part(name, people["张玉兰"]) for name in names]:
        assert client.post(address)["Location"].startswith("/login/")


def test_person_of_another_village_is_not_there(village, people):
    other = people["孙桂花"]
    assert village.get(part("person", other), headers=HX).status_code == 404
    assert issue(village, other).status_code == 404
    assert deliver(village, other).status_code == 404
    assert not Notice.objects.exists()


def test_notice_of_another_village_is_not_there_and_not_logged(client, account, people):
    client.force_login(account("village_head", OTHER))
    issue(client, people["孙桂花"])
    client.force_login(account("village_head", VILLAGE))
    address = reverse("orders:notice", args=[Notice.objects.get().uid])
    assert client.get(address).status_code == 404
    assert not Event.objects.filter(action="person.opened").exists()


def test_part_alone_leads_to_the_card(village, people):
    answer = village.get(part("person", people["张玉兰"]))
    assert answer["Location"] == reverse("people:card", args=[people["张玉兰"].uid])


def test_part_leaves_a_row_in_the_log_each_time_it_is_shown(village, people):
    person = people["张玉兰"]
    read = Event.objects.filter(action="person.notices_read", subject=person.uid, area_path=VILLAGE)
    village.get(part("person", person))
    assert read.count() == 0
    village.get(part("person", person), headers=HX)
    assert read.count() == 1
    village.get(part("person", people["孙桂花"]), headers=HX)
    assert deliver(village, person, outcome="").status_code == 422
    assert read.count() == 2
    assert Event.objects.filter(action="person.notices_read").count() == 2


def test_kind_follows_from_the_observation(village, people):
    issue(village, people["张玉兰"])
    issue(village, people["刘小军"])
    kinds = dict(Notice.objects.values_list("person__name", "kind"))
    assert kinds == {"张玉兰": "home_observation", "刘小军": "health"}


def test_issuing_again_makes_no_second_notice(village, people):
    record = uuid4()
    for sent in (record, record, uuid4()):
        assert issue(village, people["张玉兰"], sent).status_code == 200
    assert Notice.objects.count() == 1


def test_role_without_the_right_records_nothing(signed_in, people):
    client = signed_in("epidemiologist", COUNTY)
    assert issue(client, people["张玉兰"]).status_code == 403
    assert deliver(client, people["张玉兰"]).status_code == 403
    assert "<button" not in client.get(part("person", people["张玉兰"]), headers=HX).content.decode()


def test_issued_and_printed_is_not_served(village, people):
    issue(village, people["张玉兰"])
    assert "已开具，尚未送达" in paper(village, people["张玉兰"])
    assert not Delivery.objects.exists()


def test_served_says_to_whom_by_whom_and_counts(village, people):
    issue(village, people["张玉兰"])
    page = deliver(village, people["张玉兰"]).content.decode()
    assert "已送达" in page
    assert f"送达本人，village_head-{VILLAGE}登记" in page
    assert Evidence.objects.filter(subject=people["张玉兰"].uid, kind="notice_served").count() == 1


def test_serving_twice_changes_nothing(village, people):
    issue(village, people["张玉兰"])
    for _ in range(2):
        deliver(village, people["张玉兰"])
    assert Delivery.objects.count() == 1


def test_guardian_receives_for_a_minor(village, people):
    issue(village, people["张小宝"])
    assert deliver(village, people["张小宝"]).status_code == 422
    assert deliver(village, people["张小宝"], received_by="guardian").status_code == 200
    assert Delivery.objects.get().received_by == "guardian"


def test_refusal_is_noted_and_the_notice_can_still_be_served(village, people):
    issue(village, people["张玉兰"])
    page = deliver(village, people["张玉兰"], outcome="refused").content.decode()
    assert "本人拒收" in page
    assert "登记送达" in page
    assert not any(word in page for word in THREATS)
    deliver(village, people["张玉兰"])
    assert sorted(Delivery.objects.values_list("outcome", flat=True)) == ["refused", "served"]


def test_moment_that_cannot_be_is_refused_and_what_was_typed_stays(village, people):
    issue(village, people["张玉兰"])
    later = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    answer = deliver(village, people["张玉兰"], at=later, received_by="family")
    assert answer.status_code == 422
    assert later in answer.content.decode()
    assert '<option value="family" selected>' in answer.content.decode()
    earlier = (timezone.localtime() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert deliver(village, people["张玉兰"], at=earlier).status_code == 422
    assert not Delivery.objects.exists()


def test_without_a_plan_there_is_no_basis(installation, signed_in):
    new = NewPerson(uuid4(), "张玉兰", VILLAGE)
    person = register(at=installation.made_at, people=[new])[new.uid]
    answer = issue(signed_in("village_head", VILLAGE), person)
    assert answer.status_code == 422
    assert "没有启用防控方案" in answer.content.decode()


def test_opening_a_notice_is_logged_as_reading_the_person(village, people):
    issue(village, people["张玉兰"])
    paper(village, people["张玉兰"])
    assert Event.objects.get(action="person.opened").subject == people["张玉兰"].uid


def test_observation_notice_in_chinese(village, people):
    issue(village, people["张玉兰"])
    page, notice = paper(village, people["张玉兰"]), Notice.objects.get()
    assert f"至{day_words(notice.last_day, year=True)} 24:00 止" in page
    for words in ("共 14 天", "抵达次日为第 1 天", "上午 06:00–12:00", "下午 14:00–20:00", "37.3 ℃"):
        assert words in page
    for words in ("您随时可以就医", "食品、药品", "不对外公开", "提出申诉", "行政复议", "第七十四条", "120"):
        assert words in page
    for words in (
        "文件未载明 · 暂定",
        "历史方案 · 演练",
        "XX-1.1.2.7",
        "XX-2.3.5",
        "保德县义门镇东沟村",
        "湖北省",
    ):
        assert words in page
    assert not any(word in page for word in THREATS)


def test_observation_notice_in_english(village, people):
    issue(village, people["张玉兰"])
    page = paper(village, people["张玉兰"], "en")
    for words in ("24:00", "14 days", "day one is the day after arrival", "morning 06:00–12:00", "37.3 °C"):
        assert words in page
    for words in ("You may see a doctor at any time", "food, medicine", "not made public", "120", "Hubei"):
        assert words in page
    assert "administrative review" in page
    assert "not stated in the document · assumed" in page
    assert "historic plan · exercise" in page
    assert not any(word in page for word in THREATS)


def test_health_notice_says_that_it_restricts_nothing(village, people):
    issue(village, people["刘小军"])
    page = paper(village, people["刘小军"])
    assert "不限制您的出行和生活" in page
    assert "请留在家中" not in page
    assert "does not restrict where you go" in paper(village, people["刘小军"], "en")


def test_notice_shows_only_the_end_of_the_document(village, people):
    issue(village, people["张玉兰"])
    number, page = number_of(MOTHER_BORN), paper(village, people["张玉兰"])
    assert number[-4:] in page
    assert number[:8] not in page


def test_notice_of_a_minor_names_the_guardian(village, people):
    issue(village, people["张小宝"])
    assert "监护人或家属签名" in paper(village, people["张小宝"])
    assert "Guardian or family member (signature)" in paper(village, people["张小宝"], "en")


def test_notice_names_who_is_responsible_and_what_is_vacant(village, people):
    enrolment = Enrolment.objects.get(subject=people["张玉兰"].uid, observed=True)
    member = TeamMember(
        enrolment=enrolment,
        slot="group_cadre",
        name="王某",
        phone="13900000000",
        record=uuid4(),
        since=enrolment.registered_at,
        registered_at=enrolment.registered_at,
    )
    fill_places(by=BY, at=timezone.now(), places=[member])
    issue(village, people["张玉兰"])
    page = paper(village, people["张玉兰"])
    assert "王某" in page
    assert "13900000000" in page
    assert f"village_head-{VILLAGE}" in page
    assert "暂缺岗位：" in page


def test_who_comes_under_observation_later_gets_the_notice_of_it(village, people, county):
    issue(village, people["刘小军"])
    assert "开具居家医学观察告知书" not in village.get(part("person", people["刘小军"]), headers=HX).content.decode()
    Enrolment.objects.filter(subject=people["刘小军"].uid).update(
        observed=True, pathway="key-area-arrival", last_day=timezone.localdate() + timedelta(days=14)
    )
    assert "开具居家医学观察告知书" in village.get(part("person", people["刘小军"]), headers=HX).content.decode()
    issue(village, people["刘小军"])
    assert set(Notice.objects.values_list("kind", flat=True)) == {"health", "home_observation"}
