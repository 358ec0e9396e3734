"""Hand-over of a person between areas: sent, accepted or rejected, sent elsewhere, withdrawn. One owner at any time.

The person's card says whose the person is; it moves with the acceptance and at no other moment.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from lianfang.field.screening.actions import enrol_arrivals
from lianfang.field.screening.contacts import enrol_contacts
from lianfang.field.screening.models import Arrival, Exposure, Handover
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.models import Enrolment
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people
from lianfang.registry.people.models import Person


class NotPossible(ValueError):
    """The hand-over is not in a state in which this can be done; `rule` says which rule forbids it."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@transaction.atomic
def send(
    *, by: Actor, at: datetime, uid: UUID, person: Person, to_path: str, reason: str, follows: Handover | None = None
) -> Handover:
    """Offer the person to another area; `uid` of the sender makes sending twice send once."""
    if known := Handover.objects.filter(uid=uid).first():
        return known
    person = Person.objects.select_for_update().get(pk=person.pk)
    if person.withdrawn_at is not None:
        raise NotPossible("card_gone")
    if person.area_path.startswith(to_path):
        raise NotPossible("lives_there")
    try:
        with transaction.atomic():
            made = Handover.objects.create(
                uid=uid,
                person=person,
                from_path=person.area_path,
                to_path=to_path,
                reason=reason[:300],
                sent_at=at,
                sent_by=by.name,
                follows=follows,
            )
    except IntegrityError as fault:
        raise NotPossible("already_sent") from fault
    _log(by, at, "handover.sent", made)
    return made


@transaction.atomic
def accept(*, by: Actor, at: datetime, handover: Handover, village: str, door: str = "") -> Handover:
    """The person is this village's from now on: card, arrivals, contacts and what is still to be done go along.

    Where another plan governs there, the person is enrolled anew as that plan says.
    """
    made = _locked(handover, "sent")
    if not village.startswith(made.to_path):
        raise NotPossible("not_in_the_area")
    _decide(made, "accepted", by, at)
    person = people.move(by=by, at=at, person=made.person, area_path=village, door=door)
    arrivals, contacts = (
        model.objects.filter(person=person, withdrawn_at__isnull=True) for model in (Arrival, Exposure)
    )
    arrivals.update(area_path=village)
    contacts.update(area_path=village)
    left = duties.move_subject(by=by, at=at, subject=person.uid, area_path=village)
    known = Enrolment.objects.filter(subject=person.uid, voided_at__isnull=True).exclude(
        pk__in=[row.pk for row in left]
    )
    if left or not known.exists():
        enrol_arrivals(at=at, arrivals=arrivals)
        enrol_contacts(at=at, exposures=contacts)
    _log(by, at, "handover.accepted", made)
    return made


@transaction.atomic
def reject(*, by: Actor, at: datetime, handover: Handover, reason: str) -> Handover:
    """The area does not take the person; the sender has to send elsewhere or to withdraw."""
    made = _locked(handover, "sent")
    _decide(made, "rejected", by, at, reason)
    _log(by, at, "handover.rejected", made)
    return made


@transaction.atomic
def reroute(*, by: Actor, at: datetime, uid: UUID, handover: Handover, to_path: str, reason: str) -> Handover:
    """A rejected hand-over goes to another area; the chain of both is kept."""
    made = _locked(handover, "rejected")
    made.state = "rerouted"
    made.save(update_fields=["state"])
    return send(by=by, at=at, uid=uid, person=made.person, to_path=to_path, reason=reason, follows=made)


@transaction.atomic
def withdraw(*, by: Actor, at: datetime, handover: Handover, reason: str = "") -> Handover:
    """The sender keeps the person."""
    made = _locked(handover, *Handover.OPEN)
    if made.state == "rejected":
        made.state = "withdrawn"
        made.save(update_fields=["state"])
    else:
        _decide(made, "withdrawn", by, at, reason)
    _log(by, at, "handover.withdrawn", made)
    return made


def _locked(handover: Handover, *states: str) -> Handover:
    made = Handover.objects.select_for_update(of=("self",)).select_related("person").get(pk=handover.pk)
    if made.state not in states:
        raise NotPossible("decided_already")
    return made


def _decide(made: Handover, state: str, by: Actor, at: datetime, reason: str = "") -> None:
    made.state, made.decided_at, made.decided_by, made.decision_reason = state, at, by.name, reason[:300]
    made.save(update_fields=["state", "decided_at", "decided_by", "decision_reason"])


def _log(by: Actor, at: datetime, action: str, made: Handover) -> None:
    audit.record(
        by=by,
        action=action,
        at=at,
        subject_kind="person",
        subject=made.person.uid,
        area_path=made.to_path,
        data={"handover": str(made.uid), "from": made.from_path},
    )
