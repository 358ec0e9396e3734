from django.db import models
from django.db.models import Q


class Batch(models.Model):
    """One file in: kept, read, checked, committed, undone. The original is deleted after the plan's days."""

    uid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=20)
    area_path = models.CharField(max_length=18, db_index=True)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    original_sealed = models.BinaryField(null=True, blank=True)
    original_until = models.DateField(null=True, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    by_id = models.BigIntegerField(null=True, blank=True)
    arrived_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, default="received")
    read_rows = models.IntegerField(default=0)
    warnings = models.JSONField(default=list)
    fault = models.JSONField(null=True, blank=True)
    committed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["received", "checked", "confirmed", "committed", "failed", "dropped"]),
                name="intake_batch_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="committed", committed_at__isnull=False)
                | (~Q(state="committed") & Q(committed_at__isnull=True)),
                name="intake_batch_committed_with_time",
            ),
        ]

    PRIVACY = {"original_sealed": "sealed", "by": "staff", "by_id": "staff", "filename": "staff"}


class StagedRow(models.Model):
    """One row of a file with its outcome. What the row says is sealed; rules and counts are readable."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    sheet = models.CharField(max_length=100)
    number = models.IntegerField()
    outcome = models.CharField(max_length=10)
    rules = models.JSONField(default=list)
    content_sealed = models.BinaryField()
    fingerprint = models.BinaryField(max_length=32, null=True, blank=True)
    person = models.UUIDField(null=True, blank=True)
    candidates = models.JSONField(default=list)
    decision = models.CharField(max_length=5, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "sheet", "number"], name="intake_row_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["accepted", "rejected", "duplicate", "review"]),
                name="intake_row_outcome_known",
            ),
            models.CheckConstraint(condition=Q(decision__in=["", "same", "other"]), name="intake_row_decision_known"),
            models.CheckConstraint(
                condition=Q(decision="") | (Q(outcome="review") & ~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="intake_decision_only_on_review_and_signed",
            ),
        ]
        indexes = [
            models.Index(fields=["fingerprint"], name="intake_row_fingerprint"),
            models.Index(fields=["batch", "outcome"], name="intake_row_outcome"),
        ]

    PRIVACY = {
        "content_sealed": "sealed",
        "fingerprint": "pseudonym",
        "person": "pseudonym",
        "candidates": "pseudonym",
        "decided_by": "staff",
    }


class ReceivedRecord(models.Model):
    """The id of every record ever taken in, with a digest of what it said: sending twice stores nothing new."""

    id = models.UUIDField(primary_key=True)
    digest = models.BinaryField(max_length=32)
    registered_at = models.DateTimeField()

    PRIVACY = {"id": "pseudonym", "digest": "pseudonym"}
