"""The page of tokens: made for a post that is held, shown once, revoked; and the page that documents the API."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lianfang.api import api, permissions
from lianfang.registry.accounts.models import Appointment
from lianfang.registry.accounts.rules import FILE, Permission
from lianfang.registry.audit.rules import Actor
from lianfang.registry.tokens.actions import NewToken, make
from lianfang.registry.tokens.models import Token

COUNTY, TOWN, VILLAGE = "140931", "140931101", "140931101201"
KEY = re.compile(r"<code class=\"text-break\">(lf_[\w-]+)</code>")


@pytest.fixture
def page(client, account):
    """page(account) → a session that has just logged in with the password."""

    def opened(whose):
        client.post(reverse("login"), {"username": whose.username, "password": "correct horse battery"})
        return client

    return opened


def told(**more):
    last = timezone.localdate() + timedelta(days=30)
    return {"title": "hospital", "post": Appointment.objects.earliest("pk").pk, "last_day": last} | more


def test_a_token_for_the_own_post_is_shown_once_and_works(page, account):
    client = page(account("village_head", VILLAGE))
    made = client.post(reverse("tokens:list"), told())
    (key,) = KEY.findall(made.content.decode())
    assert Client(headers={"Authorization": f"Bearer {key}"}).get("/api/v1/token").json()["role"] == "village_head"
    again = client.get(reverse("tokens:list")).content.decode()
    assert key not in again
    assert "hospital" in again


def test_another_persons_post_is_no_choice(page, account):
    account("township_officer", TOWN)
    client = page(account("village_head", VILLAGE))
    assert client.post(reverse("tokens:list"), told()).status_code == 422
    assert not Token.objects.exists()


@pytest.mark.parametrize("days", [-1, 400])
def test_a_day_gone_by_or_too_far_is_refused_with_the_reason(page, account, days):
    client = page(account("village_head", VILLAGE))
    answer = client.post(reverse("tokens:list"), told(last_day=timezone.localdate() + timedelta(days=days)))
    assert (answer.status_code, "366" in answer.content.decode()) == (422, True)


def token_of(whose):
    (post,) = whose.appointments.all()
    now = timezone.now()
    new = NewToken(whose, "theirs", post.role, post.area_path, now + timedelta(days=1))
    return make(by=Actor("test"), at=now, new=new)[0]


def test_ones_own_token_is_revoked_and_anothers_is_not_there(page, account):
    officer, head = account("township_officer", TOWN), account("village_head", VILLAGE)
    mine, theirs = token_of(head), token_of(officer)
    client = page(head)
    answers = [client.post(reverse("tokens:revoke", args=[one.uid])).status_code for one in (mine, theirs)]
    assert answers == [302, 404]
    assert set(Token.objects.filter(revoked_at=None)) == {theirs}


def test_the_page_takes_few_queries_and_names_no_key(page, account, django_assert_max_num_queries):
    head = account("village_head", VILLAGE)
    for _ in range(5):
        token_of(head)
    client = page(head)
    with django_assert_max_num_queries(12):
        answer = client.get(reverse("tokens:list"))
    assert answer.content.decode().count("theirs") == 5


def test_the_documentation_names_every_operation_its_permission_and_every_refusal(page, account):
    answer = page(account("village_head", VILLAGE)).get(reverse("api:docs")).content.decode()
    for (method, path), permission in permissions().items():
        assert f"{method} {path}" in answer
        assert not permission or FILE.permissions[permission].zh in answer
    assert all(str(status) in answer for status in (400, 401, 403, 404, 409, 413, 422, 429))


def test_every_operation_declares_its_permission():
    declared = permissions()
    assert len(declared) > 25
    assert set(declared.values()) - {""} <= set(map(str, Permission))
    assert [call for call, permission in declared.items() if not permission] == [("GET", "/api/v1/token")]
    documented = {
        (method.upper(), path): operation["x-permission"]
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }
    assert documented == declared
