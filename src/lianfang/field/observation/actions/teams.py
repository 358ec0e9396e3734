"""Places of responsibility teams: handed over, given up, or filled for many people at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.models import Enrolment, TeamMember
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor

_NAME, _PHONE = 60, 20  # characters that the table's columns hold


@dataclass(frozen=True)
class Assigned:
    """`taken`: places that somebody else holds; `twice`: the member already has another place of that team."""

    filled: int
    taken: int
    twice: int


@transaction.atomic
def assign_many(
    *, by: Actor, at: datetime, enrolments: Sequence[Enrolment], places: Mapping[str, tuple[str, str]]
) -> Assigned:
    """Fill the places (slot → name, phone) in the teams of all these people; a place that is held stays as it is."""
    held = list(
        TeamMember.objects.filter(enrolment__in=[one.pk for one in enrolments], until__isnull=True).values_list(
            "enrolment_id", "slot", "name"
        )
    )
    slots = {(enrolment, slot) for enrolment, slot, _name in held}
    names = {(enrolment, name) for enrolment, _slot, name in held}
    new, taken, twice = [], 0, 0
    for enrolment in enrolments:
        plan = enrolment.activation.plan_version.plan
        team = plan.team_of(plan.pathways[enrolment.pathway])
        wanted = [slot.code for slot in team.slots if slot.code in places] if team else []
        for slot in wanted:
            name, phone = places[slot]
            if (enrolment.pk, slot) in slots:
                taken += 1
            elif (enrolment.pk, name[:_NAME]) in names:
                twice += 1
            else:
                names.add((enrolment.pk, name[:_NAME]))
                new.append(_member(enrolment, slot, name, phone, at))
    if new:
        duties.fill_places(by=by, at=at, places=new)
    return Assigned(len(new), taken, twice)


def _member(enrolment: Enrolment, slot: str, name: str, phone: str, at: datetime, uid: UUID | None = None):
    return TeamMember(
        enrolment=enrolment,
        slot=slot,
        name=name[:_NAME],
        phone=phone[:_PHONE],
        record=uid or uuid4(),
        since=at,
        registered_at=at,
    )


@transaction.atomic
def hand_over(*, by: Actor, at: datetime, member: TeamMember, name: str, phone: str, uid: UUID) -> TeamMember:
    """Another takes the place from the moment on; who held it before stays in the record. PlaceTaken as in filling."""
    if known := TeamMember.objects.filter(record=uid).first():
        return known
    before = TeamMember.objects.select_for_update().select_related("enrolment").get(pk=member.pk)
    if before.until is not None:
        raise duties.PlaceTaken(before.slot)
    TeamMember.objects.filter(pk=before.pk).update(until=at)
    after = _member(before.enrolment, before.slot, name, phone, at, uid)
    duties.fill_places(by=by, at=at, places=[after])
    _log(by, at, before, "team.place_handed_over")
    return after


@transaction.atomic
def give_up(*, by: Actor, at: datetime, member: TeamMember) -> None:
    """The place is empty from the moment on: it is a gap again until somebody fills it."""
    before = TeamMember.objects.select_for_update().select_related("enrolment").get(pk=member.pk)
    if before.until is not None:
        return
    TeamMember.objects.filter(pk=before.pk).update(until=at)
    records = TeamMember.objects.filter(enrolment=before.enrolment, slot=before.slot).values_list("record", flat=True)
    duties.withdraw_records(records=list(records), at=at)
    _log(by, at, before, "team.place_given_up")


def _log(by: Actor, at: datetime, member: TeamMember, action: str) -> None:
    audit.record(
        by=by,
        action=action,
        at=at,
        subject_kind="person",
        subject=member.enrolment.subject,
        area_path=member.enrolment.area_path,
        data={"slot": member.slot},
    )
