"""A county reads the sums of its townships; each row of the tally is added to them once, by a tick."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0013_clocks_have_an_index"),
        ("response", "0006_the_stamp_of_plans_in_force"),
    ]

    operations = [
        migrations.CreateModel(
            name="WideTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_path", models.CharField(max_length=18)),
                ("day", models.DateField(null=True)),
                ("slot", models.CharField(max_length=40)),
                ("due_at", models.DateTimeField(null=True)),
                ("opens_at", models.DateTimeField(null=True)),
                ("since", models.DateTimeField()),
                ("undone", models.IntegerField()),
                ("done", models.IntegerField()),
                ("late", models.IntegerField()),
                ("excused", models.IntegerField()),
                ("untimed", models.IntegerField()),
                ("untimed_done", models.IntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="tally",
            name="summed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="tally",
            index=models.Index(
                condition=models.Q(("summed", False)), fields=["area_path"], name="duties_tally_not_summed"
            ),
        ),
        migrations.AddField(
            model_name="widetally",
            name="duty",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="response.duty",
            ),
        ),
    ]
