"""Files that attack their reader: each is refused or read within ten seconds with a reason, and no row is silent."""

from __future__ import annotations

import io
import time
import zipfile

import openpyxl
import pytest
import xlwt
from django.utils.dateparse import parse_datetime
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lianfang.field.screening.imports import FIELDS
from lianfang.mandate.intake import actions
from lianfang.mandate.intake.queries import counts
from lianfang.mandate.intake.reading import File, Told, rows_of
from lianfang.mandate.intake.rules.limits import Limits
from lianfang.mandate.intake.rules.problems import FileFault
from lianfang.registry.audit.rules import Actor

AT, BY = parse_datetime("2020-02-08T18:00:00+08:00"), Actor("test")
HEADINGS = "姓名,村,返乡日期"
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def read(content: bytes, name="list.xlsx", **told):
    """(rows, what is told, the fault's rule): always within ten seconds."""
    begun, heard, rows = time.monotonic(), Told(), []
    try:
        rows = list(rows_of(File(name, content, FIELDS, **told), heard))
    except FileFault as fault:
        return rows, heard, fault.rule
    finally:
        assert time.monotonic() - begun < 10
    return rows, heard, ""


def workbook(sheet: str | None = None, **parts: bytes) -> bytes:
    """An .xlsx whose first sheet has this XML, and whatever else is put in."""
    out = io.BytesIO()
    source = io.BytesIO()
    openpyxl.Workbook().save(source)
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name in given.namelist():
            data = given.read(name)
            if sheet is not None and name == "xl/worksheets/sheet1.xml":
                data = sheet.encode()
            made.writestr(name, parts.pop(name, data))
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def sheet_of(rows) -> str:
    return f"<worksheet {_MAIN}><sheetData>{''.join(rows)}</sheetData></worksheet>"


def listed(count: int) -> str:
    """A list of `count` rows with its headings, as the smallest XML."""
    heads = "".join(
        f'<c r="{c}1" t="inlineStr"><is><t>{t}</t></is></c>' for c, t in zip("ABC", HEADINGS.split(","), strict=True)
    )
    body = (
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>张{n * 7919 % 99991}</t></is></c></row>'
        for n in range(2, count + 1)
    )
    return sheet_of([f'<row r="1">{heads}</row>', *body])


def test_four_million_rows_in_a_quarter_of_a_megabyte_are_refused():
    row = '<row><c t="n"><v>1</v></c></row>'
    content = workbook(sheet_of([row * 4_000_000]))
    assert len(content) < 1_000_000
    assert read(content)[2] == "file_unpacks_too_large"


def test_half_a_gigabyte_of_text_is_refused():
    strings = f"<sst {_MAIN}><si><t>".encode() + b"a" * (512 * 2**20) + b"</t></si></sst>"
    assert read(workbook(**{"xl/sharedStrings.xml": strings}))[2] == "file_unpacks_too_large"


def test_packages_in_packages_are_not_followed():
    inner = b"\0" * 10_000_000
    for _ in range(4):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(4):
                archive.writestr(f"{number}.zip", inner)
        inner = out.getvalue()
    assert read(inner)[2] == "file_other_format"


def test_ten_thousand_members_and_paths_outside_are_no_list():
    members = {f"xl/x{number}.xml": b"" for number in range(2000)}
    assert read(workbook(**members))[2] == "file_unpacks_too_large"
    rows, _told, rule = read(workbook(**{"../../etc/passwd": b"x"}))
    assert (rows, rule) == ([], "")


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "XFD1", "A4000000"])
def test_one_far_cell_is_refused(cell):
    name, number = cell.rstrip("0123456789"), cell.lstrip("XFDA")
    far = f'<row r="{number}"><c r="{name}{number}"><v>1</v></c></row>'
    assert read(workbook(sheet_of(['<row r="1"><c r="A1"><v>1</v></c></row>', far])))[2] in (
        "too_many_rows",
        "too_many_columns",
    )


@pytest.mark.parametrize(
    "declaration", ['<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]>', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>']
)
@pytest.mark.parametrize("member", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_entities_are_never_expanded(declaration, member):
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        bomb = declaration.encode() + archive.read(member)
    assert read(workbook(**{member: bomb}))[2] == "file_damaged"


def test_entities_in_a_sheet_give_no_rows():
    text = listed(5).replace("<worksheet", '<!DOCTYPE a [<!ENTITY b "张">]><worksheet').replace("张", "&b;")
    rows, _told, rule = read(workbook(text))
    assert rule == "file_damaged" or all("etc" not in str(row.values) for row in rows)


def test_a_full_sheet_is_held_until_somebody_says_that_it_is_whole():
    content = workbook(listed(1_048_576))
    assert read(content)[2] == "possibly_truncated"


def old_book(rows: int) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    for column, title in enumerate(HEADINGS.split(",")):
        sheet.write(0, column, title)
    for row in range(1, rows):
        sheet.write(row, 0, "张三")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_old_format_at_its_last_row_is_held_and_then_read_whole():
    content = old_book(65_536)
    assert read(content)[2] == "possibly_truncated"
    rows, _told, rule = read(content, whole=True)
    assert (len(rows), rule) == (65_535, "")
    assert read(old_book(65_535))[2] == ""


def test_text_at_a_formats_last_row_is_held_as_well():
    content = (HEADINGS + "\n" + "张三,东沟村,2020-02-07\n" * 65_535).encode()
    assert read(content, "a.csv")[2] == "possibly_truncated"
    assert len(read(content, "a.csv", whole=True)[0]) == 65_535
    assert len(read(content + "李四,东沟村,2020-02-07\n".encode(), "a.csv")[0]) == 65_536


TEXT = HEADINGS + "\n张三,东沟村,2020-02-07\n"


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_offices_are_read(encoding):
    (row,), _told, _rule = read(TEXT.encode(encoding), "a.csv")
    assert row.values["name"] == "张三"


@pytest.mark.parametrize(
    ("content", "rules"),
    [
        (TEXT.encode("utf-16-le"), {"file_not_table", "file_encoding"}),
        (TEXT.encode().decode("latin-1").encode("utf-8"), {"no_list"}),
        (b"\xff\xfe\xff" + TEXT.encode(), {"file_encoding", "no_list"}),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x41" * 5000, {"file_damaged", "file_other_format"}),
        (b"PK\x03\x04" + b"\0" * 1000, {"file_damaged"}),
    ],
)
def test_what_cannot_be_read_says_why(content, rules):
    rows, told, rule = read(content, "a.csv")
    assert rows == []
    assert (rule or ("" if told.tables else "no_list")) in rules


def test_macros_beside_a_list_are_left_alone():
    rows, _told, rule = read(workbook(listed(3), **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 100}))
    assert (len(rows), rule) == (2, "")


def test_a_parser_that_needs_too_much_memory_or_time_dies_alone():
    text = f"<sst {_MAIN}><si><t>".encode() + b"a" * (15 * 2**20) + b"</t></si></sst>"
    small = Limits(memory_bytes=30 * 2**20)
    assert read(workbook(listed(3), **{"xl/sharedStrings.xml": text}), limits=small)[2] == "file_too_heavy"
    slow = Limits(processor_seconds=0, bytes_a_second=2**40)
    assert read((TEXT + "张三,东沟村,2020-02-07\n" * 400_000).encode(), "a.csv", limits=slow)[2] == "file_too_slow"


def brought(content: bytes, name="a.csv"):
    file = actions.NewFile("arrivals", "140931101", name, content)
    return actions.check(batch=actions.receive(by=BY, at=AT, file=file))


def test_formula_names_are_names(county):
    rows = [f"{name},东沟村,2020-02-07" for name in ("=cmd|'/c calc'!A1", "+张三", "@李四", "-王五")]
    batch = brought("\n".join([HEADINGS, *rows]).encode())
    told = counts(batch)
    assert told["rows"] == 4 == told["accepted"] + told["rejected"] + told["duplicate"] + told["review"]


def test_held_list_goes_on_after_somebodys_word(county):
    batch = brought(old_book(65_536), "a.xls")
    assert (batch.state, batch.fault["rule"], batch.rows.count()) == ("held", "possibly_truncated", 0)
    said = actions.say_it_is_whole(by=BY, at=AT, batch=batch)
    assert (said.state, said.whole_by) == ("received", "test")


CELLS = st.one_of(
    st.sampled_from(["张三", "李小四", "东沟村", "没有的村", "2020-02-07", "2月7日", "合计", "", "990000199303133223"]),
    st.text(alphabet="张三李四=+-@'\"12 号,;\t", max_size=6),
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=25))
@example([("张三", "张三", "合计")])  # nothing but a total: refused, and what was left out is named
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_sheet_holds_no_row_is_lost(county, table):
    """rows of the file = accepted + duplicate + review + rejected, and the rest is named as left out."""
    book = openpyxl.Workbook()
    book.active.append(HEADINGS.split(","))
    for row in table:
        book.active.append([cell.replace("\t", " ") for cell in row])
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s" if cell.value is not None else cell.data_type
    out = io.BytesIO()
    book.save(out)
    batch = brought(out.getvalue(), "a.xlsx")
    filled = sum(any(cell.strip(" '‘\t") for cell in row) for row in table)
    left_out = sum(w["values"]["rows"] for w in batch.warnings if w["rule"] == "rows_left_out")
    told = counts(batch)
    assert told["rows"] == sum(told[name] for name in ("accepted", "duplicate", "review", "rejected"))
    assert told["rows"] + left_out == filled
