from django.db import models
from django.db.models import Q


class ZeroReport(models.Model):
    """A village's report of the day: a value, or an explicit zero. Silence makes no row. Corrections supersede."""

    uid = models.UUIDField(unique=True)
    area_path = models.CharField(max_length=18, db_index=True)
    day = models.DateField()
    value = models.IntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    registered_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(value__gte=0), name="reporting_value_not_negative"),
            models.UniqueConstraint(
                fields=["area_path", "day"],
                condition=Q(superseded_at__isnull=True),
                name="reporting_one_valid_report_a_day",
            ),
        ]

    PRIVACY = {"by": "staff"}
