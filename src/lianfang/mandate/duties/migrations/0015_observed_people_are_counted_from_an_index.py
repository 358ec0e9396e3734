from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0014_townships_of_the_tally"),
        ("response", "0006_the_stamp_of_plans_in_force"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(
                condition=models.Q(("observed", True), ("subject_kind", "person")),
                fields=["subject"],
                include=("area_path", "registered_at", "last_day", "closed_at", "closed_reason", "voided_at", "origin"),
                name="duties_enrolment_observed",
            ),
        ),
    ]
