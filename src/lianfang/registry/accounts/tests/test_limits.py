"""Guessing is stopped; a district behind one address is not."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends import locmem
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factors import PASSWORD

from lianfang.registry.accounts import actions
from lianfang.registry.accounts.models import Account, Attempt
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


def restart():
    """What a server's process alone remembers is gone with it, and another process never had it."""
    for kept in (locmem._caches, locmem._expire_info, locmem._locks):
        kept.clear()
    del caches["default"]


def test_several_server_processes_and_those_started_again_count_together(account, settings):
    account("village_head", VILLAGE, username="head")
    account("grid_worker", VILLAGE, username="grid")
    for _ in range(3):
        attempt("head", "wrong")
        restart()
    assert "次数过多" in attempt("head", PASSWORD).content.decode()
    restart()
    assert attempt("grid", PASSWORD).status_code == 302  # the same address, another account
    assert Event.objects.filter(action="account.login_failed").count() == 3


def test_two_connections_count_one_after_the_other(account):
    """Each process has a cache of its own; what the one has counted the other reads, and neither takes it back."""
    one, other = caches.create_connection("default"), caches.create_connection("default")
    assert one.add("attempts:lock", True, timeout=10)
    assert not other.add("attempts:lock", True, timeout=10)
    one.set("attempts", [1.0], 60)
    one.delete("attempts:lock")
    assert other.add("attempts:lock", True, timeout=10)
    assert other.get("attempts") == [1.0]


def test_attempts_are_forgotten_by_the_tick_once_they_count_no_more(account):
    """A key names an account, hashed, and an address: neither stays longer than it is of use."""
    attempt("head", "wrong")
    kept = Attempt.objects.count()
    assert kept > 0
    assert actions.forget_attempts(at=timezone.now()) == 0
    assert actions.forget_attempts(at=timezone.now() + timedelta(hours=1)) == kept
    assert not Attempt.objects.exists()


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
