"""People of the office: invitations, posts with dates, vacancies, sessions, resets under four eyes."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from factors import PASSWORD

from lianfang.registry.accounts import actions, queries
from lianfang.registry.accounts.actions import Post
from lianfang.registry.accounts.models import Account, Appointment, FactorReset, Invitation
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor

COUNTY, TOWN, OTHER_TOWN, VILLAGE, OTHER_COUNTY = "140931", "140931101", "140931102", "140931101201", "140932"
BY, NEW = Actor("test"), "four words nobody guesses"
INVITED = {"display_name": "王某", "username": "wang.yimen", "phone": "13800000000", "role": "township_officer"}


@pytest.fixture
def admin(account):
    return account("administrator", COUNTY, username="admin")


def code_in(page):
    return re.search(r'id="invitation-code">([^<]+)<', page.content.decode())[1]


def test_from_invitation_to_work(fresh, admin, county):
    """An administrator invites; the person sets a password with the code, once, and is in."""
    page = fresh(admin).post(reverse("accounts:invite"), INVITED | {"area": "义门镇"})
    code = code_in(page)
    assert code in page.content.decode()
    assert f"/invitation/{code}/" in page.content.decode()
    account = Account.objects.get(username="wang.yimen")
    assert account.appointments.get().area_path == TOWN
    assert code not in str(list(Event.objects.values_list("data", "purpose")))

    person = Client()
    seen = person.get(reverse("accounts:accept", args=[code])).content.decode()
    assert "王某，欢迎您" in seen
    for weak in ("short", "password1234", "1234567890123"):
        told = {"code": code, "new": weak, "again": weak}
        assert person.post(reverse("accounts:invitation"), told).status_code == 422
    told = {"code": code.upper().replace("-", " "), "new": NEW, "again": NEW}
    assert person.post(reverse("accounts:invitation"), told)["Location"] == reverse("home")
    assert person.get(reverse("accounts:own")).status_code == 200
    again = Client().post(reverse("accounts:invitation"), told)
    assert (again.status_code, "邀请码无效" in again.content.decode()) == (422, True)
    login = Client().post(reverse("login"), {"username": "wang.yimen", "password": NEW})
    assert login["Location"] == reverse("home")


def test_a_code_expires_and_a_new_one_replaces_it(admin, account):
    who, now = account("grid_worker", VILLAGE), timezone.now()
    first = actions.renew_invitation(by=BY, at=now, account=who)
    second = actions.renew_invitation(by=BY, at=now, account=who)
    with pytest.raises(actions.NoInvitation):
        actions.accept_invitation(at=now, code=first, password=NEW)
    late = now + actions.INVITATION_HOLDS
    with pytest.raises(actions.NoInvitation):
        actions.accept_invitation(at=late, code=second, password=NEW)
    assert actions.accept_invitation(at=late - timedelta(seconds=1), code=second, password=NEW) == who
    assert Invitation.objects.filter(used_at__isnull=False).count() == 1


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"area": "不存在镇"}, "您管理的范围内没有这个名称或代码的地区"),
        ({"area": OTHER_COUNTY}, "您管理的范围内没有这个名称或代码的地区"),
        ({"area": TOWN, "username": "admin"}, "这个用户名已被使用"),
        ({"area": TOWN, "username": "王某"}, "至少三个小写字母"),
        ({"area": TOWN, "since": "2030-01-02", "until": "2030-01-01"}, "结束日期早于起始日期"),
    ],
)
def test_an_invitation_that_cannot_be_says_why(fresh, admin, county, told, words):
    answer = fresh(admin).post(reverse("accounts:invite"), INVITED | told)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)


def test_posts_begin_and_end_on_their_days_and_stay_on_record(fresh, admin, account, county):
    who, tomorrow = account("grid_worker", VILLAGE), timezone.localdate() + timedelta(days=1)
    told = {"role": "village_head", "area": VILLAGE, "since": tomorrow.isoformat(), "until": tomorrow.isoformat()}
    client = fresh(admin)
    assert client.post(reverse("accounts:worker", args=[who.pk]), told).status_code == 302
    post = Appointment.objects.get(role="village_head")
    assert timezone.localdate(post.since) == tomorrow
    assert post.until - post.since == timedelta(days=1)
    first = who.appointments.get(role="grid_worker")
    client.post(reverse("accounts:end_post", args=[first.pk]))
    first.refresh_from_db()
    assert first.until <= timezone.now()
    assert "已结束" in client.get(reverse("accounts:worker", args=[who.pk])).content.decode()
    assert Event.objects.filter(action="appointment.ended").count() == 1


def test_nobody_gives_a_post_to_themselves_or_closes_the_own_account(fresh, admin, county):
    client, now = fresh(admin), timezone.now()
    told = {"role": "county_officer", "area": COUNTY}
    assert client.post(reverse("accounts:worker", args=[admin.pk]), told).status_code == 403
    assert client.post(reverse("accounts:set_active", args=[admin.pk]), {"active": "no"}).status_code == 403
    with pytest.raises(actions.OwnPost):
        actions.give_post(by=admin.actor, at=now, account=admin, post=Post("county_officer", COUNTY, now))


@pytest.mark.parametrize("name", ["set_active", "invite_again", "end_sessions", "ask_factor_reset"])
def test_who_also_works_beyond_the_administrators_areas_is_not_theirs_to_open(fresh, account, name):
    """Else a town's administrator could take over an officer of the county by a new invitation."""
    small = account("administrator", TOWN)
    both = account("grid_worker", VILLAGE)
    actions.appoint(by=BY, at=timezone.now(), account=both, role="county_officer", area_path=COUNTY)
    client = fresh(small)
    assert client.get(reverse("accounts:worker", args=[both.pk])).status_code == 200
    assert client.post(reverse(f"accounts:{name}", args=[both.pk]), {"reason": "x"}).status_code == 403


def test_sensitive_acts_ask_for_a_fresh_log_in_and_then_go_on(client, admin, account, county):
    """Step-up: an old session is asked again; the act then happens as it was sent."""
    who = account("grid_worker", VILLAGE)
    client.force_login(admin)
    answer = client.post(reverse("accounts:set_active", args=[who.pk]), {"active": "no"})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert Account.objects.get(pk=who.pk).is_active
    client.post(answer["Location"], {"password": "wrong"})
    assert Account.objects.get(pk=who.pk).is_active
    client.post(answer["Location"], {"password": PASSWORD})
    assert not Account.objects.get(pk=who.pk).is_active


def logged_in(account):
    visitor = Client()
    visitor.post(reverse("login"), {"username": account.username, "password": PASSWORD})
    assert visitor.get(reverse("accounts:own")).status_code == 200
    return visitor


def test_closing_an_account_or_changing_its_password_ends_its_sessions_at_once(fresh, admin, account, county):
    """T-SEC-8: the next request is refused."""
    one, other = account("grid_worker", VILLAGE), account("village_head", VILLAGE)
    first, second = logged_in(one), logged_in(other)
    fresh(admin).post(reverse("accounts:set_active", args=[one.pk]), {"active": "no"})
    assert first.get(reverse("accounts:own")).status_code == 302
    code = actions.renew_invitation(by=BY, at=timezone.now(), account=other)
    actions.accept_invitation(at=timezone.now(), code=code, password=NEW)
    assert second.get(reverse("accounts:own")).status_code == 302


def test_own_sessions_are_listed_and_ended_and_nobody_elses(account):
    who, stranger = account("grid_worker", VILLAGE), account("village_head", VILLAGE)
    here, there, elsewhere = logged_in(who), logged_in(who), logged_in(stranger)
    sessions = queries.sessions_of(who)
    assert len(sessions) == 2
    other = next(one for one in sessions if one.session_key == there.session.session_key)
    assert elsewhere.post(reverse("accounts:end_session", args=[other.pk])).status_code == 404
    assert here.post(reverse("accounts:end_session", args=[other.pk])).status_code == 302
    assert there.get(reverse("accounts:own")).status_code == 302
    assert here.get(reverse("accounts:own")).status_code == 200


def test_a_new_password_is_long_not_common_and_logs_out_elsewhere(fresh, account):
    who = account("grid_worker", VILLAGE)
    elsewhere = logged_in(who)
    client = fresh(who)
    for weak in ("short", "1234567890123"):
        assert client.post(reverse("accounts:password"), {"new": weak, "again": weak}).status_code == 422
    assert client.post(reverse("accounts:password"), {"new": NEW, "again": NEW + "x"}).status_code == 422
    assert client.post(reverse("accounts:password"), {"new": NEW, "again": NEW}).status_code == 302
    assert client.get(reverse("accounts:own")).status_code == 200
    assert elsewhere.get(reverse("accounts:own")).status_code == 302


def test_a_second_factor_is_reset_by_two_administrators(fresh, admin, account, with_factor, county):
    lost = account("county_officer", COUNTY)
    with_factor(lost)
    client = fresh(admin)
    client.post(reverse("accounts:ask_factor_reset", args=[lost.pk]), {"reason": ""})
    assert not FactorReset.objects.exists()
    client.post(reverse("accounts:ask_factor_reset", args=[lost.pk]), {"reason": "phone stolen, came in person"})
    reset = FactorReset.objects.get()
    url = reverse("accounts:decide_factor_reset", args=[reset.pk])
    assert client.post(url, {"granted": "yes"}).status_code == 403
    assert Authenticator.objects.filter(user=lost).exists()
    second = account("administrator", COUNTY, username="second")
    assert "phone stolen" in fresh(second).get(reverse("accounts:staff")).content.decode()
    fresh(second).post(url, {"granted": "yes"})
    assert not Authenticator.objects.filter(user=lost).exists()
    assert Event.objects.filter(action="account.factor_reset").count() == 1


def test_vacant_posts_are_named_and_filled_ones_are_not(fresh, admin, account, county):
    now = timezone.now()
    before = {(one.area_path, one.role) for one in queries.vacancies(COUNTY, now)}
    assert {(VILLAGE, "village_head"), (TOWN, "township_officer"), (COUNTY, "county_officer")} <= before
    account("village_head", VILLAGE)
    after = {(one.area_path, one.role) for one in queries.vacancies(COUNTY, now)}
    assert before - after == {(VILLAGE, "village_head")}
    assert VILLAGE not in fresh(admin).get(reverse("accounts:vacancies")).content.decode()


def test_the_first_responsible_person_is_the_earliest_appointed(account, county):
    account("village_head", VILLAGE, username="first")
    second = account("grid_worker", VILLAGE, username="second")
    actions.appoint(by=BY, at=timezone.now(), account=second, role="village_head", area_path=VILLAGE)
    found = queries.first_responsible([VILLAGE, TOWN], timezone.now())
    assert {path: holder.username for path, holder in found.items()} == {VILLAGE: "first"}


def test_an_exercise_sets_whether_the_second_step_is_asked(fresh, admin, account):
    officer = account("county_officer", COUNTY)
    fresh(admin).post(reverse("accounts:second_factor_policy"), {"optional": "no"})
    visitor = Client()
    visitor.force_login(officer)
    assert visitor.get(reverse("accounts:own"))["Location"] == reverse("mfa_activate_totp")


def test_a_live_installation_always_asks(fresh, admin, account, installation, monkeypatch):
    type(installation).objects.update(exercise=False, second_factor_optional=True)
    assert queries.must_set_second_factor(Account.objects.get(pk=admin.pk))


def test_roles_stand_on_a_page_in_the_words_of_the_file(fresh, admin):
    page = fresh(admin).get(reverse("accounts:roles")).content.decode()
    for words in ("隐私与法制审查员", "查阅操作日志", "管理账号和任职（看不到人员）"):
        assert words in page


@pytest.mark.parametrize("name", ["accounts:own", "accounts:staff", "accounts:vacancies", "accounts:roles"])
def test_pages_take_few_queries(fresh, admin, account, county, name):
    for n in range(5):
        account("grid_worker", VILLAGE, username=f"w{n}")
    client = fresh(admin)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse(name)).status_code == 200
    assert len(asked) <= 12, [query["sql"][:100] for query in asked]
