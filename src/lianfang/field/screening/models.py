from django.db import models
from django.db.models import F, Q

from lianfang.registry.people.models import Person


class Arrival(models.Model):
    """A person's return to the area as one source reported it.

    A correction is a new arrival that names the one whose place it takes, and why; that one stays, withdrawn.
    """

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="arrivals")
    area_path = models.CharField(max_length=18, db_index=True)
    arrived_on = models.DateField()
    reached_home_at = models.DateTimeField(null=True, blank=True)
    origin_text = models.CharField(max_length=120, blank=True)
    transport = models.CharField(max_length=60, blank=True)
    vehicle = models.CharField(max_length=60, blank=True)
    registered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    correction = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, correction="") | Q(corrects__isnull=False) & ~Q(correction=""),
                name="screening_correction_has_a_reason",
            )
        ]
        indexes = [models.Index(fields=["person"], name="screening_arrival_person")]

    PRIVACY = {
        "correction": "personal",
        "origin_text": "personal",
        "transport": "personal",
        "vehicle": "personal",
        "arrived_on": "personal",
    }


# What came of looking for a person whom a list names.
OUTCOMES = ["settled", "unknown", "unreachable", "outside", "moved_on", "wrong"]


class Referral(models.Model):
    """A person of a list that was sent down to be looked for. It waits for a village while it has none.

    `uid` is the row's: the list's rows and their outcomes find each other by it. What the row says is sealed.
    """

    uid = models.UUIDField(unique=True)
    batch = models.UUIDField(db_index=True)
    sheet = models.CharField(max_length=100)
    row = models.IntegerField()
    area_path = models.CharField(max_length=18, db_index=True)
    placed = models.BooleanField(default=True)
    placed_by = models.CharField(max_length=150, blank=True)
    name = models.CharField(max_length=60)
    place_text = models.CharField(max_length=200, blank=True)
    told_sealed = models.BinaryField()
    document = models.BinaryField(max_length=32, null=True, blank=True, db_index=True)
    registered_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=["", *OUTCOMES]), name="screening_referral_outcome_known"),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at__isnull=True, outcome_by="")
                | (~Q(outcome="") & ~Q(outcome_by="") & Q(outcome_at__isnull=False)),
                name="screening_referral_outcome_signed",
            ),
            models.CheckConstraint(
                condition=Q(placed=False) | Q(area_path__length=12), name="screening_referral_placed_in_a_village"
            ),
        ]

    PRIVACY = {
        "uid": "pseudonym",
        "batch": "pseudonym",
        "name": "personal",
        "place_text": "personal",
        "told_sealed": "sealed",
        "document": "pseudonym",
        "note": "personal",
        "outcome_by": "staff",
        "outcome_at": "staff",
        "placed_by": "staff",
    }


class Stay(models.Model):
    """A stay somewhere, dated by its last day; the origin and the day of return make one."""

    arrival = models.ForeignKey(Arrival, on_delete=models.PROTECT, related_name="stays")
    path = models.CharField(max_length=18, db_index=True)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__isnull=True) | Q(first_day__lte=F("last_day")),
                name="screening_stay_ends_after_it_begins",
            )
        ]

    PRIVACY = {"path": "personal", "last_day": "personal"}


class Exposure(models.Model):
    """A person's last contact with a case as one source told of it. It says nothing of the person's health."""

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exposures")
    area_path = models.CharField(max_length=18, db_index=True)
    exposed_on = models.DateField()
    setting = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=200, blank=True)
    registered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person"], name="screening_exposure_person")]

    PRIVACY = {"setting": "health", "exposed_on": "health", "source": "staff"}


class Verification(models.Model):
    """The first time somebody found out the situation of a person who arrived."""

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="verifications")
    at = models.DateTimeField()
    registered_at = models.DateTimeField()
    by = models.CharField(max_length=150)
    channel = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=20, default="reached")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["reached", "not_reached"]),
                name="screening_verification_outcome_known",
            )
        ]

    PRIVACY = {"by": "staff", "at": "personal"}


class Handover(models.Model):
    """A person goes from one area's care into another's. Until somebody there accepts, the sender has the person.

    `rejected` is still open: the sender sends it elsewhere (a new row that follows this one) or withdraws it.
    """

    OPEN = ("sent", "rejected")

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="handovers")
    from_path = models.CharField(max_length=18, db_index=True)
    to_path = models.CharField(max_length=18, db_index=True)
    state = models.CharField(max_length=10, default="sent")
    reason = models.CharField(max_length=300)
    sent_at = models.DateTimeField()
    sent_by = models.CharField(max_length=150)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decision_reason = models.CharField(max_length=300, blank=True)
    follows = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state__in=("sent", "rejected")), name="screening_handover_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sent", "accepted", "rejected", "rerouted", "withdrawn"]),
                name="screening_handover_state_known",
            ),
            models.CheckConstraint(condition=~Q(from_path=F("to_path")), name="screening_handover_goes_elsewhere"),
            models.CheckConstraint(condition=~Q(reason=""), name="screening_handover_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state="sent", decided_at__isnull=True, decided_by="")
                | (~Q(state="sent") & Q(decided_at__isnull=False) & ~Q(decided_by="")),
                name="screening_handover_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(decision_reason=""), name="screening_handover_rejected_with_reason"
            ),
        ]

    PRIVACY = {
        "person": "personal",
        "reason": "personal",
        "decision_reason": "personal",
        "sent_by": "staff",
        "decided_by": "staff",
    }
