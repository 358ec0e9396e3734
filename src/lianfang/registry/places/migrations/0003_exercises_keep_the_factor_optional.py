from django.db import migrations


class Migration(migrations.Migration):
    """Exercises that are there already go on as they were made: with a password alone."""

    dependencies = [("places", "0002_second_factor_by_installation")]

    operations = [
        migrations.RunSQL("UPDATE places_installation SET second_factor_optional = exercise", migrations.RunSQL.noop)
    ]
