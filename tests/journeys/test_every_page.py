"""Every page that somebody may open is looked at: on a desk in one language, on a phone in the other.

Which page is looked at in which language alternates from page to page and from person to person.

Pages are found as people find them, by links from the first page on. What `permissions.yaml` opens and no link leads to
is a fault.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import yaml
from django.urls import Resolver404, resolve
from journeys.conftest import COUNTY, ROOT
from journeys.desk import LANG, SIZES, Desk, Visit
from openpyxl import Workbook

from lianfang.registry.accounts.rules import ROLES
from lianfang.science.identity.documents import check_character

pytestmark = pytest.mark.browser

TABLE = yaml.safe_load((ROOT / "tests" / "permissions.yaml").read_text(encoding="utf-8"))
HREF = re.compile(r'(href|hx-get)="(/[^"#]*)"')
SERVED, RELEASED = "郑海涛", "何秀英"  # whose notice is served, who has a certificate
FURNISH = """
import django
django.setup()
from django.utils import timezone
from furnish import furnish
furnish(timezone.now())
"""
TRIED = 4  # addresses of one name that are followed: the first one may be empty where the next has links
# Addresses that answer with a file or with a part of a page, or send the reader on.
NO_PAGES = {
    "home", "intake:template", "intake:corrections", "ledger:template", "orders:file", "orders:certificate_file",
    "situation:export", "situation:trend", "screening:results", "screening:progress", "duties:person", "orders:person",
    "duties:reminded",
    "screening:person", "observation:person", "observation:household", "observation:reached", "reporting:today",
    "mfa_generate_recovery_codes",
}  # fmt: skip


@dataclass(frozen=True)
class Somebody:
    """Who looks: the account, the role, and the area of the post."""

    username: str
    role: str
    area: str


LOOKING = [
    Somebody("county", "county_officer", COUNTY),
    Somebody("head", "village_head", "140931101201"),
    Somebody("admin", "administrator", COUNTY),
]


def document(place: int) -> str:
    first = f"9900001970010{place + 1}1{place}0"
    return first + check_character(first)


def write_arrivals(folder: Path, today) -> Path:
    """Observed, at the last day, released, not observed; one of a misspelt village; one who may be the first."""
    book, came = Workbook(), (today - timedelta(days=3)).isoformat()
    sheet = book.active
    sheet.append(["姓名", "身份证号码", "联系电话", "从何地返乡", "返乡日期", "村（社区）", "门牌号"])
    for place, (name, origin, village, arrived) in enumerate(
        [
            ("吴晓梅", "湖北武汉", "东沟村", came),
            (SERVED, "湖北武汉", "东沟村", came),
            ("冯桂兰", "湖北武汉", "东沟村", (today - timedelta(days=14)).isoformat()),
            (RELEASED, "湖北武汉", "东沟村", (today - timedelta(days=15)).isoformat()),
            ("钱立新", "山西太原", "东沟村", came),
            ("周玉莲", "山西太原", "西坪村", came),
            ("孙志强", "山西太原", "东沟材", came),
        ]
    ):
        sheet.append([name, document(place), f"1370000900{place}", origin, arrived, village, f"{place + 1}号"])
    sheet.append(["吴晓美", None, "13700009000", "湖北武汉", came, "东沟村", "1号"])
    path = folder / "返乡名单.xlsx"
    book.save(path)
    return path


def write_checks(folder: Path) -> Path:
    """People whom another office names: one in a village, one about whom nobody knows where."""
    path = folder / "协查名单.csv"
    path.write_text(
        "姓名,身份证号码,联系电话,村（社区）,备注\n"
        f"吴晓梅,{document(0)},13700009000,东沟村,县卫健局\n"
        f"蒋文斌,{document(8)},13700009008,,县卫健局\n",
        encoding="utf-8",
    )
    return path


def records(now: datetime) -> list[dict]:
    """What the village told since yesterday, by the numbers of the people, as programmes send it."""
    health = {"given_by": "self", "channel": "phone"}
    first, second = ({"document": document(place)} for place in (0, 1))
    yesterday = (now - timedelta(days=1)).isoformat()
    lines = [
        {"kind": "temperature", "value": 36.5, **health, **first, "at": yesterday},
        {"kind": "call", "value": "answered", **health, **second, "at": yesterday},
        {"kind": "notice_issued", **first},
        {"kind": "notice_issued", **second},
        {"kind": "notice_served", "received_by": "self", **second},
        {"kind": "temperature", "value": 38.6, **health, **second},
        {"kind": "need", "value": "medicine", "note": "降压药", **first},
        {"kind": "team_member", "slot": "grid_worker", "name": "王格", "phone": "13800000004", **first},
    ]
    return [{"id": str(uuid4()), "at": now.isoformat()} | line for line in lines]


@pytest.fixture(scope="module")
def furnished(settled, tmp_path_factory):
    """The settled county with lists in, what was recorded since, offers and proposals that wait; then served."""
    folder, now = tmp_path_factory.mktemp("lists"), datetime.now(ZoneInfo(settled.environment["LIANFANG_ZONE"]))
    before = (now - timedelta(days=2)).isoformat()
    settled.serve()  # its database runs for the commands too
    try:
        settled.run("import", "arrivals", write_arrivals(folder, settled.today), "--area", COUNTY, "--at", before)
        settled.run("import", "checks", write_checks(folder), "--area", COUNTY)
        batch = folder / "records.jsonl"
        batch.write_text("\n".join(json.dumps(line) for line in records(now - timedelta(minutes=5))), encoding="utf-8")
        answer = settled.run("record", batch)
        assert answer["rejected"] == 0, answer
        admin = settled.run("account", "admin", "--name", "孙管", "--role", "administrator", "--area", COUNTY)
        settled.passwords["admin"] = admin["password"]
        settled.run("token", "county", "--title", "县医院", "--role", "county_officer", "--area", COUNTY)
        command = [sys.executable, "-c", FURNISH]
        path = f"{settled.environment['PYTHONPATH']}:{Path(__file__).parent}"
        environment = settled.environment | {"DJANGO_SETTINGS_MODULE": "lianfang.settings", "PYTHONPATH": path}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        settled.run("tick")
        yield settled
    finally:
        settled.interrupt()
        sys.stdout.write(settled.log())  # shown where a test failed


def name_of(url: str) -> str:
    """The name of the address with what tells its pages apart; empty where the site has no such address."""
    try:
        found = resolve(url.partition("?")[0])
    except Resolver404:
        return ""
    return " ".join([found.view_name, *(str(found.kwargs[key]) for key in ("kind", "code") if key in found.kwargs)])


def crawl(desk: Desk, who: Somebody) -> dict[str, str]:
    """One address of each name of page that links lead to from the first page on; every answer must be a page.

    Papers are linked from the cards of those who have some: these are looked for by name.
    """
    looked_for = [("href", f"/people/?q={quote(name)}") for name in (SERVED, RELEASED)]
    todo, tried, pages = [("href", "/"), *(looked_for if may_open("people:list", who) else [])], {}, {}
    while todo:
        way, url = todo.pop(0)
        url = url.replace("&amp;", "&")
        name = name_of(url)
        before = tried.setdefault((way, name), [])
        if not name or url in before or len(before) >= TRIED:
            continue
        before.append(url)
        part = {"HX-Request": "true"} if way == "hx-get" else {}  # alone, a part leads to its page
        answer = desk.context.request.get(desk.address + url, headers=part)
        assert answer.status == 200, (answer.status, url)
        if "text/html" not in answer.headers["content-type"]:
            continue
        text = answer.text()
        if "<html" in text and name.split()[0] not in NO_PAGES:
            pages.setdefault(name, url)
        todo += HREF.findall(text)
    return pages


def may_open(name: str, who: Somebody) -> bool:
    rule = TABLE[name].get("get") if isinstance(TABLE[name], dict) else None
    permission, _sign, village = (rule or "nobody").partition(" of a ")
    if TABLE[name].get("of") if isinstance(TABLE[name], dict) else True:
        return False  # about an object: whether there is one is not for the table to say
    return (permission == "anyone" or permission in ROLES[who.role]) and (not village or len(who.area) == 12)


@pytest.mark.parametrize("who", LOOKING, ids=lambda who: who.username)
def test_every_page_that_somebody_may_open_is_looked_at_at_both_widths(furnished, browser, who):
    desks = {}
    for number, (language, size) in enumerate([(one, size) for size in SIZES for one in LANG]):
        desk = Desk(browser, Visit(number, language, *size), furnished.address)
        if not desks:
            desk.log_in(who.username, furnished.passwords[who.username])
            state = desk.context.storage_state()
        else:
            desk.context.add_cookies([one for one in state["cookies"] if one["name"] != "django_language"])
        desk.context.add_cookies([{"name": "django_language", "value": language, "url": furnished.address}])
        desks[language, size[0]] = desk
    first = next(iter(desks.values()))
    pages = crawl(first, who)
    named = {name.split()[0] for name in pages}
    lost = {name for name in TABLE if may_open(name, who)} - NO_PAGES - named
    faults = [f"no link leads to {name}" for name in sorted(lost)]
    for place, (name, url) in enumerate(sorted(pages.items())):
        for turn, size in enumerate(SIZES):
            desk = desks[list(LANG)[(place + turn + LOOKING.index(who)) % 2], size[0]]
            desk.page.goto(furnished.address + url)
            try:
                desk.look(f"{who.username}-{name.replace(':', '-')}")
            except AssertionError as fault:
                faults.append(str(fault))
    faults += [fault for desk in desks.values() for fault in desk.faults]
    assert faults == [], "\n".join(faults)
