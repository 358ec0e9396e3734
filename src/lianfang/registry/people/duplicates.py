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

_CARDS_A_ROUND = 20_000  # many at once: what a round costs is mostly to read the register, whatever its length
_SECONDS_A_TICK = 10  # no round begins later: a list of a million is compared over many ticks
_MEMORY = "128MB"  # for one round, so that a million cards are joined in memory

# One branch for each kind of block: sound with phone, door or birthday; birthday with phone or door; digits of a
# document in any order, digits of a phone in any order with the sound. An office's number joins nobody. Numbers of one
# county have much the same digits, so each branch joins by digits and something of the card together; names one
# character apart share their first or their last, or stand reversed, and all their characters but one.
_CANDIDATES = """
WITH fresh AS MATERIALIZED (
    SELECT id, name, pinyin, sex, birth_date, household_id FROM people_person
     WHERE id = ANY(%(fresh)s) AND withdrawn_at IS NULL
), numbers AS MATERIALIZED (
    SELECT f.id, f.pinyin, f.birth_date, p.number_hash, p.digits_hash
      FROM fresh f JOIN people_phone p ON p.person_id = f.id AND p.withdrawn_at IS NULL
), papers AS MATERIALIZED (
    SELECT f.id, f.name, f.pinyin, f.sex, d.kind, d.number_hash, d.digits_hash
      FROM fresh f JOIN people_document d ON d.person_id = f.id AND d.withdrawn_at IS NULL
), shared AS MATERIALIZED (
    SELECT p.number_hash FROM people_phone p
     WHERE p.number_hash IN (SELECT number_hash FROM numbers) AND p.withdrawn_at IS NULL
     GROUP BY p.number_hash HAVING count(*) BETWEEN 2 AND %(office)s
), rung AS MATERIALIZED (
    SELECT o.id, o.pinyin, o.birth_date, q.number_hash, q.digits_hash
      FROM people_phone q JOIN people_person o ON o.id = q.person_id AND o.withdrawn_at IS NULL
     WHERE q.withdrawn_at IS NULL AND q.digits_hash IN (SELECT digits_hash FROM numbers)
), shown AS MATERIALIZED (
    SELECT o.id, o.name, o.pinyin, o.sex, e.kind, e.number_hash, e.digits_hash
      FROM people_document e JOIN people_person o ON o.id = e.person_id AND o.withdrawn_at IS NULL
     WHERE e.withdrawn_at IS NULL AND e.digits_hash IN (SELECT digits_hash FROM papers)
), slips AS (
    SELECT d.id AS a, e.id AS b, d.name AS one, e.name AS other FROM papers d
      JOIN shown e ON e.digits_hash = d.digits_hash AND left(e.name, 1) = left(d.name, 1)
     WHERE e.kind = d.kind AND e.number_hash <> d.number_hash AND (e.sex = d.sex OR e.sex = '' OR d.sex = '')
    UNION ALL
    SELECT d.id, e.id, d.name, e.name FROM papers d
      JOIN shown e ON e.digits_hash = d.digits_hash AND right(e.name, 1) = right(d.name, 1)
     WHERE e.kind = d.kind AND e.number_hash <> d.number_hash AND (e.sex = d.sex OR e.sex = '' OR d.sex = '')
    UNION ALL
    SELECT d.id, e.id, d.name, e.name FROM papers d
      JOIN shown e ON e.digits_hash = d.digits_hash AND e.name = reverse(d.name)
     WHERE e.kind = d.kind AND e.number_hash <> d.number_hash AND (e.sex = d.sex OR e.sex = '' OR d.sex = '')
), pairs AS (
    SELECT f.id AS a, o.id AS b FROM fresh f
      JOIN people_person o ON o.household_id = f.household_id AND o.withdrawn_at IS NULL
       AND (o.pinyin = f.pinyin OR o.birth_date = f.birth_date)
    UNION ALL
    SELECT f.id, o.id FROM fresh f
      JOIN people_person o ON o.birth_date = f.birth_date AND o.pinyin = f.pinyin AND o.withdrawn_at IS NULL
    UNION ALL
    SELECT n.id, o.id FROM numbers n JOIN shared USING (number_hash)
      JOIN people_phone q ON q.number_hash = n.number_hash AND q.withdrawn_at IS NULL
      JOIN people_person o ON o.id = q.person_id AND o.withdrawn_at IS NULL
       AND (o.pinyin = n.pinyin OR o.birth_date = n.birth_date)
    UNION ALL
    SELECT n.id, o.id FROM numbers n
      JOIN rung o ON o.digits_hash = n.digits_hash AND o.pinyin = n.pinyin AND o.number_hash <> n.number_hash
    UNION ALL
    SELECT n.id, o.id FROM numbers n
      JOIN rung o ON o.digits_hash = n.digits_hash AND o.birth_date = n.birth_date AND o.number_hash <> n.number_hash
    UNION ALL
    SELECT d.id, e.id FROM papers d
      JOIN shown e ON e.digits_hash = d.digits_hash AND e.pinyin = d.pinyin
     WHERE e.kind = d.kind AND e.number_hash <> d.number_hash
    UNION ALL
    SELECT a, b FROM slips
     WHERE cardinality(ARRAY(SELECT unnest(string_to_array(one, NULL))
                             INTERSECT ALL SELECT unnest(string_to_array(other, NULL))))
           >= greatest(length(one), length(other)) - 1
)
SELECT DISTINCT least(a, b), greatest(a, b) FROM pairs
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
        cursor.execute("SELECT set_config('work_mem', %s, true)", [_MEMORY])
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
