"""来返与停留 on the card: an origin is corrected with a reason, and what was told before stays beside it (C06.1)."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lianfang.field.screening.actions import CorrectedMeanwhile, Correction, correct_arrival
from lianfang.field.screening.models import Arrival
from lianfang.field.screening.queries import count_arrivals
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

VILLAGE, OTHER = "140931101201", "140931101202"


@pytest.fixture
def zhang(arrivals):
    """Somebody whom a list places in Wuhan, back since the day before yesterday."""
    day = timezone.localdate() - timedelta(days=2)
    arrivals([{"name": "张玉兰", "origin": "湖北武汉", "arrived_on": day.isoformat(), "reached_home": "14:00"}],
             at=(timezone.now() - timedelta(hours=1)).isoformat())  # fmt: skip
    return Person.objects.get()


@pytest.fixture
def head(client, account):
    client.force_login(account("village_head", VILLAGE))
    return client


def page_of(arrival):
    return reverse("screening:correct", args=[arrival.uid])


def send(client, arrival, **told):
    usual = {"record": str(uuid4()), "origin": "山西大同", "arrived_on": arrival.arrived_on.isoformat()}
    return client.post(page_of(arrival), usual | {"reason": "车票为证"} | told)


def figures():
    where = {"area_path": "140931", "as_of": timezone.now()}
    return count_arrivals(**where).registered, count_arrivals(**where).key_area


def section(client, person) -> str:
    return client.get(reverse("screening:person", args=[person.uid]), headers={"HX-Request": "true"}).content.decode()


def test_c06_1_the_card_corrects_an_origin_with_its_reason_and_keeps_what_was_told(head, zhang):
    assert figures() == (1, 1)
    (arrival,) = zhang.arrivals.all()
    assert page_of(arrival) in section(head, zhang)
    assert "湖北武汉" in head.get(page_of(arrival)).content.decode()
    assert send(head, arrival)["Location"] == reverse("people:card", args=[zhang.uid])
    assert figures() == (1, 0)
    old, new = Arrival.objects.order_by("pk")
    assert (old.withdrawn_at is None, old.origin_text) == (False, "湖北武汉")
    assert (new.corrects, new.correction, new.reached_home_at) == (old, "车票为证", old.reached_home_at)
    told = section(head, zhang)
    assert all(words in told for words in ("湖北武汉", "车票为证", "list.xlsx"))
    assert Event.objects.filter(action="arrival.origin_corrected", subject=zhang.uid).count() == 1


def test_another_day_takes_the_hour_of_reaching_home_with_it(head, zhang):
    (arrival,) = zhang.arrivals.all()
    day = arrival.arrived_on - timedelta(days=1)
    send(head, arrival, origin="湖北武汉", arrived_on=day.isoformat())
    new = Arrival.objects.get(withdrawn_at=None)
    assert (new.arrived_on, new.reached_home_at) == (day, arrival.reached_home_at - timedelta(days=1))
    assert new.stays.get().last_day == day
    assert figures() == (1, 1)


def test_the_same_click_twice_corrects_once_and_a_second_person_is_told(head, zhang):
    (arrival,) = zhang.arrivals.all()
    told = {"record": str(uuid4())}
    send(head, arrival, **told)
    send(head, arrival, **told)
    assert Arrival.objects.count() == 2
    send(head, arrival)
    assert Arrival.objects.count() == 2
    right = Correction(arrival.arrived_on, "太原市", "1401", "asked")
    with pytest.raises(CorrectedMeanwhile):
        correct_arrival(by=Actor("test"), at=timezone.now(), arrival=arrival, uid=uuid4(), told=right)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"reason": ""}, "请说明"),
        ({"origin": "不知何处"}, "不知何处"),
        ({"arrived_on": date(2999, 1, 1).isoformat()}, "还没有到"),
        ({"origin": "湖北武汉"}, "没有改动"),
        ({"record": "x"}, ""),
    ],
)
def test_what_is_missing_unknown_or_unchanged_is_refused_with_words(head, zhang, told, said):
    answer = send(head, zhang.arrivals.get(), **told)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Arrival.objects.count() == 1


def test_nobody_else_corrects_it(client, account, zhang):
    arrival = zhang.arrivals.get()
    client.force_login(account("village_head", OTHER))
    assert send(client, arrival).status_code == 404
    assert Arrival.objects.count() == 1


def test_the_page_asks_few_queries(head, zhang):
    arrival = zhang.arrivals.get()
    head.get(page_of(arrival))
    with CaptureQueriesContext(connection) as asked:
        head.get(page_of(arrival))
    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) <= 12
