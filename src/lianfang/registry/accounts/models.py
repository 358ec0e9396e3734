from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lianfang.registry.audit.rules import Actor


class Role(models.TextChoices):
    COUNTY_OFFICER = "county_officer", _("County officer")
    EPIDEMIOLOGIST = "epidemiologist", _("Epidemiologist")
    TOWNSHIP_OFFICER = "township_officer", _("Township officer")
    VILLAGE_HEAD = "village_head", _("Village head")
    HEALTH_CENTRE = "health_centre", _("Health centre doctor")
    GRID_WORKER = "grid_worker", _("Grid worker")
    ADMINISTRATOR = "administrator", _("Administrator")


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
    role = models.CharField(max_length=20, choices=Role.choices)
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
