import django.contrib.postgres.functions
from django.db import migrations, models

# Whoever changes an area gives the installation a new stamp in the same transaction: what server processes remember of
# the areas was remembered under the old one. Random, so that a stamp taken back and made again is never the same.
_STAMP = """
CREATE FUNCTION places_new_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE places_installation SET reference_stamp = gen_random_uuid();
    RETURN NULL;
END $$;
CREATE TRIGGER places_area_changed AFTER INSERT OR UPDATE OR DELETE ON places_area
    FOR EACH STATEMENT EXECUTE FUNCTION places_new_stamp();
"""
_UNDO = """
DROP TRIGGER places_area_changed ON places_area;
DROP FUNCTION places_new_stamp();
"""


class Migration(migrations.Migration):
    """A stamp that changes with the areas and the plans in force: what a process may remember between pages."""

    dependencies = [("places", "0003_second_factor_by_installation")]

    operations = [
        migrations.AddField(
            model_name="installation",
            name="reference_stamp",
            field=models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID()),
        ),
        migrations.RunSQL(_STAMP, _UNDO),
    ]
