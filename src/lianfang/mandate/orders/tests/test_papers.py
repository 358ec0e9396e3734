"""Notice, invitation and release certificate on paper and as a file: what they say, and what they never say."""

from datetime import date, datetime
from io import BytesIO
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from docx import Document
from docx.shared import Mm

from lianfang.mandate.duties.actions import enrol_areas
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.orders.actions import NewDelivery, deliver, issue, release
from lianfang.mandate.orders.models import Delivery, Notice, Release
from lianfang.mandate.response.actions import Order, activate
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.science.plan import from_json, load_shipped, to_json

BY, TOWN = Actor("test"), "140931101"
AT = datetime(2020, 2, 9, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
RESTRICTING = (
    "隔离",
    "限制",
    "不得外出",
    "不得离开",
    "必须",
    "应当",
    "管控",
    "restrict",
    "must",
    "stay at home",
    "isolat",
)


@pytest.fixture
def reader(client, account):
    client.force_login(account("township_officer", TOWN))
    return client


@pytest.fixture
def person(arrivals):
    arrivals([{"name": "张玉兰", "door": "12号", "origin": "湖北武汉", "document": "990000195501011042"}])
    return Person.objects.get()


def notice_for(person):
    (made,) = issue(by=BY, at=AT, people=[person], happened={person.uid: (uuid4(), AT)})
    return made


def words_of(response):
    """Every word of the file, paragraphs and tables."""
    document = Document(BytesIO(b"".join(response) if response.streaming else response.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return document, "\n".join([*(one.text for one in document.paragraphs), *cells])


@pytest.mark.parametrize(("language", "title", "basis"), [
    ("zh-hans", "居家医学观察告知书", "国家卫生健康委员会公告2020年第1号"),
    ("en", "Notice of medical observation at home", "National Health Commission, announcement 1 of 2020"),
])  # fmt: skip
def test_the_file_of_a_notice_says_what_the_page_says(reader, person, language, title, basis):
    made = notice_for(person)
    reader.cookies["django_language"] = language
    response = reader.get(reverse("orders:file", args=[made.uid]))
    document, words = words_of(response)
    page = document.sections[0]
    assert (round(page.page_width / Mm(1)), round(page.page_height / Mm(1))) == (210, 297)
    assert document.paragraphs[1].text == title
    assert response["Content-Disposition"].endswith('.docx"')
    for told in ("张玉兰", "12号", basis, "120", "1042"):
        assert told in words
    dates = ("2020年2月8日", "2020年2月21日") if language == "zh-hans" else ("8 Feb 2020", "21 Feb 2020")
    assert all(day in words for day in dates)
    assert ("申请行政复议" if language == "zh-hans" else "administrative review") in words
    assert "990000195501011042" not in words


def test_the_file_names_fonts_that_chinese_offices_have(reader, person):
    made = notice_for(person)
    document, _words = words_of(reader.get(reverse("orders:file", args=[made.uid])))
    fonts = {style: document.styles[style].element.xpath(".//w:rFonts/@w:eastAsia") for style in ("Normal", "Title")}
    assert fonts == {"Normal": ["FangSong"], "Title": ["SimSun"]}


def test_the_file_of_another_village_is_not_there(client, account, person):
    made = notice_for(person)
    client.force_login(account("village_head", "140931101202"))
    assert client.get(reverse("orders:file", args=[made.uid])).status_code == 404


def test_c10_3_a_printed_notice_is_not_a_served_one(reader, person):
    made = notice_for(person)
    reader.get(reverse("orders:notice", args=[made.uid]))
    reader.get(reverse("orders:file", args=[made.uid]))
    assert not Delivery.objects.exists()
    assert "尚未送达" in reader.get(reverse("orders:notice", args=[made.uid])).content.decode()


def test_a_release_brings_a_certificate_that_asks_nothing_more(reader, person):
    enrolment = Enrolment.objects.get(observed=True)
    end = datetime(2020, 2, 21, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    release(by=BY, at=end, enrolments=[enrolment.pk])
    made = Release.objects.get()
    page = reader.get(reverse("orders:certificate", args=[made.uid])).content.decode()
    assert "2020年2月21日（周五） 24:00 起解除" in page
    _document, words = words_of(reader.get(reverse("orders:certificate_file", args=[made.uid])))
    for told in ("解除医学观察证明", "张玉兰", "2020-000001", "不得因您曾接受观察", "120"):
        assert told in words
        assert told in page
    card = reader.get(reverse("orders:person", args=[person.uid]), headers={"HX-Request": "true"}).content.decode()
    assert reverse("orders:certificate", args=[made.uid]) in card


def test_a_conversion_has_no_certificate_of_release(reader, person):
    enrolment = Enrolment.objects.get(observed=True)
    release(by=BY, at=AT, enrolments=[enrolment.pk], kind="suspected", reason="x")
    assert reader.get(reverse("orders:certificate", args=[Release.objects.get().uid])).status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_invitation_to_monitoring_says_no_word_of_restriction(reader, county, arrivals, language):
    document = to_json(load_shipped("county-report-2020"))
    document["pathways"]["key-area-arrival"]["compulsion"] = "voluntary"
    order = Order(TOWN, date(2020, 2, 8))
    enrol_areas(activation=activate(by=BY, at=AT, plan=from_json(document), order=order))
    arrivals([{"name": "张玉兰", "door": "12号", "origin": "湖北武汉"}])
    made = notice_for(Person.objects.get())
    assert (made.kind, made.last_day) == ("monitoring", date(2020, 2, 21))
    reader.cookies["django_language"] = language
    _document, words = words_of(reader.get(reverse("orders:file", args=[made.uid])))
    body = words[: words.index("依据" if language == "zh-hans" else "Basis")]
    assert [word for word in RESTRICTING if word in body] == []
    assert ("随时可以停止" if language == "zh-hans" else "stop at any time") in body


def test_serving_an_invitation_counts_as_serving(reader, county, arrivals):
    arrivals([{"name": "张玉兰", "door": "12号", "origin": "湖北武汉"}])
    person = Person.objects.get()
    deliver(by=BY, at=AT, deliveries=[NewDelivery(uuid4(), person, "served", AT)])
    assert Notice.objects.get().deliveries.get().outcome == "served"
