from django.db import models
from django.db.models import Q

from lianfang.registry.people.models import Person

GIVEN_BY = ["self", "family", "worker"]
CHANNELS = ["visit", "phone", "message", "list", "link"]


class Reading(models.Model):
    """A temperature, a list of symptoms, a call or a visit: what was said, by whom it was given, by which channel."""

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="readings")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    celsius = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    symptoms = models.JSONField(null=True, blank=True)
    reached = models.BooleanField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    given_by = models.CharField(max_length=10)
    channel = models.CharField(max_length=10)
    by = models.CharField(max_length=150)
    registered_at = models.DateTimeField()
    arrived_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="temperature", celsius__isnull=False, celsius__gte=30, celsius__lte=45)
                | (~Q(kind="temperature") & Q(celsius__isnull=True)),
                name="observation_temperature_has_a_possible_value",
            ),
            models.CheckConstraint(
                condition=Q(kind="symptoms", symptoms__isnull=False) | (~Q(kind="symptoms") & Q(symptoms__isnull=True)),
                name="observation_symptoms_have_a_list",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["temperature", "symptoms", "call", "visit"]),
                name="observation_reading_kind_known",
            ),
            models.CheckConstraint(condition=Q(given_by__in=GIVEN_BY), name="observation_given_by_known"),
            models.CheckConstraint(condition=Q(channel__in=CHANNELS), name="observation_channel_known"),
        ]
        indexes = [models.Index(fields=["person", "kind", "-at"], name="observation_reading_latest")]

    PRIVACY = {
        "celsius": "health",
        "symptoms": "health",
        "note": "health",
        "reached": "personal",
        "at": "personal",
        "by": "staff",
    }


class Alert(models.Model):
    """A reading at or above the plan's threshold. It asks for care and never blocks it."""

    uid = models.UUIDField(unique=True)
    reading = models.OneToOneField(Reading, on_delete=models.PROTECT, related_name="alert")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="alerts")
    code = models.CharField(max_length=40)
    raised_at = models.DateTimeField()
    registered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    PRIVACY = {"code": "health", "reading": "health"}


class Referral(models.Model):
    """What was arranged for an alert."""

    uid = models.UUIDField(unique=True)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="referrals")
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    registered_at = models.DateTimeField()

    PRIVACY = {"note": "health", "by": "staff"}


class Need(models.Model):
    """Food, medicine or care that a person asked for; opens a duty of the village."""

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="needs")
    category = models.CharField(max_length=10)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    registered_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True, blank=True)
    met_by = models.CharField(max_length=150, blank=True)
    met_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(category__in=["food", "medicine", "care", "other"]),
                name="observation_need_category_known",
            ),
            models.CheckConstraint(
                condition=Q(met_at__isnull=True, met_by="") | (Q(met_at__isnull=False) & ~Q(met_by="")),
                name="observation_need_met_by_somebody",
            ),
        ]

    PRIVACY = {"category": "health", "note": "health", "met_note": "health", "by": "staff", "met_by": "staff"}
