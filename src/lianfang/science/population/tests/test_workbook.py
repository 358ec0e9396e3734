from datetime import datetime, time
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from lianfang.science.population.workbook import Sheet, write_workbook

DAY = datetime(2020, 2, 8)  # noqa: DTZ001 - a cell of a sheet knows no zone
ROW = ["<张 三> & 李四", 3, 36.5, 9.90000196807129e17, DAY, time(14, 35), None, "990000199003070013"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    sheets = [Sheet("一", [["题"], ROW], text_columns=frozenset({7}), merged="A1:H1"), Sheet("二", [["注"]])]
    write_workbook(path, sheets)
    return path


def test_cells_read_back_as_they_were_written(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["一", "二"]
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[2]] == ROW
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:H1"]
    assert sheet["H2"].number_format == "@"


def test_cells_read_alike_by_another_reader(path: Path) -> None:
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("一").to_python()
    read = rows[1]
    assert (read[0], read[1], read[2], read[7]) == (ROW[0], 3, 36.5, "990000199003070013")
    assert f"{read[4]}"[:10] == "2020-02-08"
    assert read[5] == time(14, 35)


def test_columns_past_z_have_two_letters(tmp_path: Path) -> None:
    path = tmp_path / "wide.xlsx"
    write_workbook(path, [Sheet("宽", [list(range(60))])])
    assert [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][1]] == list(range(60))


def test_same_cells_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    sheets = [Sheet("一", [["题"], ROW], text_columns=frozenset({7}), merged="A1:H1"), Sheet("二", [["注"]])]
    write_workbook(again, sheets)
    assert again.read_bytes() == path.read_bytes()
