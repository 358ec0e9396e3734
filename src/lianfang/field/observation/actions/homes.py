"""Whether a home suits observation; one that does not brings an order for another place the same moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lianfang.field.observation.models import HomeAssessment
from lianfang.field.observation.wording import HOME
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.rules import NewEvidence
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.actions import CannotOrder, NewOrder, propose
from lianfang.mandate.orders.queries import observation_of
from lianfang.mandate.orders.rules import PLACEMENT
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person


@dataclass(frozen=True)
class NewAssessment:
    """What was looked at in a person's home, and what of it is lacking."""

    uid: UUID
    person: Person
    asked: Sequence[str]
    lacking: Sequence[str]
    at: datetime
    note: str = ""


@transaction.atomic
def assess_home(*, by: Actor, at: datetime, new: NewAssessment) -> HomeAssessment:
    """Keep the assessment; where something lacks, propose the placement that the plan names, in the same transaction.

    Where the plan leaves observation to the person, nothing is ordered: a lack is only told.
    """
    if known := HomeAssessment.objects.filter(uid=new.uid).first():
        return known
    made = HomeAssessment.objects.create(
        uid=new.uid,
        person=new.person,
        asked=list(new.asked),
        lacking=list(new.lacking),
        note=new.note[:300],
        at=new.at,
        by=by.name,
        registered_at=at,
    )
    evidence = [NewEvidence(made.uid, new.person.uid, "home_suitability", new.at)]
    duties.add_evidence(at=at, evidence=evidence)
    audit.record(
        by=by,
        action="home.assessed",
        at=at,
        subject_kind="person",
        subject=new.person.uid,
        area_path=new.person.area_path,
        data={"lacking": len(made.lacking)},
    )
    if made.lacking:
        _propose_placement(by, at, made)
    return made


def _propose_placement(by: Actor, at: datetime, made: HomeAssessment) -> None:
    enrolment = observation_of(made.person.uid, at)
    if enrolment is None or enrolment.last_day is None:
        return
    plan = enrolment.activation.plan_version.plan
    pathway = plan.pathways[enrolment.pathway]
    if pathway.home is None or pathway.voluntary:
        return
    words = pgettext("between items", ", ").join(str(HOME.get(code, code)) for code in made.lacking)
    new = NewOrder(
        uid=uuid5(made.uid, PLACEMENT),
        kind=PLACEMENT,
        reason=_("The home lacks: %(what)s") % {"what": words},
        first_day=max(enrolment.first_day, local_day(at)),
        last_day=enrolment.last_day,
    )
    try:
        propose(by=by, at=at, enrolment=enrolment, new=new)
    except CannotOrder as refused:
        if refused.rule != "waiting":  # an earlier assessment's order still waits: one is enough
            raise
