"""The log of acts. It holds ids, no foreign keys, so that it never interferes with live data and outlives it."""

from django.db import models


class Event(models.Model):
    """One act by one actor. `data` never holds a name, a document number or a phone.

    A trigger refuses to change or delete a row; only retention, which leaves an anchor behind, may delete.
    """

    at = models.DateTimeField()
    arrived_at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150)
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject = models.UUIDField(null=True)
    area_path = models.CharField(max_length=18, blank=True, db_index=True)
    purpose = models.CharField(max_length=300, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(action=""), name="audit_event_names_its_action")]
        # Each filter of the log's page reads newest first and stops after one page.
        indexes = [
            models.Index(fields=["-arrived_at", "-id"], name="audit_event_newest"),
            models.Index(fields=["subject", "-arrived_at", "-id"], name="audit_event_of_subject"),
            models.Index(fields=["actor", "-arrived_at", "-id"], name="audit_event_of_actor"),
            models.Index(fields=["action", "-arrived_at", "-id"], name="audit_event_of_action"),
        ]

    PRIVACY = {
        "actor": "staff",
        "actor_id": "staff",
        "subject": "pseudonym",
        "purpose": "staff",
    }


class Unsealed(models.Model):
    """Events that are committed and not in the chain yet; a trigger writes them, the sealer takes them away."""

    event = models.BigIntegerField(primary_key=True)

    PRIVACY: dict[str, str] = {}


class Seal(models.Model):
    """A link of the chain: the digest of one event and of every link before it."""

    number = models.BigIntegerField(primary_key=True)
    event = models.BigIntegerField(unique=True)
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="audit_seal_counts_from_one"),
        ]

    PRIVACY = {"digest": "pseudonym"}


class Anchor(models.Model):
    """Where the chain begins after retention removed what stood before: the last link that was removed."""

    number = models.BigIntegerField(primary_key=True)
    digest = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="audit_anchor_counts_from_one"),
        ]

    PRIVACY = {"by": "staff", "digest": "pseudonym"}
