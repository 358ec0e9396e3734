"""Writing accounts and appointments."""

import secrets
from datetime import datetime

from django.db import transaction

from lianfang.registry.accounts.models import Account, Appointment
from lianfang.registry.accounts.rules import ROLES
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.rules import LENGTHS

ANONYMOUS = Actor("anonymous")  # who failed to log in has not shown who they are
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread on paper


class UnknownRole(ValueError):
    pass


class UnknownArea(ValueError):
    """Not the path of a whole area: an appointment to half a code would reach into its neighbours."""


def random_password() -> str:
    """Four groups of four, 79 bits: easy to type from a printed line."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


@transaction.atomic
def open_account(
    *, by: Actor, at: datetime, username: str, display_name: str, password: str | None, phone: str = ""
) -> Account:
    """A new account without any right yet; with password None nobody can log in to it."""
    account = Account(username=username, display_name=display_name, phone=phone)
    account.set_password(password)
    account.save()
    audit.record(by=by, action="account.opened", at=at, subject_kind="account", data={"account": account.pk})
    return account


@transaction.atomic
def set_password(*, by: Actor, at: datetime, account: Account, password: str) -> None:
    account.set_password(password)
    account.save(update_fields=["password"])
    audit.record(by=by, action="account.password_set", at=at, data={"account": account.pk})


@transaction.atomic
def appoint(*, by: Actor, at: datetime, account: Account, role: str, area_path: str) -> Appointment:
    """Give a role in an area; appointing twice changes nothing."""
    if role not in ROLES:
        raise UnknownRole(role)
    if len(area_path) not in LENGTHS or not area_path.isdecimal():
        raise UnknownArea(area_path)
    appointment, made = Appointment.objects.get_or_create(
        account=account, role=role, area_path=area_path, until=None, defaults={"since": at}
    )
    if made:
        audit.record(
            by=by,
            action="appointment.made",
            at=at,
            area_path=area_path,
            data={"account": account.pk, "role": role},
        )
    return appointment


@transaction.atomic
def log_login(*, by: Actor, at: datetime) -> None:
    audit.record(by=by, action="account.login", at=at, subject_kind="account", data={"account": by.account_id})


@transaction.atomic
def log_logout(*, by: Actor, at: datetime) -> None:
    audit.record(by=by, action="account.logout", at=at, subject_kind="account", data={"account": by.account_id})


@transaction.atomic
def log_failed_login(*, at: datetime, username: str) -> None:
    """The typed name itself is not kept: people type passwords into that field. The account is, if there is one."""
    found = Account.objects.filter(username=username).values_list("pk", flat=True).first()
    data = {} if found is None else {"account": found}
    audit.record(by=ANONYMOUS, action="account.login_failed", at=at, subject_kind="account", data=data)
