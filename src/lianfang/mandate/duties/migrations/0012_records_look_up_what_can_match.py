"""A record is looked up among slots where only slots ask for its kind, among clocks where only they do."""

from importlib import import_module

from django.db import migrations

_before = import_module("lianfang.mandate.duties.migrations.0009_fewer_indexes_and_look_ups")


def _among(duties: str) -> str:
    return _before._MATCHES.replace("k.duties", duties)


EVIDENCE_ADDED = f"""
CREATE OR REPLACE FUNCTION duties_evidence_added() RETURNS trigger LANGUAGE plpgsql {_before._BY_KEY} AS $$
BEGIN
    UPDATE duties_obligation t SET done_at = least(t.done_at, m.at), changed_at = greatest(t.changed_at, m.known)
      FROM (SELECT o.id, min(e.at) AS at, max(greatest(e.at, e.registered_at)) AS known
              FROM (SELECT f.kind, d.per_role, array_agg(d.id) FILTER (WHERE d.shape = 'slot') AS slotted,
                           array_agg(d.id) FILTER (WHERE d.shape <> 'slot') AS clocked
                      FROM (SELECT DISTINCT kind FROM fresh) f JOIN response_duty d ON f.kind = ANY(d.evidence)
                     GROUP BY 1, 2 OFFSET 0) k
              JOIN fresh e ON e.kind = k.kind
             CROSS JOIN LATERAL (
                   SELECT o.id, o.enrolment_id FROM duties_obligation o
                    WHERE o.subject = e.subject AND o.accepts_until IS NULL AND {_among("k.clocked")}
                    UNION ALL
                   SELECT o.id, o.enrolment_id FROM duties_obligation o
                    WHERE o.subject = e.subject AND o.accepts_until > e.at
                      AND o.accepts_until <= e.at + interval '25 hours' AND {_among("k.slotted")}
                   OFFSET 0) o
             WHERE e.withdrawn_at IS NULL
               AND (e.about IS NULL OR e.about = (SELECT n.cause FROM duties_enrolment n WHERE n.id = o.enrolment_id))
             GROUP BY o.id OFFSET 0) m
     WHERE t.id = m.id AND (t.done_at IS NULL OR m.at < t.done_at);
    RETURN NULL;
END $$;
"""  # noqa: S608 - put together from constants


class Migration(migrations.Migration):
    dependencies = [("duties", "0011_past_hours_are_counted")]

    operations = [migrations.RunSQL(EVIDENCE_ADDED, _before.EVIDENCE_ADDED)]
