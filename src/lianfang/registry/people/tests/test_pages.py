"""The list of people and the card: who sees whom, what is masked, what the log keeps."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lianfang.registry.audit.models import Event
from lianfang.registry.people import actions
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import visible_to, who_may_see
from lianfang.registry.people.searching import search

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
PHONE = "13800138001"


def resident_number(born):
    """A number of nobody: 990000 is no division."""
    digits = f"990000{born}001"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]


DOCUMENT = resident_number("19850307")
CHILD = resident_number(f"{timezone.localdate().year - 8}0307")


@pytest.fixture
def people(arrivals):
    """张玉兰 and her child in 东沟村, 孙桂花 in 西坪村."""
    arrivals(
        [
            {"name": "张玉兰", "door": "12号", "document": DOCUMENT, "phone": PHONE, "sex": "男"},
            {"name": "张小宝", "door": "12号", "document": CHILD},
            {"name": "孙桂花", "door": "5号", "phone": "13900139002", "village": "西坪村"},
        ]
    )
    return {person.name: person for person in Person.objects.all()}


@pytest.fixture
def signed_in(client, account):
    def enter(role, path):
        client.force_login(account(role, path))
        return client

    return enter


def addresses(person):
    return [reverse("people:card", args=[person.uid]), reverse("people:identify", args=[person.uid])]


def test_every_address_asks_for_a_login(client, people):
    for address in [reverse("people:list"), *addresses(people["张玉兰"])]:
        assert client.get(address)["Location"].startswith("/login/")


def test_list_shows_the_village_of_the_account_and_no_other(signed_in, people):
    page = signed_in("village_head", VILLAGE).get(reverse("people:list")).content.decode()
    assert "张玉兰" in page
    assert "孙桂花" not in page


def test_list_masks_documents_and_phones(signed_in, people):
    page = signed_in("village_head", VILLAGE).get(reverse("people:list")).content.decode()
    assert f"9900**********{DOCUMENT[-4:]}" in page
    assert "138****8001" in page
    assert DOCUMENT not in page
    assert PHONE not in page


def test_area_of_somebody_else_is_not_there(signed_in, people):
    client = signed_in("village_head", VILLAGE)
    assert client.get(reverse("people:list"), {"area": OTHER}).status_code == 404
    assert client.get(reverse("people:list"), {"area": TOWN}).status_code == 404


def test_area_narrows_the_list(signed_in, people):
    page = signed_in("township_officer", TOWN).get(reverse("people:list"), {"area": OTHER}).content.decode()
    assert "孙桂花" in page
    assert "张玉兰" not in page


def test_administrator_of_accounts_sees_no_people(signed_in, people):
    assert signed_in("administrator", COUNTY).get(reverse("people:list")).status_code == 403


@pytest.mark.parametrize("typed", ["玉兰", "zhang yulan", "zhangyul", "zyl", DOCUMENT, PHONE, "12号"])
def test_search_finds_by_each_of_the_ways(people, account, typed):
    found = search(visible_to(account("county_officer", COUNTY)), typed)
    assert "张玉兰" in [person.name for person in found]


def test_search_by_the_number_of_another_village_finds_nobody(signed_in, people):
    page = signed_in("village_head", OTHER).get(reverse("people:list"), {"q": DOCUMENT}).content.decode()
    assert "张玉兰" not in page
    assert "没有找到" in page


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "这次没有查询"), ("en", "This search was not made")])
@pytest.mark.parametrize("typed", ["\x00", "张玉兰\x00", "张" * 500])
def test_search_that_is_refused_says_so_and_lists_nobody(signed_in, people, typed, language, words):
    client = signed_in("county_officer", COUNTY)
    client.cookies["django_language"] = language
    answer = client.get(reverse("people:list"), {"q": typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert 'class="lf-error"' in page
    assert not any(name in page for name in ("孙桂花", "张小宝", "9900****"))


def test_number_of_queries_does_not_grow_with_the_list(signed_in, people, arrivals):
    client = signed_in("county_officer", COUNTY)
    client.get(reverse("people:list"))  # names of areas and plans are remembered
    with CaptureQueriesContext(connection) as before:
        client.get(reverse("people:list"))
    more = enumerate("一二三四五六七八九")
    arrivals([{"name": f"李四{n}", "door": f"{n}号", "phone": f"1370000000{k}"} for k, n in more])
    with CaptureQueriesContext(connection) as after:
        client.get(reverse("people:list"))
    assert len(after) == len(before) <= 10


@pytest.mark.parametrize("typed", [DOCUMENT, PHONE])
def test_numbers_are_looked_up_in_an_index(people, account, typed):
    found = search(visible_to(account("county_officer", COUNTY)), typed)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = found.explain()
    assert "Seq Scan" not in plan
    assert "number_hash = " in plan


def test_card_shows_one_person_masked_and_is_logged(signed_in, people):
    person = people["张玉兰"]
    page = signed_in("village_head", VILLAGE).get(reverse("people:card", args=[person.uid])).content.decode()
    assert "张玉兰" in page
    assert DOCUMENT not in page
    assert PHONE not in page
    event = Event.objects.get(action="person.opened")
    assert (event.subject, event.actor, event.area_path) == (person.uid, f"village_head-{VILLAGE}", VILLAGE)


def test_card_says_who_may_see_it(signed_in, people, account):
    account("grid_worker", OTHER)
    assert who_may_see(people["张玉兰"], timezone.now()) == []
    client = signed_in("village_head", VILLAGE)
    page = client.get(reverse("people:card", args=[people["张玉兰"].uid])).content.decode()
    assert "本次查看已记入操作日志" in page
    assert f"村级负责人 village_head-{VILLAGE}" in page
    assert f"grid_worker-{OTHER}" not in page


def test_card_of_a_minor_names_the_guardian(signed_in, people):
    client = signed_in("village_head", VILLAGE)
    assert "由监护人代收代答" in client.get(reverse("people:card", args=[people["张小宝"].uid])).content.decode()
    assert "由监护人代收代答" not in client.get(reverse("people:card", args=[people["张玉兰"].uid])).content.decode()


def test_card_of_another_village_is_not_there_and_not_logged(signed_in, people):
    client = signed_in("village_head", VILLAGE)
    for address in addresses(people["孙桂花"]):
        assert client.get(address).status_code in (404, 405)
        assert client.post(address, {"purpose": "联系就医"}).status_code in (404, 405)
    assert not Event.objects.filter(subject=people["孙桂花"].uid).exists()


def test_withdrawn_card_is_not_there(signed_in, people):
    actions.withdraw(person=people["张玉兰"], at=timezone.now())
    client = signed_in("village_head", VILLAGE)
    assert client.get(reverse("people:card", args=[people["张玉兰"].uid])).status_code == 404


def test_numbers_in_full_need_a_purpose(signed_in, people):
    client = signed_in("township_officer", TOWN)
    answer = client.post(reverse("people:identify", args=[people["张玉兰"].uid]), {"purpose": "  "})
    assert answer.status_code == 422
    assert DOCUMENT not in answer.content.decode()
    assert not Event.objects.filter(action="person.identified").exists()


def test_numbers_in_full_are_shown_once_and_logged_with_the_purpose(signed_in, people):
    client, person = signed_in("township_officer", TOWN), people["张玉兰"]
    answer = client.post(reverse("people:identify", args=[person.uid]), {"purpose": "联系就医"})
    assert DOCUMENT in answer.content.decode()
    assert PHONE in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert Event.objects.get(action="person.identified").purpose == "联系就医"
    assert DOCUMENT not in client.get(reverse("people:card", args=[person.uid])).content.decode()


def test_role_without_the_right_gets_no_numbers(signed_in, people):
    client = signed_in("village_head", VILLAGE)
    answer = client.post(reverse("people:identify", args=[people["张玉兰"].uid]), {"purpose": "联系就医"})
    assert answer.status_code == 403
    assert not Event.objects.filter(action="person.identified").exists()
