"""Which rows of a list are known already, or may be: decided in set-based statements as far as it can be.

A million rows cannot be held in memory to be compared with each other and with a register of a million. What is
certain is written by one statement; the database then names the rows that meet any other row or card, and only
these are looked at one by one.
"""

from django.db import connection

from lianfang.mandate.intake.importing import Importer, Origin
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.queries import row_in
from lianfang.mandate.intake.staging import store_outcomes

_AFRESH = """
UPDATE intake_stagedrow SET outcome = 'accepted', candidates = '[]', person = gen_random_uuid()
WHERE batch_id = %(batch)s AND outcome IN ('duplicate', 'review')
"""

# The very row was imported before: it joins the card that it made, or the one that holds its document now.
_SAID_BEFORE = """
UPDATE intake_stagedrow mine SET outcome = 'duplicate', person = coalesce(holder.uid, before.person)
FROM (
  SELECT DISTINCT ON (row.fingerprint) row.fingerprint, row.person
  FROM intake_stagedrow row JOIN intake_batch list ON list.id = row.batch_id
  WHERE list.state = 'committed' AND row.outcome IN ('accepted', 'review')
    AND row.fingerprint IN (
      SELECT fingerprint FROM intake_stagedrow WHERE batch_id = %(batch)s AND outcome = 'accepted')
    AND NOT EXISTS (
      SELECT FROM intake_stagedrow held JOIN intake_batch other ON other.id = held.batch_id
      WHERE held.fingerprint = row.fingerprint AND other.state = 'committed'
        AND held.outcome = 'review' AND held.decision = '')
  ORDER BY row.fingerprint, row.id DESC
) before
LEFT JOIN LATERAL (
  SELECT person.uid FROM intake_stagedrow one
  JOIN people_document held ON held.number_hash = one.document AND held.withdrawn_at IS NULL
  JOIN people_person person ON person.id = held.person_id AND person.withdrawn_at IS NULL
  WHERE one.batch_id = %(batch)s AND one.fingerprint = before.fingerprint LIMIT 1
) holder ON true
WHERE mine.batch_id = %(batch)s AND mine.outcome = 'accepted' AND mine.fingerprint = before.fingerprint
"""

# A live card holds the document, and the name sounds the same: surely the same person.
_SAME_DOCUMENT = """
UPDATE intake_stagedrow mine SET outcome = 'duplicate', person = person.uid
FROM people_document held JOIN people_person person ON person.id = held.person_id
WHERE mine.batch_id = %(batch)s AND mine.outcome = 'accepted' AND held.number_hash = mine.document
  AND held.withdrawn_at IS NULL AND person.withdrawn_at IS NULL AND person.pinyin = mine.sound
"""

# Rows that share with another row, or with a card of the county: what they say, a document, or the sound of the
# name with a phone or a door.
_MEETING = """
WITH mine AS MATERIALIZED (
  SELECT id, fingerprint, document, sound, place, door_key, phones
  FROM intake_stagedrow WHERE batch_id = %(batch)s AND outcome = 'accepted'
), calls AS MATERIALIZED (
  SELECT id, sound, unnest(phones) AS phone FROM mine
)
SELECT unnest(array_agg(id)) FROM mine GROUP BY fingerprint HAVING count(*) > 1
UNION
SELECT unnest(array_agg(id)) FROM mine WHERE document IS NOT NULL GROUP BY document HAVING count(*) > 1
UNION
SELECT unnest(array_agg(id)) FROM mine WHERE door_key <> '' GROUP BY sound, place, door_key HAVING count(*) > 1
UNION
SELECT unnest(array_agg(id)) FROM calls GROUP BY sound, phone HAVING count(*) > 1
UNION
SELECT mine.id FROM mine JOIN intake_stagedrow row ON row.fingerprint = mine.fingerprint
JOIN intake_batch list ON list.id = row.batch_id
WHERE list.state = 'committed' AND row.outcome IN ('accepted', 'review')
UNION
SELECT mine.id FROM mine JOIN people_document held ON held.number_hash = mine.document AND held.withdrawn_at IS NULL
UNION
SELECT mine.id FROM mine JOIN people_household home ON home.area_path = mine.place AND home.door_key = mine.door_key
JOIN people_person person ON person.household_id = home.id AND person.pinyin = mine.sound
WHERE person.withdrawn_at IS NULL AND person.area_path LIKE %(county)s
UNION
SELECT calls.id FROM calls JOIN people_phone phone ON phone.number_hash = calls.phone
JOIN people_person person ON person.id = phone.person_id AND person.pinyin = calls.sound
WHERE phone.withdrawn_at IS NULL AND person.withdrawn_at IS NULL AND person.area_path LIKE %(county)s
"""


def compare(batch: Batch, importer: Importer, origin: Origin) -> None:
    """The outcome of every row that is not rejected, as the register stands now."""
    meeting = _decide_what_is_certain(batch)
    if not meeting:
        return
    rows = list(StagedRow.objects.filter(pk__in=meeting).order_by("pk"))
    judged = importer.reader(origin)([row_in(row) for row in rows])
    for one, row in zip(judged, rows, strict=True):
        one.person = row.person
    importer.match([one for one in judged if one.outcome == "accepted"], origin)
    store_outcomes(rows, judged)


def _decide_what_is_certain(batch: Batch) -> list[int]:
    values = {"batch": batch.pk, "county": batch.area_path[:6] + "%"}
    with connection.cursor() as cursor:
        cursor.execute(_AFRESH, values)
        cursor.execute("ANALYZE intake_stagedrow")
        cursor.execute(_SAID_BEFORE, values)
        cursor.execute(_SAME_DOCUMENT, values)
        cursor.execute(_MEETING, values)
        return [key for (key,) in cursor.fetchall()]
