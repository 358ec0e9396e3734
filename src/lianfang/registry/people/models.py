from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Replace

from lianfang.science.identity.documents import DocumentKind

WHOSE = ("self", "family", "workplace")
LETTERS = Replace(F("pinyin"), Value(" "), Value(""))  # as people type a name's pinyin: without blanks


class Characters(Func):
    """The characters of a text as an array, so that an index finds those inside a name."""

    function = "string_to_array"
    template = "%(function)s(%(expressions)s, NULL)"
    output_field = ArrayField(TextField())


class Household(models.Model):
    """A door in a village. Its key is what people write: the normal form of the door number."""

    uid = models.UUIDField(unique=True)
    area_path = models.CharField(max_length=18, db_index=True)
    door = models.CharField(max_length=60)
    door_key = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area_path", "door_key"], name="people_household_one_per_door"),
            models.CheckConstraint(condition=~Q(door_key=""), name="people_household_has_a_door"),
        ]
        indexes = [models.Index(OpClass(F("door_key"), "varchar_pattern_ops"), name="people_household_door")]

    PRIVACY = {"door": "personal", "door_key": "personal"}


class PersonQuerySet(models.QuerySet["Person"]):
    def as_of(self, moment) -> "PersonQuerySet":
        """Registered by the moment and not withdrawn by then."""
        return self.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=moment), registered_at__lte=moment)

    def under(self, path: str) -> "PersonQuerySet":
        return self.filter(area_path__startswith=path)


class Person(models.Model):
    """One person, one card.

    A card merged into another is withdrawn and names it, so that what carries its uid still leads to the person.
    `without_document` is an answer: the person has none. `compared_at` is empty until the card was compared with
    the whole register after it was made or changed.
    """

    uid = models.UUIDField(unique=True)
    name = models.CharField(max_length=60)
    pinyin = models.CharField(max_length=200)
    initials = models.CharField(max_length=30, db_index=True)
    sex = models.CharField(max_length=6, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    area_path = models.CharField(max_length=18, db_index=True)
    household = models.ForeignKey(Household, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    registered_at = models.DateTimeField()
    arrived_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_cards"
    )
    without_document = models.BooleanField(default=False, db_default=False)
    compared_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="people_person_has_a_name"),
            models.CheckConstraint(condition=Q(sex__in=["", "male", "female"]), name="people_person_sex_is_known_code"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("registered_at")),
                name="people_person_withdrawn_after_registered",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(withdrawn_at__isnull=False) & ~Q(merged_into=F("id")),
                name="people_person_merged_is_withdrawn",
            ),
        ]
        indexes = [
            models.Index(fields=["pinyin", "area_path"], name="people_person_pinyin"),
            models.Index(fields=["birth_date", "pinyin"], name="people_person_born"),
            models.Index(OpClass(F("name"), "varchar_pattern_ops"), name="people_person_name"),
            models.Index(OpClass(LETTERS, "text_pattern_ops"), name="people_person_letters"),
            GinIndex(Characters(F("name")), name="people_person_characters"),
            models.Index(fields=["id"], condition=Q(compared_at__isnull=True), name="people_person_to_compare"),
        ]

    PRIVACY = {
        "uid": "pseudonym",
        "name": "personal",
        "pinyin": "personal",
        "initials": "personal",
        "sex": "personal",
        "birth_date": "personal",
        "household": "personal",
    }

    def __str__(self) -> str:
        return self.name


class NumberQuerySet(models.QuerySet["models.Model"]):
    def live(self) -> "NumberQuerySet":
        return self.filter(withdrawn_at__isnull=True)


class Number(models.Model):
    """A number on a card: sealed for reading back, hashed for exact look-up.

    `digits_hash` is equal for numbers of the same digits in another order. A correction is a new row: the old one is
    withdrawn with its reason and names what replaced it.
    """

    number_sealed = models.BinaryField()
    digits_hash = models.BinaryField(max_length=16, null=True, blank=True)
    added_at = models.DateTimeField(null=True, blank=True)
    added_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    replaced_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces")

    objects = NumberQuerySet.as_manager()

    class Meta:
        abstract = True


_NUMBER_PRIVACY = {
    "number_sealed": "sealed",
    "number_hash": "pseudonym",
    "digits_hash": "pseudonym",
    "added_by": "staff",
    "withdrawn_by": "staff",
    "withdrawn_reason": "personal",
}


class Document(Number):
    """An identity document. One live card per document; 15 and 18 digits of a resident number are one document."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=20)
    number_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number_hash"],
                condition=Q(withdrawn_at__isnull=True),
                name="people_document_on_one_card",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in DocumentKind]), name="people_document_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(replaced_by__isnull=True) | Q(withdrawn_at__isnull=False),
                name="people_document_replaced_is_withdrawn",
            ),
        ]
        indexes = [
            models.Index(fields=["digits_hash"], condition=Q(withdrawn_at__isnull=True), name="people_document_digits")
        ]

    PRIVACY = _NUMBER_PRIVACY | {"kind": "personal"}


class Phone(Number):
    """A phone by which a person is reached; families share phones, so it is never a key.

    `tail_hash` finds the last four digits, as people read them out.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="phones")
    whose = models.CharField(max_length=10, default="self", db_default="self")
    number_hash = models.BinaryField(max_length=32, db_index=True)
    tail_hash = models.BinaryField(max_length=16, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "number_hash"],
                condition=Q(withdrawn_at__isnull=True),
                name="people_phone_once_a_person",
            ),
            models.CheckConstraint(condition=Q(whose__in=WHOSE), name="people_phone_whose_known"),
            models.CheckConstraint(
                condition=Q(replaced_by__isnull=True) | Q(withdrawn_at__isnull=False),
                name="people_phone_replaced_is_withdrawn",
            ),
        ]
        indexes = [
            models.Index(fields=["digits_hash"], condition=Q(withdrawn_at__isnull=True), name="people_phone_digits"),
            models.Index(fields=["tail_hash"], condition=Q(withdrawn_at__isnull=True), name="people_phone_tail"),
        ]

    PRIVACY = _NUMBER_PRIVACY | {"tail_hash": "pseudonym", "whose": "personal"}


class Source(models.Model):
    """A place where the person was mentioned: a row of a list, a checkpoint, a declaration."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sources")
    kind = models.CharField(max_length=20)
    label = models.CharField(max_length=200)
    reference = models.UUIDField()
    row = models.IntegerField(null=True, blank=True)
    sheet = models.CharField(max_length=100, blank=True)
    registered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "reference", "sheet", "row"],
                condition=Q(withdrawn_at__isnull=True),
                name="people_source_once",
            )
        ]

    PRIVACY = {"label": "personal", "reference": "pseudonym"}


class Merge(models.Model):
    """Two cards were found to be one person: `kept` goes on, `merged` is withdrawn. `moved` is what an undo restores.

    Undone in the opposite order in which they were made, so that each gives back exactly what it took.
    """

    uid = models.UUIDField(unique=True)
    kept = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges_away")
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    moved = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="people_merge_of_two_cards"),
            models.CheckConstraint(condition=~Q(reason=""), name="people_merge_has_a_reason"),
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="people_merge_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by="") | Q(undone_at__isnull=False) & ~Q(undone_by=""),
                name="people_merge_undone_by_somebody",
            ),
        ]

    PRIVACY = {"reason": "personal", "by": "staff", "undone_by": "staff", "moved": "pseudonym"}


class DuplicatePair(models.Model):
    """Two cards that may be one person, with the reasons as codes. A person decides; a refusal is remembered."""

    low = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="pairs_above")
    high = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="pairs_below")
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="open")
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="people_pair_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="people_pair_in_order"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "merged", "refused"]), name="people_pair_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_by="") | (~Q(state="open") & ~Q(decided_by="")),
                name="people_pair_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["-found_at"], condition=Q(state="open"), name="people_pair_open")]

    PRIVACY = {"low": "personal", "high": "personal", "reasons": "personal", "decided_by": "staff"}
