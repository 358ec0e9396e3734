"""Reads of accounts and appointments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject
from django.utils import timezone

from lianfang import vault
from lianfang.registry.accounts.models import Account, Appointment, FactorReset, Invitation
from lianfang.registry.accounts.rules import RESPONSIBLE_ROLES, Permission, Scope, needs_second_factor, scope_of
from lianfang.registry.places import remembered
from lianfang.registry.places.models import Area, Installation
from lianfang.registry.places.rules import LEVELS

_LEVELS = {LEVELS[level]: level for level in RESPONSIBLE_ROLES}


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


def account_at_work(number: int) -> Account | None:
    """The account behind a session with all that the frame of a page asks for, in one query: its rights and posts now,
    whether the second factor is missing, what the installation is."""
    posts = Appointment.objects.in_force(timezone.now()).filter(account=OuterRef("pk")).order_by("area_path", "role")
    this = Installation.objects.filter(pk=1)
    found = (
        accounts_with_factor()
        .annotate(
            posts_now=ArraySubquery(posts.values(post=JSONObject(role="role", path="area_path"))),
            exercise=Subquery(this.values("exercise")),
            second_factor_optional=Subquery(this.values("second_factor_optional")),
            reference_stamp=Subquery(this.values("reference_stamp")),
        )
        .filter(pk=number)
        .first()
    )
    if found is not None:
        remembered.begin(found.reference_stamp)
        found.kept_posts = [Appointment(account=found, role=p["role"], area_path=p["path"]) for p in found.posts_now]
        found.kept_scope = scope_of([(post.role, post.area_path) for post in found.kept_posts])
    return found


def must_set_second_factor(account: Account) -> bool:
    """Whether the account's posts ask for a second factor that it has not got."""
    if not needs_second_factor(scope_for(account)):
        return False
    if hasattr(account, "factor_missing"):
        return account.factor_missing
    return accounts_with_factor().get(pk=account.pk).factor_missing


def accounts_with_factor() -> QuerySet[Account]:
    """Accounts with `factor_missing`: none is set up, and the installation asks for one."""
    kept = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    asks = Installation.objects.exclude(exercise=True, second_factor_optional=True)
    return Account.objects.annotate(factor_missing=~Exists(kept) & Exists(asks))


def has_second_factor(account: Account) -> bool:
    return Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists()


def roles_of(account: Account) -> list[Appointment]:
    """In force now; of the account at work as the page began."""
    kept = getattr(account, "kept_posts", None)
    if kept is not None:
        return kept
    return list(account.appointments.in_force(timezone.now()).order_by("area_path", "role"))


def holders(role: str, area_paths: set[str], at: datetime) -> dict[str, Holder]:
    """Area path → the holder of the role there at the moment; the earliest appointed where there are several."""
    return {path: holder for (_role, path), holder in holders_of({(role, path) for path in area_paths}, at).items()}


def holders_of(posts: set[tuple[str, str]], at: datetime) -> dict[tuple[str, str], Holder]:
    """(role, area path) → the holder, as `holders`; one query for posts of several roles."""
    rows = (
        Appointment.objects.in_force(at)
        .filter(role__in={role for role, _path in posts}, area_path__in={path for _role, path in posts})
        .order_by("-since", "-pk")
        .values_list("role", "area_path", "account__display_name", "account__phone", "account__username")
    )
    return {(role, path): Holder(*told) for role, path, *told in rows if (role, path) in posts}


def may(account: Account, permission: Permission, area_path: str) -> bool:
    return scope_for(account).allows(permission, area_path)


# --- people of the office ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Vacancy:
    """A responsible post of an area that nobody holds."""

    area_path: str
    role: str


def code_hash(code: str) -> bytes:
    """Of an invitation's code as people type it: capitals, blanks and dashes do not matter."""
    return vault.keyed_hash("invitation:" + "".join(sign for sign in code.lower() if sign.isalnum()))


def open_invitations(at: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=at, account__is_active=True
    )


def invitation_of(code: str, at: datetime) -> Invitation | None:
    return open_invitations(at).select_related("account").filter(code_hash=code_hash(code)).first()


def staff_of(paths: Iterable[str]) -> QuerySet[Account]:
    """Everybody who has or had a post in the areas: those whom their administrator looks after."""
    there = Q(pk__in=[])
    for path in paths:
        there |= Q(area_path__startswith=path)
    return Account.objects.filter(Exists(Appointment.objects.filter(there, account=OuterRef("pk"))))


def first_responsible(area_paths: Iterable[str], at: datetime) -> dict[str, Holder]:
    """Area path → the first responsible person there by the level's role; areas without one are left out."""
    roles = {path: RESPONSIBLE_ROLES.get(_LEVELS.get(len(path), "")) for path in area_paths}
    found = holders_of({(role, path) for path, role in roles.items() if role}, at)
    return {path: holder for (_role, path), holder in found.items()}


def vacancies(area_path: str, at: datetime) -> list[Vacancy]:
    """The responsible posts in the area and below it that nobody holds, in the order of codes; one query."""
    found = []
    for level, role in RESPONSIBLE_ROLES.items():
        length = LEVELS[level]
        held = Appointment.objects.in_force(at).filter(role=role, area_path=OuterRef("path"))
        areas = Area.objects.under(area_path).filter(~Exists(held), path__length=length)
        found.append(areas.annotate(missing=Value(role)).values_list("path", "missing"))
    rows = found[0].union(*found[1:]).order_by("path")
    return [Vacancy(path, role) for path, role in rows]


def sessions_of(account: Account) -> list[UserSession]:
    """Where the account is logged in, the latest first."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    return list(UserSession.objects.filter(Exists(alive), user=account).order_by("-created_at"))


def open_factor_reset(account: Account) -> FactorReset | None:
    return account.factor_resets.filter(decided_at__isnull=True).select_related("asked_by").first()


def areas_named(text: str, within: tuple[str, ...]) -> list[Area]:
    """The areas that a code or a name means, among those within the paths; a code in the text decides."""
    words = text.split()
    code = next((word for word in words if word.isdecimal()), "")
    there = Q(pk__in=[])
    for path in within:
        there |= Q(path__startswith=path)
    means = Q(path=code) | Q(code=code) if code else Q(name=text.strip())
    return list(Area.objects.filter(there, means).order_by("path")[:20])


def areas_to_choose(within: tuple[str, ...]) -> list[tuple[str, str]]:
    """(path, name) of the first areas within the paths, from the top down: what a field offers while one types."""
    there = Q(pk__in=[])
    for path in within:
        there |= Q(path__startswith=path)
    return list(Area.objects.filter(there).order_by("path__length", "path").values_list("path", "name")[:500])


def staff_to_choose(within: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """(user name, name, area of a post) of the staff within the paths, from the top down: what a field offers."""
    there = Q(pk__in=[])
    for path in within:
        there |= Q(area_path__startswith=path)
    area = Area.objects.filter(path=OuterRef("area_path")).values("name")[:1]
    posts = Appointment.objects.filter(there).annotate(area=Subquery(area)).order_by("area_path__length", "area_path")
    found = posts.values_list("account__username", "account__display_name", "area")[:1000]
    return list({row[0]: row for row in reversed(found)}.values())[::-1]


def wholly_within(account: Account, within: tuple[str, ...], at: datetime) -> bool:
    """Whether every post in force lies in the areas: only then may their administrator open or close the account."""
    paths = account.appointments.in_force_or_later(at).values_list("area_path", flat=True)
    return all(path.startswith(within) for path in paths)
