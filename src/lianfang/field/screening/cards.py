"""Arrivals, exposures, first verifications and hand-overs follow their person from card to card."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lianfang import vault
from lianfang.field.screening.actions import enrol_arrivals, tell_apart
from lianfang.field.screening.contacts import enrol_contacts
from lianfang.field.screening.models import Arrival, Exposure, Handover, Referral, Verification
from lianfang.mandate.duties.models import Enrolment
from lianfang.registry.people.models import Document, Person
from lianfang.registry.people.rules import FORGOTTEN

FOLLOW = [(Arrival, "person"), (Exposure, "person"), (Verification, "person"), (Handover, "person")]


def merge(*, at: datetime, kept: Person, merged: Person) -> dict[str, Any]:
    """One person is handed over once, and by the area that has the person.

    An offer that would double stays with the other card, withdrawn; one that follows is sent from where the kept card
    is; one to that very area is over.
    """
    over, senders = list(Handover.objects.filter(person=merged, state__in=Handover.OPEN)), []
    for offer in Handover.objects.filter(person=kept, state__in=Handover.OPEN):
        if kept.area_path.startswith(offer.to_path):
            over.append(offer)
        else:
            senders.append([offer.pk, offer.from_path])
            Handover.objects.filter(pk=offer.pk).update(from_path=kept.area_path)
    doubled = [_withdraw(offer, at) for offer in over]
    _gather(kept)
    if Enrolment.objects.filter(subject=kept.uid, closed_reason="moved", closed_at=at).exists():
        enrol_arrivals(at=at, arrivals=kept.arrivals.all())
        enrol_contacts(at=at, exposures=kept.exposures.all())
    return {"doubled": doubled, "senders": senders}


def _withdraw(offer: Handover, at: datetime) -> list:
    """Returns what it was, for `undo`."""
    before = [offer.pk, offer.state, offer.decided_by, offer.decided_at and offer.decided_at.isoformat()]
    offer.state = "withdrawn"
    offer.decided_at, offer.decided_by = offer.decided_at or at, offer.decided_by or "system"
    offer.save(update_fields=["state", "decided_at", "decided_by"])
    return before


def _gather(card: Person) -> None:
    """A card's arrivals and exposures are of the area where the card is."""
    for model in (Arrival, Exposure):
        rows = model.objects.filter(person=card, withdrawn_at__isnull=True)
        rows.exclude(area_path=card.area_path).update(area_path=card.area_path)


def undo(*, at: datetime, kept: Person, merged: Person, moved: dict[str, Any]) -> None:
    for key, state, by, moment in moved["doubled"]:
        decided = datetime.fromisoformat(moment) if moment else None
        Handover.objects.filter(pk=key).update(state=state, decided_by=by, decided_at=decided)
    for key, path in moved.get("senders", []):
        offer = Handover.objects.filter(pk=key, person=merged)
        if not offer.filter(state__in=Handover.OPEN).update(from_path=path):
            offer.filter(state="accepted").update(person=kept)  # it was this card that went
    _gather(kept)
    _gather(merged)


def settle(*, at: datetime, kept: Person, merged: Person) -> None:
    """Each is under observation for the own returns and contacts; what those of the other opened meanwhile ends."""
    for card, other in ((kept, merged), (merged, kept)):
        tell_apart(at=at, card=card, other=other)


def forget(*, people: Sequence[int]) -> None:
    """Days and places of the plan stay to be counted; plates, words and who was looked for by which number go."""
    arrivals, exposures, offers = (model.objects.filter(person__in=people) for model in (Arrival, Exposure, Handover))
    arrivals.update(origin_text="", transport="", vehicle="")
    arrivals.exclude(correction="").update(correction=FORGOTTEN)
    exposures.update(setting="", source="")
    offers.update(reason=FORGOTTEN)
    offers.exclude(decision_reason="").update(decision_reason=FORGOTTEN)
    # Somebody who is still looked for by a list is not found yet: that is the list's to end.
    numbers = Document.objects.filter(person__in=people).values("number_hash")
    Referral.objects.filter(document__in=numbers).exclude(outcome="").update(
        name=FORGOTTEN, place_text="", note="", document=None, told_sealed=vault.seal("{}")
    )
