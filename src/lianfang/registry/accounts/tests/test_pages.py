"""Logging in and out: the words of the page, and the rows that stay in the log."""

import re

import pytest
from django.db import connection
from django.urls import reverse

from lianfang.registry.audit.models import Event

VILLAGE = "140931101201"
RIGHT, WRONG = "correct horse battery", "incorrect horse battery"


@pytest.fixture
def worker(account):
    return account("village_head", VILLAGE, username="head-1")


def log_in(client, username="head-1", password=RIGHT):
    return client.post(reverse("login"), {"username": username, "password": password})


def logged():
    return list(Event.objects.filter(action__startswith="account.log").order_by("pk"))


@pytest.mark.parametrize(
    ("language", "labels", "error"),
    [
        ("zh-hans", ["用户名", "密码"], "用户名或密码不正确。请核对大小写后重试；忘记密码请联系本单位管理员。"),
        ("en", ["User name", "Password"], "User name or password is wrong. Check upper and lower case"),
    ],
)
def test_page_speaks_the_language_of_the_reader(client, worker, language, labels, error):
    client.cookies["django_language"] = language
    page = client.get(reverse("login")).content.decode()
    assert re.findall(r"<label[^>]*>\s*([^<]+?)\s*<", page) == labels
    assert error not in page
    assert error in log_in(client, password=WRONG).content.decode()


def test_chinese_page_has_no_english_label(client, worker):
    page = client.get(reverse("login")).content.decode()
    assert "Username" not in page
    assert "Password" not in page


def test_login_is_logged_with_its_account(client, worker):
    assert log_in(client)["Location"] == reverse("home")
    (event,) = logged()
    assert (event.action, event.actor, event.actor_id) == ("account.login", "head-1", worker.pk)
    assert event.data == {"account": worker.pk}


def test_failed_login_is_logged_with_the_account_that_was_tried(client, worker):
    log_in(client, password=WRONG)
    (event,) = logged()
    assert (event.action, event.actor, event.actor_id) == ("account.login_failed", "anonymous", None)
    assert event.data == {"account": worker.pk}


def test_failed_login_of_nobody_keeps_nothing_of_what_was_typed(client, worker):
    log_in(client, username=RIGHT)
    (event,) = logged()
    assert (event.action, event.data, event.purpose) == ("account.login_failed", {}, "")


def test_closed_account_does_not_log_in_and_the_attempt_is_logged(client, worker):
    worker.is_active = False
    worker.save(update_fields=["is_active"])
    assert log_in(client).status_code == 200
    assert [(event.action, event.data) for event in logged()] == [("account.login_failed", {"account": worker.pk})]


@pytest.mark.parametrize("typed", [{"username": ""}, {"password": ""}, {"username": "head\x001"}])
def test_form_that_names_no_account_and_password_is_no_attempt(client, worker, typed):
    assert log_in(client, **typed).status_code == 200
    assert logged() == []


def test_logout_is_logged_once(client, worker):
    client.force_login(worker)
    assert client.post(reverse("logout"))["Location"] == reverse("login")
    client.post(reverse("logout"))
    (event,) = logged()
    assert (event.action, event.actor, event.actor_id) == ("account.logout", "head-1", worker.pk)


def test_nobody_is_logged_in_without_the_row(client, worker):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT closed CHECK (false) NOT VALID")
    client.raise_request_exception = False
    assert log_in(client).status_code == 500
    worker.refresh_from_db()
    assert worker.last_login is None
