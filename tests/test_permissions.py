"""The generated permission matrix: every address × method × role × relation of place, and 1,000 canaries (T-SEC-1, -2).

`permissions.yaml` says who gets in where; an address that is not listed fails the build.
"""

import io
import re
import zipfile
from pathlib import Path

import matrix
import pytest
import yaml
from django.db import transaction
from django.forms import BaseForm
from django.template.base import Template
from django.urls import reverse

import lianfang
from lianfang.insight.situation.exports import FORMATS, KINDS
from lianfang.mandate.intake.records import record_batch
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.models import Person
from lianfang.science.identity.documents import check_character

TABLE = yaml.safe_load((Path(__file__).parent / "permissions.yaml").read_text(encoding="utf-8"))
STEM = "99000019700101153"
FIRST = {
    "village": "西坪村", "name": "欧阳钟灵", "document": STEM + check_character(STEM), "phone": "13912345678",
    "door": "977号", "origin": "湖北武汉",
}  # fmt: skip
HELD = FIRST | {"name": "欧阳中灵", "document": None}
REFUSED = (401, 403, 404)


def rules():
    """(name, parameters, object, method, rule) of every page that is not public."""
    for name, wanted in matrix.routes():
        told = TABLE.get(name)
        if isinstance(told, dict):
            for method in ("get", "post"):
                yield name, wanted, told.get("of", ""), method, told.get(method)


def test_every_address_is_listed_and_nothing_else():
    names = {name for name, _wanted in matrix.routes()}
    assert names - set(TABLE) == set(), "not listed in permissions.yaml"
    assert set(TABLE) - names == set(), "listed and not there"


def test_the_table_speaks_of_permissions_that_there_are():
    known = {*Permission, *(f"{permission} of a village" for permission in Permission), "anyone", "nobody", None}
    assert {part for *_rest, rule in rules() for part in (rule.split(" or ") if rule else [None])} <= known


def test_without_logging_in_nothing_opens_but_what_is_public(client, db):
    """No page answers a stranger; the API wants a token, also of who is logged in."""
    open_ = []
    for name, wanted in matrix.routes():
        url = reverse(name, kwargs=_nothing(wanted))
        for method in ("get", "post", "put", "patch", "delete"):
            answer = getattr(client, method)(url)
            refused = answer.status_code in (*REFUSED, 405) or answer.headers.get("Location", "").startswith("/login/")
            if not refused and TABLE.get(name) != "public":
                open_.append((name, method, answer.status_code))
    assert open_ == []


def test_operations_of_the_api_are_closed_to_a_session_without_token(client, account, installation):
    client.force_login(account("county_officer", matrix.COUNTY))
    for name, wanted in matrix.routes():
        if TABLE.get(name) == "token":
            for method in ("get", "post", "delete"):
                assert getattr(client, method)(reverse(name, kwargs=_nothing(wanted))).status_code in (*REFUSED, 405)


def _nothing(wanted):
    usual = {"kind": "arrivals", "code": "aaaa", "row": 1, "number": 1, "callback": 1, "obligation": 1}
    return {key: usual.get(key, "00000000-0000-0000-0000-000000000007") for key in wanted}


@pytest.fixture
def without_templates(monkeypatch):
    """Who gets in is decided before a page is drawn: the drawing is left out."""
    monkeypatch.setattr(Template, "render", lambda template, context: "")


def test_every_address_lets_in_whom_the_table_says_and_nobody_else(client, arrivals, without_templates):
    objects = matrix.fill_village(arrivals, [FIRST, HELD])
    asked, wrong = 0, []
    for visitor in matrix.VISITORS:
        user = matrix.enter(client, matrix.open_visitor(visitor))
        for name, wanted, kind, method, rule in rules():
            values, area = objects[kind] if kind else ({}, "")
            url = reverse(name, kwargs={key: values[key] for key in wanted})
            status = _ask(user, method, url if kind != "village" else f"{url}?area={area}", matrix.SENT.get(name))
            asked += 1
            if not _as_said(status, rule, visitor, area):
                wrong.append((name, method, rule, visitor.role, visitor.path, status))
    assert wrong == []
    assert asked > 3000


# --- hostile forms -------------------------------------------------------------------------------------------

HOSTILE = ["\x00甲\x00", "²", "9" * 3000, "甲" * 3000, "-1", "=1+1", "'; --", "2020-02-30T99:00"]
CHOSEN = {
    "decision": ["approve", "withdraw", "accept", "reject", "other", "merge", "apart"], "version": ["1"],
    "how": ["end", "close", "decline"], "outcome": ["landed", "agrees"], "act": ["outcome", "withdraw", "early"],
    "kept": ["1"], "village": [matrix.VILLAGE], "to": ["grid:"],
}  # fmt: skip


def fields():
    """The name of every field that a form of the product has, and of what views read without one."""
    found, waiting = set(), [BaseForm]
    while waiting:
        for form in waiting.pop().__subclasses__():
            waiting.append(form)
            found.update(getattr(form, "base_fields", ()))
    sources = Path(lianfang.__file__).parent.rglob("views/*.py")
    read = re.compile(r"""request(?:\.POST(?:\.get|\.getlist)?[(\[]|, )"(\w+)\"""")
    return sorted(found.union(*(read.findall(source.read_text(encoding="utf-8")) for source in sources)))


def test_no_form_breaks_on_what_a_hostile_hand_sends(client, arrivals, without_templates):
    """Every address that takes a form, every field: signs that no database keeps, endless numbers, wrong dates."""
    objects = matrix.fill_village(arrivals, [FIRST, HELD])
    user = matrix.enter(client, matrix.open_visitor(matrix.Visitor("county_officer", matrix.COUNTY)))
    user.raise_request_exception = False
    names, broken = fields(), []
    assert len(names) > 100
    for name, wanted, kind, method, rule in rules():
        if method != "post" or rule in (None, "nobody") or "administer" in rule:
            continue
        values, _area = objects[kind] if kind else ({}, "")
        url = reverse(name, kwargs={key: values[key] for key in wanted})
        for number, told in enumerate(HOSTILE):
            sent = dict.fromkeys(names, told)
            chosen = {key: ways[number % len(ways)] for key, ways in CHOSEN.items()}
            for data in (sent, sent | chosen):
                for address in (url, f"{url}?area={matrix.VILLAGE}"):
                    if (status := _ask(user, method, address, data)) >= 500:
                        broken.append((name, told[:9], "chosen" if data is not sent else "", status))
    assert broken == []


def _ask(user, method, url, sent=None):
    """The status; what the request changed is taken back."""
    with transaction.atomic():
        status = getattr(user, method)(url, sent if method == "post" else None).status_code
        transaction.set_rollback(True)
    return status


def _as_said(status, rule, visitor, area):
    if rule is None:
        return status in (*REFUSED, 405)
    if status >= 500:
        return False
    permission, _sign, village = rule.partition(" of a ")
    right = rule == "anyone" or (rule != "nobody" and _may(visitor, permission, area))
    if village:
        right = right and len(visitor.path) == len(matrix.VILLAGE)
    return (status not in (*REFUSED, 405)) == right


def _may(visitor, told, area):
    return any(visitor.may(permission, area or visitor.path) for permission in told.split(" or "))


# --- canaries ------------------------------------------------------------------------------------------------

PLANTED = 250  # persons, each with a name, a door, a phone and a note of its own
MARKED = re.compile(r"龘.|(?<!\d)9\d{3}号|1397770\d{4}|标记\d{4}")
ROWS = [
    {"village": "西坪村", "name": f"龘{chr(0x5000 + n)}", "door": f"{9000 + n}号", "phone": f"1397770{n:04}"}
    for n in range(PLANTED)
]
CANARIES = {told for n, row in enumerate(ROWS) for told in (row["name"], row["door"], row["phone"], f"标记{n:04}")}
STRANGERS = [
    matrix.Visitor("village_head", matrix.NEXT_VILLAGE),
    matrix.Visitor("township_officer", matrix.NEXT_TOWN),
    matrix.Visitor("county_officer", matrix.NEXT_COUNTY),
    matrix.Visitor("administrator", matrix.COUNTY),
]


@pytest.fixture
def planted(arrivals):
    """A thousand strings that belong to one village: 250 persons with names, doors, phones, notes of their needs."""
    arrivals([row | {"origin": "湖北武汉"} for row in ROWS])
    uids = dict(Person.objects.values_list("name", "uid"))
    at = Person.objects.earliest("pk").registered_at
    lines = [
        {"id": f"{n:032x}", "kind": "need", "value": "food", "note": f"标记{n:04}", "person": str(uids[row["name"]]),
         "at": at.isoformat()}
        for n, row in enumerate(ROWS, start=0)
    ]  # fmt: skip
    for number, line in enumerate(lines):
        line["id"] = f"{number + 1:032x}"
    assert record_batch(by=matrix.BY, at=at, lines=lines).faults == []
    return uids


def walk(user, person):
    """Every page, asked plainly, for the village, by a search; every export."""
    urls = []
    for name, wanted in matrix.routes():
        if TABLE.get(name) in ("token", "public"):
            continue
        values = _nothing(wanted) | ({"uid": person} if "uid" in wanted else {})
        url = reverse(name, kwargs={key: values[key] for key in wanted})
        urls += [url, f"{url}?area={matrix.VILLAGE}&q=龘"]
    urls += [
        f"{reverse('situation:export', args=[kind])}?format={extension}{area}"
        for kind in KINDS
        for extension in FORMATS
        for area in ("", f"&area={matrix.VILLAGE}")
    ]
    for url in urls:
        yield url, user.get(url)


def text_of(answer):
    body = answer.getvalue()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(part) for part in book.namelist())
    return body.decode("utf-8", errors="replace")


def test_1000_canaries_of_another_area_appear_in_no_answer(client, planted):
    person = min(planted.values())
    assert len(CANARIES) == 1000
    found = []
    for visitor in STRANGERS:
        user = matrix.enter(client, matrix.open_visitor(visitor))
        for url, answer in walk(user, person):
            if CANARIES & set(MARKED.findall(text_of(answer))):
                found.append((visitor.role, visitor.path, url))
    assert found == []


def test_the_same_canaries_are_seen_by_who_may(client, planted):
    """Else the walk above would pass on pages that show nobody anything."""
    user = matrix.enter(client, matrix.open_visitor(matrix.Visitor("village_head", matrix.VILLAGE)))
    urls = [f"{reverse('situation:export', args=[kind])}?format=csv" for kind in KINDS]
    urls += [reverse(name) for name in ("people:list", "observation:list", "observation:needs")]
    seen = set()
    for url in urls:
        seen |= CANARIES & set(MARKED.findall(text_of(user.get(url))))
    names, doors = ({row[key] for row in ROWS} for key in ("name", "door"))
    assert names | doors <= seen
    assert any(told.startswith("标记") for told in seen)
