from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duties", "0007_reminders_and_excuses_by_two")]

    operations = [
        migrations.AddField(
            model_name="enrolment",
            name="place",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
    ]
