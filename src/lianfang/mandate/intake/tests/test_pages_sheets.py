"""Workbooks that leave the import page: the empty template, and the rows to correct."""

import io
from datetime import date

import pytest
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from openpyxl import Workbook, load_workbook

from lianfang.field.screening.imports import FIELDS
from lianfang.mandate.intake import actions
from lianfang.mandate.intake.forms import KINDS
from lianfang.mandate.intake.importing import importers
from lianfang.mandate.intake.queries import counts
from lianfang.mandate.intake.rules.columns import Table, recognise
from lianfang.mandate.intake.rules.sheets import read_file
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor

TOWN, COUNTY = "140931101", "140931"
AT = parse_datetime("2020-02-08T18:00:00+08:00")
HEADINGS = ("序号", "姓名", "身份证号码", "返乡日期", "居住村", "单位")
DAMAGED = (1, "王小明", float(990000199001010000), date(2020, 2, 7), "东沟村", "某厂")
FORMULA = (2, '=HYPERLINK("http://x")1', "990000199001010017", "2020-02-07", "东沟村", "+某厂")
GOOD = (3, "李大海", None, "2020-02-07", "东沟村", None)


@pytest.fixture
def officer(county, account, client):
    made = account("township_officer", TOWN)
    client.force_login(made)
    return made


def content_of(book):
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def bring(content, name="list.xlsx"):
    file = actions.NewFile("arrivals", TOWN, name, content)
    return actions.check(batch=actions.receive(by=Actor("test"), at=AT, file=file))


def listed(*rows, above=()):
    book = Workbook()
    book.active.title = "名单"
    for row in (*above, HEADINGS, *rows):
        book.active.append(row)
    return content_of(book)


def download(client, batch, language="zh-hans"):
    client.cookies["django_language"] = language
    answer = client.get(f"/imports/{batch.uid}/corrections/")
    assert answer.status_code == 200
    return answer.content


def cells(content):
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).active.iter_rows()]


def test_rows_to_correct_keep_the_senders_columns(officer, client):
    batch = bring(listed(DAMAGED, GOOD, above=[("义门镇返乡人员名单",)]))
    rows = cells(download(client, batch))
    assert rows[0][0] == "演练数据 · EXERCISE"
    assert rows[2] == [*HEADINGS, "更正说明"]
    assert rows[3][:3] == [1, "王小明", float(990000199001010000)]
    assert rows[3][5] == "某厂"
    assert "原文件第 3 行" in rows[3][6]
    assert "按数字存储" in rows[3][6]
    assert len(rows) == 4


def test_note_is_in_the_language_of_the_reader(officer, client):
    rows = cells(download(client, bring(listed(DAMAGED)), "en"))
    assert rows[2][-1] == "What to correct"
    assert "stored as a number" in rows[3][-1]


def test_cells_of_a_list_never_become_formulas(officer, client):
    content = download(client, bring(listed(FORMULA)))
    sheet = load_workbook(io.BytesIO(content)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
    assert sheet["B4"].value == FORMULA[1]


def test_what_is_typed_over_a_damaged_number_stays_text(officer, client):
    sheet = load_workbook(io.BytesIO(download(client, bring(listed(DAMAGED))))).active
    assert sheet["C4"].number_format == "@"


def test_corrected_rows_come_in_again(officer, client):
    book = load_workbook(io.BytesIO(download(client, bring(listed(DAMAGED, GOOD)))))
    assert counts(bring(content_of(book)))["rejected"] == 1
    book.active["C4"].value = "990000199001010017"
    assert counts(bring(content_of(book))) == {
        "rows": 1, "accepted": 1, "duplicate": 0, "review": 0, "rejected": 0,
    }  # fmt: skip


def test_two_rows_of_headings_are_both_kept(officer, client):
    book = Workbook()
    sheet = book.active
    for row in (("姓名", "证件", "返乡信息", None, "村"), (None, None, "日期", "方式", None)):
        sheet.append(row)
    sheet.append(("王小明", "12", "2020-02-07", "自驾", "东沟村"))
    sheet.merge_cells("C1:D1")
    batch = bring(content_of(book))
    assert counts(batch)["rejected"] == 1
    again = bring(download(client, batch))
    assert counts(again) == counts(batch)
    assert list(again.rows.get().rules) == list(batch.rows.get().rules)


def test_original_deleted_leaves_our_own_columns(officer, client):
    batch = bring(listed(DAMAGED))
    type(batch).objects.update(original_sealed=None)
    rows = cells(download(client, batch))
    assert rows[2] == ["姓名", "证件号码", "返乡日期", "村（社区）", "更正说明"]
    assert rows[3][:2] == ["王小明", float(990000199001010000)]


def test_download_is_logged(officer, client):
    batch = bring(listed(DAMAGED))
    download(client, batch)
    (event,) = Event.objects.filter(action="list.rows_exported")
    assert (event.actor, event.data["rows"]) == (officer.username, 1)


def test_batch_without_rows_to_correct_has_no_download(officer, client):
    assert client.get(f"/imports/{bring(listed(GOOD)).uid}/corrections/").status_code == 404


# --- template


def template(client, language="zh-hans", **parameters):
    client.cookies["django_language"] = language
    answer = client.get(reverse("intake:template"), parameters)
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "姓名"), ("en", "name")])
def test_template_has_every_heading_that_the_importer_knows(officer, client, language, name):
    content = template(client, language).content
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet["B3"].value == name
    sheet.append([None, name, *[None] * 4, "2020-02-07"])
    read = read_file("t.xlsx", content_of(sheet.parent))[0]
    table = recognise(read, FIELDS)
    assert isinstance(table, Table)
    assert list(table.columns) == [spec.code for spec in FIELDS]
    assert table.warnings == []


def test_template_keeps_numbers_as_text_and_offers_names(officer, client):
    sheet = load_workbook(io.BytesIO(template(client).content)).active
    columns = {cell.value: cell.column_letter for cell in sheet[3]}
    texts = {name for name, letter in columns.items() if sheet.column_dimensions[letter].number_format == "@"}
    assert {"身份证号码", "联系电话", "门牌号"} <= texts
    offered = names_offered(sheet)
    assert {"男", "女"} in offered
    assert any("东沟村" in names for names in offered)


def names_offered(sheet) -> list[set[str]]:
    """The names of each value list, from the hidden sheet that its rule points at."""
    ranges = [rule.formula1.split("!")[1].replace("$", "") for rule in sheet.data_validations.dataValidation]
    own = sheet.parent["_lianfang"]
    assert own.sheet_state == "hidden"
    return [{cell.value for (cell,) in own[cells]} for cells in ranges]


def test_example_row_is_never_imported_and_nothing_else_is_said_of_the_file(officer, client):
    sheet = load_workbook(io.BytesIO(template(client).content)).active
    sheet.append([1, "张三", None, None, None, None, "2020-02-07", *[None] * 4, "东沟村"])
    file = actions.NewFile("arrivals", TOWN, "t.xlsx", content_of(sheet.parent))
    batch = actions.check(batch=actions.receive(by=Actor("test"), at=AT, file=file))
    assert batch.rows.count() == 1
    assert [(one["rule"], one["values"]["numbers"]) for one in batch.warnings] == [("rows_left_out", "4")]


def test_every_kind_of_list_has_its_template_with_notes_in_both_languages(officer, client):
    for kind, importer in ((kind, importers()[kind]) for kind in KINDS):
        sheet = load_workbook(io.BytesIO(template(client, kind=kind).content)).active
        table = recognise(read_file("t.xlsx", content_of(sheet.parent))[0], importer.fields)
        assert list(table.columns) == [spec.code for spec in importer.fields]
        notes = [cell.comment.text for cell in sheet[3] if cell.comment]
        assert any("按证件填写" in note and "as on the document" in note for note in notes)


def test_template_holds_no_person(arrivals, officer, client):
    arrivals([{"name": "王小明"}])
    rows = cells(template(client).content)
    assert len(rows) == 4
    assert rows[3][0] == "示例"
    assert "演练数据" in rows[0][0]


def test_template_of_a_county_offers_its_towns(county, account, client):
    client.force_login(account("county_officer", COUNTY))
    sheet = load_workbook(io.BytesIO(template(client).content)).active
    assert any("义门镇" in names for names in names_offered(sheet))


def test_template_has_a_name_in_the_readers_language(officer, client):
    assert "filename*=utf-8''%E8%BF%94%E4%B9%A1" in template(client)["Content-Disposition"]
