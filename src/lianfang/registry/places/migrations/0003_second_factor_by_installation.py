from django.db import migrations, models


class Migration(migrations.Migration):
    """An exercise may declare the second factor optional; a live installation always asks for it."""

    dependencies = [("places", "0002_successor_and_suspension")]

    operations = [
        migrations.AddField(
            model_name="installation",
            name="second_factor_optional",
            field=models.BooleanField(default=True),
        ),
    ]
