"""What a card carries itself, when two become one. A number that both hold stays where it is: nothing is doubled."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q

from lianfang.registry.people.models import Document, DuplicatePair, Person, Phone, Source

_FILLED = ("sex", "birth_date", "household_id")


def merge(*, at: datetime, kept: Person, merged: Person) -> dict[str, Any]:
    """Numbers and mentions go over; what the kept card does not say, the other one tells."""
    held = kept.phones.live().values("number_hash")
    phones = _move(Phone.objects.filter(person=merged).exclude(number_hash__in=held, withdrawn_at__isnull=True), kept)
    moved = {
        "documents": _move(Document.objects.filter(person=merged), kept),
        "phones": phones,
        "sources": _move(Source.objects.filter(person=merged), kept),
        "filled": [name for name in _FILLED if not getattr(kept, name) and getattr(merged, name)],
        "refusals": _carry_refusals(at, kept, merged),
    }
    if "household_id" in moved["filled"] and merged.household.area_path != kept.area_path:
        moved["filled"].remove("household_id")  # another village's door is none of this card's
    for name in moved["filled"]:
        setattr(kept, name, getattr(merged, name))
    kept.save(update_fields=[*moved["filled"]])
    return moved


def undo(*, at: datetime, kept: Person, merged: Person, moved: dict[str, Any]) -> None:
    """Give back exactly what went over and is still there."""
    for model, name in ((Document, "documents"), (Phone, "phones"), (Source, "sources")):
        model.objects.filter(pk__in=moved[name], person=kept).update(person=merged)
    for name in moved["filled"]:
        if getattr(kept, name) == getattr(merged, name):
            setattr(kept, name, "" if name == "sex" else None)
    kept.save(update_fields=[*moved["filled"]])
    DuplicatePair.objects.filter(pk__in=moved["refusals"]).delete()


def _move(rows, kept: Person) -> list[int]:
    keys = list(rows.values_list("pk", flat=True))
    rows.model.objects.filter(pk__in=keys).update(person=kept)
    return keys


def _carry_refusals(at: datetime, kept: Person, merged: Person) -> list[int]:
    """Who was found to be somebody else than the one card is somebody else than the other."""
    refused = DuplicatePair.objects.filter(Q(low=merged) | Q(high=merged), state="refused")
    others = {low if high == merged.pk else high for low, high in refused.values_list("low_id", "high_id")}
    known = set(
        DuplicatePair.objects.filter(Q(low=kept, high__in=others) | Q(high=kept, low__in=others)).values_list(
            F("low") + F("high") - kept.pk, flat=True
        )
    )
    made = DuplicatePair.objects.bulk_create(
        DuplicatePair(
            low_id=min(kept.pk, other),
            high_id=max(kept.pk, other),
            state="refused",
            found_at=at,
            decided_at=at,
            decided_by="system",
        )
        for other in sorted(others - known - {kept.pk})
    )
    return [pair.pk for pair in made]
