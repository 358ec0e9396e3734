"""Break-glass: one person, a reason, an hour, everybody responsible told, every look logged, reviewed by another."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from lianfang.command.oversight import actions
from lianfang.registry.accounts.models import Account, Emergency
from lianfang.registry.audit.models import Event
from lianfang.registry.people.models import Person

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
PHONE = "13800138001"
REASON = "fell unconscious at the market, relatives asked for"


@pytest.fixture
def person(arrivals):
    arrivals([{"name": "张玉兰", "door": "12号", "phone": PHONE}, {"name": "李四", "phone": "13900139000"}])
    return Person.objects.get(name="张玉兰")


@pytest.fixture
def office(account):
    """The responsible persons of the village, its town and county, and a worker of the next village."""
    return {
        "head": account("village_head", VILLAGE, username="head"),
        "town": account("township_officer", TOWN, username="town"),
        "county": account("county_officer", COUNTY, username="county"),
        "far": account("grid_worker", OTHER, username="far"),
        "far head": account("village_head", OTHER, username="far-head"),
    }


def as_user(client, account):
    client.force_login(account)
    return client


def ask(client, number=PHONE, reason=REASON):
    return client.post(reverse("oversight:ask"), {"number": number, "reason": reason})


def test_one_person_is_opened_by_full_number_with_a_reason_and_each_look_is_logged(client, office, person):
    worker = as_user(client, office["far"])
    assert worker.get(reverse("people:card", args=[person.uid])).status_code == 404
    page = worker.get(ask(worker)["Location"])
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert "张玉兰" in page.content.decode()
    assert PHONE in page.content.decode()
    assert "李四" not in page.content.decode()
    acts = Event.objects.filter(action__startswith="emergency.", subject=person.uid, actor="far").order_by("pk")
    assert [act.action for act in acts] == ["emergency.opened", "emergency.read"]
    assert acts[0].purpose == REASON
    # Nothing else has opened: the card itself, lists and writing stay closed.
    assert worker.get(reverse("people:card", args=[person.uid])).status_code == 404
    assert "张玉兰" not in worker.get(reverse("people:list")).content.decode()


@pytest.mark.parametrize(("number", "reason"), [("张玉兰", REASON), ("1380013", REASON), (PHONE, ""), ("", REASON)])
def test_a_name_a_part_or_no_reason_opens_nobody(client, office, person, number, reason):
    assert ask(as_user(client, office["far"]), number, reason).status_code == 422
    assert not Emergency.objects.exists()


def test_it_ends_after_an_hour_and_is_nobody_elses(client, office, person):
    url = ask(as_user(client, office["far"]))["Location"]
    assert as_user(client, office["far head"]).get(url).status_code == 404
    now = timezone.now()
    Emergency.objects.update(
        opened_at=now - timedelta(minutes=61), expires_at=now - timedelta(minutes=1), review_by=now
    )
    assert as_user(client, office["far"]).get(url).status_code == 404


def test_it_ends_with_the_last_post_of_who_opened_it(client, office, person):
    url = ask(as_user(client, office["far"]))["Location"]
    office["far"].appointments.update(until=timezone.now())
    assert as_user(client, Account.objects.get(username="far")).get(url).status_code == 404


def test_the_responsible_persons_and_the_own_superior_are_told_at_once(client, office, person):
    ask(as_user(client, office["far"]))
    told = set(Account.objects.filter(alerted_at__isnull=False).values_list("username", flat=True))
    assert told == {"head", "town", "county", "far-head"}
    reader = as_user(client, office["head"])
    assert "有人紧急查看了您辖区的人员" in reader.get(reverse("people:list")).content.decode()
    page = reader.get(reverse("oversight:reviews")).content.decode()
    assert REASON in page
    assert "有人紧急查看了您辖区的人员" not in reader.get(reverse("people:list")).content.decode()


def test_another_person_with_the_right_reviews_it(client, office, person):
    ask(as_user(client, office["far"]))
    url = reverse("oversight:review", args=[Emergency.objects.get().uid])
    told = {"justified": "yes", "finding": "the hospital confirmed"}
    for nobody in ("far", "head", "far head"):
        assert as_user(client, office[nobody]).post(url, told).status_code == 404
    assert as_user(client, office["town"]).post(url, {"justified": "yes"})["Location"] == reverse("oversight:reviews")
    assert Emergency.objects.get().reviewed_at is None  # a review says why
    client.post(url, told)
    found = Emergency.objects.get()
    assert (found.justified, found.reviewed_by.username) == (True, "town")
    assert Event.objects.filter(action="emergency.reviewed").count() == 1


def test_nobody_reviews_the_own_access(client, office, arrivals, account):
    arrivals([{"name": "张玉兰", "phone": PHONE}])
    both = account("grid_worker", OTHER, username="both")
    made = actions.open_emergency(by=both, at=timezone.now(), person=Person.objects.get(), reason=REASON)
    from lianfang.registry.accounts.actions import appoint

    appoint(by=both.actor, at=timezone.now(), account=both, role="township_officer", area_path=TOWN)
    answer = as_user(client, both).post(
        reverse("oversight:review", args=[made.uid]), {"justified": "yes", "finding": "x"}
    )
    assert answer.status_code == 403


def test_a_review_that_is_late_is_shown_and_raises_one_alarm(client, office, person):
    ask(as_user(client, office["far"]))
    later = timezone.now() + timedelta(hours=73)
    assert actions.raise_alarms(at=timezone.now()) == 0
    assert actions.raise_alarms(at=later) == 1
    assert actions.raise_alarms(at=later) == 0
    then = timezone.now() - timedelta(hours=75)
    Emergency.objects.update(opened_at=then, expires_at=then + timedelta(hours=1), review_by=then + timedelta(hours=72))
    assert "逾期未复核" in as_user(client, office["town"]).get(reverse("oversight:reviews")).content.decode()


def test_a_person_of_the_own_area_needs_no_emergency(client, office, person):
    answer = ask(as_user(client, office["head"]))
    assert answer["Location"] == reverse("people:card", args=[person.uid])
    assert not Emergency.objects.exists()


def test_c29_3_a_search_beyond_the_own_village_finds_nobody_and_is_logged(client, office, person):
    worker = as_user(client, office["far"])
    for text in (PHONE, "张玉兰"):
        assert "张玉兰" not in worker.get(reverse("people:list"), {"q": text}).content.decode().replace(
            f'value="{text}"', ""
        )
    sought = Event.objects.filter(action="people.sought_in_vain", actor="far")
    assert sought.filter(subject=person.uid).exists()
