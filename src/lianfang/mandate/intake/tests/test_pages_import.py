"""A list through the pages: given in, checked by the worker, confirmed, imported."""

import io
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from lianfang.mandate.intake import actions
from lianfang.mandate.intake.models import Batch
from lianfang.registry.audit.models import Event
from lianfang.registry.people.models import Person

TOWN, NEXT_TOWN, COUNTY = "140931101", "140931100", "140931"
LISTS = Path(__file__).parents[5] / "tests" / "data" / "lists"
HEADINGS = ("姓名", "证件号码", "联系电话", "返乡日期", "村", "门牌号", "体温")
GOOD = ("王小明", "990000199001010017", "13800000001", "2020-02-07", "东沟村", "1号", 36.5)
# Three faults in one row: digits in the name, a day that does not exist, a village that is not there.
BAD = ("王2", None, None, "2020-02-31", "东勾屯", "2号", None)
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def workbook(*rows, headings=HEADINGS, title="名单"):
    book = Workbook()
    book.active.title = title
    for row in (headings, *rows):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.fixture
def officer(county, account, client):
    made = account("township_officer", TOWN)
    client.force_login(made)
    return made


@pytest.fixture
def give(officer, client):
    """give(content) → the answer to the upload."""

    def upload(content, name="list.xlsx", area=TOWN, at="2020-02-08T18:00"):
        data = {"file": SimpleUploadedFile(name, content), "area": area, "at": at}
        return client.post(reverse("intake:list"), data)

    return upload


@pytest.fixture
def checked(give, client):
    """checked(rows) → address of a batch that the worker has checked."""

    def bring(*rows, **options):
        address = give(workbook(*rows), **options)["Location"]
        actions.work_off(now=timezone.now())
        return address

    return bring


@pytest.fixture
def committed(checked, client):
    def bring(*rows, **options):
        address = checked(*rows, **options)
        client.post(f"{address}confirm/")
        actions.work_off(now=timezone.now())
        return address

    return bring


def page(client, address, language="zh-hans", **parameters):
    client.cookies["django_language"] = language
    answer = client.get(address, parameters)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_list_page_says_what_belongs_there_while_it_is_empty(officer, client):
    shown = page(client, reverse("intake:list"))
    assert "还没有导入名单" in shown
    assert 'value="140931101" selected' in shown


def test_town_list_goes_through_the_pages(give, client):
    answer = give((LISTS / "town-returnees.xlsx").read_bytes(), name="town-returnees.xlsx")
    address = answer["Location"]
    assert 'hx-trigger="every 1s"' in page(client, address)
    actions.work_off(now=timezone.now())
    assert "共 2,121 行 = 可导入 2,053 + 重复 27 + 待核对（疑为同一人）14 + 需更正 27" in page(client, address)
    assert "2,121 rows = 2,053 accepted + 27 duplicate + 14 to review" in page(client, address, "en")
    client.post(f"{address}confirm/")
    assert "正在导入" in page(client, address)
    actions.work_off(now=timezone.now())
    assert "新建人员 2,053 人" in page(client, address)
    assert Person.objects.count() == 2053
    assert "2,053" in page(client, reverse("intake:list"))


def test_waiting_fragment_sends_to_the_page_when_the_work_is_done(give, client):
    address = give(workbook(GOOD))["Location"]
    waiting = client.get(address, headers=PARTIAL)
    assert b"<html" not in waiting.content
    assert b'hx-trigger="every 1s"' in waiting.content
    actions.work_off(now=timezone.now())
    assert client.get(address, headers=PARTIAL)["HX-Redirect"] == address


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh-hans",
            ["第 3 行", "姓名", "“王2”", "返乡日期", "2020-02-31", "不是有效的日期", "东勾屯", "请更正名称"],
        ),
        (
            "en",
            [
                "Row 3",
                "Name",
                "“王2”",
                "Day of arrival",
                "2020-02-31",
                "not a possible date",
                "Correct the name",
            ],
        ),
    ],
)
def test_rejected_row_tells_every_fault_with_its_value_and_remedy(checked, client, language, words):
    shown = page(client, checked(GOOD, BAD), language, tab="rejected")
    assert [word for word in words if word not in shown] == []
    assert shown.count("lf-field-wrong") == 3


def test_list_in_gb18030_is_read(give, client):
    lines = ["姓名,证件号码,返乡日期,村", "王小明,990000199001010017,2020-02-07,东沟村"]
    address = give("\r\n".join(lines).encode("gb18030"), name="名单.csv")["Location"]
    actions.work_off(now=timezone.now())
    shown = page(client, address)
    assert "王小明" in shown
    assert "名单.csv" in shown
    assert "可导入 1 + 重复 0" in shown


@pytest.mark.parametrize(
    ("content", "language", "words"),
    [
        (b"%PDF-1.7", "zh-hans", "不能读取 PDF 类型的文件。请将名单另存为 .xlsx"),
        (b"%PDF-1.7", "en", "A file of the kind PDF cannot be read. Save the list as .xlsx"),
        ("关于做好登记工作的通知\n请认真落实".encode(), "zh-hans", "文件中没有找到名单的表头"),
        ("关于做好登记工作的通知\n请认真落实".encode(), "en", "No sheet of the file has the headings of a list"),
    ],
)
def test_file_that_is_no_table_says_so_and_what_to_do(give, client, content, language, words):
    address = give(content, name="list.xlsx")["Location"]
    actions.work_off(now=timezone.now())
    shown = page(client, address, language)
    assert words in shown
    assert f'href="{reverse("intake:list")}"' in shown
    assert f"{address}confirm/" not in shown


def test_sheet_without_headings_is_named(give, client):
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(GOOD)
    book.create_sheet("说明").append(["填表人请注意"])
    content = io.BytesIO()
    book.save(content)
    address = give(content.getvalue())["Location"]
    actions.work_off(now=timezone.now())
    assert "工作表“说明”（1 行）未读取" in page(client, address)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"content": b""}, "文件是空的"),
        ({"at": "2999-01-01T00:00"}, "2999-01-01 00:00 还没有到"),
        ({"at": "yesterday"}, "这不是有效的时间"),
        ({"area": NEXT_TOWN}, "这不是您负责的地区"),
    ],
)
def test_upload_that_cannot_be_taken_is_answered_with_the_form(give, change, words):
    answer = give(**({"content": workbook(GOOD)} | change))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Batch.objects.exists()


def test_upload_without_a_file_says_so(officer, client):
    answer = client.post(reverse("intake:list"), {"area": TOWN})
    assert answer.status_code == 422
    assert "没有选择文件" in answer.content.decode()


def test_list_without_a_moment_is_of_now(give):
    before = timezone.now()
    give(workbook(GOOD), at="")
    assert before <= Batch.objects.get().at <= timezone.now()


def test_dropped_list_imports_nobody(checked, client):
    address = checked(GOOD)
    client.post(f"{address}drop/")
    batch = Batch.objects.get()
    assert (batch.state, batch.rows.count(), batch.original_sealed) == ("dropped", 0, None)
    assert "已放弃" in page(client, address)
    client.post(f"{address}confirm/")
    actions.work_off(now=timezone.now())
    assert not Person.objects.exists()


def test_list_without_a_good_row_cannot_be_confirmed(checked, client):
    address = checked(BAD)
    shown = page(client, address)
    assert f"{address}confirm/" not in shown
    assert "目前没有可导入的行" in shown


def test_same_file_again_is_noticed(give, client):
    content = workbook(GOOD)
    first = give(content)["Location"]
    actions.work_off(now=timezone.now())
    client.post(f"{first}confirm/")
    second = give(content)["Location"]
    actions.work_off(now=timezone.now())
    assert f'<a href="{first}">查看那次导入</a>' in page(client, second)


def test_incomplete_card_is_marked_before_the_import(checked, client):
    without_door = (*GOOD[:5], None, None)
    shown = page(client, checked(without_door), tab="accepted")
    assert "信息不全：缺门牌号" in shown


def test_numbers_are_masked_but_in_rows_to_correct(checked, client):
    address = checked(GOOD, ("李大海", "990000199001010016", None, "2020-02-07", "东沟村", None, None))
    accepted = page(client, address, tab="accepted")
    assert "990000199001010017" not in accepted
    assert "13800000001" not in accepted
    assert "9900**********0017" in accepted
    assert "990000199001010016" in page(client, address, tab="rejected")


def test_number_that_is_right_is_masked_in_a_row_to_correct(checked, client):
    phones = "13800000001、13900000002"
    shown = page(client, checked((*GOOD[:2], phones, *BAD[3:])), tab="rejected")
    assert "9900**********0017" in shown
    assert "138****0001、139****0002" in shown
    assert not any(number in shown for number in ("990000199001010017", "13800000001", "13900000002"))


def test_phone_at_fault_is_shown_as_it_stands_and_the_document_masked(checked, client):
    shown = page(client, checked((*GOOD[:2], "1380000000123", *BAD[3:])), tab="rejected")
    assert "1380000000123" in shown
    assert "990000199001010017" not in shown


def test_worker_who_gave_a_list_is_called_by_name(checked, client, officer):
    officer.display_name = "王镇长"
    officer.save(update_fields=["display_name"])
    address = checked(GOOD)
    one, many = page(client, address), page(client, reverse("intake:list"))
    assert re.search("王镇长 于.+提交", one)
    assert "<span>王镇长 · " in many
    assert officer.username not in one + many


def test_rows_with_a_remark_can_be_shown_alone(checked, client):
    strange = ("李大海", None, "12", "2020-02-07", "东沟村", "3号", None)
    address = checked(GOOD, strange)
    shown = page(client, address, tab="accepted", only="noted")
    assert "李大海" in shown
    assert "王小明" not in shown


def test_duplicate_row_names_what_it_joins(committed, client):
    committed(GOOD)
    shown = page(client, committed(GOOD, GOOD), tab="duplicate")
    card = Person.objects.get()
    assert shown.count(reverse("people:card", args=[card.uid])) == 2


def test_looking_at_rows_is_logged_once_a_page(checked, client, officer):
    address = checked(GOOD, BAD)
    page(client, address, tab="accepted")
    (event,) = Event.objects.filter(action="list.rows_opened")
    assert (event.actor, event.area_path) == (officer.username, TOWN)
    assert event.data == {"batch": str(Batch.objects.get().uid), "outcome": "accepted", "page": 1, "rows": 1}


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_batch_page_is_only_read(checked, client, method):
    assert getattr(client, method)(checked(GOOD)).status_code == 405


# --- rights

GETS = ["", "corrections/"]
POSTS = ["confirm/", "drop/", "rows/{row}/decide/", "rows/{row}/undo/"]


@pytest.fixture
def addresses(committed):
    twin = ("王晓明", None, "13800000001", "2020-02-07", "东沟村", "1号", None)
    committed(GOOD)
    address = committed(twin, BAD)
    row = Batch.objects.get(uid=address.split("/")[2]).rows.get(outcome="review")
    return [("get", address + rest) for rest in GETS] + [("post", address + rest.format(row=row.pk)) for rest in POSTS]


def statuses(client, addresses):
    return {getattr(client, method)(address).status_code for method, address in addresses}


def test_nobody_reaches_a_batch_without_logging_in(addresses, client):
    client.logout()
    answers = [getattr(client, method)(address) for method, address in addresses]
    assert all(answer["Location"].startswith("/login/") for answer in answers)


def test_batch_of_another_town_is_not_there(addresses, client, account):
    client.force_login(account("township_officer", NEXT_TOWN))
    assert statuses(client, addresses) == {404}
    assert "list.xlsx" not in page(client, reverse("intake:list"))


@pytest.mark.parametrize("role", ["village_head", "grid_worker", "epidemiologist", "administrator"])
def test_page_is_closed_to_those_who_do_not_import(addresses, client, account, role):
    client.force_login(account(role, COUNTY))
    rest = [
        ("get", reverse("intake:list")),
        ("post", reverse("intake:list")),
        ("get", reverse("intake:template")),
    ]
    assert statuses(client, addresses + rest) == {403}


def test_county_sees_the_batches_of_its_towns(addresses, client, account):
    client.force_login(account("county_officer", COUNTY))
    assert "list.xlsx" in page(client, reverse("intake:list"))
    assert page(client, addresses[0][1])


def test_area_outside_the_account_is_not_there(officer, client):
    for name in ("intake:list", "intake:template"):
        assert client.get(reverse(name), {"area": COUNTY}).status_code == 404


def test_area_narrows_the_list(addresses, client, account):
    client.force_login(account("county_officer", COUNTY))
    assert "list.xlsx" in page(client, reverse("intake:list"), area=TOWN)
    assert "list.xlsx" not in page(client, reverse("intake:list"), area=NEXT_TOWN)


# --- queries


def person(number):
    return (
        f"王小{'明亮光华强'[number]}",
        None,
        f"1380000000{number}",
        "2020-02-07",
        "东沟村",
        f"{number}号",
        None,
    )


def queries(client, address, **parameters):
    with CaptureQueriesContext(connection) as caught:
        page(client, address, **parameters)
    return len(caught)


@pytest.mark.parametrize(("tab", "taken"), [("accepted", 10), ("rejected", 10), ("duplicate", 11)])
def test_queries_of_a_batch_do_not_grow_with_its_rows(committed, client, tab, taken):
    for number in range(5):
        committed(person(number))
    bad = ("", None, None, "2020-02-07", "东沟村", None, None)
    rows = {
        "accepted": [(*GOOD[:1], None, None, *GOOD[3:5], f"{n}号", None) for n in range(20, 24)],
        "rejected": [bad] * 4,
        "duplicate": [person(n) for n in range(4)],
    }[tab]
    _first, one, many = (queries(client, committed(*some), tab=tab) for some in (rows[-1:], rows[:1], rows))
    assert one == many == taken  # the first page remembers the names of areas and plans for the others


def test_queries_of_the_list_do_not_grow_with_its_batches(committed, client):
    committed(person(0))
    _first, one = (queries(client, reverse("intake:list")) for _again in range(2))
    committed(person(1))
    committed(person(2))
    assert queries(client, reverse("intake:list")) == one == 7
