from django.db import models
from django.db.models import Q

from lianfang.mandate.response.models import PlanVersion
from lianfang.registry.people.models import Person


class Notice(models.Model):
    """A written notice to one person. Issued, served and refused are three different facts."""

    uid = models.UUIDField(unique=True)
    number = models.BigIntegerField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20)
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=150)
    registered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="health", last_day__isnull=True) | Q(kind="home_observation", last_day__isnull=False),
                name="orders_restriction_has_an_end_date",
            ),
        ]

    PRIVACY = {"issued_by": "staff", "person": "personal"}


class Delivery(models.Model):
    """How a notice reached the person: served (to whom) or refused."""

    uid = models.UUIDField(unique=True)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    outcome = models.CharField(max_length=10)
    received_by = models.CharField(max_length=10)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["served", "refused"]), name="orders_delivery_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(received_by__in=["self", "guardian", "family"]),
                name="orders_delivery_receiver_known",
            ),
            models.UniqueConstraint(fields=["notice"], condition=Q(outcome="served"), name="orders_notice_served_once"),
        ]

    PRIVACY = {"by": "staff"}
