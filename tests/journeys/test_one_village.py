"""Nobody sees a person of another village: every address of the site is asked by workers of one village."""

import io
import re
import zipfile
from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from lianfang.insight.situation.exports import FORMATS, KINDS
from lianfang.mandate.duties.models import Obligation
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.records import record_batch
from lianfang.mandate.orders.models import Notice
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.science.identity.documents import check_character

COUNTY, MINE, OTHER, OTHER_TOWN = "140931", "140931101201", "140931101202", "140931102"
STEM = "99000019700101153"
FOREIGN = {
    "village": "西坪村",
    "name": "欧阳钟灵",
    "document": STEM + check_character(STEM),
    "phone": "13912345678",
    "door": "977号",
    "origin": "湖北武汉",
}
# The same sounds, phone and door, no document: held until somebody decides.
HELD = FOREIGN | {"name": "欧阳中灵", "document": None}
REJECTED = FOREIGN | {"name": "欧阳忠灵", "village": "西坪材", "document": None}
NEIGHBOUR = {"village": "东沟村", "name": "张三", "door": "1号", "origin": "湖北武汉"}
SECRET = (*(one["name"] for one in (FOREIGN, HELD, REJECTED)), "西坪村", "977号", FOREIGN["phone"], STEM[8:])
BY_A_PERSON = [
    "people:card",
    "people:identify",
    "duties:person",
    "orders:person",
    "orders:issue",
    "orders:deliver",
    "screening:person",
    "screening:verify",
    "observation:household",
    "observation:person",
]
BY_A_FILE = ["batch", "confirm", "drop", "corrections"]
HX = [{}, {"HX-Request": "true"}]


@pytest.fixture
def foreigner(arrivals):
    """Somebody of 西坪村 with everything that can be asked for by an id; in 东沟村 only 张三."""
    now = timezone.now()
    came = (timezone.localdate(now) - timedelta(days=1)).isoformat()
    rows = [one | {"arrived_on": came} for one in (FOREIGN, HELD, REJECTED, NEIGHBOUR)]
    arrivals(rows, at=(now - timedelta(minutes=5)).isoformat())
    person = Person.objects.get(name=FOREIGN["name"])
    told = {"person": str(person.uid), "at": now.isoformat()}
    health = {"given_by": "self", "channel": "phone"}
    lines = [
        {"id": str(uuid4()), "kind": "notice_issued", **told},
        {"id": str(uuid4()), "kind": "temperature", "value": 38.4, **health, **told},
        {"id": str(uuid4()), "kind": "need", "value": "food", "note": FOREIGN["phone"], **told},
    ]
    assert record_batch(by=Actor("test"), at=now, lines=lines).faults == []
    return person


def parameters(person):
    """What each address of the site is asked with. A new address with parameters needs its line here."""
    batch, held = Batch.objects.get(), StagedRow.objects.get(outcome="review")
    owed = Obligation.objects.filter(subject=person.uid).order_by("pk")
    return {
        **{name: [{"uid": person.uid}] for name in BY_A_PERSON},
        **{f"intake:{name}": [{"uid": batch.uid}] for name in BY_A_FILE},
        **{f"intake:{name}": [{"uid": batch.uid, "row": held.pk}] for name in ("decide", "undo")},
        "orders:notice": [{"uid": uid} for uid in Notice.objects.values_list("uid", flat=True)],
        "duties:excuse": [{"obligation": number} for number in owed.values_list("pk", flat=True)[:3]],
        "situation:export": [{"kind": kind} for kind in KINDS],
    }


def patterns(resolver=None, space="", given=()):
    """(name, its parameters) of every address of the site."""
    for entry in (resolver or get_resolver()).url_patterns:
        wanted = {*given, *entry.pattern.converters}
        if isinstance(entry, URLResolver):
            within = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from patterns(entry, within, wanted)
        else:
            yield f"{space}{entry.name}", wanted


def addresses(person):
    known = parameters(person)
    for name, wanted in patterns():
        # Every other address is walked by tests/test_permissions.py.
        for values in known.get(name, []) if wanted else [{}]:
            yield name, reverse(name, kwargs=values)


def text_of(response):
    """Everything that a reader could find in an answer, the parts of a workbook included."""
    body = response.getvalue()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(part) for part in book.namelist())
    return body.decode("utf-8", errors="replace")


def ask(visitor, url, headers):
    """The answer at the end of the way, which must not be the log-in page."""
    answer = visitor.get(url, headers=headers)
    while to := answer.headers.get("Location"):
        # Who is logged in may be asked again who they are; that is no log-in page.
        assert "/login/" not in to or to.startswith("/login/again/"), url
        answer = visitor.get(to, headers=headers)
    return answer


def refusals(url):
    """How an address says no; the programming interface, which knows no session, also by 401."""
    return (401, 403, 404, 405) if url.startswith("/api/v1/") else (403, 404, 405)


@pytest.fixture
def enter(client, account):
    def enter(role, path):
        client.force_login(account(role, path))
        return client

    return enter


def test_every_address_with_parameters_is_asked_with_some(foreigner):
    asked = {name for name, wanted in patterns() if wanted}
    known = parameters(foreigner)
    assert sorted(set(known) - asked) == []
    assert [name for name, values in known.items() if not values] == []


@pytest.mark.parametrize(
    ("role", "path"),
    [("grid_worker", MINE), ("village_head", MINE), ("township_officer", OTHER_TOWN)],
)
def test_no_address_shows_somebody_of_another_village(enter, foreigner, role, path):
    visitor = enter(role, path)
    queries = ["", f"?area={OTHER}", "?state=outstanding", "?q=ouyang", f"?person={foreigner.uid}"]
    queries += [f"?format={extension}" for extension in FORMATS]
    found = []
    for (name, url), query, headers in product(addresses(foreigner), queries, HX):
        answer = ask(visitor, url + query, headers)
        secrets = [secret for secret in SECRET if secret in text_of(answer)]
        if secrets or answer.status_code not in (200, 204, 400, *refusals(url)):
            found.append((name, query, headers, answer.status_code, secrets))
    assert found == []


@pytest.mark.parametrize(("role", "path"), [("village_head", MINE), ("township_officer", OTHER_TOWN)])
def test_no_address_takes_anything_about_somebody_of_another_village(enter, foreigner, role, path):
    visitor = enter(role, path)
    events = Event.objects.filter(area_path__startswith=OTHER).count()
    about = [url for name, url in addresses(foreigner) if name in parameters(foreigner)]
    for url in about:
        answer = visitor.post(url, {"decision": "same", "reason": "x", "outcome": "served"})
        assert answer.status_code in refusals(url) or "export" in url, url
        assert [secret for secret in SECRET if secret in text_of(answer)] == [], url
    assert Event.objects.filter(area_path__startswith=OTHER).count() == events
    assert StagedRow.objects.get(outcome="review").decision == ""


# The log is the auditor's, accounts the administrator's, the second step's pages of those who have one.
NOT_THE_OFFICES = {
    "/api/v1/",
    "/log/",
    "/settings/recovery-codes/",
    "/settings/second-step/off/",
    "/settings/staff/",
    "/settings/vacancies/",
}


def test_the_same_walk_finds_the_person_where_the_office_may(enter, foreigner):
    """Otherwise the walk above would pass on addresses that nobody can open."""
    visitor, shown, closed = enter("county_officer", COUNTY), set(), []
    for name, url in addresses(foreigner):
        for headers in HX:
            answer = ask(visitor, f"{url}?area={OTHER}&state=outstanding", headers)
            if answer.status_code in (403, 404):
                closed.append(url)
            elif FOREIGN["name"] in text_of(answer):
                shown.add(name)
    assert set(closed) == NOT_THE_OFFICES
    assert {"people:list", "people:card", "duties:gaps", "screening:list", "observation:list"} <= shown
    assert {"observation:household", "orders:notice", "orders:person", "duties:excuse"} <= shown


def test_figures_of_a_village_count_only_its_own(enter, foreigner):
    def registered(visitor):
        page = visitor.get(reverse("situation:overview")).content.decode()
        return re.findall(r'lf-figure-value">([\d,]+)', page)[:4]

    assert registered(enter("county_officer", COUNTY)) == ["2", "2", "2", "1"]
    assert registered(enter("grid_worker", MINE)) == ["1", "1", "1", "0"]
