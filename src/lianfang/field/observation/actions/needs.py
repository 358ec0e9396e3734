"""What people need: each need is a duty of the village until it is met; a difficulty opens needs and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from lianfang.field.observation.models import Difficulty, Need
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.rules import NewEnrolment, NewEvidence
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.queries import in_force_in
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.science.plan import Facts, Plan, admits

_BATCH = 2000


@dataclass(frozen=True)
class NewNeed:
    uid: UUID
    person: Person
    category: str
    at: datetime
    note: str = ""


@dataclass(frozen=True)
class NewDifficulty:
    """Why the observation could not be kept, and what would help."""

    uid: UUID
    person: Person
    reason: str
    at: datetime
    helps: tuple[str, ...] = ()
    note: str = ""


@transaction.atomic
def ask_for(*, by: Actor, at: datetime, needs: Sequence[NewNeed]) -> int:
    """Keep what people need; each need is a duty of the village until it is met."""
    Need.objects.bulk_create(
        (
            Need(
                uid=new.uid,
                person=new.person,
                category=new.category,
                note=new.note[:300],
                at=new.at,
                by=by.name,
                registered_at=at,
            )
            for new in needs
        ),
        batch_size=_BATCH,
    )
    plans = in_force_in({new.person.area_path for new in needs}, local_day(at))
    for activation in {found.pk: found for found in plans.values() if found}.values():
        plan = activation.plan_version.plan
        pathways = {new.category: _need_pathways(plan, new.category) for new in needs}
        joining = [
            NewEnrolment(
                subject_kind="person",
                subject=new.person.uid,
                cause=new.uid,
                pathway=code,
                area_path=new.person.area_path,
                anchor_on=local_day(new.at),
                anchor_at=new.at,
            )
            for new in needs
            for code in pathways[new.category]
            if plans[new.person.area_path] is not None and plans[new.person.area_path].pk == activation.pk
        ]
        duties.enrol(activation=activation, at=at, joining=joining)
    audit.record(by=by, action="needs.recorded", at=at, data={"needs": len(needs)})
    return len(needs)


def _need_pathways(plan: Plan, category: str) -> list[str]:
    """What a need of the category opens; a pathway for everybody is not opened by a need."""
    return [
        code
        for code, pathway in plan.pathways.items()
        if pathway.subject == "person"
        and admits(pathway.admit, Facts(need=True, need_category=category), plan)
        and not admits(pathway.admit, Facts(), plan)
    ]


@transaction.atomic
def meet_need(*, by: Actor, at: datetime, need: Need, note: str) -> Need:
    """The need was met; meeting it twice changes nothing."""
    need = Need.objects.select_for_update().get(pk=need.pk)
    if need.met_at is not None:
        return need
    need.met_at, need.met_by, need.met_note = at, by.name, note[:300]
    need.save(update_fields=["met_at", "met_by", "met_note"])
    evidence = NewEvidence(uuid5(need.uid, "met"), need.person.uid, "need_met", at, about=need.uid)
    duties.add_evidence(at=at, evidence=[evidence])
    audit.record(
        by=by,
        action="need.met",
        at=at,
        subject_kind="person",
        subject=need.person.uid,
        area_path=need.person.area_path,
    )
    return need


@transaction.atomic
def record_difficulty(*, by: Actor, at: datetime, new: NewDifficulty) -> Difficulty:
    """Keep why the observation could not be kept; whatever would help becomes a need with its clock."""
    if known := Difficulty.objects.filter(uid=new.uid).first():
        return known
    made = Difficulty.objects.create(
        uid=new.uid,
        person=new.person,
        reason=new.reason,
        helps=list(new.helps),
        note=new.note[:300],
        at=new.at,
        by=by.name,
        registered_at=at,
    )
    needs = [NewNeed(uuid5(new.uid, code), new.person, code, new.at, new.note) for code in new.helps]
    if needs:
        ask_for(by=by, at=at, needs=needs)
    audit.record(
        by=by,
        action="difficulty.recorded",
        at=at,
        subject_kind="person",
        subject=new.person.uid,
        area_path=new.person.area_path,
    )
    return made
