"""Taking the identity off cards: what happened stays countable, who it was does not stay."""

from collections.abc import Sequence

from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models import Q

from lianfang.registry.people.following import contexts
from lianfang.registry.people.models import Document, DuplicatePair, Merge, Person, Phone
from lianfang.registry.people.rules import FORGOTTEN

# The placeholder is cut from the card's own key: two forgotten people stay two, and nobody is named.
_FORGET = """
UPDATE people_person SET name = '#' || left(uid::text, 8), pinyin = '', initials = '', birth_date = NULL,
       household_id = NULL, version = version + 1
 WHERE id = ANY(%(people)s)
"""


@transaction.atomic
def forget(*, people: Sequence[int]) -> int:
    """Remove name, birth date, door, documents and phones of the cards (primary keys). The caller logs the rule.

    What was written freely may name somebody as well: each context takes its own words out (`forget` in `cards.py`).
    """
    keys = list(people)
    # Cards merged into these are forgotten with them.
    keys += Person.objects.filter(merged_into__in=keys).values_list("pk", flat=True)
    for module in contexts().values():  # before the numbers go, by which some find their rows
        if hasattr(module, "forget"):
            module.forget(people=keys)
    Merge.objects.filter(Q(kept__in=keys) | Q(merged__in=keys)).update(reason=FORGOTTEN)
    for model in (Document, Phone):
        model.objects.filter(person__in=keys)._raw_delete(DEFAULT_DB_ALIAS)
    DuplicatePair.objects.filter(Q(low__in=keys) | Q(high__in=keys)).delete()
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"people": keys})
        return cursor.rowcount
