"""Lists out: what they say, what they never say, and that they can be read back in."""

import csv
import io
import re
from datetime import date, datetime
from html import unescape
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.dateparse import parse_datetime
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from lianfang.insight.situation.exports import Table, Wanted, table, write
from lianfang.insight.situation.exports.writing import plain
from lianfang.mandate.duties.wording import owner_key
from lianfang.mandate.intake import actions as intake
from lianfang.mandate.intake.models import Batch
from lianfang.mandate.intake.queries import content_of, counts
from lianfang.mandate.intake.rules.cells import clean_text
from lianfang.mandate.intake.rules.sheets import read_file
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.registry.places.models import Installation
from lianfang.science.identity.documents import check_character

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
AS_OF = parse_datetime("2020-02-09T14:30:00+08:00")
QUERY = "as_of=2020-02-09T14:30:00%2B08:00"
NUMBER = "99000019900101001"
DOCUMENT = NUMBER + check_character(NUMBER)
PHONE = "13800000001"


@pytest.fixture
def people(arrivals):
    arrivals(
        [
            {
                "name": "张玉兰",
                "sex": "女",
                "document": DOCUMENT,
                "phone": PHONE,
                "door": "12号",
                "origin": "湖北武汉",
                "reached_home": "14:20",
                "arrived_on": "2020-02-08",
                "transport": "火车",
                "vehicle": "K961",
            },
            {"name": "李建国", "door": "3-2", "origin": "湖北孝感"},
            {"name": "孙桂花", "door": "5号", "origin": "山西大同", "village": "西坪村"},
        ]
    )


@pytest.fixture
def signed_in(client, account):
    def enter(role, path):
        client.force_login(account(role, path))
        return client

    return enter


def written(kind, extension, area=TOWN, **wanted):
    out = io.BytesIO()
    told = table(Wanted(kind, area, AS_OF, **wanted))
    return write(told, extension, out), out.getvalue()


def sheet_of(content):
    return [list(row) for row in load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]


def lines_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize(("kind", "length"), [("arrivals", 3), ("persons", 3), ("observations", 2), ("gaps", 52)])
def test_workbook_and_text_say_the_same_rows(people, kind, length):
    count, book = written(kind, "xlsx")
    same, text = written(kind, "csv")
    rows, lines = sheet_of(book), lines_of(text)
    assert count == same == len(rows) - 2 == len(lines) - 2
    assert rows[1] == lines[1]
    assert [row[0] for row in rows[2:]] == [line[0] for line in lines[2:]]
    assert count == length


def test_list_of_an_exercise_says_so_in_title_and_name(people):
    told = table(Wanted("arrivals", TOWN, AS_OF))
    assert told.title.startswith("演练数据 · EXERCISE")
    assert told.filename.startswith("演练数据-EXERCISE-")
    Installation.objects.update(exercise=False)
    told = table(Wanted("arrivals", TOWN, AS_OF))
    assert "EXERCISE" not in told.title + told.filename


def test_text_begins_with_the_mark_that_excel_needs(people):
    assert written("arrivals", "csv")[1].startswith(b"\xef\xbb\xbf")


def test_numbers_are_masked_unless_asked_for_in_full(people):
    for kind in ("arrivals", "persons", "observations", "gaps"):
        _count, masked = written(kind, "csv")
        assert DOCUMENT not in masked.decode()
        assert PHONE not in masked.decode()
        assert DOCUMENT in written(kind, "csv", in_full=True)[1].decode()


def test_numbers_are_text_cells_and_headings_stay_in_sight(people):
    book = load_workbook(io.BytesIO(written("arrivals", "xlsx", in_full=True)[1]))
    sheet = book.active
    row = next(row for row in sheet.iter_rows(min_row=3) if row[0].value == "张玉兰")
    document, phone, arrived = row[2], row[3], row[5]
    assert (document.value, document.data_type, document.number_format) == (DOCUMENT, "s", "@")
    assert (phone.value, phone.number_format) == (PHONE, "@")
    assert arrived.value == datetime(2020, 2, 8)  # noqa: DTZ001 - a cell has no zone
    assert sheet.freeze_panes == "B3"
    assert sheet["A2"].font.bold


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_begins_like_a_formula_is_kept_from_being_one(sign):
    told = Table("t", ["name"], [[f"{sign}1+1"], ["1+1"]], "f")
    out = io.BytesIO()
    write(told, "csv", out)
    assert lines_of(out.getvalue())[2:] == [[f"'{sign}1+1"], ["1+1"]]
    out = io.BytesIO()
    write(told, "xlsx", out)
    cell = load_workbook(io.BytesIO(out.getvalue())).active["A3"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


def test_formula_in_a_name_is_kept_from_being_one_on_a_real_list(people):
    Person.objects.filter(name="李建国").update(name="=HYPERLINK(1)")
    names = [line[0] for line in lines_of(written("persons", "csv")[1])]
    assert "'=HYPERLINK(1)" in names
    assert "=HYPERLINK(1)" not in names


def test_characters_that_no_workbook_holds_are_left_out():
    assert plain("张\x0b玉\x00兰") == "张玉兰"


def test_negative_numbers_and_days_are_no_text(people):
    out = io.BytesIO()
    write(Table("t", ["n", "d", "nothing"], [[-5, date(2020, 2, 9), None]], "f"), "xlsx", out)
    cells = [cell.value for cell in load_workbook(io.BytesIO(out.getvalue())).active[3]]
    assert cells == [-5, datetime(2020, 2, 9), None]  # noqa: DTZ001 - a cell has no zone


@pytest.mark.parametrize("area", [VILLAGE, OTHER])
def test_list_of_a_village_holds_nobody_of_another(people, area):
    mine, other = ("张玉兰", "孙桂花") if area == VILLAGE else ("孙桂花", "张玉兰")
    for kind in ("arrivals", "persons", "gaps"):
        text = written(kind, "csv", area)[1].decode()
        assert mine in text
        assert other not in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_exported_arrivals_come_in_again_as_the_people_who_are_there(people, language, extension):
    with translation.override(language):
        _count, content = written("arrivals", extension, in_full=True)
    file = intake.NewFile("arrivals", TOWN, f"list.{extension}", content)
    batch = intake.check(batch=intake.receive(by=Actor("test"), at=AS_OF, file=file))
    assert counts(batch) == {"rows": 3, "accepted": 0, "duplicate": 3, "review": 0, "rejected": 0}
    assert batch.warnings == []


def test_exported_arrivals_make_the_same_people_elsewhere(people):
    _count, content = written("arrivals", "xlsx", in_full=True)
    told = sheet_of(content)[1:]
    file = intake.NewFile("arrivals", TOWN, "list.xlsx", content)
    # The register forgets who they are, so that the list has to say it all.
    Person.objects.update(withdrawn_at=AS_OF, registered_at=AS_OF)
    for person in Person.objects.all():
        person.documents.update(withdrawn_at=AS_OF)
    Batch.objects.update(state="dropped", committed_at=None)
    batch = intake.check(batch=intake.receive(by=Actor("test"), at=AS_OF, file=file))
    intake.commit(by=Actor("test"), batch=batch, now=AS_OF)
    assert sheet_of(written("arrivals", "xlsx", in_full=True)[1])[1:] == told


@pytest.mark.parametrize("kind", ["arrivals", "persons", "observations", "residents"])
@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_every_list_of_people_opens_again_as_a_list(people, kind, extension):
    """Each exported list of people is read again with all its rows and the same names, documents and phones."""
    count, content = written(kind, extension, in_full=True)
    file = intake.NewFile("checks", TOWN, f"list.{extension}", content)
    batch = intake.check(batch=intake.receive(by=Actor("test"), at=AS_OF, file=file))
    assert counts(batch)["rows"] == count
    headings, *rows = (sheet_of(content) if extension == "xlsx" else lines_of(content))[1:]
    told = [content_of(row).raw for row in batch.rows.order_by("pk")]
    for title, code in (("姓名", "name"), ("身份证号码", "document"), ("联系电话", "phone"), ("村（社区）", "village")):
        if title in headings:
            said = [row[headings.index(title)] or None for row in rows]
            assert [one.get(code) for one in told] == said


def test_outstanding_list_opens_again_with_every_name(people):
    count, content = written("gaps", "xlsx", in_full=True)
    file = intake.NewFile("checks", TOWN, "gaps.xlsx", content)
    batch = intake.check(batch=intake.receive(by=Actor("test"), at=AS_OF, file=file))
    assert counts(batch)["rows"] == count


DANGEROUS = st.text(alphabet='=+-@＝＋－＠,;|\t"\n 张A1(', max_size=14)
SIGNS = tuple("=+-@＝＋－＠")


@given(st.lists(DANGEROUS, min_size=1, max_size=4))
def test_no_text_becomes_a_formula_however_the_table_is_opened(values):
    """Also for what is dangerous only after quoting, or where a semicolon is taken for the comma."""
    out = io.BytesIO()
    write(Table("t", ["a"] * len(values), [values], "f"), "csv", out)
    text = out.getvalue().decode("utf-8-sig")
    for delimiter in (",", ";", "\t", "|"):
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting):
                assert not [cell for cell in line if cell.lstrip(' \t\r\n"').startswith(SIGNS)]
    out = io.BytesIO()
    write(Table("t", ["a"] * len(values), [values], "f"), "xlsx", out)
    for cell in load_workbook(io.BytesIO(out.getvalue())).active[3]:
        assert cell.data_type != "f"
        assert not str(cell.value or "").lstrip().startswith(SIGNS)


@given(DANGEROUS)
def test_what_an_export_says_can_be_read_back(value):
    out = io.BytesIO()
    write(Table("t", ["a", "b"], [[value, "x"], ["y", "z"]], "f"), "csv", out)
    (sheet,) = read_file("a.csv", out.getvalue())
    row = next(row for row in sheet.rows if row.cells[-1] == "x")
    assert clean_text(row.cells[0]) == clean_text(value)


# --- by the web --------------------------------------------------------------------------------------------


def address(kind, area=TOWN, **more):
    extra = "".join(f"&{key}={value}" for key, value in more.items())
    return f"{reverse('situation:export', args=[kind])}?area={area}&{QUERY}{extra}"


def test_export_asks_for_a_login_and_for_the_right(client, signed_in, people):
    assert client.get(address("persons", format="csv"))["Location"].startswith(reverse("login"))
    assert signed_in("grid_worker", VILLAGE).get(address("persons", VILLAGE)).status_code == 403
    assert signed_in("administrator", COUNTY).get(address("persons")).status_code == 403


@pytest.mark.parametrize("area", [OTHER, TOWN, COUNTY])
def test_export_of_another_area_is_not_there(signed_in, people, area):
    client = signed_in("village_head", VILLAGE)
    assert client.get(address("persons", area, format="csv")).status_code == 404
    assert client.post(address("persons", area), {"format": "csv"}).status_code == 404


def test_unknown_list_and_unknown_form_are_not_there(signed_in, people):
    client = signed_in("township_officer", TOWN)
    assert client.get(address("secrets")).status_code == 404
    assert client.get(address("persons", format="exe")).status_code == 404


def test_export_is_masked_named_and_logged_with_its_length(signed_in, people):
    answer = signed_in("township_officer", TOWN).get(address("persons", format="xlsx"))
    rows = sheet_of(b"".join(answer.streaming_content))
    assert len(rows) == 5
    assert DOCUMENT not in str(rows)
    assert "EXERCISE" in answer["Content-Disposition"]
    event = Event.objects.get(action="list.exported")
    assert (event.area_path, event.data) == (TOWN, {"kind": "persons", "rows": 3})
    assert event.actor == f"township_officer-{TOWN}"


def test_full_numbers_need_a_purpose_which_is_logged(fresh, account, people):
    client = fresh(account("township_officer", TOWN))
    assert client.post(address("persons"), {"format": "csv", "identify": "on"}).status_code == 422
    assert Event.objects.filter(action__startswith="list.exported").count() == 0
    told = {"format": "csv", "identify": "on", "purpose": "转运登记"}
    answer = client.post(address("persons"), told)
    assert DOCUMENT in b"".join(answer.streaming_content).decode()
    assert Event.objects.get(action="list.exported_in_full").purpose == "转运登记"


def test_full_numbers_need_a_log_in_of_a_moment_ago(signed_in, people):
    client = signed_in("township_officer", TOWN)
    told = {"format": "csv", "identify": "on", "purpose": "转运登记"}
    answer = client.post(address("persons"), told)
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("account_reauthenticate"))
    assert not Event.objects.filter(action__startswith="list.exported").exists()
    masked = client.post(address("persons"), {"format": "csv"})
    assert DOCUMENT not in b"".join(masked.streaming_content).decode()  # as before, without asking


def test_who_may_not_identify_gets_masked_numbers_whatever_is_sent(signed_in, people):
    client = signed_in("village_head", VILLAGE)
    told = {"format": "csv", "identify": "on", "purpose": "好奇"}
    answer = client.post(address("persons", VILLAGE), told)
    assert DOCUMENT not in b"".join(answer.streaming_content).decode()
    assert Event.objects.filter(action="list.exported_in_full").count() == 0


def test_export_of_gaps_holds_what_the_page_shows(signed_in, people):
    client = signed_in("township_officer", TOWN)
    page = client.get(f"{reverse('duties:gaps')}?area={TOWN}&{QUERY}&duty=temperature&state=overdue")
    answer = client.get(page.context["export_url"] + "&format=csv")
    lines = lines_of(b"".join(answer.streaming_content))
    assert len(lines) - 2 == page.context["page"].paginator.count == 2
    assert {line[2] for line in lines[2:]} == {"张玉兰", "李建国"}


@pytest.mark.parametrize(
    ("route", "query", "words"),
    [
        ("duties:gaps", "state=outstanding&owner=%E4%B8%9C%E6%B2%9F%E6%9D%91", "东沟村"),
        ("duties:gaps", "duty=temperature&state=due", "应办"),
        ("duties:gaps", "tab=duty&state=missing", "未办"),
        ("observation:list", "q=%E5%BC%A0&sort=-name", "张"),
        ("observation:list", "show=new", "今日新增"),
        ("observation:list", "", ""),
        ("screening:list", "q=%E5%AD%99", "孙"),
        ("screening:list", "key_area=on&hour_unknown=on", "重点地区"),
        ("screening:list", "", ""),
    ],
)
def test_export_holds_as_many_rows_as_its_list_and_says_what_was_asked(signed_in, people, route, query, words):
    client = signed_in("township_officer", TOWN)
    owner = client.get(f"{reverse('duties:gaps')}?{QUERY}&state=outstanding").context["rows"][0]
    query = query.replace("%E4%B8%9C%E6%B2%9F%E6%9D%91", quote(owner_key(owner.item)))
    page = client.get(f"{reverse(route)}?area={TOWN}&{QUERY}&{query}")
    link = re.search(r'href="(/export/[^"]+)"', page.content.decode())[1]
    lines = lines_of(b"".join(client.get(unescape(link) + "&format=csv").streaming_content))
    assert len(lines) - 2 == page.context["page"].paginator.count
    assert words in lines[0][0]


def test_number_that_was_searched_for_is_not_told_by_the_title(people):
    told = table(Wanted("arrivals", TOWN, AS_OF, narrowed={"q": DOCUMENT}))
    assert DOCUMENT not in told.title
    assert "***" in told.title


def test_filter_that_cannot_be_read_gives_no_longer_list(signed_in, people):
    client = signed_in("township_officer", TOWN)
    for kind, filters in (("arrivals", {"q": "x" * 61}), ("observations", {"show": "all"})):
        assert client.get(address(kind, format="csv", **filters)).status_code == 400


def test_headings_of_the_outstanding_list_in_chinese(people):
    with translation.override("zh-hans"):
        headers = table(Wanted("gaps", TOWN, AS_OF)).headers
    assert headers[:3] == ["责任事项", "条款", "姓名"]
    assert headers[-3:] == ["责任人", "责任人电话", "已报至"]
    assert len(set(headers)) == len(headers) == 16
