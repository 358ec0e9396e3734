from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("response", "0002_orders_about_plans")]

    operations = [
        migrations.AddField("activation", name, models.DateTimeField(blank=True, null=True))
        for name in ("end_ordered_at", "matched_at", "finished_at")
    ]
