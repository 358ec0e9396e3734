from django.db import migrations, models

_GUARD = """
CREATE FUNCTION audit_event_is_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(current_setting('lianfang.retention', true), '') = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a row of the log is neither changed nor deleted' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_event_is_for_ever BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_for_ever();
CREATE TRIGGER audit_seal_is_for_ever BEFORE UPDATE OR DELETE ON audit_seal
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_for_ever();
CREATE TRIGGER audit_anchor_is_for_ever BEFORE UPDATE OR DELETE ON audit_anchor
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_for_ever();

CREATE FUNCTION audit_event_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unsealed (event) SELECT id FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_event_waits AFTER INSERT ON audit_event REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_waits();
"""
_UNGUARD = """
DROP TRIGGER audit_event_waits ON audit_event;
DROP TRIGGER audit_anchor_is_for_ever ON audit_anchor;
DROP TRIGGER audit_seal_is_for_ever ON audit_seal;
DROP TRIGGER audit_event_is_for_ever ON audit_event;
DROP FUNCTION audit_event_waits();
DROP FUNCTION audit_event_is_for_ever();
"""


class Migration(migrations.Migration):
    """Tables of the chain; triggers keep the log from being changed and tell the sealer what is new."""

    dependencies = [("audit", "0001_the_tables")]

    operations = [
        migrations.CreateModel(
            name="Unsealed",
            fields=[("event", models.BigIntegerField(primary_key=True, serialize=False))],
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event", models.BigIntegerField(unique=True)),
                ("digest", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="audit_seal_counts_from_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="Anchor",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("digest", models.BinaryField(max_length=32)),
                ("made_at", models.DateTimeField()),
                ("by", models.CharField(max_length=150)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="audit_anchor_counts_from_one")
                ],
            },
        ),
        migrations.RemoveIndex(model_name="event", name="audit_event_subject"),
        migrations.RemoveIndex(model_name="event", name="audit_event_recent"),
        migrations.AlterField(
            model_name="event", name="area_path", field=models.CharField(blank=True, db_index=True, max_length=18)
        ),
        migrations.AddIndex(
            model_name="event", index=models.Index(fields=["-arrived_at", "-id"], name="audit_event_newest")
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["subject", "-arrived_at", "-id"], name="audit_event_of_subject"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["actor", "-arrived_at", "-id"], name="audit_event_of_actor"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["action", "-arrived_at", "-id"], name="audit_event_of_action"),
        ),
        migrations.RunSQL(_GUARD, _UNGUARD),
    ]
