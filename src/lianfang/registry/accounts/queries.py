"""Reads of accounts and appointments."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from lianfang.registry.accounts.models import Account, Appointment
from lianfang.registry.accounts.rules import Permission, Scope, scope_of


@dataclass(frozen=True)
class Holder:
    """Who holds a post: a name and the phone to call."""

    name: str
    phone: str
    username: str


def scope_for(account: Account, at: datetime | None = None) -> Scope:
    """The account's rights at a moment (now by default), in one query; kept on the instance for the request."""
    kept = getattr(account, "kept_scope", None)
    if at is None and kept is not None:
        return kept
    rows = account.appointments.in_force(at or timezone.now()).values_list("role", "area_path")
    scope = scope_of(list(rows))
    if at is None:
        account.kept_scope = scope
    return scope


def roles_of(account: Account) -> list[Appointment]:
    return list(account.appointments.in_force(timezone.now()).order_by("area_path", "role"))


def holders(role: str, area_paths: set[str], at: datetime) -> dict[str, Holder]:
    """Area path → the holder of the role there at the moment; the earliest appointed where there are several."""
    rows = (
        Appointment.objects.in_force(at)
        .filter(role=role, area_path__in=area_paths)
        .order_by("-since", "-pk")
        .values_list("area_path", "account__display_name", "account__phone", "account__username")
    )
    return {path: Holder(name, phone, username) for path, name, phone, username in rows}


def may(account: Account, permission: Permission, area_path: str) -> bool:
    return scope_for(account).allows(permission, area_path)
