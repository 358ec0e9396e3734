"""What the ledger knows of a person follows the card; what both cards say is said once."""

from datetime import datetime
from typing import Any

from lianfang.registry.homes.models import Residence, Vulnerability
from lianfang.registry.people.models import Person


def merge(*, at: datetime, kept: Person, merged: Person) -> dict[str, Any]:
    """A kind of residence that the kept card has already stays with the other card, in the records."""
    has_kind = Residence.objects.filter(person=kept, until=None).exists()
    residences = Residence.objects.none() if has_kind else Residence.objects.filter(person=merged, until=None)
    said = Vulnerability.objects.filter(person=kept, until=None).values("kind")
    told = Vulnerability.objects.filter(person=merged, until=None).exclude(kind__in=said)
    moved = {
        "residences": list(residences.values_list("pk", flat=True)),
        "vulnerabilities": list(told.values_list("pk", flat=True)),
    }
    Residence.objects.filter(pk__in=moved["residences"]).update(person=kept)
    Vulnerability.objects.filter(pk__in=moved["vulnerabilities"]).update(person=kept)
    return moved


def undo(*, at: datetime, kept: Person, merged: Person, moved: dict[str, Any]) -> None:
    Residence.objects.filter(pk__in=moved["residences"], person=kept).update(person=merged)
    Vulnerability.objects.filter(pk__in=moved["vulnerabilities"], person=kept).update(person=merged)
