"""Records as the engine sees them, and teams."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from lianfang.bulk import copy_in
from lianfang.mandate.duties.models import Enrolment, Evidence, TeamMember
from lianfang.mandate.duties.rules import NewEvidence
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor

_BATCH = 2000


class PlaceTaken(ValueError):
    """The role place is filled, or the member fills another place of the same team."""


_EVIDENCE = ("record", "subject", "kind", "slot", "about", "at", "registered_at", "arrived_at")


@transaction.atomic
def add_evidence(*, at: datetime, evidence: Iterable[NewEvidence]) -> None:
    """Tell the engine of records; one that it knows already changes nothing. `at` is when they were registered."""
    now = timezone.now()
    rows = [(new.record, new.subject, new.kind, new.slot, new.about, new.at, at, now) for new in evidence]
    try:
        with transaction.atomic():
            copy_in(Evidence, _EVIDENCE, rows)
    except IntegrityError:  # COPY takes all or none: where one is known, the others go in row by row
        Evidence.objects.bulk_create(
            [Evidence(**dict(zip(_EVIDENCE, row, strict=True))) for row in rows],
            batch_size=_BATCH,
            ignore_conflicts=True,
        )


@transaction.atomic
def withdraw_records(*, records: Iterable[UUID], at: datetime) -> None:
    """The records no longer count from the moment on (a correction, an undone decision)."""
    Evidence.objects.filter(record__in=list(records), withdrawn_at__isnull=True).update(withdrawn_at=at)


@transaction.atomic
def fill_places(*, by: Actor, at: datetime, places: Sequence[TeamMember]) -> None:
    """Fill role places of teams (unsaved TeamMember rows) and give the evidence; a place taken raises PlaceTaken."""
    taken = TeamMember.objects.filter(until__isnull=True, enrolment__in={place.enrolment_id for place in places})
    held = set(taken.values_list("enrolment_id", "slot")) | set(taken.values_list("enrolment_id", "name"))
    for place in places:
        for key in ((place.enrolment_id, place.slot), (place.enrolment_id, place.name)):
            if key in held:
                raise PlaceTaken(key[1])
            held.add(key)
    TeamMember.objects.bulk_create(places, batch_size=_BATCH)
    subjects = dict(
        Enrolment.objects.filter(pk__in={place.enrolment_id for place in places}).values_list("pk", "subject")
    )
    add_evidence(
        at=at,
        evidence=[
            NewEvidence(place.record, subjects[place.enrolment_id], "team_member", place.since, slot=place.slot)
            for place in places
        ],
    )
    audit.record(by=by, action="team.places_filled", at=at, data={"places": len(places)})
