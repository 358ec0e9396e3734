"""What is undone is counted from its index alone: it knows since when a one-off duty is open, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duties", "0009_fewer_indexes_and_look_ups")]

    operations = [
        migrations.RemoveIndex(model_name="obligation", name="duties_obligation_undone"),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                fields=["duty", "due_at", "area_path"],
                include=["opens_at"],
                condition=models.Q(done_at__isnull=True, excused=False, ended_at__isnull=True),
                name="duties_obligation_undone",
            ),
        ),
    ]
