"""The log of acts. It holds ids, no foreign keys, so that it never interferes with live data and outlives it."""

from django.db import models


class Event(models.Model):
    """One act by one actor. `data` never holds a name, a document number or a phone."""

    at = models.DateTimeField()
    arrived_at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150)
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject = models.UUIDField(null=True)
    area_path = models.CharField(max_length=18, blank=True)
    purpose = models.CharField(max_length=300, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(action=""), name="audit_event_names_its_action")]
        indexes = [
            models.Index(fields=["subject", "-at"], name="audit_event_subject"),
            models.Index(fields=["-arrived_at"], name="audit_event_recent"),
        ]

    PRIVACY = {
        "actor": "staff",
        "actor_id": "staff",
        "subject": "pseudonym",
        "purpose": "staff",
    }
