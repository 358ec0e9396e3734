"""Asking again: a random share of a day's records is checked with the person, and the answer is kept."""

from datetime import datetime, timedelta
from secrets import token_hex

from django.conf import settings
from django.db import connection, transaction

from lianfang.field.observation.models import Callback, Draw
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import activations_on
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor

# The order is that of a digest of seed and record: with the seed kept, anybody can draw the same sample again.
_DRAW = """
WITH told AS (
    SELECT r.id, r.uid, p.area_path FROM observation_reading r JOIN people_person p ON p.id = r.person_id
     WHERE r.at >= %(day)s::timestamp AT TIME ZONE %(zone)s AND r.at < (%(day)s + 1)::timestamp AT TIME ZONE %(zone)s
       AND r.withdrawn_at IS NULL AND r.reached IS NOT FALSE AND p.withdrawn_at IS NULL
       AND p.area_path LIKE %(under)s AND NOT p.area_path LIKE ANY(%(nearer)s)
), sample AS (
    SELECT * FROM told ORDER BY md5(%(seed)s || uid::text) LIMIT (SELECT ceil(count(*) * %(share)s / 100) FROM told)
), made AS (
    INSERT INTO observation_callback (draw_id, reading_id, area_path, outcome, note, by)
    SELECT %(draw)s, id, area_path, '', '', '' FROM sample ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM made)
"""


class CannotCall(ValueError):
    """`rule`: own_record (who recorded it does not check it) or answered."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@transaction.atomic
def draw_callbacks(*, at: datetime) -> int:
    """The tick's step: for each plan that asks for it, the sample of the day before, drawn once."""
    day = local_day(at) - timedelta(days=1)
    running = list(activations_on(day).select_related("plan_version"))
    made = 0
    for activation in running:
        rule = activation.plan_version.plan.callbacks
        if rule is None or Draw.objects.filter(activation=activation, day=day).exists():
            continue
        nearer = [
            f"{one.area_path}%"
            for one in running
            if one.area_path.startswith(activation.area_path) and one.area_path != activation.area_path
        ]
        made += _draw(at, day, activation, rule.share_percent.value, nearer)
    return made


def _draw(at: datetime, day, activation: Activation, share: float, nearer: list[str]) -> int:
    draw = Draw.objects.create(
        activation=activation, day=day, seed=token_hex(8), share_percent=share, population=0, drawn_at=at
    )
    values = {
        "day": day,
        "zone": settings.TIME_ZONE,
        "under": f"{activation.area_path}%",
        "nearer": nearer,
        "seed": draw.seed,
        "share": share,
        "draw": draw.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, values)
        draw.population, made = cursor.fetchone()
    draw.save(update_fields=["population"])
    return made


@transaction.atomic
def answer_callback(*, by: Actor, at: datetime, callback: Callback, outcome: str, note: str = "") -> Callback:
    """What the person said when asked again. Who made the record does not check it; an answer stays as it is."""
    callback = Callback.objects.select_for_update().select_related("reading__person").get(pk=callback.pk)
    if callback.reading.by == by.name:
        raise CannotCall("own_record")
    if callback.outcome and callback.outcome != "not_reached":
        raise CannotCall("answered")
    callback.outcome, callback.note, callback.at, callback.by = outcome, note.strip()[:300], at, by.name
    callback.save(update_fields=["outcome", "note", "at", "by"])
    audit.record(
        by=by,
        action="record.called_back",
        at=at,
        subject_kind="person",
        subject=callback.reading.person.uid,
        area_path=callback.area_path,
        data={"outcome": outcome},
    )
    return callback
