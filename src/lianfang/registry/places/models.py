from datetime import date

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Length

from lianfang.registry.places.rules import LEVELS

models.CharField.register_lookup(Length)

KINDS = [(kind, kind) for kind in LEVELS]


class Installation(models.Model):
    """The one row that says what this installation is: an exercise or live, and which keys seal its data."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    exercise = models.BooleanField()
    made_at = models.DateTimeField()
    key_check = models.BinaryField(max_length=32)
    second_factor_optional = models.BooleanField(default=True)  # counts in an exercise only; live always asks
    reference_stamp = models.UUIDField(db_default=RandomUUID())  # new with each change of an area or a plan in force

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="places_installation_is_one_row")]

    PRIVACY = {"reference_stamp": "public"}


class AreaQuerySet(models.QuerySet["Area"]):
    def under(self, path: str) -> "AreaQuerySet":
        return self.filter(path__startswith=path)

    def valid_on(self, day: date) -> "AreaQuerySet":
        """Areas that had not closed by the day."""
        return self.filter(models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=day))

    def reporting_units(self) -> "AreaQuerySet":
        """Villages and urban communities: the level at which people live and duties are owned."""
        return self.filter(kind__in=("village", "community"))


class Area(models.Model):
    """A division, village or grid, by its national code (grids and groups by a local suffix)."""

    code = models.CharField(max_length=18, unique=True)
    path = models.CharField(max_length=18, unique=True)
    uid = models.UUIDField(unique=True)
    name = models.CharField(max_length=80)
    pinyin = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=10, choices=KINDS)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    suspended_on = models.DateField(null=True, blank=True)
    successor = models.CharField(max_length=18, blank=True, db_default="")
    boundary = models.JSONField(null=True, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(path__length__in=tuple(sorted(set(LEVELS.values())))),
                name="places_area_path_has_a_level_length",
            ),
            models.CheckConstraint(
                condition=models.Q(code__startswith=models.F("path")),
                name="places_area_code_begins_with_path",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="places_area_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(successor="")
                | (models.Q(suspended_on__isnull=False) & ~models.Q(successor=models.F("path"))),
                name="places_area_successor_takes_over_since_a_day",
            ),
        ]

    PRIVACY = {
        "name": "public",
        "code": "public",
        "boundary": "public",
        "successor": "public",
        "suspended_on": "public",
    }

    def __str__(self) -> str:
        return self.name
