"""The household ledger on top of people's doors. Belongings end, they are never deleted: a move keeps its history."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from lianfang.registry.homes.rules import COMPOUNDS, GRID, GROUPS, RESIDENTS, VULNERABILITIES
from lianfang.registry.people.models import Household, Person


class TimeRange(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


class LastingQuerySet(models.QuerySet):
    def at(self, moment):
        """What held at the moment."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=moment), since__lte=moment)


class Compound(models.Model):
    """A housing compound: with or without property management, scattered houses, a single building."""

    uid = models.UUIDField(unique=True)
    area_path = models.CharField(max_length=18, db_index=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    grid_path = models.CharField(max_length=18, blank=True)
    manager = models.CharField(max_length=60, blank=True)
    manager_phone = models.CharField(max_length=20, blank=True)
    registered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=COMPOUNDS), name="homes_compound_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="homes_compound_has_a_name"),
            models.CheckConstraint(
                condition=Q(grid_path="") | Q(grid_path__startswith=F("area_path"), grid_path__length=GRID),
                name="homes_compound_grid_is_of_its_village",
            ),
            models.UniqueConstraint(
                fields=["area_path", "name"], condition=Q(closed_at__isnull=True), name="homes_compound_one_of_a_name"
            ),
        ]

    PRIVACY = {"name": "public", "grid_path": "public", "manager": "staff", "manager_phone": "staff"}

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """A joint-control group of households with its coordinator: forming, active, dissolved."""

    uid = models.UUIDField(unique=True)
    area_path = models.CharField(max_length=18, db_index=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    position = models.IntegerField(default=0)
    coordinator = models.CharField(max_length=60, blank=True)
    coordinator_phone = models.CharField(max_length=20, blank=True)
    formed_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True, blank=True)
    dissolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=GROUPS), name="homes_group_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="homes_group_has_a_name"),
            models.CheckConstraint(
                condition=Q(activated_at__isnull=True) | ~Q(coordinator=""), name="homes_active_group_has_a_coordinator"
            ),
            models.CheckConstraint(
                condition=Q(dissolved_at__isnull=True) | Q(dissolved_at__gte=F("formed_at")),
                name="homes_group_dissolved_after_formed",
            ),
            models.UniqueConstraint(
                fields=["area_path", "name"], condition=Q(dissolved_at__isnull=True), name="homes_group_one_of_a_name"
            ),
        ]

    PRIVACY = {"name": "public", "coordinator": "staff", "coordinator_phone": "staff"}

    def __str__(self) -> str:
        return self.name


class Belonging(models.Model):
    """A household belongs to one grid, one group, one compound at a time."""

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="belongings")
    sort = models.CharField(max_length=10)
    grid_path = models.CharField(max_length=18, blank=True, db_index=True)
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="belongings")
    compound = models.ForeignKey(Compound, null=True, blank=True, on_delete=models.PROTECT, related_name="belongings")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=150)

    objects = LastingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sort="grid", grid_path__length=GRID, group__isnull=True, compound__isnull=True)
                | Q(sort="group", grid_path="", group__isnull=False, compound__isnull=True)
                | Q(sort="compound", grid_path="", group__isnull=True, compound__isnull=False),
                name="homes_belonging_names_what_its_sort_says",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="homes_belonging_ends_after_it_begins"
            ),
            ExclusionConstraint(
                name="homes_household_never_in_two_at_once",
                expressions=[
                    ("household", RangeOperators.EQUAL),
                    ("sort", RangeOperators.EQUAL),
                    (TimeRange("since", "until"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    PRIVACY = {"sort": "personal", "grid_path": "personal", "by": "staff"}


class Check(models.Model):
    """Somebody compared the ledger with the door. The last one counts; earlier ones are superseded."""

    uid = models.UUIDField(unique=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="checks")
    at = models.DateTimeField()
    number = models.IntegerField()
    by = models.CharField(max_length=150)
    note = models.CharField(max_length=200, blank=True)
    registered_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(superseded_at__isnull=True), name="homes_check_one_that_counts"
            ),
            models.UniqueConstraint(fields=["household", "number"], name="homes_check_numbered_once"),
            models.CheckConstraint(condition=Q(at__lte=F("registered_at")), name="homes_check_not_of_the_future"),
        ]

    PRIVACY = {"note": "personal", "by": "staff"}


class Residence(models.Model):
    """As what a person lives here: permanent, mobile, or under special care."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="residences")
    kind = models.CharField(max_length=10)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=150)

    objects = LastingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RESIDENTS), name="homes_residence_kind_known"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(until__isnull=True), name="homes_residence_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="homes_residence_ends_after_it_begins"
            ),
        ]

    PRIVACY = {"kind": "personal", "by": "staff"}


class Vulnerability(models.Model):
    """Why a person needs particular care, for as long as it lasts."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="vulnerabilities")
    kind = models.CharField(max_length=20)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=150)

    objects = LastingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=VULNERABILITIES), name="homes_vulnerability_kind_known"),
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(until__isnull=True), name="homes_vulnerability_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
                name="homes_vulnerability_ends_after_it_begins",
            ),
        ]

    PRIVACY = {"kind": "health", "by": "staff"}


class HomeMove(models.Model):
    """A household left one door for another; both keep what was."""

    uid = models.UUIDField(unique=True)
    left = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="moves_out")
    reached = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="moves_in")
    people = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(left=F("reached")), name="homes_move_goes_somewhere_else"),
        ]

    PRIVACY = {"people": "pseudonym", "by": "staff"}


class Freshness(models.Model):
    """For how many days a check of the ledger counts below an area: from a plan or an office, never from code."""

    area_path = models.CharField(max_length=18)
    days = models.IntegerField()
    basis = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=150)

    objects = LastingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(days__gte=1), name="homes_freshness_is_a_day_at_least"),
            models.CheckConstraint(condition=~Q(basis=""), name="homes_freshness_has_a_basis"),
            models.UniqueConstraint(
                fields=["area_path"], condition=Q(until__isnull=True), name="homes_freshness_one_an_area"
            ),
        ]

    PRIVACY = {"by": "staff"}
