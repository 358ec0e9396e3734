"""An organisation list in: bodies, posts, units; the same list again changes nothing."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from openpyxl import Workbook, load_workbook

from lianfang.field.ledger.organisation.imports import FIELDS, import_organisation_file, kind_of_body
from lianfang.registry.audit.rules import Actor
from lianfang.registry.organisation import queries
from lianfang.registry.organisation.models import Body, Term
from lianfang.registry.places.actions import AreaRow, import_areas

COUNTY, TOWN, VILLAGE, GRID = "140931", "140931101", "140931101201", "140931101201001"
AT, BY = parse_datetime("2020-02-12T09:00:00+08:00"), Actor("test")
ROWS = [
    ("", "", "义门镇领导小组", "", "组长", "甲某", "13800000001", "2020-02-01"),
    ("", "", "义门镇领导小组", "", "副组长", "乙某", "", "2020-02-01"),
    ("", "", "宣传组", "", "组长", "丙某", "", ""),
    ("", "", "宣传组", "文化站", "牵头单位", "", "", ""),
    ("", "", "", "卫生院", "联络员", "丁某", "13800000002", ""),
    ("东沟村", "", "", "", "第一责任人", "戊某", "", "2020-02-03"),
    ("东沟村", "第一网格", "", "", "网格员", "己某", "", ""),
    ("不知道村", "", "", "", "第一责任人", "庚某", "", ""),
    ("", "", "宣传组", "", "吹号手", "辛某", "", ""),
]


def sheet(rows):
    book = Workbook()
    book.active.append(["组织名单"])
    book.active.append([spec.titles[0] for spec in FIELDS])
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def grid(county):
    import_areas(by=BY, at=AT, rows=[AreaRow(1, GRID, "第一网格", VILLAGE, "grid")])


def send(rows, at=AT):
    return import_organisation_file(by=BY, at=at, area_path=TOWN, name="list.xlsx", content=sheet(rows))


def test_a_list_sets_up_bodies_and_fills_posts_and_names_what_it_cannot_read(grid):
    outcome = send(ROWS)
    assert (outcome.rows, outcome.made, outcome.same) == (9, 6, 0)
    assert [(f.row, f.rule, f.value) for f in outcome.faults] == [
        (10, "unknown_area", "不知道村"),
        (11, "unknown_post", "吹号手"),
    ]
    (top,) = queries.chart(TOWN, AT)
    assert [term.name for term in top.terms] == ["乙某", "甲某"]
    assert {child.body.name for child in top.children} == {"宣传组", "文化站", "卫生院"}
    assert Body.objects.get(name="宣传组").lead_unit.name == "文化站"
    assert queries.responsible_on(VILLAGE, "first_responsible", AT).name == "戊某"
    assert queries.responsible_on(GRID, "grid_worker", AT).name == "己某"


def test_the_same_list_again_changes_nothing(grid):
    send(ROWS)
    before = list(Term.objects.order_by("pk").values()), list(Body.objects.order_by("pk").values())
    outcome = send(ROWS, at=parse_datetime("2020-02-13T09:00:00+08:00"))
    assert (outcome.made, outcome.told, outcome.same) == (0, 0, 6)
    assert (list(Term.objects.order_by("pk").values()), list(Body.objects.order_by("pk").values())) == before


def test_a_later_holder_follows_and_an_earlier_or_double_one_is_told(grid):
    first = ("", "", "", "", "第一责任人", "甲某", "", "2020-02-01")
    then = ("", "", "", "", "第一责任人", "乙某", "", "2020-02-10")
    assert send([first, then]).made == 2
    assert queries.responsible_on(TOWN, "first_responsible", parse_datetime("2020-02-09T09:00+08:00")).name == "甲某"
    assert queries.responsible_on(TOWN, "first_responsible", AT).name == "乙某"
    early = ("", "", "", "", "第一责任人", "丙某", "", "2020-02-05")
    assert [fault.rule for fault in send([early]).faults] == ["held_since_later"]
    twice = [("", "", "卫生院", "", "联络员", name, "", "2020-02-11") for name in ("丁某", "戊某")]
    assert [fault.rule for fault in send(twice).faults] == ["post_held_twice"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("保德县疫情防控领导小组", "leading_group"),
        ("疫情防控指挥部", "command_post"),
        ("领导小组办公室", "office"),
        ("医疗救治组", "working_group"),
        ("交通运输局", "member_unit"),
    ],
)
def test_the_name_of_a_body_says_its_sort(name, kind):
    assert kind_of_body(name) == kind


def test_the_page_takes_a_file_gives_a_template_and_keeps_others_out(grid, client, account):
    client.force_login(account("township_officer", TOWN))
    url = f"{reverse('ledger:organisation')}?area={TOWN}"
    upload = SimpleUploadedFile("list.xlsx", sheet(ROWS))
    page = client.post(url, {"file": upload, "area": TOWN}).content.decode()
    assert ("读取 9 行" in page, "不知道村" in page) == (True, True)
    assert client.post(url, {"file": SimpleUploadedFile("a.xlsx", b"no"), "area": TOWN}).status_code == 422
    empty = client.get(reverse("ledger:template"))
    headings = [cell.value for cell in load_workbook(io.BytesIO(empty.content)).active[3]]
    assert headings == ["序号", *(spec.titles[0] for spec in FIELDS)]
    client.force_login(account("village_head", VILLAGE))
    assert client.get(url).status_code == 403
