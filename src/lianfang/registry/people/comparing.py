"""Two cards side by side: what agrees and what does not. Numbers are compared in full and shown masked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.duplicates import cards_of
from lianfang.registry.people.models import DuplicatePair, Merge, Person
from lianfang.registry.people.queries import numbers_of
from lianfang.registry.places.queries import names_of
from lianfang.science.identity.duplicates import Card, why
from lianfang.web.wording import day_words

REASONS = {
    "same_name": _("same name"),
    "variant_name": _("names in two forms of the same characters"),
    "same_pinyin": _("names that sound alike"),
    "one_character": _("names one character apart"),
    "swapped_document": _("document numbers with two digits swapped"),
    "same_phone": _("same phone"),
    "swapped_phone": _("phones with two digits swapped"),
    "same_door": _("same door"),
    "same_birth_date": _("same date of birth"),
}


@dataclass(frozen=True)
class Line:
    """One field on both cards; `agrees` is same, differs, or unknown where a card says nothing."""

    label: str
    one: str
    other: str
    agrees: str


@dataclass(frozen=True)
class Proposed:
    """An open proposal as a line of the list."""

    pair: DuplicatePair
    reasons: list[str]
    villages: tuple[str, str]


@dataclass(frozen=True)
class _Told:
    shown: str = ""
    forms: frozenset[str] = field(default=frozenset())


def reason_words(codes: Iterable[str]) -> list[str]:
    return [str(REASONS[code]) for code in codes if code in REASONS]


def open_pairs(account: Account, area: str = "") -> QuerySet[DuplicatePair]:
    """Proposals that the account may decide: both cards lie where it may do so."""
    both, _one = _reach(account, area)
    return _open().filter(both).select_related("low", "high").order_by("-found_at", "pk")


def beyond(account: Account, area: str = "") -> int:
    """How many proposals reach over the border of the account's areas: somebody above decides them."""
    both, one = _reach(account, area)
    return _open().filter(one).exclude(both).count()


def _open() -> QuerySet[DuplicatePair]:
    live = {"low__withdrawn_at__isnull": True, "high__withdrawn_at__isnull": True}
    return DuplicatePair.objects.filter(state="open", **live)


def _reach(account: Account, area: str) -> tuple[Q, Q]:
    paths = [area] if area else scope_for(account).paths.get(Permission.IMPORT, ())
    low, high = Q(pk__in=[]), Q(pk__in=[])
    for path in paths:
        low |= Q(low__area_path__startswith=path)
        high |= Q(high__area_path__startswith=path)
    return low & high, low | high


def proposed(pairs: Sequence[DuplicatePair]) -> list[Proposed]:
    names = names_of({path for pair in pairs for path in (pair.low.area_path, pair.high.area_path)})
    return [
        Proposed(
            pair,
            reason_words(pair.reasons),
            (names.get(pair.low.area_path, ""), names.get(pair.high.area_path, "")),
        )
        for pair in pairs
    ]


def compare(one: Person, other: Person) -> tuple[list[str], list[Line]]:
    """Why the two may be one, as the cards are now, and the fields of both; a fixed number of queries.

    No reason for cards that somebody compares by hand.
    """
    cards = cards_of([one.pk, other.pk])
    numbers = numbers_of([one.uid, other.uid], in_full=False)
    villages = names_of({one.area_path, other.area_path})
    counted = dict(
        Person.objects.filter(pk__in=[one.pk, other.pk])
        .annotate(n=Count("sources", filter=Q(sources__withdrawn_at__isnull=True)))
        .values_list("pk", "n")
    )
    sides = [
        _side(person, cards[person.pk], numbers[person.uid], villages.get(person.area_path, ""), counted[person.pk])
        for person in (one, other)
    ]
    lines = [
        Line(str(label), mine.shown, its.shown, _agreement(mine, its))
        for (label, mine), (_label, its) in zip(sides[0].items(), sides[1].items(), strict=True)
        if mine.shown or its.shown
    ]
    return reason_words(why(cards[one.pk], cards[other.pk])), lines


def _side(person: Person, card: Card, numbers, village: str, sources: int) -> dict[str, _Told]:
    comma = pgettext("between names", ", ")
    sex = {"male": str(_("male")), "female": str(_("female"))}.get(person.sex, "")
    born = day_words(person.birth_date, year=True) if person.birth_date else ""
    door = person.household.door if person.household else ""
    return {
        _("Name"): _plain(person.name),
        _("Sounds like"): _plain(person.pinyin),
        _("Sex"): _plain(sex),
        _("Date of birth"): _plain(born),
        _("Document"): _Told(comma.join(numbers.documents), frozenset(key for _kind, key in card.documents)),
        _("Phone"): _Told(comma.join(numbers.phones), card.phones),
        _("Village"): _plain(village),
        _("Door"): _Told(door, frozenset({card.door} if card.door else ())),
        _("Lists that name this person"): _Told(str(sources)),
    }


def _plain(text: str) -> _Told:
    return _Told(text, frozenset({text} if text else ()))


def _agreement(one: _Told, other: _Told) -> str:
    if not one.forms or not other.forms:
        return "unknown"
    return "same" if one.forms & other.forms else "differs"


def merges_of(person: Person) -> list[Merge]:
    """The cards that this one took in and has still, the last first: only that one can be given back now."""
    found = Merge.objects.filter(kept=person, undone_at__isnull=True).select_related("merged")
    return list(found.order_by("-pk"))
