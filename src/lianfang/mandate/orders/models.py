from django.db import models
from django.db.models import F, Q

from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.orders.rules import ORDER_KINDS, ORDER_STATES, RELEASE_KINDS
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
                condition=Q(kind="health", last_day__isnull=True)
                | Q(kind__in=["home_observation", "monitoring"], last_day__isnull=False),
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


class PersonOrder(models.Model):
    """An order about one person beyond the plan's own course: proposed by one, decided by another.

    It always states its basis, its reason and its last day; none can be stored without.
    """

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="orders")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="orders")
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT)
    kind = models.CharField(max_length=30)
    basis = models.CharField(max_length=500)
    reason = models.CharField(max_length=300)
    first_day = models.DateField()
    last_day = models.DateField()
    state = models.CharField(max_length=10, default="proposed")
    proposed_by = models.CharField(max_length=150)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=300, blank=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ORDER_KINDS), name="orders_person_order_kind_known"),
            models.CheckConstraint(
                condition=~Q(basis="") & ~Q(reason=""), name="orders_person_order_has_basis_and_reason"
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="orders_person_order_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(state__in=ORDER_STATES), name="orders_person_order_state_known"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by="", decided_at__isnull=True)
                | (
                    ~Q(state="proposed")
                    & Q(decided_at__isnull=False)
                    & ~Q(decided_by="")
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="orders_person_order_decided_by_another",
            ),
            models.UniqueConstraint(
                fields=["enrolment", "kind"],
                condition=Q(state="proposed"),
                name="orders_person_order_one_waiting",
            ),
        ]

    # The law asks for the record of an order: basis, days and who decided stay. Its words go with the identity.
    PRIVACY = {
        "reason": "health",
        "basis": "public",
        "decision_note": "personal",
        "proposed_at": "staff",
        "proposed_by": "staff",
        "decided_by": "staff",
    }


class Release(models.Model):
    """How an observation was ended, by whom, with the number of its certificate. Early needs a reason and a second."""

    uid = models.UUIDField(unique=True)
    number = models.BigIntegerField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="releases")
    enrolment = models.OneToOneField(Enrolment, on_delete=models.PROTECT, related_name="release")
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    reason = models.CharField(max_length=300, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    ends_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150, blank=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RELEASE_KINDS), name="orders_release_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind="early") | (~Q(reason="") & ~Q(approved_by="") & ~Q(approved_by=F("decided_by"))),
                name="orders_early_release_has_reason_and_second_person",
            ),
        ]

    # The certificate's number, its days and who decided stay; the reason goes with the identity.
    PRIVACY = {
        "reason": "health",
        "last_day": "personal",
        "ends_at": "personal",
        "decided_by": "staff",
        "approved_by": "staff",
    }
