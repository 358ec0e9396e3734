"""One day of a county in a browser: a list comes in, the village works on it, the county sees what is left."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from journeys.desk import WAYS, Desk, Visit
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from lianfang.science.identity.documents import check_character

pytestmark = pytest.mark.browser

HEADINGS = ["序号", "姓名", "身份证号码", "联系电话", "从何地返乡", "返乡日期", "村（社区）", "门牌号"]
FIRST_ROW = 3  # under a title and the headings
SURNAMES = "张李赵刘陈杨黄周徐孙"
HEAD_PHONE = "13800000003"  # the village's responsible person, as long as the team has no doctor
GIVEN = ["玉兰", "建国", "秀英", "志强"]  # by run: no name, phone or door stands in two of the lists
WORDS = {
    "zh-hans": {
        "import": "导入",
        "to correct": "需更正",
        "damaged": "按数字存储.*文本格式",
        "unknown": "义门镇没有“东沟材”.*相近的名称：.*东沟村",
        "reached": "已联系到的：无症状",
        "marked": "已为 1 人登记",
        "high": "已再次核对：确实是 38.2",
        "fever": "发热。请马上打电话",
        "overview": "总体情况",
        "outstanding": "未落实清单",
        "care": "发热就诊安排",
        "arrivals": "来返人员",
    },
    "en": {
        "import": "Import",
        "to correct": "To correct",
        "damaged": "stored as a number.*Format the column as text",
        "unknown": "“东沟材” is not a village of .*义门镇.*Nearest names: .*东沟村",
        "reached": "Reached: no symptoms",
        "marked": "No symptoms recorded for 1 p",
        "high": "Checked again: it is 38.2 °C",
        "fever": "fever. Call now; care comes first.",
        "overview": "Overview",
        "outstanding": "Outstanding list",
        "care": "Care arranged for fever",
        "arrivals": "People who arrived",
    },
}


@dataclass(frozen=True)
class Run(Visit):
    """One journey, and people who stand in no other list."""

    @property
    def words(self) -> dict[str, str]:
        return WORDS[self.language]

    @property
    def names(self) -> list[str]:
        return [f"{surname}{GIVEN[self.number]}" for surname in SURNAMES]

    @property
    def phones(self) -> list[str]:
        return [f"1390000{self.number}{place:03}" for place in range(len(SURNAMES))]

    @property
    def door(self) -> str:
        return f"{self.number + 1}01号"

    def document(self, place: int) -> str:
        first = f"99000019{60 + place}0{self.number + 1}15{100 + place * 2}"
        return first + check_character(first)

    def write(self, folder: Path, yesterday: str) -> Path:
        """A list as a township keeps it: two came from Wuhan, a number is damaged, a village is misspelt."""
        book = Workbook()
        sheet = book.active
        sheet.title = "返乡人员"
        sheet.append(["义门镇返乡人员登记表"])
        sheet.append(HEADINGS)
        for place, name in enumerate(self.names):
            origin, village, door = ("湖北武汉", "东沟村", self.door)
            if place > 1:
                origin, village = ("山西太原", ["西坪村", "南庄村"][place % 2])
                door = f"{self.number + 1}{place:02}号"
            told = [place + 1, name, self.document(place), self.phones[place], origin, yesterday, village, door]
            sheet.append(told)
        sheet.cell(FIRST_ROW + 4, 3).value = int(self.document(4)[:17] + "0")
        sheet.cell(FIRST_ROW + 7, 7).value = "东沟材"
        path = folder / f"义门镇返乡人员{self.number + 1}.xlsx"
        book.save(path)
        return path


RUNS = [Run(*way) for way in WAYS]


@pytest.fixture(params=RUNS, ids=lambda run: run.name)
def run(request):
    return request.param


def test_list_in_outstanding_out(served, browser, run, tmp_path):
    yesterday = (served.today - timedelta(days=1)).isoformat()

    def desk(username):
        made = Desk(browser, run, served.address)
        made.log_in(username, served.passwords[username])
        return made

    town = desk("town")
    upload(town, run.write(tmp_path, yesterday))
    read_errors(town)
    confirm(town)
    town.leave()

    grid = desk("grid")
    see_households(grid)
    mark_reached(grid)
    enter_temperatures(grid)
    see_fever(grid)
    grid.leave()

    county = desk("county")
    fevers, registered = read_figures(county)
    see_outstanding(county)
    open_figure(county, "show=fever", fevers, run.names[1])
    open_figure(county, "/arrivals/", registered, run.names[9])
    county.leave()


def upload(desk: Desk, file: Path) -> None:
    page = desk.page
    desk.go_to("/imports/")
    desk.look("town-import", desk.run.words["import"])
    page.locator("[name=file]").set_input_files(file)
    page.locator("form[enctype] button.btn-primary").click()
    page.locator("#counter").wait_for()  # the worker has read and checked it
    expect(page.locator("h1")).to_have_text(file.name)


def read_errors(desk: Desk) -> None:
    """10 = 8 + 0 + 0 + 2, and each of the two says its row, its value and the remedy."""
    page, run = desk.page, desk.run
    desk.look("town-errors")
    counted = [int(number) for number in re.findall(r"\d+", page.locator("#counter").inner_text())]
    assert counted == [10, 8, 0, 0, 2]
    expect(page.locator("nav .nav-link.active")).to_contain_text(run.words["to correct"])
    rows = page.locator("main [data-row]")
    for row, number, field, value, remedy in [
        (rows.nth(0), FIRST_ROW + 4, "document", run.document(4)[:15], run.words["damaged"]),
        (rows.nth(1), FIRST_ROW + 7, "village", "东沟材", run.words["unknown"]),
    ]:
        expect(row.locator("h3")).to_contain_text(str(number))
        expect(row.locator(f"[name=cell-{field}]")).to_have_value(re.compile(value))
        expect(row).to_contain_text(re.compile(remedy, re.DOTALL))
    expect(rows).to_have_count(2)


def confirm(desk: Desk) -> None:
    page = desk.page
    page.locator("form[action$='/confirm/'] button").click()
    expect(page.locator("#lf-confirm-words")).to_contain_text("8")
    desk.look("town-confirm")
    page.locator("#lf-confirm [value=yes]").click()
    page.locator(".lf-alert.lf-done").wait_for()
    desk.look("town-committed")
    page.locator("nav.nav-tabs a[href='?tab=accepted']").click()
    expect(page.locator("main tbody tr")).to_have_count(8)
    desk.look("town-imported-rows")


def household(desk: Desk):
    return desk.page.locator("[data-row]").filter(has_text=desk.run.door)


def see_households(desk: Desk) -> None:
    desk.look("grid-today", "东沟村")
    expect(household(desk).locator("summary")).to_contain_text(desk.run.names[0])


def mark_reached(desk: Desk) -> None:
    """Nobody is ticked beforehand; one is ticked, and one is recorded."""
    page, run = desk.page, desk.run
    desk.go_to("/today/reached/")
    desk.look("grid-reached", run.words["reached"])
    people = page.locator("main [name=people]")
    assert [box for box in people.all() if box.is_checked()] == []
    page.locator("label").filter(has_text=run.names[0]).locator("[name=people]").check()
    page.locator("main [name=given_by][value=self]").check()
    page.locator("main form button.btn-primary").click()
    expect(page.locator("main")).to_contain_text(run.words["marked"])
    desk.look("grid-marked", "东沟村")


def enter_temperatures(desk: Desk) -> None:
    """36.6 is taken as it is; 38.2 is asked for again, and nothing that was typed is lost."""
    page, run = desk.page, desk.run
    row = household(desk)
    row.locator("summary").first.click()
    pads = {
        name: row.locator("fieldset")
        .filter(has=page.locator(f"legend:has-text('{name}')"))
        .locator("[name$=-temperature]")
        for name in run.names[:2]
    }
    for name, value in zip(run.names, ["36.6", "38.2"], strict=False):
        expect(pads[name]).to_have_value("")
        pads[name].fill(value)
    desk.look("grid-household")
    desk.refusals_expected = 1
    row.locator("form button[type=submit]").click()
    again = row.get_by_label(run.words["high"])
    again.wait_for()
    desk.look("grid-asked-again")
    assert desk.refusals_expected == 0
    expect(pads[run.names[0]]).to_have_value("36.6")
    again.check()
    row.locator("form button[type=submit]").click()


def see_fever(desk: Desk) -> None:
    """The alert names the person and whom to call, at once and for as long as no care is arranged."""
    page, run = desk.page, desk.run
    alert = household(desk).get_by_role("alert")
    expect(alert).to_contain_text(run.names[1])
    expect(alert).to_contain_text(run.words["fever"])
    expect(alert.locator("a[href='tel:120']")).to_be_visible()
    expect(alert.locator(f"a[href='tel:{HEAD_PHONE}']")).to_be_visible()
    desk.look("grid-fever")
    page.reload()
    expect(household(desk).get_by_role("alert")).to_contain_text(run.words["fever"])
    desk.look("grid-today-after", "东沟村")


def figure(page: Page, part: str):
    return page.locator(f"a.lf-figure[href*='{part}']:not([href*='key_area']):not([href*='incomplete'])")


def read_figures(desk: Desk) -> tuple[int, int]:
    """Each run adds one fever and eight people to those before it."""
    page = desk.page
    desk.look("county-overview", desk.run.words["overview"])
    page.wait_for_load_state("networkidle")  # the trend follows the figures; leaving before would cut it off
    values = figure(page, "show=fever"), figure(page, "/arrivals/")
    fevers, registered = [int(value.locator(".lf-figure-value").inner_text()) for value in values]
    assert fevers >= 1
    assert registered == 8 * fevers
    return fevers, registered


def see_outstanding(desk: Desk) -> None:
    """By duty; the fever's care stands there with the name behind its number."""
    page, run = desk.page, desk.run
    desk.go_to("/gaps/")
    desk.look("county-outstanding", run.words["outstanding"])
    card = page.locator("#duty-fever-referral")
    expect(card.locator("h2")).to_have_text(run.words["care"])
    card.locator("details summary").click()
    expect(card.locator("tbody tr").filter(has_text=run.names[1])).to_be_visible()
    desk.look("county-fever-list")
    desk.go_to("/overview/")
    page.wait_for_load_state("networkidle")


def open_figure(desk: Desk, part: str, count: int, name: str) -> None:
    """The list behind a number has as many rows as the number says, and the name is on it."""
    page = desk.page
    figure(page, part).click()
    page.wait_for_url(f"**{part}*")
    desk.look(f"county-list-{part.strip('/').replace('=', '-')}")
    expect(page.locator("main tbody tr")).to_have_count(count)
    expect(page.locator("main tbody .lf-main-cell").filter(has_text=name)).to_be_visible()
    page.go_back()
    page.wait_for_load_state("networkidle")
