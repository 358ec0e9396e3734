from django.db import models
from django.db.models import F, Q


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

    PRIVACY = {"door": "personal", "door_key": "personal"}


class PersonQuerySet(models.QuerySet["Person"]):
    def as_of(self, moment) -> "PersonQuerySet":
        """Registered by the moment and not withdrawn by then."""
        return self.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=moment), registered_at__lte=moment)

    def under(self, path: str) -> "PersonQuerySet":
        return self.filter(area_path__startswith=path)


class Person(models.Model):
    """One person, one card."""

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
        ]
        indexes = [models.Index(fields=["pinyin", "area_path"], name="people_person_pinyin")]

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


class Document(models.Model):
    """An identity document: sealed for reading back, hashed for exact look-up. One live card per document."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=20)
    number_sealed = models.BinaryField()
    number_hash = models.BinaryField(max_length=32)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number_hash"],
                condition=Q(withdrawn_at__isnull=True),
                name="people_document_on_one_card",
            )
        ]

    PRIVACY = {"number_sealed": "sealed", "number_hash": "pseudonym", "kind": "personal"}


class Phone(models.Model):
    """A phone by which a person is reached; families share phones, so it is never a key."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="phones")
    number_sealed = models.BinaryField()
    number_hash = models.BinaryField(max_length=32, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "number_hash"], name="people_phone_once_a_person")]

    PRIVACY = {"number_sealed": "sealed", "number_hash": "pseudonym"}


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
