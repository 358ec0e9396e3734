from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from lianfang.science.plan import Plan, from_json

ORDER_KINDS = ("activation", "key_area", "end")
DECISIONS = ("approved", "rejected", "withdrawn")
_PLANS: dict[tuple[str, str], Plan] = {}


class DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class PlanVersion(models.Model):
    """One immutable text of a plan; every obligation and notice keeps the version that justified it."""

    code = models.CharField(max_length=60)
    version = models.CharField(max_length=12)
    document = models.JSONField()
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="response_plan_version_once")]

    PRIVACY: dict[str, str] = {}

    @property
    def plan(self) -> Plan:
        """The plan, read once a process: a version is named by the digest of its text, so it cannot change."""
        key = (self.code, self.version)
        if key not in _PLANS:
            _PLANS[key] = from_json(self.document)
        return _PLANS[key]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class Duty(models.Model):
    """One rule of a plan version as the engine needs it: a copy of the document's own values, never edited."""

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="duties")
    code = models.CharField(max_length=60)
    position = models.SmallIntegerField()
    shape = models.CharField(max_length=10)
    evidence = ArrayField(models.CharField(max_length=40))
    completes = models.CharField(max_length=60, blank=True)
    per_role = models.BooleanField(default=False)
    owner = models.CharField(max_length=60)
    ladder_after = ArrayField(models.DurationField())
    ladder_to = ArrayField(models.CharField(max_length=20))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan_version", "code"], name="response_duty_once_a_plan"),
            models.CheckConstraint(condition=Q(shape__in=["slot", "clock"]), name="response_duty_shape_is_built"),
        ]

    PRIVACY: dict[str, str] = {}


class Activation(models.Model):
    """A plan version in force in an area from a day on, by whose order.

    `matched_at`: everybody registered has been matched against it. `finished_at`: nobody is under it any more.
    """

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="activations")
    area_path = models.CharField(max_length=18, db_index=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    exercise = models.BooleanField()
    basis = models.CharField(max_length=500, blank=True)
    ordered_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150, blank=True)
    ordered_at = models.DateTimeField()
    end_ordered_at = models.DateTimeField(null=True, blank=True)
    matched_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="response_one_plan_in_force_an_area",
                expressions=[
                    ("area_path", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(exercise=True) | (~Q(basis="") & ~Q(approved_by="") & ~Q(approved_by=F("ordered_by"))),
                name="response_live_activation_has_basis_and_second_person",
            ),
        ]

    PRIVACY = {
        "ordered_by": "staff",
        "approved_by": "staff",
        "end_ordered_at": "public",
        "matched_at": "public",
        "finished_at": "public",
    }


class PlanOrder(models.Model):
    """An order about plans: one person proposes it on a legal basis, another decides.

    `key_area` puts the plan in force again with one more key area; `end` ends it. `departures` names where the plan
    loosens or exceeds the higher one; `preview` says what the order would change, counted when it was asked for.
    """

    uid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=20)
    area_path = models.CharField(max_length=18, db_index=True)
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="orders")
    starts_on = models.DateField()
    basis = models.CharField(max_length=500)
    reason = models.CharField(max_length=500, blank=True)
    departures = models.JSONField(default=list)
    preview = models.JSONField(null=True, blank=True)
    proposed_by = models.CharField(max_length=150)
    proposed_at = models.DateTimeField()
    decision = models.CharField(max_length=10, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ORDER_KINDS), name="response_order_kind_known"),
            models.CheckConstraint(condition=~Q(basis=""), name="response_order_has_a_legal_basis"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by="", decided_at__isnull=True)
                | (Q(decision__in=DECISIONS, decided_at__isnull=False) & ~Q(decided_by="")),
                name="response_order_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(decision="approved") | ~Q(decided_by=F("proposed_by")),
                name="response_order_approved_by_a_second_person",
            ),
            models.UniqueConstraint(
                fields=["area_path"], condition=Q(decision=""), name="response_one_open_order_an_area"
            ),
        ]

    PRIVACY = {
        "proposed_by": "staff",
        "decided_by": "staff",
        "preview": "pseudonym",
        "reason": "public",
        "departures": "public",
        "note": "public",
    }
