from django.db import migrations, models


class Migration(migrations.Migration):
    """An exercise may declare the second factor optional; a live installation never does."""

    dependencies = [("places", "0001_the_tables")]

    operations = [
        migrations.AddField(
            model_name="installation",
            name="second_factor_optional",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="installation",
            constraint=models.CheckConstraint(
                condition=models.Q(second_factor_optional=False) | models.Q(exercise=True),
                name="places_second_factor_is_optional_in_exercises_only",
            ),
        ),
    ]
