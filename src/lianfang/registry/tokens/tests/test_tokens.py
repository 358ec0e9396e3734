"""Tokens: narrower than the account, ended, revoked, paced, never a session."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from lianfang.registry.accounts.models import Account, Appointment
from lianfang.registry.accounts.rules import Permission, Scope, scope_of
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.tokens import access, actions
from lianfang.registry.tokens.models import Token
from lianfang.registry.tokens.rules import Pace, narrowed

COUNTY, TOWN, OTHER_TOWN = "140931", "140931101", "140931102"
BY = Actor("test")


@pytest.fixture
def make(account):
    """make(role, area, …) → (token, a call with its key)."""

    def made(role="township_officer", area=TOWN, *, of=None, days=30, **more):
        owner = of or account(role, area)
        now = timezone.now()
        new = actions.NewToken(owner, "test", role, area, now + timedelta(days=days), **more)
        token, key = actions.make(by=BY, at=now, new=new)
        client = Client(headers={"Authorization": f"Bearer {key}"})
        return token, client

    return made


def me(client):
    return client.get("/api/v1/token")


def test_the_key_is_nowhere_in_the_database(make):
    token, client = make()
    key = client.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM tokens_token t")
        assert key not in str(cursor.fetchall())
    assert me(client).json()["uid"] == str(token.uid)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer lf_nothing", "Basic YTpi", "Bearer \u00e9"])
def test_without_a_token_there_is_no_answer(installation, header):
    answer = Client(headers={"Authorization": header} if header is not None else {}).get("/api/v1/token")
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["remedy"]


def test_a_session_is_no_token_and_a_token_makes_no_session(make):
    _token, client = make()
    assert me(client).status_code == 200
    assert client.cookies == {}
    assert client.get("/people/").status_code == 302
    logged_in = Client()
    logged_in.force_login(Account.objects.get())
    assert me(logged_in).status_code == 401


def test_a_token_is_no_wider_than_the_account_now(make, account):
    officer = account("county_officer", COUNTY)
    _token, client = make("county_officer", COUNTY, of=officer)
    assert me(client).json()["may"]["see_people"] == [COUNTY]
    Appointment.objects.filter(account=officer).update(until=timezone.now())
    actions_now = me(client)
    assert (actions_now.status_code, actions_now.json()["may"]) == (200, {})


def test_a_token_for_a_part_of_the_area_reaches_that_part_alone(make, account):
    _token, client = make("county_officer", TOWN, of=account("county_officer", COUNTY))
    assert me(client).json()["may"]["record"] == [TOWN]
    assert client.get("/api/v1/areas", {"under": TOWN}).status_code == 200
    assert client.get("/api/v1/areas", {"under": OTHER_TOWN}).status_code == 404


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"role": "county_officer"}, "not_appointed"),
        ({"role": "nobody"}, "not_appointed"),
        ({"area_path": COUNTY}, "not_appointed"),
        ({"area_path": "1409"}, "not_appointed"),
        ({"days": 0}, "bad_expiry"),
        ({"days": 400}, "bad_expiry"),
        ({"per_minute": 0}, "bad_pace"),
        ({"per_minute": 10**6}, "bad_pace"),
        ({"title": "  "}, "no_title"),
    ],
)
def test_a_token_that_would_be_too_much_is_not_made(account, told, rule):
    officer, now = account("township_officer", TOWN), timezone.now()
    usual = {"title": "t", "role": "township_officer", "area_path": TOWN, "days": 1, "per_minute": 1} | told
    expires = now + timedelta(days=usual.pop("days"))
    with pytest.raises(actions.NotGrantable) as refused:
        actions.make(by=BY, at=now, new=actions.NewToken(account=officer, expires_at=expires, **usual))
    assert refused.value.rule == rule
    assert not Token.objects.exists()


def test_an_ended_and_a_revoked_token_and_one_of_a_closed_account_open_nothing(make, account):
    ended, client = make()
    Token.objects.filter(pk=ended.pk).update(made_at=timezone.now() - timedelta(2), expires_at=timezone.now())
    revoked, second = make(of=ended.account)
    actions.revoke(by=BY, at=timezone.now(), token=revoked)
    _closed, third = make("village_head", "140931101201")
    Account.objects.filter(username__startswith="village_head").update(is_active=False)
    assert [me(one).status_code for one in (client, second, third)] == [401, 401, 401]


def test_a_server_that_remembers_keys_forgets_a_revoked_one_after_its_second(make, monkeypatch):
    moment = [0.0]
    monkeypatch.setattr(access, "monotonic", lambda: moment[0])
    monkeypatch.setattr(access._known, "seconds", 1.0)
    token, client = make()
    first = me(client).status_code
    actions.revoke(by=BY, at=timezone.now(), token=token)
    moment[0] = 1.0
    assert (first, me(client).status_code) == (200, 401)


def test_a_remembered_token_still_ends_on_time(make, monkeypatch):
    monkeypatch.setattr(access._known, "seconds", 3600.0)
    token, client = make(days=1)
    assert me(client).status_code == 200
    later = token.expires_at + timedelta(seconds=1)
    monkeypatch.setattr(access.timezone, "now", lambda: later)
    assert me(client).status_code == 401


def test_revoking_twice_keeps_the_first_moment(make):
    token, _client = make()
    first = timezone.now()
    actions.revoke(by=BY, at=first, token=token)
    actions.revoke(by=Actor("late"), at=first + timedelta(hours=1), token=token)
    token.refresh_from_db()
    assert (token.revoked_at, token.revoked_by) == (first, "test")
    assert Event.objects.filter(action="token.revoked").count() == 1


def test_calls_beyond_the_pace_are_refused_with_the_seconds_to_wait(make):
    _token, client = make(per_minute=2)
    assert [me(client).status_code for _ in range(3)] == [200, 200, 429]
    assert 0 < int(me(client).headers["Retry-After"]) <= 60


def test_pace_begins_anew_each_minute_and_counts_each_token():
    pace = Pace()
    assert [pace.take(1, 2, 0.0) for _ in range(3)] == [0.0, 0.0, 60.0]
    assert (pace.take(2, 2, 1.0), pace.take(1, 2, 59.0), pace.take(1, 2, 60.0)) == (0.0, 1.0, 0.0)


def test_each_call_leaves_one_row_and_the_token_shows_its_last_use(make):
    token, client = make()
    before = Event.objects.count()
    me(client)
    client.get("/api/v1/areas")
    rows = Event.objects.filter(pk__gt=0, action="api.called")
    assert [row.data["operation"] for row in rows.order_by("pk")] == ["GET api/v1/token", "GET api/v1/areas"]
    assert Event.objects.count() == before + 2
    assert {row.data["token"] for row in rows} == {str(token.uid)}
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_refusals_speak_the_language_that_the_programme_asks_for(installation):
    chinese = Client().get("/api/v1/token").json()["title"]
    english = Client(headers={"Accept-Language": "en"}).get("/api/v1/token").json()["title"]
    assert (english.isascii(), chinese.isascii()) == (True, False)


@pytest.mark.parametrize(
    ("ours", "theirs", "met"),
    [
        ((COUNTY,), (TOWN,), (TOWN,)),
        ((TOWN,), (COUNTY,), (TOWN,)),
        ((TOWN,), (OTHER_TOWN,), None),
        ((TOWN, OTHER_TOWN), (COUNTY,), (TOWN, OTHER_TOWN)),
    ],
)
def test_two_scopes_meet_in_the_smaller_area(ours, theirs, met):
    one, other = Scope({Permission.RECORD: ours}), Scope({Permission.RECORD: theirs, Permission.IMPORT: theirs})
    assert narrowed(one, other).paths == ({Permission.RECORD: met} if met else {})


def test_a_scope_narrowed_by_itself_stays():
    scope = scope_of([("county_officer", COUNTY), ("village_head", TOWN)])
    wide = {permission: tuple(sorted(paths)) for permission, paths in scope.paths.items()}
    assert all(set(wide[p]) <= set(paths) | set(wide[p]) for p, paths in narrowed(scope, scope).paths.items())


def test_the_command_makes_a_token_and_says_why_not(account, capsys):
    account("township_officer", TOWN, username="wang")
    command = ["token", "wang", "--title", "t", "--role", "township_officer", "--area", TOWN]
    call_command(*command, "--json")
    key = capsys.readouterr().out.split('"key": "')[1].split('"')[0]
    assert me(Client(headers={"Authorization": f"Bearer {key}"})).status_code == 200
    with pytest.raises(CommandError):
        call_command(*command, "--days", "0")
    with pytest.raises(CommandError):
        call_command(*command, "--days", "9999999999")
    with pytest.raises(CommandError):
        call_command("token", "nobody", "--title", "t", "--role", "township_officer", "--area", TOWN)
