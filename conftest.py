"""For every test: a data folder that lives as long as the run, and a private server in it."""

import contextlib
import io
import os
import shutil
from pathlib import Path

import pytest

from lianfang.cluster import Cluster, temporary_folder

# Before Django reads its settings, so that no test ever meets the keys or the data of an installation.
DATA_FOLDER = temporary_folder()
os.environ["LIANFANG_DATA"] = str(DATA_FOLDER)
os.environ["DJANGO_SETTINGS_MODULE"] = "lianfang.settings"
# Playwright's synchronous interface runs an event loop, beside which Django by default refuses to query.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

import django  # noqa: E402

django.setup()

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_unconfigure():
    shutil.rmtree(DATA_FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """pytest-django asks for this before it creates the test database: here the server begins and ends."""
    held = contextlib.nullcontext() if os.environ.get("DATABASE_URL") else Cluster(DATA_FOLDER, durable=False).hold()
    with held:
        yield


def find_chromium() -> str | None:
    named = os.environ.get("CHROME", "")
    candidates = (named,) if named else CHROMIUM_NAMES
    return next((path for name in candidates if (path := shutil.which(name))), None)


def pytest_report_header():
    return f"chromium: {find_chromium() or 'not found, browser tests are skipped'}"


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser that is installed here. Playwright's own is never downloaded."""
    path = find_chromium()
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(CHROMIUM_NAMES)} on PATH, and CHROME names none")
    return Path(path)


# --- a small county, entered as users enter it ---

COUNTY, TOWN, VILLAGE = "140931", "140931101", "140931101201"
LISTS = Path(__file__).parent / "tests" / "data" / "lists"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The national divisions are loaded once; every test finds the same empty exercise installation."""
    from django.utils.dateparse import parse_datetime

    from lianfang.registry.audit.rules import Actor
    from lianfang.registry.places import actions

    with django_db_blocker.unblock():
        actions.install(by=Actor("test"), at=parse_datetime("2020-02-01T00:00:00+08:00"), exercise=True)


@pytest.fixture
def installation(db):
    """An empty exercise installation: the national divisions down to townships."""
    from lianfang.registry.places.queries import installation

    return installation()


def make_county():
    from datetime import date

    from lianfang.mandate.duties.actions import enrol_areas
    from lianfang.mandate.intake.areas import import_area_file
    from lianfang.mandate.response.actions import Order, activate
    from lianfang.registry.audit.rules import Actor
    from lianfang.registry.places.queries import installation
    from lianfang.science.plan import load_shipped

    at, by, villages = installation().made_at, Actor("test"), LISTS / "villages.csv"
    import_area_file(by=by, at=at, name=villages.name, content=villages.read_bytes())
    order = Order(COUNTY, date(2020, 2, 8))
    made = activate(by=by, at=at, plan=load_shipped("county-report-2020"), order=order)
    enrol_areas(activation=made)
    return made


@pytest.fixture
def county(installation):
    """义门镇 with its twelve villages; county-report-2020 in force in 140931 from 8 February 2020."""
    return make_county()


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker):
    """The county with the town's list imported on 8 February at 18:00, once a module; tests roll back to it."""
    from django.db import transaction
    from django.utils.dateparse import parse_datetime

    from lianfang.mandate.intake import actions
    from lianfang.registry.audit.rules import Actor

    at, by, name = parse_datetime("2020-02-08T18:00:00+08:00"), Actor("test"), "town-returnees.xlsx"
    with django_db_blocker.unblock(), transaction.atomic():
        make_county()
        file = actions.NewFile("arrivals", TOWN, name, (LISTS / name).read_bytes())
        batch = actions.check(batch=actions.receive(by=by, at=at, file=file))
        yield actions.commit(by=by, batch=batch, now=at)
        transaction.set_rollback(True)


@pytest.fixture
def account(installation):
    """account(role, area_path) → a worker with that appointment, password "correct horse battery"."""
    from lianfang.registry.accounts import actions
    from lianfang.registry.audit.rules import Actor

    def make(role, area_path, username=None):
        at, by = installation.made_at, Actor("test")
        name = username or f"{role}-{area_path}"
        made = actions.open_account(by=by, at=at, username=name, display_name=name, password="correct horse battery")
        actions.appoint(by=by, at=at, account=made, role=role, area_path=area_path)
        return made

    return make


@pytest.fixture
def fresh(client):
    """fresh(account) → a client that has just logged in: acts that ask for a fresh log-in are open."""

    from allauth.account.internal.flows.login import record_authentication
    from django.test import RequestFactory

    def enter(account):
        client.force_login(account)
        session = client.session
        request = RequestFactory().get("/")
        request.session = session
        record_authentication(request, account, "password", reauthenticated=True)
        session.save()
        return client

    return enter


@pytest.fixture
def arrivals(county):
    """arrivals([{"name": …, "village": …}], at="2020-02-08T18:00:00+08:00") → batch, through the real intake.

    Keys are field codes of the arrivals list; a village left out is 东沟村, an arrival day 7 February 2020.
    """
    from django.utils.dateparse import parse_datetime
    from openpyxl import Workbook

    from lianfang.field.screening.imports import FIELDS
    from lianfang.mandate.intake import actions
    from lianfang.registry.audit.rules import Actor

    def bring(rows, at="2020-02-08T18:00:00+08:00", area_path=TOWN):
        book = Workbook()
        sheet = book.active
        sheet.append([spec.titles[0] for spec in FIELDS])
        for row in rows:
            told = {"village": "东沟村", "arrived_on": "2020-02-07"} | row
            sheet.append([told.get(spec.code) for spec in FIELDS])
        content = io.BytesIO()
        book.save(content)
        by, moment = Actor("test"), parse_datetime(at)
        file = actions.NewFile("arrivals", area_path, "list.xlsx", content.getvalue())
        batch = actions.check(batch=actions.receive(by=by, at=moment, file=file))
        return actions.commit(by=by, batch=batch, now=moment)

    return bring
