"""For every test: a data folder that lives as long as the run, and a private server in it."""

import contextlib
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

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_unconfigure():
    shutil.rmtree(DATA_FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """pytest-django asks for this before it creates the test database: here the server begins and ends."""
    held = (
        contextlib.nullcontext()
        if os.environ.get("DATABASE_URL")
        else Cluster(DATA_FOLDER, durable=False).hold()
    )
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
