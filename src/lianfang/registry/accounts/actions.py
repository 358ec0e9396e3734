"""Writing accounts and appointments."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from lianfang.registry.accounts.models import Account, Appointment, Attempt, FactorReset, Invitation
from lianfang.registry.accounts.queries import code_hash, open_invitations
from lianfang.registry.accounts.rules import ROLES
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.rules import LENGTHS

ANONYMOUS = Actor("anonymous")  # who failed to log in has not shown who they are
INVITATION_HOLDS = timedelta(hours=72)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread on paper


_FACTOR = {
    "set": "account.factor_set",
    "removed": "account.factor_removed",
    "codes_made": "account.recovery_codes_made",
    "failed": "account.factor_failed",
}


class UnknownRole(ValueError):
    pass


class UnknownArea(ValueError):
    """Not the path of a whole area: an appointment to half a code would reach into its neighbours."""


class OwnPost(ValueError):
    """Nobody gives a post to themselves, or closes their own account."""


class NoInvitation(ValueError):
    """The code was never given, was used, withdrawn or has expired; which of these is not said."""


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
def log_failed_login(*, at: datetime, username: str, stopped: bool = False) -> None:
    """The typed name itself is not kept: people type passwords into that field. The account is, if there is one.

    `stopped`: the password was not even looked at, because there had been too many attempts.
    """
    found = Account.objects.filter(username__iexact=username).values_list("pk", flat=True).first()
    data = {} if found is None else {"account": found}
    action = "account.login_stopped" if stopped else "account.login_failed"
    audit.record(by=ANONYMOUS, action=action, at=at, subject_kind="account", data=data)


@transaction.atomic
def log_factor(*, by: Actor, at: datetime, what: str) -> None:
    """Of one's own second factor: set, removed, codes_made, failed."""
    audit.record(by=by, action=_FACTOR[what], at=at, subject_kind="account", data={"account": by.account_id})


# --- people of the office ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Post:
    """A role in an area, from now or later, for ever or until a moment."""

    role: str
    area_path: str
    since: datetime
    until: datetime | None = None


@transaction.atomic
def invite(*, by: Actor, at: datetime, username: str, display_name: str, phone: str, post: Post) -> tuple[Account, str]:
    """A new account with one post and no password; returns it with the code that opens it, which is shown once."""
    account = open_account(by=by, at=at, username=username, display_name=display_name, password=None, phone=phone)
    give_post(by=by, at=at, account=account, post=post)
    return account, renew_invitation(by=by, at=at, account=account)


@transaction.atomic
def renew_invitation(*, by: Actor, at: datetime, account: Account) -> str:
    """A new code, for who lost the password or let the first one expire; the code before opens nothing any more."""
    account.invitations.filter(used_at__isnull=True, withdrawn_at__isnull=True).update(withdrawn_at=at)
    code = random_password()
    Invitation.objects.create(
        account=account, code_hash=code_hash(code), made_at=at, made_by=by.name, expires_at=at + INVITATION_HOLDS
    )
    audit.record(by=by, action="account.invited", at=at, subject_kind="account", data={"account": account.pk})
    return code


@transaction.atomic
def accept_invitation(*, at: datetime, code: str, password: str) -> Account:
    """The person sets the password; the code is used up, and whoever was logged in to the account is out."""
    found = open_invitations(at).select_for_update().filter(code_hash=code_hash(code)).first()
    if found is None:
        raise NoInvitation
    found.used_at = at
    found.save(update_fields=["used_at"])
    account = found.account
    end_sessions(by=account.actor, at=at, account=account)
    set_password(by=account.actor, at=at, account=account, password=password)
    return account


@transaction.atomic
def give_post(*, by: Actor, at: datetime, account: Account, post: Post) -> Appointment:
    """Appoint from a day to a day; nobody gives a post to themselves."""
    if by.account_id == account.pk:
        raise OwnPost
    made = appoint(by=by, at=max(at, post.since), account=account, role=post.role, area_path=post.area_path)
    if post.until is not None and made.until is None:
        made.until = post.until
        made.save(update_fields=["until"])
    return made


@transaction.atomic
def end_post(*, by: Actor, at: datetime, appointment: Appointment) -> None:
    """From the moment on the rights are gone; the row stays, so that past acts keep their office."""
    if appointment.until is not None and appointment.until <= at:
        return
    appointment.until = max(at, appointment.since + timedelta(microseconds=1))
    appointment.save(update_fields=["until"])
    audit.record(
        by=by,
        action="appointment.ended",
        at=at,
        area_path=appointment.area_path,
        data={"account": appointment.account_id, "role": appointment.role},
    )


@transaction.atomic
def set_active(*, by: Actor, at: datetime, account: Account, active: bool) -> None:
    """Close or open again an account; a closed one is out at once, wherever it is logged in."""
    if by.account_id == account.pk:
        raise OwnPost
    account.is_active = active
    account.save(update_fields=["is_active"])
    if not active:
        end_sessions(by=by, at=at, account=account)
    action = "account.reopened" if active else "account.closed"
    audit.record(by=by, action=action, at=at, subject_kind="account", data={"account": account.pk})


@transaction.atomic
def end_sessions(*, by: Actor, at: datetime, account: Account, but: str = "", only: int | None = None) -> int:
    """Log the account out everywhere, but for the session with the key `but`; or one of its sessions only."""
    sessions = UserSession.objects.filter(user=account).exclude(session_key=but)
    if only is not None:
        sessions = sessions.filter(pk=only)
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    sessions.delete()
    if keys:
        data = {"account": account.pk, "sessions": len(keys)}
        audit.record(by=by, action="account.sessions_ended", at=at, subject_kind="account", data=data)
    return len(keys)


@transaction.atomic
def edit_profile(*, by: Actor, at: datetime, account: Account, display_name: str, phone: str) -> None:
    account.display_name, account.phone = display_name, phone
    account.save(update_fields=["display_name", "phone"])
    audit.record(by=by, action="account.edited", at=at, subject_kind="account", data={"account": account.pk})


@transaction.atomic
def ask_factor_reset(*, by: Account, at: datetime, account: Account, reason: str) -> FactorReset:
    """The second factor is lost: a reason, and another administrator who looks at it."""
    made = FactorReset.objects.create(account=account, asked_by=by, asked_at=at, reason=reason)
    data = {"account": account.pk}
    audit.record(by=by.actor, action="account.factor_reset_asked", at=at, subject_kind="account", data=data)
    return made


@transaction.atomic
def decide_factor_reset(*, by: Account, at: datetime, reset: FactorReset, granted: bool) -> None:
    """Granted, the factor and every session are gone; the account sets up a new one at its next log-in."""
    reset.decided_by, reset.decided_at, reset.granted = by, at, granted
    reset.save(update_fields=["decided_by", "decided_at", "granted"])
    if granted:
        Authenticator.objects.filter(user=reset.account).delete()
        end_sessions(by=by.actor, at=at, account=reset.account)
    action = "account.factor_reset" if granted else "account.factor_reset_refused"
    audit.record(by=by.actor, action=action, at=at, subject_kind="account", data={"account": reset.account_id})


def forget_attempts(*, at: datetime) -> int:
    """The tick's step: what counts no more is not kept, so that nobody's address stays longer than it is of use."""
    gone, _by_model = Attempt.objects.filter(expires__lt=at).delete()
    return gone
