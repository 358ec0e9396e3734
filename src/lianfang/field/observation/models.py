from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from lianfang.field.observation.rules import ALERT_OUTCOMES, ALERT_STEPS, CALLBACK_OUTCOMES, DIFFICULTIES
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.response.models import Activation, PlanVersion
from lianfang.registry.people.models import Person

GIVEN_BY = ["self", "family", "worker"]
CHANNELS = ["visit", "phone", "message", "list", "link"]


class Reading(models.Model):
    """A temperature, symptoms, a call, a visit, a day's report: what was said, given by whom, by which channel."""

    uid = models.UUIDField(unique=True)
    # the index of the latest reading leads with the person
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="readings", db_index=False)
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
                condition=Q(kind__in=["temperature", "symptoms", "call", "visit", "report"]),
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
    """A temperature at the plan's threshold or a symptom that it names. It asks for care and never blocks it."""

    uid = models.UUIDField(unique=True)
    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="alerts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="alerts")
    code = models.CharField(max_length=40)
    raised_at = models.DateTimeField()
    registered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reading", "code"], name="observation_alert_once_a_reading"),
        ]
        indexes = [models.Index(fields=["person", "-raised_at"], name="observation_alert_latest")]

    PRIVACY = {"code": "health", "reading": "health"}


class AlertStep(models.Model):
    """A stage of an alert's route: received by the township, by the county, and what came of it."""

    uid = models.UUIDField(unique=True)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=10)
    outcome = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "step"], name="observation_alert_step_once"),
            models.CheckConstraint(condition=Q(step__in=ALERT_STEPS), name="observation_alert_step_known"),
            models.CheckConstraint(
                condition=Q(step="outcome", outcome__in=ALERT_OUTCOMES) | (~Q(step="outcome") & Q(outcome="")),
                name="observation_alert_outcome_known",
            ),
        ]

    PRIVACY = {"step": "health", "outcome": "health", "note": "health", "by": "staff"}


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


class HomeAssessment(models.Model):
    """Whether a person's home has what the plan asks for; what it lacks stands by its code."""

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="home_assessments")
    asked = ArrayField(models.CharField(max_length=40))
    lacking = ArrayField(models.CharField(max_length=40))
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(asked=[]), name="observation_home_was_asked_something"),
            models.CheckConstraint(
                condition=Q(lacking__contained_by=F("asked")), name="observation_home_lacks_what_was_asked"
            ),
        ]

    PRIVACY = {"asked": "personal", "lacking": "personal", "note": "personal", "by": "staff"}

    @property
    def suitable(self) -> bool:
        return not self.lacking


class Difficulty(models.Model):
    """The observation could not be kept: why, and what would help. It opens needs, nothing else."""

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="difficulties")
    reason = models.CharField(max_length=20)
    helps = ArrayField(models.CharField(max_length=10), default=list)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=DIFFICULTIES), name="observation_difficulty_reason_known"),
        ]

    PRIVACY = {"reason": "personal", "helps": "health", "note": "health", "by": "staff"}


class Loss(models.Model):
    """Nobody had contact with the person for the plan's number of days; found again ends it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="losses")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="losses")
    since = models.DateField()
    marked_at = models.DateTimeField()
    found_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(found_at__isnull=True), name="observation_loss_one_at_a_time"
            ),
        ]

    PRIVACY = {"since": "personal", "marked_at": "personal", "found_at": "personal"}


class Draw(models.Model):
    """A day's random sample of records to be called back: the seed and the share are kept, so it can be repeated."""

    activation = models.ForeignKey(Activation, on_delete=models.PROTECT, related_name="draws")
    day = models.DateField()
    seed = models.CharField(max_length=40)
    share_percent = models.DecimalField(max_digits=5, decimal_places=2)
    population = models.IntegerField()
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["activation", "day"], name="observation_draw_once_a_day")]

    PRIVACY = {"seed": "public", "share_percent": "public", "drawn_at": "public"}


class Callback(models.Model):
    """One record of a sample and what the person said when asked again."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="callbacks")
    reading = models.OneToOneField(Reading, on_delete=models.PROTECT, related_name="callback")
    area_path = models.CharField(max_length=18, db_index=True)
    outcome = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", at__isnull=True, by="")
                | (Q(outcome__in=CALLBACK_OUTCOMES, at__isnull=False) & ~Q(by="")),
                name="observation_callback_outcome_signed",
            ),
        ]

    PRIVACY = {"note": "personal", "by": "staff"}


class PaperList(models.Model):
    """A village's list as it was printed for a day without network; its number and rows make the row codes."""

    number = models.BigIntegerField(unique=True)
    area_path = models.CharField(max_length=18)
    day = models.DateField()
    people = ArrayField(models.UUIDField())
    made_at = models.DateTimeField()
    by = models.CharField(max_length=150)

    PRIVACY = {"people": "pseudonym", "by": "staff"}


class Erasure(models.Model):
    """Whose identity was removed after the plan's retention period, when, and by which rule."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="erasure")
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT)
    ended_on = models.DateField()
    retention_days = models.IntegerField()
    erased_at = models.DateTimeField()

    PRIVACY = {"ended_on": "pseudonym", "erased_at": "pseudonym"}
