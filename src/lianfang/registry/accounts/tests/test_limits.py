"""Guessing is stopped; a district behind one address is not."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from factors import PASSWORD

from lianfang.registry.accounts.models import Account
from lianfang.registry.audit.models import Event

VILLAGE = "140931101201"


CLIENT = Client()  # one for all: a new one reads every static file of the site


def attempt(name, password, address="10.0.0.1"):
    """A visitor of whom nothing is known yet."""
    CLIENT.cookies.clear()
    return CLIENT.post(reverse("login"), {"username": name, "password": password}, REMOTE_ADDR=address)


def test_400_users_behind_one_address_log_in_within_a_minute(account, settings, monkeypatch):
    """Cheap hashes: what is tested is the counting, not Argon2 (its 400 hashes take 12 s of one core)."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    first = Account(username="u")
    first.set_password(PASSWORD)
    Account.objects.bulk_create(
        Account(username=f"user{n}", display_name=f"user{n}", password=first.password) for n in range(400)
    )
    minute = 1_900_000_000.0
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: minute)
    refused = [n for n in range(400) if attempt(f"user{n}", PASSWORD).status_code != 302]
    assert refused == []
    # Every tenth has also mistyped the password once before: still nobody is shut out.
    for n in range(0, 400, 10):
        assert attempt(f"user{n}", "wrong").status_code == 200
    assert [n for n in range(0, 400, 10) if attempt(f"user{n}", PASSWORD).status_code != 302] == []


def test_brute_force_on_one_account_is_stopped_and_logged(account, monkeypatch):
    """At most ten tries an account in a quarter of an hour, from however many addresses."""
    account("village_head", VILLAGE, username="head")
    now = [1_900_000_000.0]
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: now[0])
    for n in range(40):
        attempt("head", f"guess {n}", address=f"10.0.1.{n}")
    assert Event.objects.filter(action="account.login_failed").count() == 10
    assert Event.objects.filter(action="account.login_stopped").count() == 30
    stopped = attempt("head", PASSWORD, address="10.0.2.1")
    assert (stopped.status_code, "次数过多" in stopped.content.decode()) == (200, True)
    now[0] += 15 * 60 + 1
    assert attempt("head", PASSWORD, address="10.0.2.1").status_code == 302


def test_mistyping_costs_a_short_wait_and_no_neighbour_pays(account, monkeypatch):
    account("village_head", VILLAGE, username="head")
    account("grid_worker", VILLAGE, username="grid")
    now = [1_900_000_000.0]
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: now[0])
    for _ in range(3):
        attempt("head", "wrong")
    assert attempt("head", PASSWORD).status_code == 200
    assert attempt("grid", PASSWORD).status_code == 302  # the same address, another account
    assert attempt("head", PASSWORD, address="10.0.0.2").status_code == 302  # the same account, another address
    now[0] += 11
    assert attempt("head", PASSWORD).status_code == 302


def test_capitals_do_not_double_the_tries(account):
    account("village_head", VILLAGE, username="head")
    for name in ("head", "HEAD", "Head"):
        attempt(name, "wrong")
    assert "次数过多" in attempt("heaD", "wrong").content.decode()


@pytest.mark.parametrize("name", ["nobody", "head"])
def test_a_wrong_password_and_no_account_are_answered_alike(account, name):
    account("village_head", VILLAGE, username="head")
    answer = attempt(name, "wrong")
    assert answer.status_code == 200
    assert "用户名或密码不正确" in answer.content.decode()


def test_limits_are_data_of_the_settings():
    assert set(settings.ACCOUNT_RATE_LIMITS) >= {"login", "login_failed", "login_failed_here"}
