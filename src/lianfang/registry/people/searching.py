"""How people are found: by name, pinyin, initials, document, phone or its last four digits, address.

What was typed says which way is asked; each way is one look-up in an index, at a million cards too.
"""

import re
from collections.abc import Iterator

from django.db.models import F, Q, QuerySet

from lianfang.registry.people.hashes import document_hash, phone_hash, phone_tail
from lianfang.registry.people.models import LETTERS, Characters, Document, Household, Person, PersonQuerySet, Phone
from lianfang.registry.places.models import Area
from lianfang.science.identity.addresses import names_a_door, read_address
from lianfang.science.identity.documents import Document as ReadDocument
from lianfang.science.identity.documents import read_document
from lianfang.science.identity.phones import normalise_phone

MOST_SHOWN = 1000
_DIGITS_OF_A_NUMBER = 11  # no door has as many: then only documents and phones are asked
_TAIL = re.compile(r"\d{4}")
_AREAS_OF_A_NAME = 200


def search(people: PersonQuerySet, text: str) -> PersonQuerySet:
    """The people whom the text names in one of the ways; nothing typed finds everybody."""
    # What cannot be stored cannot be searched for: the database refuses such characters.
    text = "".join(sign for sign in text if sign.isprintable() or sign.isspace()).strip()
    if not text:
        return people
    if names_a_door(text):
        first, *others = _by_number(text)
        return people.filter(pk__in=first.union(*others) if others else first)
    letters = "".join(text.lower().split())
    if letters.isascii() and letters.isalpha():
        # The syllables of a name are stored apart; people type zhangyulan, zhang yulan, zyl.
        return people.alias(letters=LETTERS).filter(Q(initials__startswith=letters) | Q(letters__startswith=letters))
    signs = [sign for sign in text if not sign.isspace()]
    return people.alias(signs=Characters(F("name"))).filter(signs__contains=signs, name__contains=text)


def found_first(people: PersonQuerySet, text: str, most: int = MOST_SHOWN) -> tuple[list[int], bool]:
    """Keys of those whom the text names, in the order of a list, `most` at most; and whether there are more.

    To let the database sort every person of a surname takes seconds at a million; whoever reads wants one person and
    types on.
    """
    found = search(people, text).order_by().values_list("pinyin", "area_path", "pk")[: most + 1]
    rows = list(found)
    return [key for *_order, key in sorted(rows[:most])], len(rows) > most


def is_number(text: str) -> bool:
    """Whether a document or a phone was typed, and neither a name nor an address."""
    return isinstance(read_document(text), ReadDocument) or normalise_phone(text) is not None


def _by_number(text: str) -> Iterator[QuerySet]:
    """The keys of the people that have the document, the phone, the last digits, the door."""
    document = read_document(text)
    if isinstance(document, ReadDocument):
        yield Document.objects.live().filter(number_hash=document_hash(document)).values("person_id")
    if phone := normalise_phone(text):
        yield Phone.objects.live().filter(number_hash=phone_hash(phone)).values("person_id")
    if _TAIL.fullmatch(text):
        yield Phone.objects.live().filter(tail_hash=phone_tail(text)).values("person_id")
    yield Person.objects.filter(household__in=_doors(text)).values("pk")


def _doors(text: str) -> QuerySet[Household]:
    """The doors of this number, in the village where one is named."""
    place, key = read_address(text)
    if not key or sum(sign.isdigit() for sign in text) >= _DIGITS_OF_A_NUMBER:
        return Household.objects.none()
    doors = Household.objects.filter(door_key=key)
    if not place:
        return doors
    named = Area.objects.filter(name__startswith=place, path__length__gte=9).values_list("path", flat=True)
    here = Q(pk__in=[])
    for path in named[:_AREAS_OF_A_NAME]:
        here |= Q(area_path__startswith=path)
    return doors.filter(here)
