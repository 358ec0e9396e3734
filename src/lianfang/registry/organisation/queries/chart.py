"""The chart of a day, the directory, the register of responsibility."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from lianfang.registry.accounts.models import Appointment, Role
from lianfang.registry.organisation.models import Body, Term, Venue
from lianfang.registry.organisation.queries.vacancies import missing_parties
from lianfang.registry.organisation.rules import REQUIRED, body_state
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import names_of


@dataclass
class Node:
    """A body as it stood at the moment, with who held its posts and which required post nobody held."""

    body: Body
    state: str
    terms: list[Term] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

    @property
    def vacant(self) -> list[str]:
        held = {term.post for term in self.terms}
        return [post for post in REQUIRED[self.body.kind] if post not in held] if self.state == "active" else []

    def holders(self, post: str) -> list[Term]:
        return [term for term in self.terms if term.post == post]


@dataclass(frozen=True)
class Member:
    """A line of the directory or of the register: who holds what, where, since when."""

    area_path: str
    area: str
    where: str
    post: str
    name: str
    unit: str
    phone: str
    since: datetime | None
    basis: str = ""


def chart(area_path: str, at: datetime) -> list[Node]:
    """The bodies of this very area as a tree, in two queries; what stands below nothing stands on top."""
    bodies = Body.objects.at(at).filter(area_path=area_path).select_related("lead_unit", "merged_into")
    nodes = {body.pk: Node(body, state_of(body, at)) for body in bodies.order_by("kind", "position", "pk")}
    for term in Term.objects.at(at).filter(body__in=nodes).order_by("post", "since", "pk"):
        nodes[term.body_id].terms.append(term)
    tops = []
    for node in nodes.values():
        above = nodes.get(node.body.parent_id)
        (above.children if above else tops).append(node)
    rank = {kind: place for place, kind in enumerate(REQUIRED)}
    for found in (tops, *(node.children for node in nodes.values())):
        found.sort(key=lambda node: (rank[node.body.kind], node.body.position, node.body.pk))
    return tops


def state_of(body: Body, at: datetime) -> str:
    return body_state(
        at=at,
        suspended_at=body.suspended_at,
        merged=body.merged_into_id is not None,
        valid_to=body.valid_to,
        valid_from=body.valid_from,
    )


def directory(area_path: str, at: datetime, q: str = "") -> QuerySet[Term]:
    """Who can be called, of the area and below: the holders of posts at the moment."""
    found = Term.objects.at(at).filter(area_path__startswith=area_path).select_related("body", "venue")
    if q:
        found = found.filter(Q(name__contains=q) | Q(unit__contains=q) | Q(body__name__contains=q))
    return found.order_by("area_path", "body__position", "post", "since", "pk")


def members(terms: list[Term]) -> list[Member]:
    """Lines with the names of areas, in one query more."""
    names = names_of({term.area_path for term in terms} | {term.area_path[:12] for term in terms})
    return [_member(term, names) for term in terms]


def _member(term: Term, names: dict[str, str]) -> Member:
    here = names.get(term.area_path, term.area_path)
    if len(term.area_path) > 12:
        here = f"{names.get(term.area_path[:12], '')} {here}".strip()
    where = term.body or term.venue
    return Member(
        term.area_path,
        here,
        where.name if where else "",
        term.post,
        term.name,
        term.unit,
        term.phone,
        term.since,
        term.basis,
    )


def register(area_path: str, at: datetime) -> list[Member]:
    """The register of responsibility: every holder of a post in the area and below, and those by role."""
    told = members(list(directory(area_path, at)))
    rows = Appointment.objects.in_force(at).filter(area_path__startswith=area_path).select_related("account")
    found = list(rows.order_by("area_path", "role", "since"))
    names = names_of({row.area_path for row in found})
    by_role = [
        Member(
            row.area_path,
            names.get(row.area_path, row.area_path),
            "",
            f"role:{row.role}",
            row.account.display_name,
            "",
            row.account.phone,
            row.since,
        )
        for row in found
        if row.role != Role.ADMINISTRATOR
    ]
    return sorted([*told, *by_role], key=lambda one: (one.area_path, one.where))


def all_terms(area_path: str) -> list[Term]:
    """Every holder that the area's own posts ever had, latest first, proposals among them."""
    found = Term.objects.filter(area_path=area_path, body=None, venue=None)
    return list(found.order_by("post", "-since", "-pk"))


def proposals(area_path: str) -> list[Term]:
    found = Term.objects.filter(area_path__startswith=area_path, since=None, declined_at=None)
    return list(found.select_related("body", "venue").order_by("proposed_at"))


def venues(area_path: str, at: datetime) -> list[tuple[Venue, dict[str, Term], tuple[str, ...]]]:
    """(venue, party → holder, parties missing) of the area and below."""
    open_then = Q(closed_at__isnull=True) | Q(closed_at__gt=at)
    found = list(
        Venue.objects.filter(open_then, area_path__startswith=area_path, registered_at__lte=at).order_by(
            "area_path", "name"
        )
    )
    named: dict[int, dict[str, Term]] = {}
    for term in Term.objects.at(at).filter(venue__in=found):
        named.setdefault(term.venue_id, {})[term.post] = term
    return [(venue, named.get(venue.pk, {}), missing) for venue, missing in missing_parties(found, at)]


def areas_below(area_path: str, at: datetime) -> list[Area]:
    return list(Area.objects.under(area_path).valid_on(timezone.localdate(at)).order_by("path"))
