"""Reads of tokens."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from lianfang import vault
from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission, scope_of
from lianfang.registry.tokens.models import Token
from lianfang.registry.tokens.rules import narrowed


@dataclass(frozen=True)
class Holding:
    """A role in an area for which an account may have a token made."""

    role: str
    area_path: str


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
