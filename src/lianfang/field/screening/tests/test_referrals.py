"""A county's list splits itself to villages; each row comes back with an outcome; who was checked before is shown."""

from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from lianfang.field.screening import handover, referring
from lianfang.field.screening.actions import NewVerification, verify_first
from lianfang.field.screening.models import Referral
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.intake import actions
from lianfang.mandate.intake.queries import counts
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import NewPerson
from lianfang.science.identity.documents import read_document

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


def test_who_is_another_villages_is_looked_for_there_from_the_beginning(listed):
    row = Referral.objects.get(name="张玉兰")
    referring.tell_outcome(by=BY, at=AT, uid=row.uid, outcome="outside", version=1)
    placed = referring.place(by=BY, at=AT, uid=row.uid, area_path=OTHER, version=2)
    assert (placed.area_path, placed.outcome, placed.outcome_at, placed.outcome_by) == (OTHER, "", None, "")


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


NUMBER = "990000199303133223"
BESIDE = slice(len(HEADINGS), len(HEADINGS) + 7)  # what was known before; then follows what came of it now
UNKNOWN = ["否", None, None, None, None, None, None]


def checked_in(village):
    """张玉兰, on the register of a village and found out about there."""
    new = NewPerson(uuid4(), "张玉兰", village, document=read_document(NUMBER), phones=("13900000001",))
    card = people.register(at=AT, people=[new])[new.uid]
    verify_first(by=BY, at=AT, verifications=[NewVerification(uuid4(), card, AT)])
    return card


@pytest.fixture
def officer(account, client):
    client.force_login(account("county_officer", COUNTY))
    return client


def before(officer, area, row=ROWS[0]):
    """What a list of the area says of the person beside the own columns."""
    _mark, _headings, found, *_more = returned(officer, bring([row], area, commit=False))
    return found[BESIDE]


@pytest.mark.parametrize(
    ("village", "area"),
    [
        ("140932101201", COUNTY),  # another county
        ("140931102201", TOWN),  # another township of the county
        (OTHER, VILLAGE),
    ],
)
@pytest.mark.parametrize("row", [ROWS[0], [1, "张玉兰", "电信", None, "13900000001", "东沟村", None]])
def test_c29_3_a_list_tells_nothing_of_people_of_other_areas(county, officer, village, area, row):
    """Whoever knows a number learns by a list neither that its holder is known elsewhere nor what was done there."""
    checked_in(village)
    assert before(officer, area, row) == UNKNOWN


@pytest.mark.parametrize("area", [COUNTY, TOWN, VILLAGE])
def test_a_list_of_the_persons_own_area_tells_of_the_checks(county, officer, area):
    checked_in(VILLAGE)
    assert before(officer, area)[:3] == ["是", "2020-02-08 18:00", "2020-02-08 18:00"]


def test_c29_3_what_another_areas_list_told_is_not_told(listed, officer):
    row = Referral.objects.get(name="张玉兰")
    referring.tell_outcome(by=BY, at=AT, uid=row.uid, outcome="settled", version=1)
    assert before(officer, OTHER) == UNKNOWN
    assert before(officer, TOWN)[-2:] == ["已落地", "2020-02-08 18:00"]


def test_of_whom_an_area_handed_over_its_lists_say_that_and_no_more(county, officer):
    card = checked_in(VILLAGE)
    offer = handover.send(by=BY, at=AT, uid=uuid4(), person=card, to_path=OTHER, reason="moved")
    assert before(officer, VILLAGE)[0] == "是"
    handover.accept(by=BY, at=AT, handover=offer, village=OTHER)
    assert before(officer, VILLAGE) == ["是", None, None, None, None, "已转出", "2020-02-08 18:00"]
    assert before(officer, OTHER)[2] == "2020-02-08 18:00"


def test_of_two_observations_the_one_that_runs_is_told(arrivals, officer):
    """An observation that was registered later and has ended does not hide the one that goes on."""
    arrivals([{"name": "张玉兰", "document": NUMBER, "origin": "湖北武汉"}])
    running = Enrolment.objects.get(observed=True)
    other = {"registered_at": AT + timedelta(hours=1), "closed_at": AT + timedelta(hours=2), "closed_reason": "moved"}
    values = {"pathway": "close-contact", "observed": True, "anchor_on": date(2020, 2, 7)}
    stays = ("activation", "subject_kind", "subject", "cause", "area_path", "first_day", "last_day")
    Enrolment.objects.create(**{name: getattr(running, name) for name in stays} | values | other)
    assert before(officer, COUNTY)[4] == "在管"
    Enrolment.objects.filter(pk=running.pk).update(closed_at=AT + timedelta(hours=3), closed_reason="released")
    assert before(officer, COUNTY)[4] == "观察已结束"


def test_a_list_taken_back_is_looked_for_no_more(listed):
    assert actions.undo_import(by=BY, at=AT, batch=listed).state == "undone"
    assert not Referral.objects.filter(withdrawn_at__isnull=True).exists()
