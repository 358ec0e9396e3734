"""The second factor: asked of administrators and the county before anything else opens, of others at will."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from factors import PASSWORD, code_of

from lianfang.registry.accounts.models import Account
from lianfang.registry.audit.models import Event

COUNTY, TOWN, VILLAGE = "140931", "140931101", "140931101201"


def log_in(client, account, password=PASSWORD):
    return client.post(reverse("login"), {"username": account.username, "password": password})


def acts():
    return list(Event.objects.filter(action__startswith="account.").order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("role", ["county_officer", "epidemiologist", "administrator", "auditor"])
def test_nothing_opens_before_the_second_factor_is_set(client, account, asked, role):
    who = account(role, COUNTY)
    log_in(client, who)
    set_up = reverse("mfa_activate_totp")
    for name in ("home", "people:list", "situation:overview", "accounts:own", "accounts:staff", "intake:list"):
        assert client.get(reverse(name))["Location"] == set_up, name
    assert client.post(reverse("accounts:invite"), {})["Location"] == set_up
    assert client.get(set_up).status_code == 200


@pytest.mark.parametrize(("role", "path"), [("township_officer", TOWN), ("village_head", VILLAGE)])
def test_it_is_not_asked_of_others(client, account, asked, role, path):
    log_in(client, account(role, path))
    assert client.get(reverse("accounts:own")).status_code == 200


def test_it_is_asked_of_an_administrator_of_a_town(client, account, asked):
    log_in(client, account("administrator", TOWN))
    assert client.get(reverse("accounts:staff"))["Location"] == reverse("mfa_activate_totp")


def test_an_exercise_may_make_it_optional(client, account):
    log_in(client, account("county_officer", COUNTY))
    assert client.get(reverse("accounts:own")).status_code == 200


def test_set_up_at_the_first_log_in_then_asked_at_each(client, account, asked):
    who = account("county_officer", COUNTY)
    log_in(client, who)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'id="factor-key">([A-Z2-7]+)<', page)[1]
    assert 'src="data:image/svg+xml;base64,' in page
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert (wrong.status_code, Authenticator.objects.count()) == (200, 0)
    codes = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}, follow=True)
    shown = re.findall(r"<code>(\d{8})</code>", codes.content.decode())
    assert len(set(shown)) == 10
    assert client.get(reverse("accounts:own")).status_code == 200
    # Kept sealed, shown once, never in the log.
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
    assert shown[0] not in client.get(reverse("mfa_view_recovery_codes")).content.decode()

    client.post(reverse("logout"))
    assert log_in(client, who)["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("accounts:own"))["Location"].startswith(reverse("login"))
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    done = client.post(reverse("mfa_authenticate"), {"code": shown[3]})
    assert done["Location"] == reverse("home")
    assert client.get(reverse("accounts:own")).status_code == 200
    assert acts()[-4:] == ["account.factor_set", "account.logout", "account.factor_failed", "account.login"]


def test_a_recovery_code_and_a_phone_code_open_once(client, account, with_factor):
    who = account("county_officer", COUNTY)
    secret = with_factor(who)
    code = code_of(secret)
    log_in(client, who)
    assert client.post(reverse("mfa_authenticate"), {"code": code})["Location"] == reverse("home")
    client.post(reverse("logout"))
    log_in(client, who)
    again = client.post(reverse("mfa_authenticate"), {"code": code})
    assert again.status_code == 200
    assert "不再有效" in again.content.decode()


def test_codes_cannot_be_guessed(client, account, with_factor):
    who = account("county_officer", COUNTY)
    secret = with_factor(who)
    log_in(client, who)
    for guess in range(10):
        client.post(reverse("mfa_authenticate"), {"code": f"{guess:06}"})
    right = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert (right.status_code, "次数过多" in right.content.decode()) == (200, True)


def test_who_needs_it_cannot_switch_it_off(fresh, account, with_factor, asked):
    who = account("county_officer", COUNTY)
    with_factor(who)
    assert fresh(who).post(reverse("mfa_deactivate_totp")).status_code == 403
    assert Authenticator.objects.filter(user=who).exists()


def test_who_does_not_need_it_may_switch_it_off(fresh, account, with_factor, asked):
    who = account("village_head", VILLAGE)
    with_factor(who)
    assert fresh(who).post(reverse("mfa_deactivate_totp"))["Location"] == reverse("accounts:own")
    assert acts()[-1] == "account.factor_removed"


def test_only_the_routes_that_are_needed_are_there(client, installation):
    for path in ("/signup/", "/accounts/signup/", "/email/", "/password/reset/", "/social/", "/login/code/confirm/"):
        assert client.get(path).status_code == 404, path


def test_argon2_stands_at_the_parameters_of_owasp():
    """Argon2id, 19 MiB, two passes, one lane: the minimum that OWASP's cheat sheet names."""
    who = Account()
    who.set_password(PASSWORD)
    assert who.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_pages_of_the_log_in_obey_the_content_security_policy(client, account, asked):
    who = account("county_officer", COUNTY)
    pages = [client.get(reverse("login"))]
    log_in(client, who)
    pages.append(client.get(reverse("mfa_activate_totp")))
    for page in pages:
        assert "unsafe-inline" not in page["Content-Security-Policy"]
        text = page.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text)
