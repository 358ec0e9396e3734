"""Who commands and who is responsible, since when and until when. Nothing here is ever deleted."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce

from lianfang.registry.accounts.models import Account
from lianfang.registry.organisation.rules import BODIES, POSTS, SINGLE, VENUES


class TimeRange(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


class BodyQuerySet(models.QuerySet["Body"]):
    def at(self, moment) -> "BodyQuerySet":
        """Bodies that stood at the moment, suspended and merged ones among them."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=moment), valid_from__lte=moment)

    def working(self, moment) -> "BodyQuerySet":
        """As `at`, without those that were suspended or merged by then."""
        return self.at(moment).filter(Q(suspended_at__isnull=True) | Q(suspended_at__gt=moment))


class Body(models.Model):
    """A leading group, command post, office, working group or member unit of an area."""

    uid = models.UUIDField(unique=True)
    area_path = models.CharField(max_length=18, db_index=True)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    lead_unit = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="leads")
    duties = models.JSONField(default=list)
    position = models.IntegerField(default=0)
    valid_from = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = BodyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BODIES), name="organisation_body_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_body_has_a_name"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="organisation_body_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | (Q(suspended_at__isnull=False) & ~Q(merged_into=F("id"))),
                name="organisation_merged_body_knows_since_when",
            ),
            models.UniqueConstraint(
                fields=["area_path", "kind", "name"],
                condition=Q(valid_to__isnull=True),
                name="organisation_body_one_of_a_name",
            ),
            models.UniqueConstraint(
                fields=["area_path"],
                condition=Q(valid_to__isnull=True, suspended_at__isnull=True, kind="leading_group"),
                name="organisation_one_leading_group_an_area",
            ),
        ]

    PRIVACY = {"name": "public", "duties": "public"}

    def __str__(self) -> str:
        return self.name


class Venue(models.Model):
    """A venue, unit or project for which four parties are responsible: locality, department, unit, individual."""

    uid = models.UUIDField(unique=True)
    area_path = models.CharField(max_length=18, db_index=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10)
    address = models.CharField(max_length=120, blank=True)
    registered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=VENUES), name="organisation_venue_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_venue_has_a_name"),
            models.UniqueConstraint(
                fields=["area_path", "name"],
                condition=Q(closed_at__isnull=True),
                name="organisation_venue_one_of_a_name",
            ),
        ]

    PRIVACY = {"name": "public", "address": "public"}

    def __str__(self) -> str:
        return self.name


class TermQuerySet(models.QuerySet["Term"]):
    def at(self, moment) -> "TermQuerySet":
        """In effect at the moment."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=moment), since__lte=moment)


class Term(models.Model):
    """Somebody holds a post: of an area, of a body, or as responsible party of a venue.

    Proposed without `since`; effective from `since`; ended at `until`. The holder has an account or is a name alone.
    """

    uid = models.UUIDField(unique=True)
    area_path = models.CharField(max_length=18, db_index=True)
    body = models.ForeignKey(Body, null=True, blank=True, on_delete=models.PROTECT, related_name="terms")
    venue = models.ForeignKey(Venue, null=True, blank=True, on_delete=models.PROTECT, related_name="terms")
    post = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    unit = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="terms")
    basis = models.CharField(max_length=200, blank=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=150)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(post__in=POSTS), name="organisation_term_post_known"),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_term_has_a_holder"),
            models.CheckConstraint(
                condition=Q(body__isnull=True) | Q(venue__isnull=True), name="organisation_term_is_of_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(since__isnull=False, until__gt=F("since")),
                name="organisation_term_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(declined_at__isnull=True) | Q(since__isnull=True),
                name="organisation_declined_term_never_began",
            ),
            ExclusionConstraint(
                name="organisation_post_held_by_one_at_a_time",
                expressions=[
                    ("area_path", RangeOperators.EQUAL),
                    ("post", RangeOperators.EQUAL),
                    (Coalesce(F("body"), 0), RangeOperators.EQUAL),
                    (Coalesce(F("venue"), 0), RangeOperators.EQUAL),
                    (TimeRange("since", "until"), RangeOperators.OVERLAPS),
                ],
                condition=Q(since__isnull=False, post__in=SINGLE),
            ),
        ]

    PRIVACY = {
        "name": "staff",
        "unit": "staff",
        "phone": "staff",
        "post": "staff",
        "basis": "staff",
        "proposed_by": "staff",
    }
