"""Rows that may be somebody already there: shown beside that person, decided upon, undone."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from lianfang.mandate.intake import pairs
from lianfang.mandate.intake.models import StagedRow
from lianfang.registry.audit.models import Event
from lianfang.registry.people.models import Person

TOWN, NEXT_TOWN, COUNTY = "140931101", "140931100", "140931"
KNOWN = {"name": "王小明", "document": "990000199001010017", "phone": "13800000001", "door": "1号"}
TWIN = {"name": "王晓明", "phone": "13800000001", "door": "一号", "arrived_on": "2020-02-06"}


@pytest.fixture
def officer(county, account, client):
    made = account("township_officer", TOWN)
    client.force_login(made)
    return made


@pytest.fixture
def held(arrivals, officer):
    """A row that may be the known 王小明."""
    arrivals([KNOWN])
    return arrivals([TWIN]).rows.get()


def address(row, rest=""):
    return f"/imports/{row.batch.uid}/{rest}"


def review(client, row, language="zh-hans"):
    client.cookies["django_language"] = language
    answer = client.get(address(row), {"tab": "review"})
    return " ".join(answer.content.decode().split())


def decide(client, row, decision, **headers):
    return client.post(address(row, f"rows/{row.pk}/decide/"), {"decision": decision}, headers=headers)


def undo(client, row, **headers):
    return client.post(address(row, f"rows/{row.pk}/undo/"), headers=headers)


def people():
    return Person.objects.filter(withdrawn_at=None).count()


def test_pair_says_what_agrees_and_what_does_not(held, officer):
    with translation.override("zh-hans"):
        (pair,) = pairs.pairs_of(held.batch, [held], officer)
    found = {line.label: line.agrees for line in pair.lines}
    assert found == {
        "姓名": "differs", "姓名读音": "same", "性别": "unknown", "证件号码": "unknown", "联系电话": "same",
        "村（社区）": "same", "门牌": "same", "返乡日期": "differs",
    }  # fmt: skip
    assert pair.reasons == "姓名读音相同、电话相同、同村同门牌"


def test_pair_masks_numbers_on_both_sides(held, client):
    shown = review(client, held)
    assert "9900**********0017" in shown
    assert "138****0001" in shown
    assert KNOWN["document"] not in shown
    assert KNOWN["phone"] not in shown


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "姓名读音相同"), ("en", "names that sound alike")])
def test_reasons_are_words(held, client, language, words):
    assert words in review(client, held, language)


def test_pair_of_one_file_names_the_other_row(arrivals, officer, client):
    row = arrivals([KNOWN, TWIN]).rows.get(outcome="review")
    shown = review(client, row)
    assert '<th scope="col" class="col-4">第 2 行</th>' in shown
    assert "王小明" in shown


def test_same_person_adds_a_source_and_no_card(held, client):
    answer = decide(client, held, "same", **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert people() == 1
    assert Person.objects.get().sources.count() == 2
    shown = answer.content.decode()
    assert "同一人" in shown
    assert 'hx-target="#undecided"' in shown
    assert "已全部判定" in shown


def test_other_person_makes_a_card_and_undo_takes_it_back(held, client):
    decide(client, held, "other")
    assert people() == 2
    answer = undo(client, held, **{"HX-Request": "true"})
    assert people() == 1
    assert "是同一人" in answer.content.decode()
    assert StagedRow.objects.get(pk=held.pk).decision == ""


def test_decision_says_who_and_when(held, client, officer):
    officer.display_name = "王镇长"
    officer.save(update_fields=["display_name"])
    answer = decide(client, held, "same", **{"HX-Request": "true"}).content.decode()
    for shown in (answer, review(client, held)):
        assert re.search("王镇长 于.+判定。", shown)
        assert officer.username not in shown
    assert Event.objects.filter(action="duplicate.decided_same", actor=officer.username).count() == 1


def test_decision_without_scripts_leads_back_to_the_pair(held, client):
    answer = client.post(address(held, f"rows/{held.pk}/decide/"), {"decision": "same", "page": "1"})
    assert answer["Location"] == address(held, f"?tab=review&page=1#row-{held.pk}")


@pytest.mark.parametrize("decision", ["", "perhaps"])
def test_unknown_decision_changes_nothing(held, client, decision):
    answer = decide(client, held, decision, **{"HX-Request": "true"})
    assert answer.status_code == 422
    assert "没有作出判定" in answer.content.decode()
    assert people() == 1


def test_second_decision_shows_the_first(held, client):
    decide(client, held, "same")
    answer = decide(client, held, "other", **{"HX-Request": "true"})
    assert answer.status_code == 422
    assert "撤销判定" in answer.content.decode()
    assert people() == 1


def test_undo_without_a_decision_says_so(held, client):
    answer = undo(client, held, **{"HX-Request": "true"})
    assert answer.status_code == 422
    assert "没有可撤销的判定" in answer.content.decode()


def test_row_that_is_not_held_is_not_decided(arrivals, officer, client):
    row = arrivals([KNOWN]).rows.get()
    assert decide(client, row, "same").status_code == 404


# --- a known person of another township


@pytest.fixture
def held_across(arrivals, officer):
    """The known person lives where this officer sees nobody; the row shares the phone."""
    arrivals([{**KNOWN, "name": "李建国"}])
    Person.objects.update(area_path=f"{NEXT_TOWN}201")
    row = arrivals([{"name": "李建国", "phone": KNOWN["phone"], "arrived_on": "2020-02-06"}]).rows.get()
    assert row.outcome == "review"
    return row


def test_card_outside_the_area_is_not_shown(held_across, client):
    shown = review(client, held_across)
    assert "登记在您的辖区以外" in shown
    assert "9900" not in shown
    assert "rows/" not in shown


def test_card_outside_the_area_is_not_decided_on(held_across, client):
    answer = decide(client, held_across, "same", **{"HX-Request": "true"})
    assert answer.status_code == 422
    assert "请县级核对" in answer.content.decode()
    assert StagedRow.objects.get(pk=held_across.pk).decision == ""


def test_county_decides_across_towns(held_across, client, account):
    client.force_login(account("county_officer", COUNTY))
    assert "9900**********0017" in review(client, held_across)
    assert decide(client, held_across, "same", **{"HX-Request": "true"}).status_code == 200


def test_duplicate_of_a_card_outside_the_area_names_nobody(arrivals, officer, client):
    arrivals([{**KNOWN, "name": "李建国"}])
    Person.objects.update(area_path=f"{NEXT_TOWN}201", name="李建国卡")
    row = arrivals([{**KNOWN, "name": "李建国"}]).rows.get()
    answer = client.get(address(row), {"tab": "duplicate"}).content.decode()
    assert "辖区以外的人员" in answer
    assert "李建国卡" not in answer


def test_queries_do_not_grow_with_the_pairs(arrivals, officer, client):
    family = [{**KNOWN, "document": None, "name": f"王小{one}", "door": "9号"} for one in "明亮华强"]
    twins = [{**row, "name": row["name"].replace("小", "晓")} for row in family]
    arrivals(family)
    one, many = arrivals(twins[:1]).rows.get(), arrivals(twins[1:]).rows.first()
    taken = []
    review(client, one)  # remembers the names of areas and plans for the others
    for row in (one, many):
        with CaptureQueriesContext(connection) as caught:
            review(client, row)
        taken.append(len(caught))
    assert many.batch.rows.filter(outcome="review").count() == 3
    assert taken[0] == taken[1] == 13
