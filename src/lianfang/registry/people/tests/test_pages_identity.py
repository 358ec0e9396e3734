"""Pages of one person, one card: proposals, the decision, its undo, documents and phones."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lianfang.registry.audit.models import Event
from lianfang.registry.people.duplicates import find_duplicates
from lianfang.registry.people.models import DuplicatePair, Merge, Person
from lianfang.registry.people.queries import numbers_of
from lianfang.science.identity.documents import check_character

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
PHONE = "13800138001"
OLD_STEM = "99000019850307123"
DOCUMENT = OLD_STEM + check_character(OLD_STEM)
FIRST_GENERATION = "990000850307123"


@pytest.fixture
def people(arrivals):
    """张玉兰 on two lists under two spellings and in two villages; 孙桂花 has the document."""
    arrivals(
        [
            {"name": "张玉兰", "door": "12号", "phone": PHONE},
            {"name": "孙桂花", "door": "5号", "document": DOCUMENT},
        ]
    )
    arrivals([{"name": "张玉蓝", "village": "西坪村"}])
    found = {person.name: person for person in Person.objects.all()}
    from lianfang.registry.audit.rules import Actor
    from lianfang.registry.people.actions import add_phone

    add_phone(by=Actor("test"), at=timezone.now(), person=found["张玉蓝"], number=PHONE)
    assert find_duplicates(at=timezone.now()) == 1
    return found


@pytest.fixture
def office(client, account):
    client.force_login(account("township_officer", TOWN))
    return client


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def address(name, *people, **more):
    return reverse(f"people:{name}", args=[*(person.uid for person in people), *more.values()])


def test_proposals_are_listed_with_their_reasons(office, people):
    page = words(office.get(reverse("people:pairs")))
    assert "张玉兰 · 张玉蓝" in page
    assert "姓名读音相同" in page
    assert "电话相同" in page
    assert "疑为同一人 1 对" in words(office.get(reverse("people:list")))


def test_a_pair_that_reaches_beyond_the_area_is_counted_and_not_shown(client, account, people):
    DuplicatePair.objects.all().delete()
    Person.objects.filter(name="张玉蓝").update(area_path="140931102201", compared_at=None)
    find_duplicates(at=timezone.now())
    client.force_login(account("township_officer", TOWN))
    page = words(client.get(reverse("people:pairs")))
    assert "另有 1 对涉及其他辖区" in page
    assert "张玉蓝" not in page
    assert client.get(address("pair", people["张玉兰"], people["张玉蓝"])).status_code == 404


def test_cards_stand_side_by_side_and_reading_them_is_logged(office, people):
    page = words(office.get(address("pair", people["张玉兰"], people["张玉蓝"])))
    assert "提示理由：" in page
    assert PHONE not in page
    assert set(Event.objects.filter(action="person.compared").values_list("subject", flat=True)) == {
        people["张玉兰"].uid,
        people["张玉蓝"].uid,
    }


def test_merge_on_the_page_and_undo_on_the_card(office, people):
    kept, merged = people["张玉兰"], people["张玉蓝"]
    told = {"decision": "merge", "kept": str(kept.uid), "reason": "电话核实是一个人"}
    answer = office.post(address("pair", kept, merged), told)
    assert answer["Location"] == address("card", kept)
    page = words(office.get(address("card", kept)))
    assert "把“张玉蓝”的卡合并到本卡" in page
    assert "名单来源：2 处" in page
    assert office.get(address("card", merged))["Location"] == address("card", kept)
    undo = reverse("people:undo_merge", args=[kept.uid, Merge.objects.get().uid])
    assert office.post(undo)["Location"] == address("card", kept)
    assert office.get(address("card", merged)).status_code == 200
    assert office.get(reverse("people:pairs")).content.decode().count("张玉蓝") == 0


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"decision": "merge", "reason": "known"}, "请选择保留哪一张卡"),
        ({"decision": "merge", "kept": "first"}, "请写明依据"),
        ({"decision": "perhaps"}, ""),
        ({}, ""),
    ],
)
def test_merge_without_reason_or_choice_is_refused(office, people, told, rule):
    kept = people["张玉兰"]
    told = told | ({"kept": str(kept.uid)} if told.get("kept") else {})
    answer = office.post(address("pair", kept, people["张玉蓝"]), told)
    assert answer.status_code == 422
    assert rule in words(answer)
    assert not Merge.objects.exists()


def test_not_the_same_person_is_remembered(office, people):
    office.post(address("pair", people["张玉兰"], people["张玉蓝"]), {"decision": "apart"})
    Person.objects.update(compared_at=None)
    find_duplicates(at=timezone.now())
    assert DuplicatePair.objects.get().state == "refused"
    assert "没有待核对的" in words(office.get(reverse("people:pairs")))


def test_who_may_not_import_decides_nothing(client, account, people):
    client.force_login(account("grid_worker", VILLAGE))
    assert client.get(reverse("people:pairs")).status_code == 403
    pair = address("pair", people["张玉兰"], people["孙桂花"])
    assert client.post(pair, {"decision": "apart"}).status_code == 404
    assert client.get(address("other", people["张玉兰"])).status_code == 404


def test_another_card_is_found_and_compared_by_hand(office, people):
    page = words(office.get(address("other", people["张玉兰"]), {"q": "孙"}))
    assert "孙桂花" in page
    assert "系统没有提示这一对" in words(office.get(address("pair", people["张玉兰"], people["孙桂花"])))


def test_pages_of_pairs_ask_a_fixed_number_of_queries(office, people):
    office.get(reverse("people:pairs"))
    for page in (reverse("people:pairs"), address("pair", people["张玉兰"], people["张玉蓝"])):
        with CaptureQueriesContext(connection) as asked:
            assert office.get(page).status_code == 200
        assert len(asked) <= 24, page  # session, account, appointments, installation and plan make nine of them


# --- documents and phones ---


def numbers(person):
    return numbers_of([person.uid], in_full=True)[person.uid]


def test_a_document_of_fifteen_digits_is_the_one_of_eighteen(office, people):
    person = people["张玉兰"]
    answer = office.post(address("document", person), {"document": FIRST_GENERATION})
    assert answer.status_code == 422
    page = words(answer)
    assert "这个证件已登记在另一张卡上" in page
    assert "两张卡对照" in page
    assert numbers(person).documents == ()


def test_a_document_is_corrected_and_the_wrong_one_is_kept_with_the_reason(office, people):
    person, wrong = people["孙桂花"], people["孙桂花"].documents.get()
    stem = "99000019850307231"
    right = stem + check_character(stem)
    told = {"document": right, "instead": str(wrong.pk)}
    assert office.post(address("document", person), told).status_code == 422
    assert office.post(address("document", person), told | {"reason": "两位抄反"}).status_code == 302
    wrong.refresh_from_db()
    assert (wrong.withdrawn_reason, wrong.replaced_by.person) == ("两位抄反", person)
    assert numbers(person).documents == (right,)
    page = words(office.get(address("numbers", person)))
    assert "两位抄反" in page
    assert right not in page


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        (DOCUMENT[:-1] + ("1" if DOCUMENT[-1] != "1" else "2"), "校验码与前面各位不符"),
        ("99000019850231123X", "请对照证件"),
        ("abc", "没有这种格式"),
        ("", "请填写证件号码"),
    ],
)
def test_a_document_that_cannot_be_is_refused_with_its_rule(office, people, typed, rule):
    answer = office.post(address("document", people["张玉兰"]), {"document": typed})
    assert answer.status_code == 422
    assert rule in words(answer)


@pytest.mark.parametrize("typed", ["E12345678", "H12345678", "12345678", "ABC123456789012"])
def test_passports_and_permits_stand_on_a_card(office, people, typed):
    assert office.post(address("document", people["张玉兰"]), {"document": typed}).status_code == 302
    assert numbers(people["张玉兰"]).documents == (typed,)


def test_having_no_document_is_an_answer(office, people):
    person = people["张玉兰"]
    assert office.post(address("document", person), {"none": "on"}).status_code == 302
    assert "本人没有证件" in words(office.get(address("numbers", person)))
    office.post(address("document", person), {"document": "E12345678"})
    person.refresh_from_db()
    assert person.without_document is False


def test_a_card_has_several_phones_and_says_whose_each_is(office, people):
    person = people["张玉兰"]
    told = {"phone": "0350-6521234", "whose": "workplace"}
    assert office.post(address("phone", person), told).status_code == 302
    assert set(numbers(person).phones) == {PHONE, "03506521234"}
    assert "单位" in words(office.get(address("numbers", person)))
    assert office.post(address("phone", person), {"phone": "12", "whose": "self"}).status_code == 422


def test_a_phone_is_withdrawn_with_a_reason_only(office, people):
    person, row = people["张玉兰"], people["张玉兰"].phones.get()
    told = {"kind": "phone", "number": row.pk}
    assert office.post(address("withdraw_number", person), told).status_code == 422
    assert office.post(address("withdraw_number", person), told | {"reason": "已停机"}).status_code == 302
    assert numbers(person).phones == ()
    assert office.post(address("withdraw_number", person), told | {"reason": "已停机"}).status_code == 404
    assert list(Event.objects.filter(action="person.phone_withdrawn").values_list("data", flat=True)) == [{}]


def test_numbers_of_another_village_are_not_there(client, account, people):
    client.force_login(account("village_head", VILLAGE))
    other = people["张玉蓝"]
    assert client.get(address("numbers", other)).status_code == 404
    assert client.post(address("phone", other), {"phone": PHONE, "whose": "self"}).status_code == 404
