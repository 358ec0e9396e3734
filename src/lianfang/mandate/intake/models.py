from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

STATES = ["received", "held", "checked", "confirmed", "committed", "failed", "dropped", "undoing", "undone"]
_IMPORTED = ["committed", "undoing", "undone"]


class Batch(models.Model):
    """One file in: kept, read, checked, committed, undone. The original is deleted after the plan's days.

    `held`: it may be cut off, and waits for somebody's word that it is whole. `layout_sealed` says what its
    columns are and shows examples; `still_used` names what an undoing had to leave, because other records build on it.
    """

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
    layout_sealed = models.BinaryField(null=True, blank=True)
    whole_by = models.CharField(max_length=150, blank=True)
    whole_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    still_used = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="intake_batch_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=_IMPORTED, committed_at__isnull=False)
                | (~Q(state__in=_IMPORTED) & Q(committed_at__isnull=True)),
                name="intake_batch_committed_with_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["undoing", "undone"], undone_at__isnull=False) & ~Q(undone_by="")
                | (~Q(state__in=["undoing", "undone"]) & Q(undone_at__isnull=True, undone_by="")),
                name="intake_batch_undone_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(whole_by="", whole_at__isnull=True) | (~Q(whole_by="") & Q(whole_at__isnull=False)),
                name="intake_batch_whole_by_somebody",
            ),
        ]

    PRIVACY = {
        "original_sealed": "sealed",
        "layout_sealed": "sealed",
        "still_used": "pseudonym",
        "by": "staff",
        "by_id": "staff",
        "filename": "staff",
        "whole_by": "staff",
        "whole_at": "staff",
        "undone_by": "staff",
        "undone_at": "staff",
    }


class ColumnMapping(models.Model):
    """What the columns under a row of headings are, as somebody said: the next list with these headings is read so."""

    area_path = models.CharField(max_length=18)
    kind = models.CharField(max_length=20)
    fingerprint = models.CharField(max_length=32)
    columns = models.JSONField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["area_path", "kind", "fingerprint"], name="intake_mapping_one_an_area_and_heading"
            )
        ]

    PRIVACY = {"by": "staff", "fingerprint": "public", "columns": "public"}


class StagedRow(models.Model):
    """One row of a file with its outcome. What the row says is sealed; rules and counts are readable.

    `document` to `door_key` are what rows are compared by, so that a million of them are compared in one statement.
    """

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
    document = models.BinaryField(max_length=32, null=True, blank=True)
    phones = ArrayField(models.BinaryField(max_length=32), default=list)
    sound = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=18, blank=True)
    door_key = models.CharField(max_length=60, blank=True)
    mended_by = models.CharField(max_length=150, blank=True)
    mended_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

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
        "document": "pseudonym",
        "phones": "pseudonym",
        "sound": "personal",
        "place": "personal",
        "door_key": "personal",
        "mended_by": "staff",
        "mended_at": "staff",
    }


class ReceivedRecord(models.Model):
    """The id of every record ever taken in, with a digest of what it said: sending twice stores nothing new."""

    id = models.UUIDField(primary_key=True)
    digest = models.BinaryField(max_length=32)
    registered_at = models.DateTimeField()

    PRIVACY = {"id": "pseudonym", "digest": "pseudonym"}
