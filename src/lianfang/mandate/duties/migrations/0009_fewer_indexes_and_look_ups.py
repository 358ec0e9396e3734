"""Writing costs less: no index that another one serves, and look-ups that read only rows which can match."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_kept = import_module("lianfang.mandate.duties.migrations.0004_the_database_keeps_what_is_done")

_BY_KEY = "SET enable_seqscan = off SET plan_cache_mode = force_custom_plan"

# A new record is the first for few obligations. Which duties ask for its kind is known before any is looked up, so the
# index alone sorts out the others; an enrolment is asked only where the record answers one cause among several.
_MATCHES = """o.duty_id = ANY(k.duties) AND (NOT k.per_role OR o.slot = e.slot)
                      AND e.at >= o.accepts_from AND (o.done_at IS NULL OR e.at < o.done_at)"""
EVIDENCE_ADDED = f"""
CREATE OR REPLACE FUNCTION duties_evidence_added() RETURNS trigger LANGUAGE plpgsql {_BY_KEY} AS $$
BEGIN
    UPDATE duties_obligation t SET done_at = least(t.done_at, m.at), changed_at = greatest(t.changed_at, m.known)
      FROM (SELECT o.id, min(e.at) AS at, max(greatest(e.at, e.registered_at)) AS known
              FROM (SELECT f.kind, d.per_role, array_agg(d.id) AS duties
                      FROM (SELECT DISTINCT kind FROM fresh) f JOIN response_duty d ON f.kind = ANY(d.evidence)
                     GROUP BY 1, 2 OFFSET 0) k
              JOIN fresh e ON e.kind = k.kind
             CROSS JOIN LATERAL (
                   SELECT o.id, o.enrolment_id FROM duties_obligation o
                    WHERE o.subject = e.subject AND o.accepts_until IS NULL AND {_MATCHES}
                    UNION ALL
                   SELECT o.id, o.enrolment_id FROM duties_obligation o
                    WHERE o.subject = e.subject AND o.accepts_until > e.at
                      AND o.accepts_until <= e.at + interval '25 hours' AND {_MATCHES}
                   OFFSET 0) o
             WHERE e.withdrawn_at IS NULL
               AND (e.about IS NULL OR e.about = (SELECT n.cause FROM duties_enrolment n WHERE n.id = o.enrolment_id))
             GROUP BY o.id OFFSET 0) m
     WHERE t.id = m.id AND (t.done_at IS NULL OR m.at < t.done_at);
    RETURN NULL;
END $$;
"""  # noqa: S608 - put together from constants

# What completes a day's parts changes when the last of them is done. While another part of it is open, one more that is
# done leaves it as it is: undone at every moment.
_TOLD = _kept._counted("before", "-") + " UNION ALL " + _kept._counted("after", "+")
OBLIGATION_CHANGED = f"""
CREATE OR REPLACE FUNCTION duties_obligation_changed() RETURNS trigger LANGUAGE plpgsql {_BY_KEY} AS $$
BEGIN
    {_kept._INTO_TALLY.format(rows=_TOLD)};
    PERFORM duties_settle(array_agg(DISTINCT r.id))
       FROM (SELECT a.*, b.done_at IS NULL AND a.done_at IS NOT NULL
                         AND b.ended_at IS NOT DISTINCT FROM a.ended_at AS only_done
               FROM after a FULL JOIN before b USING (id)
              WHERE (a.done_at, a.changed_at, a.ended_at) IS DISTINCT FROM (b.done_at, b.changed_at, b.ended_at)
             OFFSET 0) o
       JOIN (SELECT d.id AS part, rd.id FROM response_duty d JOIN response_duty rd ON rd.completes = d.code
              WHERE d.completes = '' AND d.shape = 'slot' OFFSET 0) rd ON rd.part = o.duty_id
      CROSS JOIN LATERAL (SELECT * FROM duties_enrolment n WHERE n.id = o.enrolment_id OFFSET 0) n
      CROSS JOIN LATERAL (
            SELECT rn.id FROM duties_enrolment rn
             WHERE coalesce(rn.origin_id, rn.id) = coalesce(n.origin_id, n.id) OFFSET 0) rn
      CROSS JOIN LATERAL (
            SELECT r.id FROM duties_obligation r
             WHERE r.enrolment_id = rn.id AND r.duty_id = rd.id AND r.day = o.day
               AND NOT (o.only_done AND r.done_at IS NULL AND EXISTS (
                   SELECT 1 FROM duties_obligation p
                    WHERE p.enrolment_id = r.enrolment_id AND p.duty_id = o.duty_id AND p.day = o.day
                      AND p.done_at IS NULL AND p.ended_at IS NULL))
            OFFSET 0) r;
    RETURN NULL;
END $$;
"""  # noqa: S608 - put together from constants

# The planner believes that both tables hold a row; only a full join never makes it compare each row with each.
ENROLMENT_CHANGED = f"""
CREATE OR REPLACE FUNCTION duties_enrolment_changed() RETURNS trigger LANGUAGE plpgsql {_BY_KEY} AS $$
BEGIN
    UPDATE duties_obligation t SET ended_at = m.ended_at
      FROM (SELECT o.id, {_kept._ENDED} AS ended_at
              FROM (SELECT a.id, a.closed_at, a.voided_at FROM after a FULL JOIN before b USING (id)
                     WHERE (b.closed_at, b.voided_at) IS DISTINCT FROM (a.closed_at, a.voided_at) OFFSET 0) n
             CROSS JOIN LATERAL (SELECT * FROM duties_obligation o WHERE o.enrolment_id = n.id OFFSET 0) o
             WHERE o.ended_at IS DISTINCT FROM {_kept._ENDED} OFFSET 0) m
     WHERE t.id = m.id;
    RETURN NULL;
END $$;
"""  # noqa: S608 - put together from constants


def _key(related_name: str, to: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=to
    )


class Migration(migrations.Migration):
    dependencies = [("duties", "0008_where_an_observation_goes_on"), ("response", "0001_the_tables")]

    operations = [
        migrations.AlterField("obligation", "enrolment", _key("obligations", "duties.enrolment")),
        migrations.AlterField("obligation", "duty", _key("obligations", "response.duty")),
        migrations.RemoveIndex("obligation", "duties_obligation_subject"),
        migrations.AddIndex(
            "obligation",
            models.Index(fields=["subject", "accepts_until", "duty"], name="duties_obligation_subject"),
        ),
        migrations.RunSQL([EVIDENCE_ADDED, OBLIGATION_CHANGED, ENROLMENT_CHANGED], migrations.RunSQL.noop),
    ]
