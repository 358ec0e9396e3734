"""A county's list splits itself to villages; each row comes back with an outcome; who was checked before is shown."""

from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from lianfang.field.screening import referring
from lianfang.field.screening.models import Referral
from lianfang.mandate.intake import actions
from lianfang.mandate.intake.queries import counts
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
AT = parse_datetime("2020-02-08T18:00:00+08:00")
BY = Actor("test")
HX = {"HX-Request": "true"}
HEADINGS = ["编号", "姓名", "线索来源", "身份证号", "联系电话", "住址", "备注"]
ROWS = [
    [1, "张玉兰", "铁路", "990000199303133223", None, "保德县义门镇东沟村12号", None],
    [2, "李建国", "机场", None, "13900000002", "义门镇西坪村委会", "需回访"],
    [3, "王五", "电信", None, "13900000003", "某某小区3号楼", None],
    [4, "王五", "电信", None, "13900000003", "某某小区3号楼", None],
    [5, None, "电信", None, "13900000005", "东沟村", None],
]


def bring(rows=ROWS, area=COUNTY, commit=True):
    book = openpyxl.Workbook()
    book.active.title = "线索"
    for row in (HEADINGS, *rows):
        book.active.append(row)
    content = BytesIO()
    book.save(content)
    file = actions.NewFile("checks", area, "线索.xlsx", content.getvalue())
    batch = actions.check(batch=actions.receive(by=BY, at=AT, file=file))
    return actions.commit(by=BY, batch=batch, now=AT) if commit else batch


@pytest.fixture
def listed(county):
    return bring()


def test_a_county_list_splits_itself_to_villages_and_no_row_is_lost(listed):
    assert counts(listed) == {"rows": 5, "accepted": 3, "duplicate": 1, "review": 0, "rejected": 1}
    placed = dict(Referral.objects.values_list("name", "area_path"))
    assert placed == {"张玉兰": VILLAGE, "李建国": OTHER, "王五": COUNTY}
    assert not Referral.objects.get(name="王五").placed
    assert Person.objects.count() == 0


def test_what_cannot_be_placed_waits_until_an_officer_says_which_village(listed, account, client):
    client.force_login(account("county_officer", COUNTY))
    shown = client.get(reverse("screening:unplaced")).content.decode()
    assert "王五" in shown
    assert "张玉兰" not in shown
    row = Referral.objects.get(name="王五")
    url = reverse("screening:place", args=[row.uid])
    assert client.post(url, {"village": "140931999999", "version": 1}, headers=HX).status_code == 422
    assert client.post(url, {"village": VILLAGE, "version": 1}, headers=HX).status_code == 200
    assert client.post(url, {"village": OTHER, "version": 1}, headers=HX).status_code == 409
    row.refresh_from_db()
    assert (row.placed, row.area_path) == (True, VILLAGE)


def test_a_village_sees_its_part_alone_and_tells_the_outcome(listed, account, client, django_assert_max_num_queries):
    client.force_login(account("village_head", VILLAGE))
    with django_assert_max_num_queries(13):
        shown = client.get(reverse("screening:tasks")).content.decode()
    assert "张玉兰" in shown
    assert "李建国" not in shown
    mine, other = Referral.objects.get(name="张玉兰"), Referral.objects.get(name="李建国")
    told = {"outcome": "settled", "version": 1, "note": "在家"}
    assert client.post(reverse("screening:tell", args=[other.uid]), told, headers=HX).status_code == 404
    answer = client.post(reverse("screening:tell", args=[mine.uid]), told, headers=HX)
    assert "已落地" in answer.content.decode()
    assert client.post(reverse("screening:tell", args=[mine.uid]), told, headers=HX).status_code == 409
    mine.refresh_from_db()
    assert (mine.outcome, mine.note, mine.version) == ("settled", "在家", 2)


def test_every_outcome_can_be_told(listed):
    row = Referral.objects.get(name="张玉兰")
    for outcome in ("settled", "unknown", "unreachable", "outside", "moved_on", "wrong"):
        row = referring.tell_outcome(by=BY, at=AT, uid=row.uid, outcome=outcome, version=row.version)
    with pytest.raises(referring.ChangedMeanwhile):
        referring.tell_outcome(by=BY, at=AT, uid=row.uid, outcome="settled", version=1)


def returned(client, batch):
    answer = client.get(reverse("screening:results", args=[batch.uid]))
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_the_sender_gets_back_the_own_columns_in_order_with_the_outcome(listed, account, client):
    row = Referral.objects.get(name="张玉兰")
    referring.tell_outcome(by=BY, at=AT, uid=row.uid, outcome="moved_on", version=1, note="去了县城")
    client.force_login(account("county_officer", COUNTY))
    mark, headings, *rows = returned(client, listed)
    assert "EXERCISE" in mark[0]
    assert headings[:7] == HEADINGS
    assert [row[:7] for row in rows] == ROWS
    outcome, note = headings.index("核查结果"), headings.index("核查说明")
    assert (rows[0][outcome], rows[0][note]) == ("已转出", "去了县城")
    assert rows[2][outcome + 3] == "归属待定"


def test_a_new_list_shows_who_was_checked_before_without_importing_anything(arrivals, account, client):
    """N8: same person by document, or by phone and name; when, with what result."""
    arrivals([{"name": "张玉兰", "document": "990000199303133223", "temperature": 36.5, "origin": "湖北武汉"}])
    arrivals([{"name": "李建国", "phone": "13900000002"}])
    batch = bring(commit=False)
    client.force_login(account("county_officer", COUNTY))
    _mark, headings, *rows = returned(client, batch)
    before, contact = headings.index("此前是否核查"), headings.index("最近联系时间")
    assert [row[before] for row in rows[:3]] == ["是", "否", "否"]
    assert rows[0][contact] == "2020-02-08 18:00"
    assert rows[0][contact + 1]  # under observation
    assert rows[1][before + 1]  # known on the register, not checked
    assert Referral.objects.count() == 0


def test_an_earlier_lists_outcome_is_shown_in_the_next(listed, account, client):
    row = Referral.objects.get(name="张玉兰")
    referring.tell_outcome(by=BY, at=AT, uid=row.uid, outcome="outside", version=1)
    client.force_login(account("county_officer", COUNTY))
    _mark, headings, *rows = returned(client, bring(commit=False))
    assert rows[0][headings.index("此前核查结果")] == "不在辖区"


def test_a_list_taken_back_is_looked_for_no_more(listed):
    assert actions.undo_import(by=BY, at=AT, batch=listed).state == "undone"
    assert not Referral.objects.filter(withdrawn_at__isnull=True).exists()
