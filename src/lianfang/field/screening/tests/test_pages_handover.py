"""Pages of hand-overs: both areas see them, each does what is its part."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lianfang.field.screening.models import Handover
from lianfang.registry.audit.models import Event
from lianfang.registry.people.models import Person

VILLAGE, OTHER, THIRD = "140931101201", "140931101202", "140931101203"
LIST = "/arrivals/handovers/"


@pytest.fixture
def zhang(arrivals):
    arrivals([{"name": "张玉兰", "door": "12号", "phone": "13900000001"}])
    return Person.objects.get()


@pytest.fixture
def enter(client, account):
    def as_head(path, role="village_head"):
        client.force_login(account(role, path))
        return client

    return as_head


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def send(client, person, to=OTHER, reason="住到女儿家", **told):
    page = reverse("screening:hand_over", args=[person.uid]) + "?q=西坪村"
    return client.post(page, {"record": str(uuid4()), "to": to, "reason": reason} | told)


def page_of(offer):
    return reverse("screening:handover", args=[offer.uid])


def test_a_person_is_sent_and_accepted_behind_a_door(enter, zhang):
    sender = enter(VILLAGE)
    page = words(sender.get(reverse("screening:hand_over", args=[zhang.uid]), {"q": "西坪"}))
    assert "义门镇 · 西坪村" in page
    assert send(sender, zhang)["Location"] == LIST
    offer = Handover.objects.get()
    assert "待接收" in words(sender.get(LIST))
    receiver = enter(OTHER)
    assert "张玉兰" in words(receiver.get(LIST))
    assert "13900000001" not in words(receiver.get(page_of(offer)))
    assert receiver.get(reverse("people:card", args=[zhang.uid])).status_code == 404
    receiver.post(page_of(offer), {"decision": "accept", "village": OTHER, "door": "5号"})
    assert "张玉兰" in words(receiver.get(reverse("people:card", args=[zhang.uid])))
    assert "已接收" in words(receiver.get(LIST))
    assert Event.objects.filter(action="person.handover_read", subject=zhang.uid).exists()


def test_a_rejection_goes_back_and_is_sent_elsewhere(enter, zhang):
    send(enter(VILLAGE), zhang)
    offer = Handover.objects.get()
    receiver = enter(OTHER)
    assert receiver.post(page_of(offer), {"decision": "reject"}).status_code == 422
    receiver.post(page_of(offer), {"decision": "reject", "reason": "本村没有这户"})
    offer.refresh_from_db()
    assert (offer.state, offer.decision_reason) == ("rejected", "本村没有这户")


@pytest.fixture
def rejected(enter, zhang):
    from django.utils import timezone

    from lianfang.field.screening import handover
    from lianfang.registry.audit.rules import Actor

    told = {"by": Actor("test"), "at": timezone.now()}
    made = handover.send(**told, uid=uuid4(), person=zhang, to_path=OTHER, reason="搬家")
    return handover.reject(**told, handover=made, reason="本村没有这户")


def test_the_sender_sees_why_and_sends_elsewhere(enter, zhang, rejected):
    sender = enter(VILLAGE)
    assert "本村没有这户" in words(sender.get(LIST))
    assert "改送别处" in words(sender.get(page_of(rejected)))
    page = reverse("screening:hand_over", args=[zhang.uid]) + "?q=上川村"
    found = re.findall(r'name="to" value="(\d+)"', sender.get(page).content.decode())
    assert found
    sender.post(page, {"record": str(uuid4()), "to": found[0], "reason": "再次联系"})
    assert list(Handover.objects.order_by("pk").values_list("state", flat=True)) == ["rerouted", "sent"]


def test_each_side_does_its_own_part_only(enter, zhang, rejected):
    sender = enter(VILLAGE)
    assert sender.post(page_of(rejected), {"decision": "accept", "village": OTHER}).status_code == 403
    assert sender.post(page_of(rejected), {"decision": "withdraw"})["Location"] == LIST
    assert Handover.objects.get().state == "withdrawn"
    assert sender.post(page_of(rejected), {"decision": "withdraw"}).status_code == 403


def test_nobody_else_sees_it(enter, zhang, rejected):
    other = enter(THIRD)
    assert other.get(page_of(rejected)).status_code == 404
    assert "张玉兰" not in words(other.get(LIST))
    assert "没有待处理的交接" in words(other.get(LIST))
    assert other.get(reverse("screening:hand_over", args=[zhang.uid])).status_code == 404


def test_who_only_records_sends_nobody(enter, zhang):
    assert send(enter(VILLAGE, "grid_worker"), zhang).status_code == 403


@pytest.mark.parametrize("told", [{"to": "999"}, {"reason": ""}, {"to": VILLAGE}, {"record": "x"}])
def test_what_is_missing_or_impossible_is_refused(enter, zhang, told):
    assert send(enter(VILLAGE), zhang, **told).status_code == 422
    assert not Handover.objects.exists()


def test_c29_3_a_search_for_somebody_of_another_village_finds_nobody_and_is_logged(enter, zhang):
    there = enter(OTHER)
    for typed, kind in (("张玉兰", "words"), ("13900000001", "number")):
        assert "张玉兰" not in words(there.get(reverse("people:list"), {"q": typed})).replace(typed, "")
        event = Event.objects.filter(action="people.sought_in_vain").latest("pk")
        assert (event.subject, event.data, event.area_path) == (zhang.uid, {"by": kind, "elsewhere": True}, OTHER)
    there.get(reverse("people:list"), {"q": "李四五"})
    event = Event.objects.filter(action="people.sought_in_vain").latest("pk")
    assert (event.subject, event.data["elsewhere"]) == (None, False)


def test_the_list_asks_a_fixed_number_of_queries(enter, zhang, rejected):
    client = enter(VILLAGE)
    client.get(LIST)
    with CaptureQueriesContext(connection) as asked:
        client.get(LIST)
    assert len(asked) <= 20
