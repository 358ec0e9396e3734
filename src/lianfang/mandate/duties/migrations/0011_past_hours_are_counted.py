"""Counts of past hours, and triggers that say since when what they count may be told otherwise.

What was known at a moment is not changed by what is recorded later. It is by what moves between areas or subjects, is
made for days that are over, or is written by a transaction that ends after the hour was counted. Each writes from
which moment on, so that nobody who writes a record can forget it.
"""

from django.db import migrations, models
from django.db.models import F, Q

# A change of the last hour touches at most an hour that was just counted: it is told without looking up whose it is.
_LATELY = "now() - interval '1 hour'"
# A slot counts from the midnight of its day, which lies at most 25 hours before it opens.
_STARTS = "greatest({0}.known_at, {0}.opens_at - interval '25 hours')"


def _trigger(name: str, table: str, event: str, refer: str, changes: str, areas: str) -> str:
    """`changes`: what changed since when; `areas`: the areas where, from `changes` as c."""
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    first timestamptz := (SELECT min(c.since) FROM ({changes}) c);
BEGIN
    IF first >= {_LATELY} THEN
        INSERT INTO duties_pastchange (area_path, since) VALUES ('', first);
    ELSIF first IS NOT NULL THEN
        INSERT INTO duties_pastchange (area_path, since) SELECT area_path, min(since) FROM ({areas}) told GROUP BY 1;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON {table}
    REFERENCING {refer} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""  # noqa: S608 - put together from constants


def _of_subjects(name: str, table: str, event: str, refer: str, changes: str) -> str:
    """Whatever a subject owes may be told otherwise: one record is evidence for much."""
    areas = f"""
        SELECT o.area_path, c.since FROM ({changes}) c
         CROSS JOIN LATERAL (SELECT o.area_path FROM duties_obligation o WHERE o.subject = c.subject OFFSET 0) o"""  # noqa: S608 - put together from constants
    return _trigger(name, table, event, refer, changes, areas)


def _of_rows(name: str, event: str, refer: str, rows: str) -> str:
    changes = f"SELECT o.area_path, {_STARTS.format('o')} AS since FROM {rows} o"  # noqa: S608 - put together from constants
    return _trigger(name, "duties_obligation", event, refer, changes, changes)


_BOTH = "OLD TABLE AS before NEW TABLE AS after"
_EVIDENCE = """SELECT e.subject, greatest(e.at, e.registered_at) AS since FROM fresh e"""
_EVIDENCE_CHANGED = """
        SELECT s.subject, CASE WHEN (a.subject, a.kind, a.slot, a.about, a.at, a.registered_at) IS DISTINCT FROM
                                    (b.subject, b.kind, b.slot, b.about, b.at, b.registered_at)
                               THEN least(greatest(a.at, a.registered_at), greatest(b.at, b.registered_at))
                               WHEN a.withdrawn_at IS DISTINCT FROM b.withdrawn_at
                               THEN least(a.withdrawn_at, b.withdrawn_at) END AS since
          FROM after a FULL JOIN before b USING (id) CROSS JOIN LATERAL (VALUES (a.subject), (b.subject)) s(subject)"""
_EXCUSE = """
        SELECT o.subject, x.excused_at AS since FROM fresh x
         CROSS JOIN LATERAL (SELECT * FROM duties_obligation o WHERE o.id = x.obligation_id OFFSET 0) o"""
_EXCUSE_CHANGED = """
        SELECT o.subject, CASE WHEN (a.obligation_id, a.excused_at) IS DISTINCT FROM (b.obligation_id, b.excused_at)
                               THEN least(a.excused_at, b.excused_at)
                               WHEN a.withdrawn_at IS DISTINCT FROM b.withdrawn_at
                               THEN least(a.withdrawn_at, b.withdrawn_at) END AS since
          FROM after a FULL JOIN before b USING (id)
         CROSS JOIN LATERAL (SELECT * FROM duties_obligation o
                              WHERE o.id = a.obligation_id OR o.id = b.obligation_id OFFSET 0) o"""
_ENROLMENT_CHANGED = """
        SELECT s.subject, CASE WHEN (a.subject, a.cause, a.origin_id) IS DISTINCT FROM
                                    (b.subject, b.cause, b.origin_id)
                               THEN least(a.registered_at, b.registered_at)
                               WHEN (a.closed_at, a.voided_at) IS DISTINCT FROM (b.closed_at, b.voided_at)
                               THEN least(CASE WHEN a.closed_at IS DISTINCT FROM b.closed_at
                                               THEN least(a.closed_at, b.closed_at) END,
                                          CASE WHEN a.voided_at IS DISTINCT FROM b.voided_at
                                               THEN least(a.voided_at, b.voided_at) END) END AS since
          FROM after a FULL JOIN before b USING (id) CROSS JOIN LATERAL (VALUES (a.subject), (b.subject)) s(subject)"""

# What an obligation is, and where: what is done is told by the records, and when it ended by the enrolment.
_IS = ("area_path", "subject", "enrolment_id", "duty_id", "day", "slot", "opens_at", "due_at", "accepts_from",
       "accepts_until", "known_at")  # fmt: skip
_CHANGED = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _IS)
_OBLIGATION_CHANGED = f"""
CREATE FUNCTION duties_past_obligation_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO duties_pastchange (area_path, since)
    SELECT DISTINCT area_path, least({_STARTS.format("OLD")}, {_STARTS.format("NEW")})
      FROM (VALUES (OLD.area_path), (NEW.area_path)) told(area_path);
    RETURN NULL;
END $$;
CREATE TRIGGER duties_past_obligation_changed AFTER UPDATE ON duties_obligation FOR EACH ROW
    WHEN ({_CHANGED}) EXECUTE FUNCTION duties_past_obligation_changed();
"""  # noqa: S608 - put together from constants

TRIGGERS = [
    _of_subjects("duties_past_evidence_added", "duties_evidence", "INSERT", "NEW TABLE AS fresh", _EVIDENCE),
    _of_subjects("duties_past_evidence_changed", "duties_evidence", "UPDATE", _BOTH, _EVIDENCE_CHANGED),
    _of_subjects("duties_past_excuse_added", "duties_excuse", "INSERT", "NEW TABLE AS fresh", _EXCUSE),
    _of_subjects("duties_past_excuse_changed", "duties_excuse", "UPDATE", _BOTH, _EXCUSE_CHANGED),
    _of_subjects("duties_past_enrolment_changed", "duties_enrolment", "UPDATE", _BOTH, _ENROLMENT_CHANGED),
    _of_rows("duties_past_obligation_added", "INSERT", "NEW TABLE AS fresh", "fresh"),
    _of_rows("duties_past_obligation_removed", "DELETE", "OLD TABLE AS gone", "gone"),
    _OBLIGATION_CHANGED,
]
UNDO = [
    f"DROP FUNCTION duties_past_{name}() CASCADE"
    for name in (
        "evidence_added",
        "evidence_changed",
        "excuse_added",
        "excuse_changed",
        "enrolment_changed",
        "obligation_added",
        "obligation_removed",
        "obligation_changed",
    )
]


class Migration(migrations.Migration):
    dependencies = [("duties", "0010_counts_read_an_index_alone")]

    operations = [
        migrations.CreateModel(
            name="PastCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("area_path", models.CharField(blank=True, max_length=18)),
                ("overdue", models.IntegerField()),
                ("outstanding", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("at", "area_path"), name="duties_past_count_once"),
                    models.CheckConstraint(
                        condition=Q(overdue__gte=0) & Q(overdue__lte=F("outstanding")),
                        name="duties_past_count_overdue_is_outstanding",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PastChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_path", models.CharField(blank=True, max_length=18)),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(TRIGGERS, UNDO),
    ]
