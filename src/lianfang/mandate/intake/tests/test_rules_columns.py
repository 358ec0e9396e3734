from __future__ import annotations

import json
import time
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from lianfang.mandate.intake.rules.columns import FieldSpec, NotATable, Table, recognise
from lianfang.mandate.intake.rules.problems import cell_errors
from lianfang.mandate.intake.rules.sheets import Row, Sheet, read_file
from lianfang.mandate.intake.rules.values import ValueFault, read_date, read_symptoms

LISTS = Path(__file__).parents[5] / "tests" / "data" / "lists"
FIELDS = (
    FieldSpec("name", ("姓名", "Name"), required=True),
    FieldSpec("sex", ("性别", "Sex", "Gender")),
    FieldSpec("document", ("身份证号码", "身份证号", "证件号码", "ID number"), required=True),
    FieldSpec("phone", ("联系电话", "手机号码", "电话", "Phone")),
    FieldSpec("origin", ("从何地返乡", "来源地")),
    FieldSpec("arrival", ("返乡日期", "到达日期", "Arrival date"), required=True),
    FieldSpec("means", ("返乡方式", "交通方式")),
    FieldSpec("trip", ("车次/车牌", "车次", "航班号")),
    FieldSpec("township", ("乡镇",)),
    FieldSpec("village", ("村（社区）", "村", "行政村", "Village"), required=True),
    FieldSpec("door", ("门牌号", "详细地址")),
    FieldSpec("temperature", ("体温", "Temperature")),
    FieldSpec("symptoms", ("有无症状", "症状")),
    FieldSpec("remark", ("备注", "Remarks")),
)
HEAD = ["序号", "姓名", "身份证号码", "返乡日期", "村"]
PERSON = [1.0, "甲", "990000199001011234", "2020-02-01", "东沟村"]


def sheet(*rows, wide=()) -> Sheet:
    return Sheet(
        "名单",
        [Row(i, list(row), i in wide) for i, row in enumerate(rows, 1) if any(c is not None for c in row)],
    )


def table(*rows, wide=(), fields=FIELDS) -> Table:
    found = recognise(sheet(*rows, wide=wide), fields)
    assert isinstance(found, Table)
    return found


def numbers(found: Table) -> list[int]:
    return [row.number for row in found.data]


def test_the_list_of_a_town_gives_its_rows_by_excels_numbers():
    key = json.loads((LISTS / "town-returnees.key.json").read_text())
    town, notes = read_file("town-returnees.xlsx", (LISTS / "town-returnees.xlsx").read_bytes())
    found, skipped = recognise(town, FIELDS), recognise(notes, FIELDS)
    assert numbers(found) == list(range(4, 2125))
    assert len(found.data) == key["data_rows"] == 2121
    assert [problem.rule for problem in skipped.warnings] == ["sheet_skipped"]
    assert [(row.number, row.reason) for row in found.skipped] == [(2126, "total")]
    assert (found.header_row, len(found.columns), found.unknown, found.warnings) == (3, len(FIELDS), [], [])

    def rows_where(test):
        return [row.number for row in found.data if test(row.values)]

    assert rows_where(lambda row: not row["name"]) == key["rows"]["no_name"]
    assert rows_where(lambda row: not row["village"]) == key["rows"]["no_village"]
    assert rows_where(lambda row: isinstance(row["document"], float)) == key["rows"]["id_damaged"]
    assert rows_where(lambda row: isinstance(read_date(row["arrival"]), ValueFault)) == key["rows"]["bad_date"]
    fever = [row.values["document"] for row in found.data if read_symptoms(row.values["symptoms"])]
    assert sorted(fever) == sorted(key["fever"])


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("姓　名", "name"),
        ("*姓名", "name"),
        ("姓名（必填）", "name"),
        ("返乡人员姓名", "name"),
        ("１．姓名", "name"),
        ("NAME", "name"),
        ("姓名/Name", "name"),
        ("身份证", "document"),
        ("身份证\n号码", "document"),
        ("身份证号码(18位，文本格式)", "document"),
        ("居民身份证号", "document"),
        ("体温(℃)", "temperature"),
        ("体温℃", "temperature"),
        ("【必填】返乡日期（格式：2020-01-01）", "arrival"),
        ("村(居)", "village"),
        ("村（社区）名称", "village"),
        ("航班号或车次", "trip"),
        ("车次", "trip"),
    ],
)
def test_heading_is_known_as_people_write_it(heading, code):
    others = [("姓名", "name"), ("联系电话", "phone"), ("返乡日期", "arrival"), ("备注", "remark")]
    head = [title for title, other in others if other != code] + [heading]
    assert table(head, ["a", "b", "c", "d"]).columns.get(code) == len(head) - 1


@pytest.mark.parametrize(
    "heading", ["户主姓名", "填报人", "返乡", "号码", "情况", "监护人身份证号码", "紧急联系人电话"]
)
def test_heading_of_another_thing_stays_unknown(heading):
    found = table([heading, "乡镇", "返乡日期", "村"], ["x", "a", "2020-02-01", "b"])
    assert found.unknown == [heading]
    assert found.data[0].extra == {heading: "x"}
    assert [(p.rule, p.value, p.values["column"]) for p in found.warnings if p.rule == "unknown_column"] == [
        ("unknown_column", heading, "A")
    ]


def test_exact_heading_beats_one_that_contains_it():
    found = table(["常用手机号码", "电话", "姓名", "返乡日期"], ["1", "2", "甲", "2020-02-01"])
    assert found.columns["phone"] == 1
    assert found.unknown == ["常用手机号码"]


def test_of_two_equal_headings_the_first_is_used_and_the_second_kept_aside():
    found = table([*HEAD, "电话", "电话"], [*PERSON, "111", "222"])
    assert found.data[0].values["phone"] == "111"
    assert found.data[0].extra == {"电话": "222"}
    (warning,) = found.warnings
    assert (warning.rule, warning.field, warning.values["column"], warning.values["used"]) == (
        "ambiguous_column", "phone", "G", "F",
    )  # fmt: skip


def test_extra_columns_have_unique_names_and_nameless_ones_their_letter():
    found = table([*HEAD, "学校", "学校", None], [*PERSON, "a", "b", "c"])
    assert found.data[0].extra == {"学校": "a", "学校 (2)": "b", "H": "c"}


def test_missing_required_column_is_told_once():
    found = table(["姓名", "返乡日期", "村"], ["甲", "2020-02-01", "东沟村"])
    assert found.missing == ["document"]
    assert [problem.field for problem in found.warnings if problem.rule == "missing_column"] == ["document"]


def test_titles_and_filled_lines_before_the_table_are_passed_over():
    found = table(
        ["义门镇返乡人员登记表", None, None, None, None],
        ["填报单位：义门镇", None, "返乡日期：2020年2月8日", "联系电话：0350-7322222", "村：12个"],
        [None] * 5,
        HEAD,
        PERSON,
    )
    assert (found.header_row, numbers(found)) == (4, [5])


def test_two_heading_rows_are_read_together_from_merged_cells():
    book = openpyxl.Workbook()
    for row in (
        ["返乡人员登记表"],
        ["序号", "姓名", "身份证号码", "返乡信息", None, None, "居住地", None],
        [None, None, None, "日期", "方式", "车次", "村", "门牌号"],
        [1, "甲", "990000199001011234", "2020-02-01", "火车", "K603", "东沟村", "3号"],
    ):
        book.active.append(row)
    for merge in ("A1:H1", "A2:A3", "B2:B3", "C2:C3", "D2:F2", "G2:H2"):
        book.active.merge_cells(merge)
    stream = BytesIO()
    book.save(stream)
    found = recognise(read_file("a.xlsx", stream.getvalue())[0], FIELDS)
    assert found.header_row == 3
    assert found.columns == {
        "name": 1, "document": 2, "arrival": 3, "means": 4, "trip": 5, "village": 6, "door": 7,
    }  # fmt: skip
    assert numbers(found) == [4]


def test_two_heading_rows_of_a_text_table_are_read_together():
    text = "姓名,身份证号码,返乡信息,,村\n,,日期,方式,\n甲,990000199001011234,2020-02-01,火车,东沟村\n"
    found = recognise(read_file("a.csv", text.encode())[0], FIELDS)
    assert found.columns == {"name": 0, "document": 1, "arrival": 2, "means": 3, "village": 4}
    assert numbers(found) == [3]


def test_first_person_is_never_taken_for_a_second_heading_row():
    assert numbers(table(["姓名", "村", "来源地"], ["甲", "东沟村", "湖北武汉"], ["乙", "西坪村", "太原"])) == [2, 3]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["合计", "2121条", None, None, None], "total"),
        ([None, "小 计：", 12.0, None, None], "total"),
        (["东沟村小计", None, 12.0, None, None], "total"),
        (["Total", None, 12.0, None, None], "total"),
        (["共12人", None, None, None, None], "total"),
        (HEAD, "heading"),
        (["填表人：甲", None, "审核人：乙", None, "2020年2月8日"], "note"),
        (["单位负责人（签字）：", None, None, None, None], "note"),
        (["备注：1.以上人员均已核实", None, None, None, None], "note"),
        (["注:请于18时前上报", None, None, None, None], "note"),
        ([None, "1、身份证号码请以文本格式填写", None, None, None], "note"),
        ([None, "说明" * 20, None, None, None], "note"),
        (["以下空白", None, None, None, None], "note"),
        ([7.0, None, None, None, None], "blank"),
        (["例", "张三", "990000199001011234", "2020-02-01", "东沟村"], "example"),
    ],
)
def test_row_that_is_no_person_is_left_out_with_its_reason(row, reason):
    found = table(HEAD, PERSON, row, PERSON)
    assert numbers(found) == [2, 4]
    assert [(each.number, each.reason) for each in found.skipped] == [(3, reason)]


@pytest.mark.parametrize(
    "row",
    [
        [2.0, None, "990000199001011234", "2020-02-01", "东沟村"],
        [2.0, "合计", "990000199001011234", "2020-02-01", "东沟村"],
        [None, "乙", None, None, None],
        [2.0, "共青", None, "2月1日", None],
        ["", "总计划", None, None, "注"],
    ],
)
def test_incomplete_row_is_a_person_all_the_same(row):
    assert numbers(table(HEAD, PERSON, row)) == [2, 3]


def test_instructions_below_the_headings_are_left_out():
    found = table(HEAD, ["自动", "必填", "必填，文本格式", "格式：2020-01-01", "请从下拉框选择"], PERSON)
    assert (numbers(found), found.skipped[0].reason) == ([3], "instruction")


def test_section_heading_across_the_table_is_left_out():
    found = table(HEAD, [None, "东沟村", None, None, None], PERSON, wide={2})
    assert numbers(found) == [3]


@pytest.mark.parametrize(
    "rows",
    [
        [["1. 身份证号码请以文本格式填写"], ["2. 门牌号填写到户"]],
        [["字段", "要求"], ["姓名", "必填"], ["返乡日期", "必填"]],
        [["乡镇", "车次", "备注"], ["a", "b", "c"]],
        [["甲", "乙", "丙"], ["1", "2", "3"]],
    ],
)
def test_sheet_without_a_list_is_skipped_with_a_warning(rows):
    found = recognise(sheet(*rows), FIELDS)
    assert isinstance(found, NotATable)
    assert found.warnings[0].values == {"sheet": "名单", "rows": len(rows)}


def test_empty_sheet_is_skipped_without_a_word():
    assert recognise(sheet(), FIELDS) == NotATable("名单", 0, [])


def test_heading_row_after_the_thirtieth_is_not_looked_for():
    assert isinstance(recognise(sheet(*[["x"]] * 30, HEAD, PERSON), FIELDS), NotATable)


def test_error_cells_of_a_row_are_told_by_field():
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.active.append([1, "甲", "#N/A", "2020-02-01", "=B9"])
    stream = BytesIO()
    book.save(stream)
    (row,) = recognise(read_file("a.xlsx", stream.getvalue())[0], FIELDS).data
    assert [(p.field, p.value, p.rule) for p in cell_errors(row.values)] == [
        ("document", "#N/A", "cell_error"),
        ("village", "=B9", "cell_error"),
    ]


def test_twenty_thousand_rows_take_seconds():
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("名单")
    page.append(["序号", *(spec.titles[0] for spec in FIELDS)])
    person = [
        "男",
        "990000199001011234",
        "13800000000",
        "山西省太原市",
        "2020-02-01",
        "火车",
        "K603",
        "义门镇",
    ]
    for number in range(20_000):
        page.append([number, f"甲{number}", *person, "东沟村", f"{number}号", 36.5, "无", None])
    stream = BytesIO()
    book.save(stream)
    start = time.perf_counter()
    found = recognise(read_file("a.xlsx", stream.getvalue())[0], FIELDS)
    assert len(found.data) == 20_000
    assert time.perf_counter() - start < 10
