from django.db import migrations, models


class Migration(migrations.Migration):
    """An exercise may declare the second factor optional; a live installation always asks for it."""

    dependencies = [("places", "0001_the_tables")]

    operations = [
        migrations.AddField(
            model_name="installation",
            name="second_factor_optional",
            field=models.BooleanField(default=True),
        ),
    ]
