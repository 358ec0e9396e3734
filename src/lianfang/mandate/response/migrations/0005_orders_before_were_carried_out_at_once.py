from django.db import migrations
from django.db.models import F
from django.db.models.functions import Now


def carried_out(apps, _editor):
    """Until now an order was carried out as it was given, even where it was to hold from a later day on."""
    activations = apps.get_model("response", "Activation").objects.all()
    activations.update(matched_at=F("ordered_at"))
    activations.filter(ends_on__isnull=False).update(finished_at=Now())


class Migration(migrations.Migration):
    dependencies = [("response", "0004_when_an_order_was_carried_out")]

    operations = [migrations.RunPython(carried_out, migrations.RunPython.noop)]
