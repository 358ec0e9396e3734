"""What is asked of villages: how many different records each has to make on a day, and how many in all."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from lianfang.mandate.duties.states import local_day

# A record that follows from others by itself is asked of nobody. What several duties take as evidence is one form.
_BURDEN = """
SELECT left(o.area_path, %(length)s) AS path, o.area_path, count(DISTINCT d.evidence), sum(o.count)::int
  FROM (SELECT area_path, duty_id, count(*) AS count FROM duties_obligation
         WHERE area_path LIKE %(under)s AND day = %(day)s AND ended_at IS NULL AND known_at <= %(at)s
         GROUP BY 1, 2) o
  JOIN response_duty d ON d.id = o.duty_id AND d.completes = ''
 GROUP BY o.area_path
"""


@dataclass(frozen=True)
class Burden:
    """`forms`: different records that the busiest village of the area has to make that day; `records` in all."""

    path: str
    forms: int
    records: int


def burden(area_path: str, as_of: datetime, *, length: int) -> dict[str, Burden]:
    """Area (path of the length) → what is demanded of its villages on the local day."""
    values = {"under": f"{area_path}%", "day": local_day(as_of), "length": length, "at": as_of}
    with connection.cursor() as cursor:
        cursor.execute(_BURDEN, values)
        rows = cursor.fetchall()
    found: dict[str, Burden] = {}
    for path, _village, forms, records in rows:
        before = found.get(path, Burden(path, 0, 0))
        found[path] = Burden(path, max(before.forms, forms), before.records + records)
    return found
