"""The engine's tables. It knows enrolments and evidence, and no context above it."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from lianfang.mandate.response.models import Activation, Duty


class Enrolment(models.Model):
    """A subject (person or area) on a pathway of a plan in force: from this all obligations follow.

    `cause` tells apart several enrolments of one subject on one pathway (each fever, each need); it is the subject
    itself where there can be only one. `origin` is the first of a chain where this one goes on from another: extended,
    or under a changed plan. What the chain owes already is not owed again. `place` where an order names another than
    the pathway.
    """

    activation = models.ForeignKey(Activation, on_delete=models.PROTECT, related_name="enrolments")
    subject_kind = models.CharField(max_length=10)
    subject = models.UUIDField()
    cause = models.UUIDField()
    pathway = models.CharField(max_length=60)
    observed = models.BooleanField(default=False)
    area_path = models.CharField(max_length=18, db_index=True)
    place = models.CharField(max_length=20, blank=True, default="", db_default="")
    anchor_on = models.DateField()
    anchor_at = models.DateTimeField(null=True, blank=True)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    registered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=40, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    generated_through = models.DateField(null=True, blank=True)
    origin = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="successors")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activation", "pathway", "subject", "cause"],
                condition=Q(closed_at__isnull=True, voided_at__isnull=True),
                name="duties_enrolment_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(subject_kind__in=["person", "area"]),
                name="duties_enrolment_subject_kind_is_built",
            ),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="duties_enrolment_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_reason="")
                | (Q(closed_at__isnull=False) & ~Q(closed_reason="")),
                name="duties_enrolment_closed_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], name="duties_enrolment_subject"),
            models.Index(Coalesce("origin", "id"), name="duties_enrolment_chain"),
            models.Index(
                fields=["generated_through"],
                condition=Q(closed_at__isnull=True, voided_at__isnull=True),
                name="duties_enrolment_to_generate",
            ),
            models.Index(
                fields=["subject"],  # counts of people under observation read the index alone, one after the other
                include=[
                    "area_path",
                    "registered_at",
                    "last_day",
                    "closed_at",
                    "closed_reason",
                    "voided_at",
                    "origin",
                ],
                condition=Q(observed=True, subject_kind="person"),
                name="duties_enrolment_observed",
            ),
        ]

    PRIVACY = {"subject": "pseudonym", "cause": "pseudonym", "place": "personal"}


class Obligation(models.Model):
    """One duty × one enrolment × one slot. Its state is derived from the evidence; what follows is kept beside it.

    `due_at` is null where the clock cannot start (hour of reaching home unknown): listed, outside the percentage.

    The database keeps (triggers of migration 0004): `done_at` and `excused` as they are after everything that is
    known, true for each moment from `changed_at` on; `known_at` and `ended_at`, between which the enrolment makes it
    count.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="obligations", db_index=False)
    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="obligations", db_index=False)
    subject = models.UUIDField()
    area_path = models.CharField(max_length=18)
    day = models.DateField()
    slot = models.CharField(max_length=40, blank=True)
    accepts_from = models.DateTimeField()
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    accepts_until = models.DateTimeField(null=True, blank=True)
    known_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    excused = models.BooleanField(default=False, db_default=False)
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "duty", "day", "slot"], name="duties_obligation_once"),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(due_at__gt=F("opens_at")),
                name="duties_obligation_due_after_opening",
            ),
        ]
        indexes = [
            models.Index(fields=["area_path", "day"], name="duties_obligation_area_day"),
            models.Index(
                fields=["area_path", "opens_at"],
                condition=Q(accepts_until__isnull=True),
                name="duties_obligation_clocks",
            ),
            models.Index(fields=["subject", "accepts_until", "duty"], name="duties_obligation_subject"),
            models.Index(
                fields=["duty", "due_at", "area_path"],
                include=["opens_at"],  # counts read the index alone
                condition=Q(done_at__isnull=True, excused=False, ended_at__isnull=True),
                name="duties_obligation_undone",
            ),
            models.Index(
                fields=["area_path"],
                condition=Q(done_at__isnull=True, excused=False, ended_at__isnull=True),
                name="duties_obligation_undone_area",
            ),
        ]

    PRIVACY = {
        "subject": "pseudonym",
        "excused": "personal",
        "done_at": "personal",
        "known_at": "personal",
        "ended_at": "personal",
        "changed_at": "personal",
    }


class Counts(models.Model):
    """What stands in one row of a tally. Sums hold from the latest `since` on.

    `opens_at` is set where something was done before it opened: it counts from then.
    """

    area_path = models.CharField(max_length=18)
    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    day = models.DateField(null=True)
    slot = models.CharField(max_length=40)
    due_at = models.DateTimeField(null=True)
    opens_at = models.DateTimeField(null=True)
    since = models.DateTimeField()
    undone = models.IntegerField()
    done = models.IntegerField()
    late = models.IntegerField()
    excused = models.IntegerField()
    untimed = models.IntegerField()
    untimed_done = models.IntegerField()

    class Meta:
        abstract = True


class Tally(Counts):
    """Counts of obligations that were added or taken away; their sum is what there is. Written by the database alone.

    One key is an area, a duty and, for slots, the day and its slot with its end. `summed`: added to the wide tally.
    """

    summed = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(fields=["area_path", "day"], name="duties_tally_area_day"),
            models.Index(fields=["area_path"], condition=Q(summed=False), name="duties_tally_not_summed"),
        ]

    PRIVACY: dict[str, str] = {}


class WideTally(Counts):
    """The same of townships: what the tally had at the last tick. With what is not summed there it is what there is.

    So a county's counts are sums of a thousand rows, and those who write never wait for a township's row.
    """

    PRIVACY: dict[str, str] = {}


class PastCount(models.Model):
    """What was overdue and outstanding in an area at a full hour that is over, as the list of that hour tells it.

    A row without an area says that the hour is counted: an area of which it holds no row had nothing.
    """

    at = models.DateTimeField()
    area_path = models.CharField(max_length=18, blank=True)
    overdue = models.IntegerField()
    outstanding = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["at", "area_path"], name="duties_past_count_once"),
            models.CheckConstraint(
                condition=Q(overdue__gte=0) & Q(overdue__lte=F("outstanding")),
                name="duties_past_count_overdue_is_outstanding",
            ),
        ]

    PRIVACY: dict[str, str] = {}


class PastChange(models.Model):
    """From `since` on the list of a past hour may tell something else of the area. Written by the database alone.

    Without an area, of every area. Until the next tick has counted again, the hours from then on are derived anew.
    """

    area_path = models.CharField(max_length=18, blank=True)
    since = models.DateTimeField()

    PRIVACY: dict[str, str] = {}


class Evidence(models.Model):
    """A record that some context keeps, as the engine sees it. One record may be evidence of several kinds."""

    record = models.UUIDField()
    subject = models.UUIDField()
    kind = models.CharField(max_length=40)
    slot = models.CharField(max_length=40, blank=True)
    about = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()
    registered_at = models.DateTimeField()
    arrived_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "kind", "subject"], name="duties_evidence_once_a_record"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("registered_at")),
                name="duties_evidence_withdrawn_after_registered",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "kind", "at"], name="duties_evidence_match"),
            BrinIndex(fields=["arrived_at"], name="duties_evidence_arrived"),
        ]

    PRIVACY = {"subject": "pseudonym", "record": "pseudonym", "about": "pseudonym"}


class TeamMember(models.Model):
    """Who fills a role place of an enrolment's responsibility team."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="team")
    slot = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True)
    record = models.UUIDField(unique=True)
    since = models.DateTimeField()
    registered_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "slot"],
                condition=Q(until__isnull=True),
                name="duties_team_place_held_by_one",
            ),
            models.UniqueConstraint(
                fields=["enrolment", "name"],
                condition=Q(until__isnull=True),
                name="duties_team_member_holds_one_place",
            ),
        ]

    PRIVACY = {"name": "staff", "phone": "staff", "record": "pseudonym"}


class Excuse(models.Model):
    """Why an obligation need not be met: a reason, by whom, when; `confirmed_by` where the plan asks for a second."""

    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="excuses")
    reason = models.CharField(max_length=300)
    excused_by = models.CharField(max_length=150)
    excused_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=150, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["obligation"],
                condition=Q(withdrawn_at__isnull=True),
                name="duties_excuse_one_in_force",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="duties_excuse_has_a_reason"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | (~Q(withdrawn_by="") & ~Q(withdrawn_reason="")),
                name="duties_excuse_withdrawn_by_whom_and_why",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by="") | ~Q(confirmed_by=F("excused_by")),
                name="duties_excuse_confirmed_by_another",
            ),
        ]

    PRIVACY = {
        "reason": "personal",
        "excused_by": "staff",
        "confirmed_by": "staff",
        "withdrawn_by": "staff",
        "withdrawn_reason": "personal",
    }


class ExcuseProposal(models.Model):
    """A reason that holds only when a second person confirms it; until then the obligation stays outstanding.

    `excuse` is what came of it: empty while nobody has decided, and where it was not accepted.
    """

    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="proposals")
    reason = models.CharField(max_length=300)
    proposed_by = models.CharField(max_length=150)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    excuse = models.OneToOneField(Excuse, on_delete=models.PROTECT, null=True, blank=True, related_name="proposal")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["obligation"],
                condition=Q(decided_at__isnull=True),
                name="duties_excuse_proposal_one_waiting",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="duties_excuse_proposal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by="", excuse__isnull=True)
                | (Q(decided_at__gte=F("proposed_at")) & ~Q(decided_by="") & ~Q(decided_by=F("proposed_by"))),
                name="duties_excuse_proposal_decided_by_another",
            ),
        ]

    PRIVACY = {"reason": "personal", "proposed_by": "staff", "decided_by": "staff"}


class EscalationStep(models.Model):
    """One logged step of an overdue obligation up the ladder."""

    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="steps")
    level = models.CharField(max_length=20)
    reached_at = models.DateTimeField()
    logged_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["obligation", "level"], name="duties_escalation_step_once")]

    PRIVACY: dict[str, str] = {}


class Reminder(models.Model):
    """A word from above to the owners of what is overdue. `lines` holds which obligations it was about.

    `duty`, `owner`, `level` tell how the list was narrowed that it was said for; empty where it was not.
    """

    uid = models.UUIDField(unique=True)
    area_path = models.CharField(max_length=18)
    duty = models.CharField(max_length=60, blank=True)
    owner = models.CharField(max_length=100, blank=True)
    level = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=300, blank=True)
    reminded_by = models.CharField(max_length=150)
    reminded_at = models.DateTimeField()
    covered = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(covered__gt=0), name="duties_reminder_is_about_something"),
            models.CheckConstraint(condition=~Q(reminded_by=""), name="duties_reminder_says_from_whom"),
        ]
        indexes = [models.Index(fields=["area_path", "reminded_at"], name="duties_reminder_area")]

    PRIVACY = {"duty": "public", "owner": "staff", "note": "personal", "reminded_by": "staff"}


class ReminderLine(models.Model):
    """One obligation that a reminder was about."""

    reminder = models.ForeignKey(Reminder, on_delete=models.PROTECT, related_name="lines")
    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="reminders")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reminder", "obligation"], name="duties_reminder_line_once"),
        ]

    PRIVACY: dict[str, str] = {}
