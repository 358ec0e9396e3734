"""Real files, built in memory, read by their content."""

# Cells hold wall-clock times without a zone.
# ruff: noqa: DTZ001

from __future__ import annotations

import csv
import zipfile
from datetime import date, datetime, time
from io import BytesIO, StringIO

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from lianfang.mandate.intake.rules.problems import CellError, FileFault
from lianfang.mandate.intake.rules.sheets import Limits, Row, read_file

SMALL = Limits(file_bytes=2**20, text_bytes=2**20, unpacked_bytes=2**20, rows=100, columns=20)


def saved(book) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def xlsx(*rows, merges=()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for merge in merges:
        book.active.merge_cells(merge)
    return saved(book)


def only(content: bytes, name: str = "list", limits: Limits | None = None) -> list[Row]:
    (sheet,) = read_file(name, content, limits)
    return sheet.rows


def refused(content: bytes, limits: Limits | None = None) -> FileFault:
    with pytest.raises(FileFault) as fault:
        read_file("list.xls", content, limits)
    return fault.value


def test_cells_keep_their_type():
    cells = ["张三", 1, 36.5, datetime(2020, 2, 3), datetime(2020, 2, 3, 14, 30), time(9, 5), None, True]
    (row,) = only(xlsx(cells))
    assert row.cells == [
        "张三",
        1,
        36.5,
        date(2020, 2, 3),
        datetime(2020, 2, 3, 14, 30),
        time(9, 5),
        None,
        True,
    ]
    assert [type(row.cells[index]) for index in (1, 7)] == [float, bool]


def test_identity_number_stored_as_number_is_seen_as_number():
    (row,) = only(xlsx([990000196807129123, "990000196807129123"]))
    assert isinstance(row.cells[0], float)
    assert row.cells[1] == "990000196807129123"


def test_rows_keep_the_number_that_excel_shows():
    book = openpyxl.Workbook()
    book.active["C3"], book.active["C7"] = "a", "b"
    rows = only(saved(book))
    assert [(row.number, row.cells[2]) for row in rows] == [(3, "a"), (7, "b")]


def test_every_sheet_is_read_in_order_hidden_and_empty_ones_too():
    book = openpyxl.Workbook()
    book.active.title = "东沟村"
    book.create_sheet("旧表")["A1"] = "x"
    book["旧表"].sheet_state = "hidden"
    book.create_sheet("Sheet3")
    book.create_chartsheet("图")
    found = read_file("a.xlsx", saved(book))
    assert [(sheet.name, len(sheet.rows), sheet.hidden) for sheet in found] == [
        ("东沟村", 0, False),
        ("旧表", 1, True),
        ("Sheet3", 0, False),
    ]


def test_vertical_merge_is_filled_down_into_rows_with_a_value_of_their_own():
    rows = only(xlsx(["12号", "甲"], [None, "乙"], [None, None], [None, "丙"], merges=["A1:A4"]))
    assert [(row.number, row.cells) for row in rows] == [
        (1, ["12号", "甲"]),
        (2, ["12号", "乙"]),
        (4, ["12号", "丙"]),
    ]


def test_horizontal_merge_keeps_its_value_in_the_first_cell():
    (row, _) = only(xlsx(["标题", None, None], ["a", "b", "c"], merges=["A1:C1"]))
    assert row.cells == ["标题", None, None]
    assert row.wide


def test_error_cells_and_formulas_never_calculated_are_told_from_blanks():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["甲", "#N/A", "=1+1", None, "#ref!"])
    sheet["B1"].data_type = "e"
    (row,) = only(saved(book))
    assert row.cells == ["甲", CellError("#N/A"), CellError("=1+1"), None, CellError("#REF!")]


def test_old_excel_file_is_read_with_numbers_dates_merges_and_errors():
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    sheet.write_merge(1, 2, 0, 0, "12号")
    sheet.write(1, 1, "甲")
    sheet.write(2, 1, "乙")
    sheet.write(2, 2, datetime(2020, 2, 3, 14, 0), xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm"))
    sheet.write(2, 3, 990000196807129123)
    sheet.row(2).set_cell_error(4, 42)
    rows = only(saved(book))
    assert [row.number for row in rows] == [2, 3]
    assert rows[1].cells == [
        "12号",
        "乙",
        datetime(2020, 2, 3, 14, 0),
        9.900001968071291e17,
        CellError("#N/A"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_table_in_every_encoding_and_delimiter(encoding, delimiter):
    text = delimiter.join(["姓名", "村"]) + "\r\n" + delimiter.join(["张䶮", "东沟村"]) + "\r\n"
    rows = only(text.encode(encoding))
    assert [row.cells for row in rows] == [["姓名", "村"], ["张䶮", "东沟村"]]


def test_text_table_counts_records_as_excel_does():
    rows = only('标题\n\n姓名,备注\n甲,"一\n二,三"\n乙,""\n'.encode())
    assert [row.number for row in rows] == [1, 3, 4, 5]
    assert rows[2].cells == ["甲", "一\n二,三"]
    assert rows[3].cells == ["乙", None]


def test_text_table_unwraps_formulas_and_knows_error_texts():
    (row,) = only(b'="0351",#N/A,\t990000199001011234')
    assert row.cells[:2] == ["0351", CellError("#N/A")]


def test_name_of_a_text_table_is_its_file_without_folder_and_ending():
    assert read_file("C:\\名单\\义门镇.csv", b"a,b")[0].name == "义门镇"


@given(st.lists(st.lists(st.text(alphabet="张三,;\t\"\n 1'", min_size=1), min_size=2, max_size=4), min_size=1))
def test_whatever_a_csv_writer_writes_is_read_back(table):
    width = max(len(row) for row in table)
    table = [["表头"] * width, *([*row, *["x"] * (width - len(row))] for row in table)]
    stream = StringIO()
    csv.writer(stream).writerows(table)
    from_file = {row.number: row.cells for row in only(stream.getvalue().encode("utf-8-sig"))}
    for number, row in enumerate(table, 1):
        for index, value in enumerate(row):
            if value.strip(" \t\n'"):
                assert from_file[number][index] == value


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf\r\n", "file_empty"),
        (b"%PDF-1.4 ...", "file_other_format"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "file_html"),
        ("\ufeff<!-- x -->\n<TABLE>".encode(), "file_html"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "file_html"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "file_other_format",
        ),
        (b'<?xml version="1.0"?><!DOCTYPE html><html>', "file_html"),
        (b"a\0b\0c\0", "file_not_table"),
        (b"\xff\xff\xff\xff,1", "file_encoding"),
        (b"PK\x03\x04 broken", "file_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "file_damaged"),
        ('姓名,村\n"甲,东沟村\n乙,西坪村\n'.encode(), "csv_quotes"),
        ('姓名,村\n"甲,东沟村\n乙,"西坪村"\n'.encode(), "csv_quotes"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, rule):
    assert refused(content).rule == rule


def test_an_open_quotation_mark_is_told_with_its_row():
    assert refused('姓名,村\n丙,丁\n"甲,东沟村\n乙,西坪村\n'.encode()).values == {"row": 3}


def test_a_cut_off_workbook_is_damaged():
    content = xlsx(["a", "b"])
    assert refused(content[: len(content) // 2]).rule == "file_damaged"


@pytest.mark.parametrize(("name", "kind"), [("word/document.xml", "Word"), ("xl/workbook.bin", "xlsb"), ("a", "ZIP")])
def test_other_packages_are_named(name, kind):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "x")
    assert refused(stream.getvalue()).values == {"kind": kind}


def compound(*streams: str) -> bytes:
    """The smallest compound file with these (empty) streams: one table sector, one directory sector."""
    end, free = (0xFFFFFFFE).to_bytes(4, "little"), b"\xff" * 4
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\3\0\xfe\xff\x09\0\x06\0" + bytes(6)
    header += bytes(4) + (1).to_bytes(4, "little") + (1).to_bytes(4, "little") + bytes(4)
    header += (4096).to_bytes(4, "little") + end + bytes(4) + end + bytes(4) + bytes(4) + free * 108
    table = (0xFFFFFFFD).to_bytes(4, "little") + end + free * 126
    directory = b""
    for name in streams:
        raw = name.encode("utf-16-le")
        directory += raw.ljust(64, b"\0") + (len(raw) + 2).to_bytes(2, "little") + bytes(50) + end + bytes(8)
    return header + table + directory.ljust(512, b"\0")


def test_encrypted_package_asks_for_the_password_to_be_removed():
    assert refused(compound("Root Entry", "EncryptionInfo", "EncryptedPackage")).rule == "file_encrypted"


def test_old_word_file_is_named():
    assert refused(compound("Root Entry", "WordDocument")).values == {"kind": "Word"}


def test_old_excel_file_with_password_is_refused():
    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, "甲")
    content = saved(book)
    codepage = b"\x42\x00\x02\x00"  # turned into FILEPASS, the record that an encrypted workbook has here
    assert codepage in content
    assert refused(content.replace(codepage, b"\x2f\x00\x02\x00")).rule == "file_encrypted"


def test_file_over_the_limit_is_not_opened():
    fault = refused(b"x" * (2**20 + 1), SMALL)
    assert (fault.rule, fault.values) == ("file_too_large", {"size": 2, "limit": 1})


@pytest.mark.parametrize("declared", [None, 10])
def test_zip_bomb_is_refused_before_unpacking_even_when_it_lies_about_its_size(declared):
    stream = BytesIO(xlsx(["a"]))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b" " * 3 * 2**20)
    content = stream.getvalue()
    if declared:
        content = content.replace((3 * 2**20).to_bytes(4, "little"), declared.to_bytes(4, "little"))
    assert refused(content, SMALL).rule == "file_unpacks_too_large"


def test_workbook_that_declares_entities_is_refused():
    source, target = zipfile.ZipFile(BytesIO(xlsx(["a"]))), BytesIO()
    with source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            bomb = b'<!DOCTYPE w [<!ENTITY a "aaaa">]>' if name == "xl/workbook.xml" else b""
            archive.writestr(name, bomb + source.read(name))
    assert refused(target.getvalue()).rule == "file_damaged"


@pytest.mark.parametrize(("cell", "rule"), [("A101", "too_many_rows"), ("U1", "too_many_columns")])
def test_a_stray_value_far_away_is_refused_not_laid_out(cell, rule):
    book = openpyxl.Workbook()
    book.active["A1"], book.active[cell] = 1, 1
    assert refused(saved(book), SMALL).rule == rule


def test_the_last_corner_of_a_sheet_costs_no_memory():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 1
    assert refused(saved(book)).values["rows"] == 1_048_576


def test_formatted_empty_cells_far_away_do_no_harm():
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.active["A5000"].number_format = "@"
    assert len(only(saved(book), limits=SMALL)) == 1


@pytest.mark.parametrize(("last", "count"), [(65_536, 1), (65_535, 0)])
def test_a_list_that_ends_where_its_format_ends_may_be_cut_off(last, count):
    book = xlwt.Workbook()
    book.add_sheet("一").write(last - 1, 0, "甲")
    (sheet,) = read_file("a.xls", saved(book))
    assert [problem.rule for problem in sheet.warnings] == ["possibly_truncated"] * count


def test_type_is_told_by_content_not_by_name():
    assert only(xlsx(["甲"]), name="list.csv")[0].cells == ["甲"]
    assert only("甲,乙".encode("gb18030"), name="list.xlsx")[0].cells == ["甲", "乙"]
