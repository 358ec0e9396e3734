"""Rows before and after a change are paired by a hash: row by row, a day's list would be compared with itself."""

from django.db import migrations

FUNCTIONS = ["duties_enrolment_changed()", "duties_obligation_changed()"]


class Migration(migrations.Migration):
    dependencies = [("duties", "0005_obligations_of_before_are_settled")]

    operations = [
        migrations.RunSQL(
            [f"ALTER FUNCTION {name} SET enable_nestloop = off" for name in FUNCTIONS],
            [f"ALTER FUNCTION {name} RESET enable_nestloop" for name in FUNCTIONS],
        )
    ]
