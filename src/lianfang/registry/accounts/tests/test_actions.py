"""Accounts, appointments and the rights that follow from them."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lianfang.registry.accounts import actions
from lianfang.registry.accounts.models import Account, Role
from lianfang.registry.accounts.queries import holders, may, scope_for
from lianfang.registry.accounts.rules import RESPONSIBLE_ROLES, ROLES, Permission
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor

pytestmark = pytest.mark.django_db
AT, BY = parse_datetime("2020-02-08T09:00:00+08:00"), Actor("test")
PASSWORD = "correct horse battery"
VILLAGE, TOWN, COUNTY = "140931101201", "140931101", "140931"


def open_account(username="worker", password: str | None = PASSWORD) -> Account:
    return actions.open_account(by=BY, at=AT, username=username, display_name=username, password=password)


def appoint(account: Account, role: str, path: str, at=AT):
    return actions.appoint(by=BY, at=at, account=account, role=role, area_path=path)


def test_a_new_account_may_do_nothing():
    scope = scope_for(open_account())
    assert (scope.paths, scope.home) == ({}, "")
    assert not any(scope.has(permission) for permission in Permission)


def test_a_password_is_kept_as_argon2_and_logs_in():
    account = open_account()
    assert account.password.startswith("argon2$argon2id$")
    assert authenticate(username="worker", password="correct horse battery") == account
    actions.set_password(by=BY, at=AT, account=account, password="another one, longer")
    assert authenticate(username="worker", password="correct horse battery") is None


@pytest.mark.parametrize("tried", ["", "None", "!"])
def test_nobody_logs_in_to_an_account_without_password(tried):
    open_account(password=None)
    assert authenticate(username="worker", password=tried) is None


def test_passwords_are_random_and_never_in_the_log():
    passwords = {actions.random_password() for _ in range(200)}
    assert len(passwords) == 200
    assert {len(password) for password in passwords} == {19}
    open_account(password="correct horse battery")
    assert "correct" not in str(list(Event.objects.values_list("data", "purpose")))


def test_two_accounts_of_one_name_are_refused():
    open_account()
    with pytest.raises(IntegrityError), transaction.atomic():
        open_account()
    assert Event.objects.filter(action="account.opened").count() == 1


def test_appointing_twice_changes_nothing():
    account = open_account()
    first, second = appoint(account, "grid_worker", VILLAGE), appoint(account, "grid_worker", VILLAGE)
    assert first == second
    assert Event.objects.filter(action="appointment.made").count() == 1


def test_a_role_that_is_not_there_is_refused():
    with pytest.raises(actions.UnknownRole):
        appoint(open_account(), "king", VILLAGE)


@pytest.mark.parametrize("path", ["", "1", "14093110120", "1409311012010", "village"])
def test_an_appointment_names_a_whole_area(path):
    """Rights cover every path that begins with this one: half a code would cover ten villages."""
    with pytest.raises(actions.UnknownArea):
        appoint(open_account(), "village_head", path)


@pytest.mark.parametrize("path", ["140931101202", "140931102", "140931", "14", "", "140931101"])
def test_who_works_in_a_village_has_no_right_outside(path):
    account = open_account()
    appoint(account, "village_head", VILLAGE)
    assert not any(may(account, permission, path) for permission in Permission)


def test_a_grid_below_the_village_belongs_to_it():
    account = open_account()
    appoint(account, "village_head", VILLAGE)
    assert may(account, Permission.RECORD, f"{VILLAGE}001")


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_who_keeps_accounts_or_reads_the_log_sees_nobody(role):
    account = open_account()
    appoint(account, role, COUNTY)
    scope = scope_for(account)
    assert scope.has(Permission.AUDIT)
    assert scope.has(Permission.ADMINISTER) == (role == "administrator")
    assert not any(scope.has(p) for p in (Permission.SEE_PEOPLE, Permission.IDENTIFY, Permission.EXPORT))


def test_rights_begin_and_end_with_the_appointment():
    account = open_account()
    made = appoint(account, "village_head", VILLAGE)
    made.until = AT + timedelta(days=1)
    made.save()
    moments = [AT - timedelta(seconds=1), AT, AT + timedelta(hours=23), made.until]
    allowed = [scope_for(account, at).allows(Permission.RECORD, VILLAGE) for at in moments]
    assert allowed == [False, True, True, False]


def test_an_inactive_account_has_no_right_and_holds_no_post():
    account = open_account()
    appoint(account, "village_head", VILLAGE)
    Account.objects.update(is_active=False)
    assert scope_for(Account.objects.get(), timezone.now()).paths == {}
    assert holders("village_head", {VILLAGE}, timezone.now()) == {}


def test_rights_of_two_posts_stay_apart():
    account = open_account()
    appoint(account, "grid_worker", VILLAGE)
    appoint(account, "epidemiologist", COUNTY)
    scope = scope_for(account)
    assert scope.allows(Permission.RECORD, VILLAGE)
    assert not scope.allows(Permission.RECORD, "140931101202")
    assert scope.allows(Permission.SEE_PEOPLE, "140931101202")
    assert scope.home == COUNTY


def test_the_post_is_held_by_the_earliest_appointed():
    for number, name in enumerate(["first", "second"]):
        appoint(open_account(name), "village_head", VILLAGE, at=AT + timedelta(hours=number))
    assert holders("village_head", {VILLAGE}, AT + timedelta(days=1))[VILLAGE].username == "first"


def test_every_role_has_rights_and_every_right_a_role():
    assert set(ROLES) == set(Role.values)
    assert set().union(*ROLES.values()) == set(Permission)
    assert set(RESPONSIBLE_ROLES.values()) <= set(ROLES)
