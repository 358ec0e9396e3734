"""Reads of hand-overs: what waits for an answer here, what was sent from here, and to where a person can be sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from lianfang.field.screening.models import Handover
from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.queries import Entry, entries, staff_names
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import names_of
from lianfang.registry.places.rules import ancestors_of

CHOICES = 20


@dataclass(frozen=True)
class Row:
    """A hand-over as a line of a list, with both places in words."""

    offer: Handover
    entry: Entry
    left: str
    reached: str
    sent_by: str
    decided_by: str


def between(account: Account, permission: Permission = Permission.SEE_PEOPLE) -> QuerySet[Handover]:
    """Hand-overs from or to the account's areas: both sides see them."""
    return Handover.objects.filter(incoming(account, permission) | outgoing(account, permission))


def incoming(account: Account, permission: Permission = Permission.SEE_PEOPLE) -> Q:
    return _at("to_path", account, permission)


def outgoing(account: Account, permission: Permission = Permission.SEE_PEOPLE) -> Q:
    return _at("from_path", account, permission)


def _at(field: str, account: Account, permission: Permission) -> Q:
    condition = Q(pk__in=[])
    for path in scope_for(account).paths.get(permission, ()):
        condition |= Q(**{f"{field}__startswith": path})
    return condition


def waiting(account: Account) -> int:
    """What the account has to answer: offers that came in, and its own that were rejected."""
    offers = Handover.objects.filter(incoming(account, Permission.ASSIGN), state="sent")
    return (offers | Handover.objects.filter(outgoing(account, Permission.ASSIGN), state="rejected")).count()


def rows(offers: Sequence[Handover], on) -> list[Row]:
    names = names_of({part for offer in offers for path in (offer.from_path, offer.to_path) for part in _told(path)})
    people = entries([offer.person for offer in offers], on=on, wide=True)
    staff = staff_names({who for offer in offers for who in (offer.sent_by, offer.decided_by) if who})
    return [
        Row(
            offer,
            entry,
            _in_words(offer.from_path, names),
            _in_words(offer.to_path, names),
            staff.get(offer.sent_by, offer.sent_by),
            staff.get(offer.decided_by, offer.decided_by),
        )
        for offer, entry in zip(offers, people, strict=True)
    ]


def areas_named(text: str, but: str) -> list[tuple[str, str]]:
    """(path, name with what is above it) of counties, townships, villages; the person's own ones are none."""
    found = Area.objects.filter(name__startswith=text.strip(), path__length__in=(6, 9, 12)).order_by(
        "path__length", "path"
    )
    paths = [path for path in found.values_list("path", flat=True)[: CHOICES * 2] if not but.startswith(path)][:CHOICES]
    names = names_of({part for path in paths for part in [*ancestors_of(path), path]})
    return [(path, " · ".join(names[part] for part in [*ancestors_of(path), path] if part in names)) for path in paths]


def villages_in(path: str) -> list[tuple[str, str]]:
    return list(Area.objects.under(path).reporting_units().order_by("path").values_list("path", "name"))


def _told(path: str) -> list[str]:
    return [part for part in [*ancestors_of(path), path] if len(part) >= 6]


def _in_words(path: str, names: dict[str, str]) -> str:
    return " · ".join(names[part] for part in _told(path) if part in names)
