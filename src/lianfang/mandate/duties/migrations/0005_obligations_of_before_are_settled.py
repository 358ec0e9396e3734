from django.db import migrations

# The triggers are there already: counting begins with nothing, so that each obligation is added once.
SETTLE = """
UPDATE duties_obligation o SET known_at = n.registered_at,
       ended_at = least(n.voided_at, CASE WHEN o.opens_at >= n.closed_at THEN n.closed_at END)
  FROM duties_enrolment n WHERE n.id = o.enrolment_id;
SELECT duties_settle(array_agg(o.id)) FROM duties_obligation o JOIN response_duty d ON d.id = o.duty_id
 WHERE d.completes = '';
SELECT duties_settle(array_agg(o.id)) FROM duties_obligation o JOIN response_duty d ON d.id = o.duty_id
 WHERE d.completes <> '';
"""
COUNT = """
DELETE FROM duties_tally;
INSERT INTO duties_tally (area_path, duty_id, day, slot, due_at, opens_at, since, undone, done, late, excused,
       untimed, untimed_done)
SELECT area_path, duty_id, day, slot, due_at, opens_at, max(since), sum(undone), sum(done), sum(late), sum(excused),
       sum(untimed), sum(untimed_done)
  FROM duties_counted GROUP BY area_path, duty_id, day, slot, due_at, opens_at;
"""


class Migration(migrations.Migration):
    dependencies = [("duties", "0004_the_database_keeps_what_is_done")]

    operations = [migrations.RunSQL([SETTLE, COUNT], migrations.RunSQL.noop)]
