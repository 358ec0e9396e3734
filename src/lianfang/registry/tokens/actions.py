"""Making and revoking tokens, and the trace that their calls leave."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Q

from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import scope_of
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.tokens.models import Token
from lianfang.registry.tokens.queries import hash_of
from lianfang.registry.tokens.rules import LONGEST_DAYS, MOST_A_MINUTE, narrowed, new_key

_SEEN_EVERY = timedelta(minutes=1)


class NotGrantable(ValueError):
    """The token would be without rights, without end or without limit; `rule` says which."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True)
class NewToken:
    account: Account
    title: str
    role: str
    area_path: str
    expires_at: datetime
    per_minute: int = 600


@transaction.atomic
def make(*, by: Actor, at: datetime, new: NewToken) -> tuple[Token, str]:
    """A token and its key, which nobody can show again. A role that the account does not hold there is refused."""
    wanted = scope_of([(new.role, new.area_path)])
    if not new.title.strip():
        raise NotGrantable("no_title")
    if not at < new.expires_at <= at + timedelta(days=LONGEST_DAYS):
        raise NotGrantable("bad_expiry")
    if not 0 < new.per_minute <= MOST_A_MINUTE:
        raise NotGrantable("bad_pace")
    if not wanted.paths or narrowed(scope_for(new.account, at), wanted) != wanted:
        raise NotGrantable("not_appointed")
    key = new_key()
    token = Token.objects.create(
        uid=uuid4(),
        account=new.account,
        title=new.title.strip()[:60],
        role=new.role,
        area_path=new.area_path,
        key_hash=hash_of(key),
        per_minute=new.per_minute,
        made_at=at,
        made_by=by.name,
        expires_at=new.expires_at,
    )
    data = {"account": new.account.pk, "token": str(token.uid), "role": new.role}
    audit.record(by=by, action="token.made", at=at, subject_kind="account", area_path=new.area_path, data=data)
    return token, key


@transaction.atomic
def revoke(*, by: Actor, at: datetime, token: Token) -> None:
    """The token opens nothing from the moment on; revoking twice changes nothing."""
    done = Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at, revoked_by=by.name)
    if done:
        data = {"account": token.account_id, "token": str(token.uid)}
        audit.record(by=by, action="token.revoked", at=at, subject_kind="account", area_path=token.area_path, data=data)


def mark_used(*, at: datetime, token: Token) -> None:
    """When the token was last used, to the minute: a write for every call would cost more than many calls."""
    if token.last_used_at is None or at - token.last_used_at >= _SEEN_EVERY:
        old = Q(last_used_at__isnull=True) | Q(last_used_at__lte=at - _SEEN_EVERY)
        Token.objects.filter(old, pk=token.pk).update(last_used_at=at)
        token.last_used_at = at


@transaction.atomic
def log_call(*, at: datetime, token: Token, operation: str, data: dict[str, Any] | None = None) -> None:
    """One row a call, and one for a whole batch: which token asked for what. What was searched for is not kept."""
    told = {"token": str(token.uid), "operation": operation} | (data or {})
    audit.record(by=token.account.actor, action="api.called", at=at, area_path=token.area_path, data=told)
