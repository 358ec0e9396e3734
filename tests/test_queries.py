"""A page asks the database at most twelve times, its frame included: every page that can be shown, and its searches.

Whoever looks at a page for the first time finds a process that has shown others before.
"""

import matrix
import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from test_permissions import rules

from lianfang.mandate.duties.models import Enrolment
from lianfang.registry.accounts.models import Account
from lianfang.registry.people.models import Person

LIMIT = 12
NOW = parse_datetime("2020-02-08T20:00:00+08:00")
NOT_SHOWN = {"home": "leads on to the first page of whoever works"}
# A file that is read and looked up by two thousand rows at once: here of 2,053 rows, so twice.
FILES = {"screening:results": 28}
# Pages that ask otherwise, or more, when something is looked for or chosen.
CHOSEN = {
    "people:list": ["q=王", "q=wang", "q=13912345678", "q=0001", "q=2号", "page=3"],
    "screening:list": ["q=王", "key_area=on", "incomplete=on", "hour_unknown=on", "page=3"],
    "observation:list": ["q=王", "show=overdue", "show=fever", "show=new", "show=released", "sort=-temperature"],
    "duties:gaps": ["state=outstanding", "duty=temperature&state=overdue", "tab=owner", "tab=area", "page=3&state=due"],
    "homes:list": ["q=2号"],
    "intake:batch": ["tab=review", "tab=rejected", "tab=accepted", "tab=duplicate"],
    "organisation:directory": ["q=王"],
}


@pytest.fixture
def objects(town, db, monkeypatch):
    """What each kind of parameter stands for in the town, its tables analysed as they are after a list came in."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    watched = Enrolment.objects.filter(observed=True, area_path=matrix.VILLAGE).earliest("pk")
    person = Person.objects.get(uid=watched.subject)
    found = matrix.work_with(person, NOW, phone="13912345678", member="甲")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {kind: values for kind, (values, _area) in found.items()}


def _visitors(client, account):
    """An officer, a village's head, an administrator; a worker with a second factor who looks in an emergency."""
    posts = [("county_officer", matrix.COUNTY), ("village_head", matrix.VILLAGE), ("administrator", matrix.COUNTY)]
    worker = Account.objects.get(username="post")
    TOTP.activate(worker, generate_totp_secret())
    RecoveryCodes.activate(worker)
    return [matrix.enter(type(client)(), one) for one in (*(account(*post) for post in posts), worker)]


def _pages(objects):
    """(name, URL) of every page, and of what can be chosen there."""
    for name, wanted, kind, method, rule in rules():
        if method == "get" and rule is not None and name not in NOT_SHOWN:
            values = objects[kind] if kind and wanted else {}
            url = reverse(name, kwargs={key: values[key] for key in wanted})
            yield name, url
            yield from ((f"{name}?{chosen}", f"{url}?{chosen}") for chosen in CHOSEN.get(name, ()))


def _questions(asked):
    return [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))]


def _ask(user, url):
    """The answer and its number of questions; a part of a card comes only to the page that it is a part of."""
    for headers in ({}, {"HX-Request": "true"}):
        with CaptureQueriesContext(connection) as asked:
            status = user.get(url, headers=headers).status_code
        if status == 200:
            break
    return status, len(_questions(asked.captured_queries))


def test_pages_ask_at_most_twelve_times(objects, client, account):
    """Each page when it is asked for first, in a process that remembers names and plans from the pages before."""
    most, pages = {}, set()
    for user in _visitors(client, account):
        _ask(user, reverse("planning:list"))
        for name, url in _pages(objects):
            pages.add(name)
            status, often = _ask(user, url)
            if status == 200:
                most[name] = max(most.get(name, 0), often)
    assert pages - set(most) == set(), "shown to nobody"
    assert {name: often for name, often in most.items() if often > LIMIT} == FILES


def test_the_frame_of_a_page_asks_twice(objects, client, account):
    """For the session, and for the account with its posts, the installation and the stamp; the rest is remembered."""
    user = matrix.enter(client, account("township_officer", matrix.TOWN))
    for most in (4, 2):
        with CaptureQueriesContext(connection) as asked:
            assert user.get(reverse("web:help")).status_code == 200
        assert len(asked) <= most
