"""What the database keeps beside obligations, as functions and triggers: nobody who writes evidence can forget it.

`duties_done_at` and `duties_excused_at` derive the truth for a moment from the records. The triggers keep its present
value on the obligation, set by set, in the transaction that changes the records; `changed_at` says from which moment
on the kept value holds. The tally adds up what changed, so that a county's counts are sums of few rows.
"""

from django.db import migrations

_MATCHES = """e.subject = o.subject AND e.kind = ANY(d.evidence)
           AND (NOT d.per_role OR e.slot = o.slot) AND (e.about IS NULL OR e.about = n.cause)
           AND e.at >= o.accepts_from AND (o.accepts_until IS NULL OR e.at < o.accepts_until)"""

# Each step below looks up few rows by key for each row before it. The planner, which may know the tables as they were
# when they were empty, is told so: LATERAL with OFFSET 0 keeps the order, no table is read whole, no plan is kept.
_BY_KEY = "SET enable_seqscan = off SET plan_cache_mode = force_custom_plan"
_ITS_ENROLMENT = "CROSS JOIN LATERAL (SELECT * FROM duties_enrolment n WHERE n.id = o.enrolment_id OFFSET 0) n"
_ITS_DUTY = "CROSS JOIN LATERAL (SELECT * FROM response_duty d WHERE d.id = o.duty_id OFFSET 0) d"
_THOSE = f"""unnest(ids) AS asked(id)
             CROSS JOIN LATERAL (SELECT * FROM duties_obligation o WHERE o.id = asked.id OFFSET 0) o
             {_ITS_ENROLMENT} {_ITS_DUTY}"""  # noqa: S608 - put together from constants
# What completes another duty is done when all its parts of the day that count are done.
_ITS_PARTS = """(
                   SELECT pn.id FROM duties_enrolment pn
                    WHERE coalesce(pn.origin_id, pn.id) = coalesce(n.origin_id, n.id) OFFSET 0) pn
             CROSS JOIN LATERAL (
                   SELECT pd.id FROM response_duty pd
                    WHERE pd.code = d.completes AND pd.shape = 'slot' AND pd.completes = '' OFFSET 0) pd
             CROSS JOIN LATERAL (
                   SELECT p.* FROM duties_obligation p
                    WHERE p.enrolment_id = pn.id AND p.duty_id = pd.id AND p.day = o.day OFFSET 0) p"""
_EXCUSES = """SELECT bool_or(x.withdrawn_at IS NULL) AS excused,
                          max(greatest(x.excused_at, x.withdrawn_at)) AS changed_at
                     FROM duties_excuse x WHERE x.obligation_id = o.id"""

DERIVATIONS = f"""
CREATE FUNCTION duties_own_done_at(obligation bigint, as_of timestamptz) RETURNS timestamptz STABLE LANGUAGE sql AS $$
    SELECT min(e.at)
      FROM (SELECT * FROM duties_obligation WHERE id = obligation OFFSET 0) o
      {_ITS_ENROLMENT} {_ITS_DUTY}
     CROSS JOIN LATERAL (
           SELECT e.at FROM duties_evidence e
            WHERE {_MATCHES} AND e.at <= as_of AND e.registered_at <= as_of
              AND (e.withdrawn_at IS NULL OR e.withdrawn_at > as_of) OFFSET 0) e
$$;
CREATE FUNCTION duties_done_at(obligation bigint, completes text, as_of timestamptz) RETURNS timestamptz
STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN completes = '' THEN duties_own_done_at(obligation, as_of) ELSE (
        SELECT CASE WHEN count(*) = count(part.at) THEN max(part.at) END
          FROM (SELECT * FROM duties_obligation WHERE id = obligation OFFSET 0) o
          {_ITS_ENROLMENT} {_ITS_DUTY}
         CROSS JOIN LATERAL {_ITS_PARTS}
         CROSS JOIN LATERAL (SELECT duties_own_done_at(p.id, as_of) AS at OFFSET 0) part
         WHERE p.known_at <= as_of AND (p.ended_at IS NULL OR p.ended_at > as_of)) END
$$;
CREATE FUNCTION duties_excused_at(obligation bigint, as_of timestamptz) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT EXISTS (SELECT 1 FROM duties_excuse x WHERE x.obligation_id = obligation AND x.excused_at <= as_of
                      AND (x.withdrawn_at IS NULL OR x.withdrawn_at > as_of))
$$;
"""  # noqa: S608 - put together from constants

SETTLING = f"""
CREATE FUNCTION duties_settle(ids bigint[]) RETURNS void LANGUAGE plpgsql {_BY_KEY} AS $$
BEGIN
    IF ids IS NULL THEN
        RETURN;
    END IF;
    UPDATE duties_obligation t SET done_at = m.done_at, excused = m.excused, changed_at = m.changed_at
      FROM (SELECT o.id, e.done_at, coalesce(x.excused, false) AS excused,
                   greatest(e.changed_at, x.changed_at) AS changed_at
              FROM {_THOSE}
             CROSS JOIN LATERAL (
                   SELECT min(e.at) FILTER (WHERE e.withdrawn_at IS NULL) AS done_at,
                          max(greatest(e.at, e.registered_at, e.withdrawn_at)) AS changed_at
                     FROM duties_evidence e WHERE {_MATCHES}) e
             CROSS JOIN LATERAL ({_EXCUSES}) x
             WHERE d.completes = '' OFFSET 0) m
     WHERE t.id = m.id
       AND (t.done_at, t.excused, t.changed_at) IS DISTINCT FROM (m.done_at, m.excused, m.changed_at);
    UPDATE duties_obligation t SET done_at = m.done_at, excused = m.excused, changed_at = m.changed_at
      FROM (SELECT o.id, p.done_at, coalesce(x.excused, false) AS excused,
                   greatest(p.changed_at, x.changed_at) AS changed_at
              FROM {_THOSE}
             CROSS JOIN LATERAL (
                   SELECT CASE WHEN count(*) FILTER (WHERE p.ended_at IS NULL)
                                  = count(p.done_at) FILTER (WHERE p.ended_at IS NULL)
                               THEN max(p.done_at) FILTER (WHERE p.ended_at IS NULL) END AS done_at,
                          max(greatest(p.changed_at, p.ended_at,
                                       CASE WHEN p.enrolment_id <> o.enrolment_id THEN p.known_at END)) AS changed_at
                     FROM {_ITS_PARTS}) p
             CROSS JOIN LATERAL ({_EXCUSES}) x
             WHERE d.completes <> '' OFFSET 0) m
     WHERE t.id = m.id
       AND (t.done_at, t.excused, t.changed_at) IS DISTINCT FROM (m.done_at, m.excused, m.changed_at);
END $$;
"""  # noqa: S608 - put together from constants

# A new record changes only what it is the first for: one look-up a record, and none where something was done before.
_ON_EVIDENCE = f"""
CREATE FUNCTION duties_evidence_added() RETURNS trigger LANGUAGE plpgsql {_BY_KEY} AS $$
BEGIN
    UPDATE duties_obligation t SET done_at = least(t.done_at, m.at), changed_at = greatest(t.changed_at, m.known)
      FROM (SELECT o.id, min(e.at) AS at, max(greatest(e.at, e.registered_at)) AS known
              FROM fresh e
             CROSS JOIN LATERAL (
                   SELECT * FROM duties_obligation o WHERE o.subject = e.subject AND o.accepts_until IS NULL
                    UNION ALL
                   SELECT * FROM duties_obligation o
                    WHERE o.subject = e.subject AND o.accepts_until > e.at
                      AND o.accepts_until <= e.at + interval '25 hours'
                   OFFSET 0) o
             {_ITS_ENROLMENT} {_ITS_DUTY}
             WHERE e.withdrawn_at IS NULL AND {_MATCHES} AND (o.done_at IS NULL OR e.at < o.done_at)
             GROUP BY o.id OFFSET 0) m
     WHERE t.id = m.id AND (t.done_at IS NULL OR m.at < t.done_at);
    RETURN NULL;
END $$;
CREATE TRIGGER duties_evidence_added AFTER INSERT ON duties_evidence
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION duties_evidence_added();

CREATE FUNCTION duties_evidence_changed() RETURNS trigger LANGUAGE plpgsql {_BY_KEY} AS $$
BEGIN
    PERFORM duties_settle(array_agg(DISTINCT o.id))
       FROM (SELECT * FROM before UNION ALL SELECT * FROM after) e
      CROSS JOIN LATERAL (SELECT * FROM duties_obligation o WHERE o.subject = e.subject OFFSET 0) o
      {_ITS_ENROLMENT} {_ITS_DUTY}
      WHERE {_MATCHES};
    RETURN NULL;
END $$;
CREATE TRIGGER duties_evidence_changed AFTER UPDATE ON duties_evidence
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION duties_evidence_changed();
"""  # noqa: S608 - put together from constants

_ON_EXCUSE = """
CREATE FUNCTION duties_excuse_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM duties_settle(array_agg(DISTINCT obligation_id)) FROM after;
    RETURN NULL;
END $$;
CREATE TRIGGER duties_excuse_added AFTER INSERT ON duties_excuse
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION duties_excuse_changed();
CREATE TRIGGER duties_excuse_changed AFTER UPDATE ON duties_excuse
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION duties_excuse_changed();
"""

_ENDED = "least(n.voided_at, CASE WHEN o.opens_at >= n.closed_at THEN n.closed_at END)"

_ON_ENROLMENT = f"""
CREATE FUNCTION duties_enrolment_changed() RETURNS trigger LANGUAGE plpgsql {_BY_KEY} AS $$
BEGIN
    UPDATE duties_obligation t SET ended_at = m.ended_at
      FROM (SELECT o.id, {_ENDED} AS ended_at
              FROM (SELECT a.* FROM after a JOIN before b USING (id)
                     WHERE (b.closed_at, b.voided_at) IS DISTINCT FROM (a.closed_at, a.voided_at) OFFSET 0) n
             CROSS JOIN LATERAL (SELECT * FROM duties_obligation o WHERE o.enrolment_id = n.id OFFSET 0) o
             WHERE o.ended_at IS DISTINCT FROM {_ENDED} OFFSET 0) m
     WHERE t.id = m.id;
    RETURN NULL;
END $$;
CREATE TRIGGER duties_enrolment_changed AFTER UPDATE ON duties_enrolment
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION duties_enrolment_changed();
"""  # noqa: S608 - put together from constants


def _counted(rows: str, sign: str) -> str:
    """What rows of obligations add to the tally."""
    return f"""
    SELECT o.area_path, o.duty_id, CASE WHEN d.shape = 'slot' THEN o.day END AS day,
           CASE WHEN d.shape = 'slot' THEN o.slot ELSE '' END AS slot,
           CASE WHEN d.shape = 'slot' THEN o.due_at END AS due_at,
           CASE WHEN d.shape <> 'slot' AND o.opens_at > greatest(o.changed_at, o.known_at)
                     AND (o.done_at IS NOT NULL OR o.excused) THEN o.opens_at END AS opens_at,
           greatest(o.known_at, o.changed_at, o.ended_at) AS since,
           {sign} (o.ended_at IS NULL AND o.due_at IS NOT NULL AND o.done_at IS NULL AND NOT o.excused)::int AS undone,
           {sign} (o.ended_at IS NULL AND o.due_at IS NOT NULL AND o.done_at IS NOT NULL)::int AS done,
           {sign} (o.ended_at IS NULL AND coalesce(o.done_at > o.due_at, false))::int AS late,
           {sign} (o.ended_at IS NULL AND o.done_at IS NULL AND o.excused)::int AS excused,
           {sign} (o.ended_at IS NULL AND o.due_at IS NULL AND o.done_at IS NULL AND NOT o.excused)::int AS untimed,
           {sign} (o.ended_at IS NULL AND o.due_at IS NULL AND o.done_at IS NOT NULL)::int AS untimed_done
      FROM {rows} o JOIN response_duty d ON d.id = o.duty_id"""  # noqa: S608 - put together from constants


_INTO_TALLY = """
    INSERT INTO duties_tally (area_path, duty_id, day, slot, due_at, opens_at, since, undone, done, late, excused,
           untimed, untimed_done)
    SELECT area_path, duty_id, day, slot, due_at, opens_at, max(since), sum(undone), sum(done), sum(late), sum(excused),
           sum(untimed), sum(untimed_done)
      FROM ({rows}) told
     GROUP BY area_path, duty_id, day, slot, due_at, opens_at"""

_ON_OBLIGATION = f"""
CREATE VIEW duties_counted AS {_counted("duties_obligation", "+")};
CREATE FUNCTION duties_obligation_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_INTO_TALLY.format(rows=_counted("fresh", "+"))};
    RETURN NULL;
END $$;
CREATE TRIGGER duties_obligation_added AFTER INSERT ON duties_obligation
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION duties_obligation_added();

CREATE FUNCTION duties_obligation_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_INTO_TALLY.format(rows=_counted("gone", "-"))};
    RETURN NULL;
END $$;
CREATE TRIGGER duties_obligation_removed AFTER DELETE ON duties_obligation
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION duties_obligation_removed();

CREATE FUNCTION duties_obligation_changed() RETURNS trigger LANGUAGE plpgsql {_BY_KEY} AS $$
BEGIN
    {_INTO_TALLY.format(rows=_counted("before", "-") + " UNION ALL " + _counted("after", "+"))};
    PERFORM duties_settle(array_agg(DISTINCT r.id))
       FROM (SELECT a.* FROM after a JOIN before b USING (id)
              WHERE (a.done_at, a.changed_at, a.ended_at) IS DISTINCT FROM (b.done_at, b.changed_at, b.ended_at)
             OFFSET 0) o
      {_ITS_DUTY} {_ITS_ENROLMENT}
      CROSS JOIN LATERAL (
            SELECT rd.id FROM response_duty rd
             WHERE d.completes = '' AND d.shape = 'slot' AND rd.completes = d.code OFFSET 0) rd
      CROSS JOIN LATERAL (
            SELECT rn.id FROM duties_enrolment rn
             WHERE coalesce(rn.origin_id, rn.id) = coalesce(n.origin_id, n.id) OFFSET 0) rn
      CROSS JOIN LATERAL (
            SELECT r.id FROM duties_obligation r
             WHERE r.enrolment_id = rn.id AND r.duty_id = rd.id AND r.day = o.day OFFSET 0) r;
    RETURN NULL;
END $$;
CREATE TRIGGER duties_obligation_changed AFTER UPDATE ON duties_obligation
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION duties_obligation_changed();
"""  # noqa: S608 - put together from constants

FUNCTIONS = DERIVATIONS + SETTLING + _ON_EVIDENCE + _ON_EXCUSE + _ON_ENROLMENT + _ON_OBLIGATION

UNDO = "DROP VIEW duties_counted;" + "\n".join(
    f"DROP FUNCTION {name} CASCADE;"
    for name in (
        "duties_own_done_at",
        "duties_done_at",
        "duties_excused_at",
        "duties_settle",
        "duties_evidence_added",
        "duties_evidence_changed",
        "duties_excuse_changed",
        "duties_enrolment_changed",
        "duties_obligation_added",
        "duties_obligation_removed",
        "duties_obligation_changed",
    )
)


class Migration(migrations.Migration):
    dependencies = [("duties", "0003_what_obligations_keep")]

    operations = [migrations.RunSQL(FUNCTIONS, UNDO)]
