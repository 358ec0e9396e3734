"""Who was responsible at a moment: the holder of a post, else of the role that answers for an area of the level."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from lianfang.registry.accounts.models import Appointment
from lianfang.registry.accounts.rules import RESPONSIBLE_ROLES
from lianfang.registry.audit.models import Event
from lianfang.registry.organisation.models import Term

_LEVELS = {6: "county", 9: "township", 12: "village"}
_GRID = 15
_FIRST = "first_responsible"
_DECISIONS = ("plan.", "order.", "measure.", "area.", "body.")


@dataclass(frozen=True)
class Responsible:
    """`source` is post (an appointment of the organisation) or role (an account's appointment)."""

    name: str
    phone: str
    unit: str
    since: datetime
    until: datetime | None
    source: str


@dataclass(frozen=True)
class Decision:
    """An act of command as the log has it, with who was first responsible at that moment."""

    at: datetime
    action: str
    by: str
    responsible: Responsible | None


def responsible_on(area_path: str, post: str, moment: datetime) -> Responsible | None:
    """The holder of the area's post at the moment; nobody where it was vacant."""
    if post == "first_responsible":
        return first_responsible([area_path], moment).get(area_path)
    if post == "grid_worker":
        return grid_workers([area_path], moment).get(area_path)
    terms = Term.objects.at(moment).filter(area_path=area_path, post=post, body=None, venue=None)
    found = terms.order_by("since").first()
    return _of_term(found) if found else None


def first_responsible(paths: Iterable[str], moment: datetime) -> dict[str, Responsible]:
    """Area path → its first responsible person: appointed as such, else who holds the responsible role there."""
    roles = {path: RESPONSIBLE_ROLES[_LEVELS[len(path)]] for path in paths if len(path) in _LEVELS}
    return _by_role(roles, moment) | _by_post(set(paths), "first_responsible", moment)


def grid_workers(paths: Iterable[str], moment: datetime) -> dict[str, Responsible]:
    """Grid path → who works it, by post or by an account's role in the grid itself."""
    known = set(paths)
    return _by_role(dict.fromkeys(known, "grid_worker"), moment) | _by_post(known, "grid_worker", moment)


def held_by_role(paths: Iterable[str], moment: datetime) -> dict[str, Responsible]:
    """Area path → who holds the role that answers for an area of the level; in a grid, the role of its worker."""
    return _by_role({path: _role_of(path) for path in paths if _role_of(path)}, moment)


def _role_of(path: str) -> str:
    return "grid_worker" if len(path) == _GRID else RESPONSIBLE_ROLES.get(_LEVELS.get(len(path), ""), "")


def _by_post(paths: set[str], post: str, moment: datetime) -> dict[str, Responsible]:
    terms = Term.objects.at(moment).filter(area_path__in=paths, post=post, body=None, venue=None)
    return {term.area_path: _of_term(term) for term in terms.order_by("-since", "-pk")}


def _of_term(term: Term) -> Responsible:
    return Responsible(term.name, term.phone, term.unit, term.since, term.until, "post")


def _by_role(roles: dict[str, str], moment: datetime) -> dict[str, Responsible]:
    """A past moment stays attributable to the holder of that day, even if the account is closed by now."""
    running = Q(until__isnull=True, account__is_active=True) | Q(until__gt=moment)
    rows = Appointment.objects.filter(running, area_path__in=roles, role__in=set(roles.values()), since__lte=moment)
    told = rows.order_by("-since", "-pk").values_list(
        "area_path", "role", "account__display_name", "account__phone", "since", "until"
    )
    return {
        path: Responsible(name, phone, "", since, until, "role")
        for path, role, name, phone, since, until in told
        if roles[path] == role
    }


def decisions(area_path: str, at: datetime, most: int = 50) -> list[Decision]:
    """The acts of command in the area up to the moment, latest first, each with the holder of its own day."""
    condition = Q(pk__in=[])
    for prefix in _DECISIONS:
        condition |= Q(action__startswith=prefix)
    found = list(Event.objects.filter(condition, area_path=area_path, at__lte=at).order_by("-at", "-pk")[:most])
    terms = list(Term.objects.filter(area_path=area_path, post=_FIRST, body=None, venue=None, since__isnull=False))
    return [Decision(one.at, one.action, one.actor, responsible_of(terms, area_path, one.at)) for one in found]


def responsible_of(terms: Iterable[Term], area_path: str, moment: datetime) -> Responsible | None:
    """From the area's own terms without asking again; only a day without one asks for the role."""
    for term in terms:
        begun = term.post == _FIRST and term.since is not None and term.since <= moment
        if begun and (term.until is None or term.until > moment):
            return _of_term(term)
    return held_by_role([area_path], moment).get(area_path)
