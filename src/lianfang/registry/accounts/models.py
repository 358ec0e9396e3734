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
