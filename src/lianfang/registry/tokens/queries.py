"""Reads of tokens."""

from datetime import datetime

from django.db.models import QuerySet

from lianfang import vault
from lianfang.registry.accounts.models import Account, Appointment
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission, scope_of
from lianfang.registry.tokens.models import Token
from lianfang.registry.tokens.rules import narrowed

_MOST_POSTS = 1_000  # of a list to choose from


def hash_of(key: str) -> bytes:
    return vault.keyed_hash(f"token:{key}")


def bearer(key: str, at: datetime) -> Token | None:
    """The token of a key that is in force, its account with the rights of the token and no other."""
    token = Token.objects.in_force(at).select_related("account").filter(key_hash=hash_of(key)).first()
    if token is None:
        return None
    token.account.kept_scope = narrowed(scope_for(token.account, at), scope_of([(token.role, token.area_path)]))
    return token


def tokens_for(account: Account) -> QuerySet[Token]:
    """Those that the account may see and revoke: its own; an administrator those of the areas administered."""
    found = Token.objects.filter(account=account)
    for path in scope_for(account).paths.get(Permission.ADMINISTER, ()):
        found = found | Token.objects.filter(area_path__startswith=path)
    return found.select_related("account").order_by("-made_at", "-pk")


def posts_for(account: Account, at: datetime) -> list[Appointment]:
    """The posts for which the account may make a token: its own; an administrator those of the areas administered."""
    found = Appointment.objects.in_force(at).filter(account=account)
    for path in scope_for(account).paths.get(Permission.ADMINISTER, ()):
        found = found | Appointment.objects.in_force(at).filter(area_path__startswith=path)
    return list(found.select_related("account").order_by("account__display_name", "area_path", "role")[:_MOST_POSTS])
