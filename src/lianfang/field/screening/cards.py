"""Arrivals, exposures, first verifications and hand-overs follow their person from card to card."""

from datetime import datetime
from typing import Any

from lianfang.field.screening.actions import enrol_arrivals
from lianfang.field.screening.models import Arrival, Exposure, Handover, Verification
from lianfang.mandate.duties.models import Enrolment
from lianfang.registry.people.models import Person

FOLLOW = [(Arrival, "person"), (Exposure, "person"), (Verification, "person"), (Handover, "person")]


def merge(*, at: datetime, kept: Person, merged: Person) -> dict[str, Any]:
    """One person is handed over once: an offer that would double stays with the other card, withdrawn."""
    doubled = []
    for offer in Handover.objects.filter(person=merged, state__in=Handover.OPEN):
        doubled.append([offer.pk, offer.state, offer.decided_by, offer.decided_at and offer.decided_at.isoformat()])
        offer.state = "withdrawn"
        offer.decided_at, offer.decided_by = offer.decided_at or at, offer.decided_by or "system"
        offer.save(update_fields=["state", "decided_at", "decided_by"])
    _gather(kept)
    if Enrolment.objects.filter(subject=kept.uid, closed_reason="moved", closed_at=at).exists():
        enrol_arrivals(at=at, arrivals=kept.arrivals.all())
    return {"doubled": doubled}


def _gather(card: Person) -> None:
    """A card's arrivals and exposures are of the area where the card is."""
    for model in (Arrival, Exposure):
        rows = model.objects.filter(person=card, withdrawn_at__isnull=True)
        rows.exclude(area_path=card.area_path).update(area_path=card.area_path)


def undo(*, at: datetime, kept: Person, merged: Person, moved: dict[str, Any]) -> None:
    for key, state, by, moment in moved["doubled"]:
        decided = datetime.fromisoformat(moment) if moment else None
        Handover.objects.filter(pk=key).update(state=state, decided_by=by, decided_at=decided)
    _gather(kept)
    _gather(merged)
