"""An import of a county is taken back by the worker: between the word and its end the list is `undoing`."""

from django.db import migrations, models
from django.db.models import Q

_STATES = ["received", "held", "checked", "confirmed", "committed", "failed", "dropped", "undoing", "undone"]
_IMPORTED = ["committed", "undoing", "undone"]
_TAKEN_BACK = ["undoing", "undone"]


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_originals_sealed_as_bytes")]

    operations = [
        migrations.RemoveConstraint("batch", "intake_batch_state_known"),
        migrations.RemoveConstraint("batch", "intake_batch_committed_with_time"),
        migrations.RemoveConstraint("batch", "intake_batch_undone_by_somebody"),
        migrations.AddConstraint(
            "batch",
            models.CheckConstraint(condition=Q(state__in=_STATES), name="intake_batch_state_known"),
        ),
        migrations.AddConstraint(
            "batch",
            models.CheckConstraint(
                condition=Q(state__in=_IMPORTED, committed_at__isnull=False)
                | (~Q(state__in=_IMPORTED) & Q(committed_at__isnull=True)),
                name="intake_batch_committed_with_time",
            ),
        ),
        migrations.AddConstraint(
            "batch",
            models.CheckConstraint(
                condition=Q(state__in=_TAKEN_BACK, undone_at__isnull=False) & ~Q(undone_by="")
                | (~Q(state__in=_TAKEN_BACK) & Q(undone_at__isnull=True, undone_by="")),
                name="intake_batch_undone_by_somebody",
            ),
        ),
    ]
