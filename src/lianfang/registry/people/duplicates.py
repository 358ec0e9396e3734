"""Cards of the whole register that may be one person: found by the tick for cards that are new or changed.

Set-based SQL names the candidates by what `science.identity.duplicates.block_keys` says two cards must share; `why`
judges each pair. What a person has decided is not asked again.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from lianfang import vault
from lianfang.registry.people.models import Document, DuplicatePair, Person, Phone
from lianfang.science.identity.documents import Document as ReadDocument
from lianfang.science.identity.documents import read_document
from lianfang.science.identity.duplicates import SHARED_BY_AN_OFFICE, Card, why

_CARDS_A_ROUND = 1000
_SECONDS_A_TICK = 10  # a list of a million is compared over many ticks, and no tick waits for it

# One branch for each kind of block: sound with phone, door or birthday; birthday with phone or door; digits of a
# document in any order, digits of a phone in any order with the sound. An office's number joins nobody. Numbers of one
# county have much the same digits; names one character apart share their first or their last, or stand reversed.
_CANDIDATES = """
WITH fresh AS MATERIALIZED (
    SELECT id, name, pinyin, sex, birth_date, household_id FROM people_person
     WHERE id = ANY(%(fresh)s) AND withdrawn_at IS NULL
), numbers AS MATERIALIZED (
    SELECT f.id, f.pinyin, f.birth_date, p.number_hash, p.digits_hash
      FROM fresh f JOIN people_phone p ON p.person_id = f.id AND p.withdrawn_at IS NULL
), shared AS MATERIALIZED (
    SELECT p.number_hash FROM people_phone p
     WHERE p.number_hash IN (SELECT number_hash FROM numbers) AND p.withdrawn_at IS NULL
     GROUP BY p.number_hash HAVING count(*) BETWEEN 2 AND %(office)s
), pairs AS (
    SELECT f.id AS a, o.id AS b FROM fresh f
      JOIN people_person o ON o.household_id = f.household_id
       AND (o.pinyin = f.pinyin OR o.birth_date = f.birth_date)
    UNION ALL
    SELECT f.id, o.id FROM fresh f
      JOIN people_person o ON o.birth_date = f.birth_date AND o.pinyin = f.pinyin
    UNION ALL
    SELECT n.id, o.id FROM numbers n JOIN shared USING (number_hash)
      JOIN people_phone q ON q.number_hash = n.number_hash AND q.withdrawn_at IS NULL
      JOIN people_person o ON o.id = q.person_id AND (o.pinyin = n.pinyin OR o.birth_date = n.birth_date)
    UNION ALL
    SELECT n.id, o.id FROM numbers n
      JOIN people_phone q ON q.digits_hash = n.digits_hash AND q.withdrawn_at IS NULL
       AND q.number_hash <> n.number_hash
      JOIN people_person o ON o.id = q.person_id AND (o.pinyin = n.pinyin OR o.birth_date = n.birth_date)
    UNION ALL
    SELECT f.id, e.person_id FROM fresh f
      JOIN people_document d ON d.person_id = f.id AND d.withdrawn_at IS NULL
      JOIN people_document e ON e.digits_hash = d.digits_hash AND e.withdrawn_at IS NULL
       AND e.number_hash <> d.number_hash AND e.kind = d.kind
      JOIN people_person o ON o.id = e.person_id AND (o.sex = f.sex OR o.sex = '' OR f.sex = '')
       AND (o.pinyin = f.pinyin OR left(o.name, 1) = left(f.name, 1) OR right(o.name, 1) = right(f.name, 1)
            OR o.name = reverse(f.name))
)
SELECT DISTINCT least(a, b), greatest(a, b)
  FROM pairs JOIN people_person o ON o.id = b AND o.withdrawn_at IS NULL
 WHERE a <> b
   AND NOT EXISTS (SELECT 1 FROM people_duplicatepair k
                    WHERE k.low_id = least(a, b) AND k.high_id = greatest(a, b) AND k.state <> 'open')
"""


def find_duplicates(*, at: datetime) -> int:
    """The tick's step: compare the cards that are new or changed with the whole register; returns new proposals."""
    found, until = 0, time.monotonic() + _SECONDS_A_TICK
    while time.monotonic() < until and (fresh := list(_waiting()[:_CARDS_A_ROUND])):
        found += compare(fresh, at=at)
    return found


def _waiting():
    return Person.objects.filter(compared_at__isnull=True).order_by("pk").values_list("pk", flat=True)


@transaction.atomic
def compare(fresh: Sequence[int], *, at: datetime) -> int:
    """Propose pairs between these cards and all others; an open proposal whose reasons are gone is taken back."""
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, {"fresh": list(fresh), "office": SHARED_BY_AN_OFFICE})
        candidates = cursor.fetchall()
    cards = cards_of({key for pair in candidates for key in pair})
    told = {(low, high): why(cards[low], cards[high]) for low, high in candidates}
    _take_back(fresh, {pair for pair, reasons in told.items() if reasons})
    before = DuplicatePair.objects.count()
    DuplicatePair.objects.bulk_create(
        (
            DuplicatePair(low_id=low, high_id=high, reasons=list(reasons), found_at=at)
            for (low, high), reasons in told.items()
            if reasons
        ),
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["low", "high"],
        update_fields=["reasons"],
    )
    Person.objects.filter(pk__in=fresh).update(compared_at=at)
    return DuplicatePair.objects.count() - before


def _take_back(fresh: Sequence[int], kept: set[tuple[int, int]]) -> None:
    open_ones = DuplicatePair.objects.filter(state="open")
    touched = open_ones.filter(low__in=fresh).union(open_ones.filter(high__in=fresh))
    gone = [pair.pk for pair in touched if (pair.low_id, pair.high_id) not in kept]
    DuplicatePair.objects.filter(pk__in=gone).delete()


def cards_of(keys: Iterable[int]) -> dict[int, Card]:
    """The cards as they are compared, with their numbers opened in memory only; three queries."""
    keys = list(keys)
    documents: dict[int, set[tuple[str, str]]] = {}
    for person, sealed in Document.objects.live().filter(person__in=keys).values_list("person_id", "number_sealed"):
        read = read_document(vault.unseal(sealed))
        if isinstance(read, ReadDocument):
            documents.setdefault(person, set()).add((read.kind.value, read.key))
    phones: dict[int, set[str]] = {}
    for person, sealed in Phone.objects.live().filter(person__in=keys).values_list("person_id", "number_sealed"):
        phones.setdefault(person, set()).add(vault.unseal(sealed))
    rows = Person.objects.filter(pk__in=keys)
    return {
        key: Card(
            key=key,
            name=name,
            pinyin=pinyin,
            sex=sex,
            birth_date=born,
            documents=frozenset(documents.get(key, ())),
            phones=frozenset(phones.get(key, ())),
            door=str(home or ""),
        )
        for key, name, pinyin, sex, born, home in rows.values_list(
            "pk", "name", "pinyin", "sex", "birth_date", "household_id"
        )
    }
