from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.functional import lazy
from django.utils.translation import get_language

from lianfang.registry.accounts.rules import FILE
from lianfang.registry.audit.rules import Actor


def _title(code: str) -> str:
    return FILE.roles[code].title.of(get_language() or "en")


# One member for each role of the file, e.g. Role.VILLAGE_HEAD; its label speaks the language of the reader.
Role = models.TextChoices("Role", [(code.upper(), (code, lazy(_title, str)(code))) for code in FILE.roles])


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(username=username)


class Account(AbstractBaseUser):
    """A worker's account; rights come from appointments only."""

    username = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    alerted_at = models.DateTimeField(null=True, blank=True)  # told of an emergency access, not looked at yet

    USERNAME_FIELD = "username"
    objects = AccountManager()

    PRIVACY = {"username": "staff", "display_name": "staff", "phone": "staff", "password": "secret"}

    @property
    def actor(self) -> Actor:
        return Actor(self.username, self.pk)

    def __str__(self) -> str:
        return self.display_name


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def in_force(self, at) -> "AppointmentQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gt=at), since__lte=at, account__is_active=True)

    def in_force_or_later(self, at) -> "AppointmentQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gt=at))


class Appointment(models.Model):
    """A role in an area from one moment to another; never deleted, so a past act stays with its holder."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=20)
    area_path = models.CharField(max_length=18, db_index=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=models.F("since")),
                name="accounts_appointment_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["account", "role", "area_path"],
                condition=Q(until__isnull=True),
                name="accounts_appointment_once_at_a_time",
            ),
        ]

    PRIVACY = {"account": "staff"}


class Invitation(models.Model):
    """A code, given once, with which a person sets the password of an account: at the beginning, or after losing it."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="invitations")
    code_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("made_at")), name="accounts_invitation_expires_after_it_is_made"
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(withdrawn_at__isnull=True, used_at__lt=models.F("expires_at")),
                name="accounts_invitation_is_used_while_it_holds",
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(used_at__isnull=True, withdrawn_at__isnull=True),
                name="accounts_invitation_one_open",
            ),
        ]

    PRIVACY = {"account": "staff", "made_by": "staff", "code_hash": "pseudonym"}


class FactorReset(models.Model):
    """Somebody lost the second factor: one administrator asks with a reason, another one decides."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="factor_resets")
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    granted = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="accounts_factor_reset_has_a_reason"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | (~Q(decided_by=models.F("asked_by")) & ~Q(decided_by=models.F("account"))),
                name="accounts_factor_reset_takes_another_person",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, granted__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False, granted__isnull=False),
                name="accounts_factor_reset_is_decided_whole",
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(decided_at__isnull=True), name="accounts_factor_reset_one_open"
            ),
        ]

    PRIVACY = {"account": "staff", "asked_by": "staff", "decided_by": "staff", "reason": "staff"}


class Emergency(models.Model):
    """Break-glass: one worker may read one person outside their area for a short time, for a reason, under review."""

    uid = models.UUIDField(unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="emergencies")
    subject = models.UUIDField()
    area_path = models.CharField(max_length=18, db_index=True)
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    review_by = models.DateTimeField()
    reviewed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    justified = models.BooleanField(null=True)
    finding = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="accounts_emergency_has_a_reason"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("opened_at"))
                & Q(expires_at__lte=models.F("opened_at") + timedelta(minutes=60)),
                name="accounts_emergency_ends_within_the_hour",
            ),
            models.CheckConstraint(
                condition=Q(review_by__gt=models.F("opened_at"))
                & Q(review_by__lte=models.F("opened_at") + timedelta(hours=72)),
                name="accounts_emergency_is_reviewed_within_three_days",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=models.F("account")),
                name="accounts_emergency_takes_another_person",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True, reviewed_at__isnull=True, justified__isnull=True)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False, justified__isnull=False),
                name="accounts_emergency_is_reviewed_whole",
            ),
        ]

    PRIVACY = {
        "account": "staff",
        "subject": "pseudonym",
        "reason": "health",
        "reviewed_by": "staff",
        "finding": "health",
    }


class Attempt(models.Model):
    """What every server process counts together: tries to log in, codes that were used. A table of the cache.

    `cache_key` names the rule with a hash of the account, or with the address.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    PRIVACY = {"cache_key": "staff", "value": "staff", "expires": "staff"}
