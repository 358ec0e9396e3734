"""What a unit's staff declare of their travels. The state is derived when it is read: see `queries`."""

from django.db import models
from django.db.models import Q

from lianfang.registry.organisation.models import Body
from lianfang.registry.people.models import Person


class Declaration(models.Model):
    """One member of a unit's staff: asked, and in time answered. `key` knows the same person in the unit again.

    `answer` is the record that answered: a row of a list, or what was sent from the page. `made_card` where the card
    was made for it.
    """

    uid = models.UUIDField(unique=True)
    unit = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="declarations")
    key = models.BinaryField(max_length=32)
    name = models.CharField(max_length=60)
    document_sealed = models.BinaryField(null=True, blank=True)
    phone_sealed = models.BinaryField(null=True, blank=True)
    cohabitants = models.PositiveSmallIntegerField(null=True, blank=True)
    village = models.CharField(max_length=12, blank=True)
    door = models.CharField(max_length=60, blank=True)
    batch = models.UUIDField(db_index=True)
    sheet = models.CharField(max_length=100, blank=True)
    row = models.IntegerField(null=True, blank=True)
    label = models.CharField(max_length=200, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=150)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.CharField(max_length=150, blank=True)
    answer = models.UUIDField(null=True, blank=True, unique=True)
    travelled = models.BooleanField(null=True, blank=True)
    origin_text = models.CharField(max_length=120, blank=True)
    origin_path = models.CharField(max_length=18, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="declarations")
    made_card = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "key"], condition=Q(withdrawn_at__isnull=True), name="declarations_one_a_person_a_unit"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="declarations_declaration_has_a_name"),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by="", answer__isnull=True, travelled__isnull=True)
                | Q(submitted_at__isnull=False, answer__isnull=False, travelled__isnull=False) & ~Q(submitted_by=""),
                name="declarations_answer_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(travelled=True, returned_on__isnull=False)
                | Q(returned_on__isnull=True, origin_text="", origin_path="")
                & (Q(travelled=False) | Q(travelled__isnull=True)),
                name="declarations_travel_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(submitted_at__isnull=False),
                name="declarations_matched_after_the_answer",
            ),
        ]
        indexes = [models.Index(fields=["unit", "requested_at"], name="declarations_of_a_unit")]

    PRIVACY = {
        "uid": "pseudonym",
        "key": "pseudonym",
        "name": "personal",
        "document_sealed": "sealed",
        "phone_sealed": "sealed",
        "cohabitants": "personal",
        "village": "personal",
        "door": "personal",
        "batch": "pseudonym",
        "label": "personal",
        "answer": "pseudonym",
        "travelled": "personal",
        "origin_text": "personal",
        "origin_path": "personal",
        "returned_on": "personal",
        "requested_at": "staff",
        "requested_by": "staff",
        "submitted_at": "staff",
        "submitted_by": "staff",
    }

    def __str__(self) -> str:
        return self.name
