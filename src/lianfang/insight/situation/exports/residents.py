"""村民信息台账: a village's residents with their households, in the columns that the importer reads."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.utils.translation import get_language

from lianfang.field.ledger.imports import FIELDS
from lianfang.mandate.intake.wording import sex_label
from lianfang.registry.homes import wording
from lianfang.registry.homes.models import Belonging, Residence, Vulnerability
from lianfang.registry.homes.queries import counted_checks
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import numbers_of
from lianfang.registry.places.models import Area

_CHUNK = 2000
_CODES = tuple(spec.code for spec in FIELDS)
BETWEEN = "；"  # noqa: RUF001 - the importer splits at it, in either language


def headers() -> list[str]:
    """The first known heading of each field in the reader's language, so that the file is recognised again."""
    chinese = (get_language() or "zh-hans").startswith("zh")
    found = [next((t for t in spec.titles if t.isascii() != chinese), spec.titles[0]) for spec in FIELDS]
    return [title[:1].upper() + title[1:] for title in found]


def rows(area_path: str, as_of: datetime, *, in_full: bool) -> Iterator[list[object]]:
    """The people of this area and of no other, by village and door. Read chunk by chunk."""
    below = Area.objects.filter(path__startswith=area_path[:9], path__length__in=(9, 12, 15))
    names = dict(below.values_list("path", "name"))
    people = Person.objects.as_of(as_of).under(area_path).select_related("household")
    ordered = iter(people.order_by("area_path", "household__door_key", "pinyin", "pk").iterator(_CHUNK))
    while chunk := list(islice(ordered, _CHUNK)):
        yield from _chunk(chunk, as_of, names, in_full=in_full)


def _chunk(
    people: Sequence[Person], as_of: datetime, names: dict[str, str], *, in_full: bool
) -> Iterator[list[object]]:
    numbers = numbers_of([person.uid for person in people], in_full=in_full)
    kinds = dict(Residence.objects.at(as_of).filter(person__in=people).values_list("person", "kind"))
    care: dict[int, list[str]] = {}
    for person, kind in (
        Vulnerability.objects.at(as_of).filter(person__in=people).order_by("kind").values_list("person", "kind")
    ):
        care.setdefault(person, []).append(str(wording.VULNERABILITIES[kind]))
    homes = {person.household_id for person in people if person.household_id}
    belongs: dict[tuple[int, str], str] = {}
    for one in Belonging.objects.at(as_of).filter(household__in=homes).select_related("group", "compound"):
        belongs[one.household_id, one.sort] = str(one.group or one.compound or names.get(one.grid_path, one.grid_path))
    checks = dict(counted_checks(as_of).filter(household__in=homes).values_list("household", "at"))
    for person in people:
        home = person.household_id
        told: dict[str, object] = {
            "name": person.name,
            "sex": sex_label(person.sex) if person.sex else "",
            "document": numbers[person.uid].document,
            "phone": BETWEEN.join(numbers[person.uid].phones),
            "township": names.get(person.area_path[:9], ""),
            "village": names.get(person.area_path[:12], ""),
            "door": person.household.door if person.household else "",
            "residence": str(wording.RESIDENTS[kinds[person.pk]]) if person.pk in kinds else "",
            "care": BETWEEN.join(care.get(person.pk, ())),
            "grid": belongs.get((home, "grid"), ""),
            "group": belongs.get((home, "group"), ""),
            "compound": belongs.get((home, "compound"), ""),
            "checked_on": checks.get(home),
            "card": str(person.uid),
        }
        yield [told[code] for code in _CODES]
