"""Reads of people. `visible_to` is the one door for users; opening a person's page is logged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from lianfang import vault
from lianfang.registry.accounts.models import Account, Appointment, Role
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import ROLES, Permission
from lianfang.registry.people.models import Document, Person, PersonQuerySet, Phone, Source
from lianfang.registry.people.rules import is_minor
from lianfang.registry.places.queries import children_of, names_of
from lianfang.registry.places.rules import ancestors_of
from lianfang.science.identity.documents import age_on, mask
from lianfang.science.identity.phones import mask_phone

KINDS = {
    "resident_id": _("resident identity card"),
    "passport": _("passport"),
    "permit": _("travel or residence permit"),
    "other": _("other document"),
}
WHOSE_WORDS = {"self": _("the person's own"), "family": _("a relative's"), "workplace": _("the workplace's")}


@dataclass(frozen=True)
class Numbers:
    """A person's documents and phones, in full or masked; `document` is the first."""

    documents: tuple[str, ...]
    phones: tuple[str, ...]

    @property
    def document(self) -> str:
        return self.documents[0] if self.documents else ""


def visible_to(account: Account, permission: Permission = Permission.SEE_PEOPLE) -> PersonQuerySet:
    """The live cards that the account may see; nobody's without an appointment that says so."""
    paths = scope_for(account).paths.get(permission, ())
    return within(paths).filter(withdrawn_at__isnull=True)


def within(paths: Iterable[str]) -> PersonQuerySet:
    """People of the areas; none for no area."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(area_path__startswith=path)
    return Person.objects.filter(condition)


def homes_at(doors: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """(village path, door key) → key of the household there. Pairs, not villages times doors."""
    pairs = list(doors)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT home.area_path, home.door_key, home.id FROM people_household home "
            "JOIN unnest(%s::text[], %s::text[]) AS wanted(path, key) "
            "ON home.area_path = wanted.path AND home.door_key = wanted.key",
            [[path for path, _key in pairs], [key for _path, key in pairs]],
        )
        return {(path, key): home for path, key, home in cursor.fetchall()}


def by_document(hashes: Iterable[bytes]) -> dict[bytes, UUID]:
    """Hash → uid of the live card that holds the document."""
    rows = Document.objects.filter(
        number_hash__in=list(hashes), withdrawn_at__isnull=True, person__withdrawn_at__isnull=True
    )
    return {bytes(found): uid for found, uid in rows.values_list("number_hash", "person__uid")}


def numbers_of(uids: Iterable[UUID], *, in_full: bool) -> dict[UUID, Numbers]:
    """Documents and phones of many people in one query; masked unless wanted in full, which is logged."""
    uids = list(uids)
    documents, phones = _documents_and_phones(uids)
    show_document, show_phone = (str, str) if in_full else (mask, mask_phone)
    return {
        uid: Numbers(
            tuple(show_document(number) for number in documents.get(uid, [])),
            tuple(show_phone(phone) for phone in phones.get(uid, [])),
        )
        for uid in uids
    }


def _documents_and_phones(uids: list[UUID]) -> tuple[dict[UUID, list[str]], dict[UUID, list[str]]]:
    """Person → documents, person → phones; each in the order in which they were told."""
    documents, phones = (
        rows.live().filter(person__uid__in=uids).values_list("person__uid", "number_sealed", Value(kind), "pk")
        for kind, rows in enumerate((Document.objects, Phone.objects))
    )
    found: tuple[dict[UUID, list[str]], dict[UUID, list[str]]] = {}, {}
    for uid, sealed, kind, _key in sorted(documents.union(phones, all=True), key=lambda row: row[3]):
        found[kind].setdefault(uid, []).append(vault.unseal(sealed))
    return found


def _unsealed(rows) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for uid, sealed in rows.order_by("pk").values_list("person__uid", "number_sealed"):
        found.setdefault(uid, []).append(vault.unseal(sealed))
    return found


def phones_to_call(uids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Phones in full, for a worker who has to ring the door's people today; callers log the opening."""
    return _unsealed(Phone.objects.live().filter(person__uid__in=list(uids)))


def survivors(uids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Uid → uid of the card that goes on, for cards that were merged; others are not named."""
    found: dict[UUID, UUID] = {}
    asked = {uid: uid for uid in uids}
    while asked:
        rows = Person.objects.filter(uid__in=set(asked.values()), merged_into__isnull=False)
        into = dict(rows.values_list("uid", "merged_into__uid"))
        asked = {first: into[last] for first, last in asked.items() if last in into}
        found |= asked
    return found


def live_cards(uids: Iterable[UUID]) -> dict[UUID, Person]:
    """Uid → the card that counts under it now: for a merged card the one that goes on.

    Made for thousands at once: of a card uid, place and birth date are read; anything else costs a question a card.
    """
    asked = set(uids)
    found = {person.uid: person for person in _cards(asked)}
    if len(found) < len(asked):
        into = survivors(asked - found.keys())
        cards = {person.uid: person for person in _cards(into.values())}
        found |= {uid: cards[last] for uid, last in into.items() if last in cards}
    return found


def _cards(uids: Iterable[UUID]) -> PersonQuerySet:
    """As `uid__in`, with one array instead of a thousand values: so the statement is put together at once."""
    array = "{" + ",".join(uid.hex for uid in uids) + "}"
    live = Person.objects.filter(withdrawn_at__isnull=True).only("uid", "area_path", "birth_date")
    return live.extra(where=['"people_person"."uid" = ANY(%s::uuid[])'], params=[array])


# --- what the pages of people show -------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A person as a line of a list and as the head of a card; `age` None where the birth date is unknown."""

    person: Person
    age: int | None
    minor: bool
    village: str
    numbers: Numbers


@dataclass(frozen=True)
class Watchers:
    """The workers of one area who may open a person's page: (role in words, display name)."""

    area: str
    workers: list[tuple[str, str]]


def paths_shown(account: Account, area: str, permission: Permission = Permission.SEE_PEOPLE) -> tuple[str, ...]:
    """The area asked for, else all of the account's; none for an area where the account has no such right."""
    scope = scope_for(account)
    if not area:
        return scope.paths.get(permission, ())
    return (area,) if scope.allows(permission, area) else ()


def area_steps(account: Account, area: str, permission: Permission = Permission.SEE_PEOPLE) -> list[tuple[str, str]]:
    """(path, name) to choose from: the account's areas down to the chosen one, and those right below it."""
    roots = scope_for(account).paths.get(permission, ())
    steps = [path for path in [*ancestors_of(area), area] if path and any(path.startswith(r) for r in roots)]
    names = names_of({*roots, *steps})
    options = {path: names.get(path, path) for path in [*roots, *steps]}
    for above in steps[-1:] if steps else roots:
        options |= {below.path: below.name for below in children_of(above)}
    lengths = sorted({len(path) for path in options})
    return [(path, "\u3000" * lengths.index(len(path)) + name) for path, name in sorted(options.items())]


def entries(people: Sequence[Person], *, on: date, wide: bool = False) -> list[Entry]:
    """People with age, village and masked numbers in two queries; `wide` names the township too."""
    paths = {person.area_path for person in people}
    names = names_of({*paths, *(path[:9] for path in paths if wide)})
    numbers = numbers_of([person.uid for person in people], in_full=False)
    return [
        Entry(
            person=person,
            age=age_on(person.birth_date, on) if person.birth_date else None,
            minor=is_minor(person.birth_date, on),
            village=" · ".join(
                names[path]
                for path in dict.fromkeys([person.area_path[:9], person.area_path] if wide else [person.area_path])
                if path in names
            ),
            numbers=numbers[person.uid],
        )
        for person in people
    ]


def who_may_see(person: Person, at: datetime) -> list[Watchers]:
    """The workers who may open the person's page at the moment, nearest area first."""
    seeing = [role for role, rights in ROLES.items() if Permission.SEE_PEOPLE in rights]
    areas = [*ancestors_of(person.area_path), person.area_path]
    rows = (
        Appointment.objects.in_force(at)
        .filter(role__in=seeing, area_path__in=areas)
        .order_by("-area_path", "role", "account__display_name")
        .values_list("area_path", "role", "account__display_name")
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for path, role, name in rows:
        found.setdefault(path, []).append((str(Role(role).label), name))
    names = names_of(set(found))
    return [Watchers(names.get(path, path), found[path]) for path in sorted(found, key=lambda path: (-len(path), path))]


def sources_of(person: Person) -> list[Source]:
    """Where the person was mentioned, oldest first."""
    return list(person.sources.filter(withdrawn_at__isnull=True).order_by("registered_at", "sheet", "row", "pk"))


def family_of(person: Person, account: Account) -> list[Person]:
    """The others behind the same door whom the account may see."""
    if person.household_id is None:
        return []
    together = visible_to(account).filter(household_id=person.household_id).exclude(pk=person.pk)
    return list(together.order_by("birth_date", "pinyin", "pk"))


def name_of(username: str) -> Coalesce:
    """Annotation with the name of whose user name stands in a field, where one more query would be one too many."""
    return Coalesce(Subquery(Account.objects.filter(username=OuterRef(username)).values("display_name")[:1]), username)


def staff_names(usernames: Iterable[str]) -> dict[str, str]:
    """User name → the name that people know; what programmes and commands did is said so."""
    asked = set(usernames) - {""}
    told = {name: words for name in asked if (words := programme_words(name))}
    return told | dict(Account.objects.filter(username__in=asked).values_list("username", "display_name"))


def programme_words(name: str) -> str:
    if name in ("system", "tick", "lianfang"):
        return now_in_words("by itself")
    if name == "demo":
        return now_in_words("made for the demonstration")
    kind, _sign, who = name.partition(":")
    return now_in_words("command line (%(who)s)") % {"who": who} if kind == "operator" and who else ""


@dataclass(frozen=True)
class NumberTold:
    """A document or phone as a line of the card's page: masked, with what became of it."""

    row: Document | Phone
    masked: str
    label: str


def documents_of(person: Person) -> list[NumberTold]:
    """Every document that ever stood on the card, those that count first."""
    return [
        NumberTold(row, mask(vault.unseal(row.number_sealed)), str(KINDS[row.kind]))
        for row in _counting_first(person.documents.all())
    ]


def phones_of(person: Person) -> list[NumberTold]:
    return [
        NumberTold(row, mask_phone(vault.unseal(row.number_sealed)), str(WHOSE_WORDS[row.whose]))
        for row in _counting_first(person.phones.all())
    ]


def _counting_first(rows) -> list:
    return sorted(rows, key=lambda row: (row.withdrawn_at is not None, row.pk))
