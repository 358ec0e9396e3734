"""Records in: who fills a role place of a team."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from lianfang.mandate.duties.actions import fill_places
from lianfang.mandate.duties.models import Enrolment, TeamMember
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.rules import Line, Refused

_NAME = 60  # characters that the table's column holds


def record_team_members(*, by: Actor, at: datetime, lines: Sequence[Line]) -> dict[UUID, Refused]:
    """Fill places; a place of no team, a place taken and a member who holds another place are refused."""
    enrolments = _open_teams([line.person.uid for line in lines])
    taken = TeamMember.objects.filter(until__isnull=True, enrolment__in=[row.pk for row in enrolments.values()])
    held = set(taken.values_list("enrolment_id", "slot")) | set(taken.values_list("enrolment_id", "name"))
    places, refused = [], {}
    for line in lines:
        try:
            place = _place(line, at, enrolments.get(line.person.uid), held)
        except Refused as fault:
            refused[line.id] = fault
        else:
            held |= {(place.enrolment_id, place.slot), (place.enrolment_id, place.name)}
            places.append(place)
    if places:
        fill_places(by=by, at=at, places=places)
    return refused


def _open_teams(people: list[UUID]) -> dict[UUID, Enrolment]:
    rows = Enrolment.objects.filter(subject__in=people, observed=True, voided_at__isnull=True)
    return {row.subject: row for row in rows.select_related("activation__plan_version").order_by("registered_at", "pk")}


def _place(line: Line, at: datetime, enrolment: Enrolment | None, held: set) -> TeamMember:
    slot, name = line.text("slot"), line.text("name")[:_NAME]
    if enrolment is None:
        raise Refused("document", "", "not_under_observation")
    plan = enrolment.activation.plan_version.plan
    team = plan.team_of(plan.pathways[enrolment.pathway])
    if team is None or slot not in {place.code for place in team.slots}:
        raise Refused("slot", slot, "unknown_team_place")
    if not name:
        raise Refused("name", name, "no_name")
    if (enrolment.pk, slot) in held:
        raise Refused("slot", slot, "team_place_taken")
    if (enrolment.pk, name) in held:
        raise Refused("name", name, "team_member_twice")
    return TeamMember(
        enrolment=enrolment,
        slot=slot,
        name=name,
        phone=line.text("phone")[:20],
        record=line.id,
        since=line.at,
        registered_at=at,
    )


RECORDERS = {"team_member": record_team_members}
