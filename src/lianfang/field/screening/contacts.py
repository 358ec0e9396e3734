"""Contacts of a case: dated exposures, and the pathways of the plan in force that they open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lianfang.field.screening.models import Exposure
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.rules import NewEnrolment
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import in_force
from lianfang.registry.people.models import Person
from lianfang.science.plan import Facts, Plan, admits

_BATCH = 2000


@dataclass(frozen=True)
class NewExposure:
    uid: UUID
    person: UUID
    exposed_on: date
    setting: str = ""
    source: str = ""


@transaction.atomic
def register_exposures(*, at: datetime, exposures: Sequence[NewExposure], people: dict[UUID, Person]) -> int:
    """Keep the exposures and enrol the contacts as the plan in force says. One day told twice is kept once."""
    known = set(
        Exposure.objects.filter(person__uid__in=people, withdrawn_at__isnull=True).values_list(
            "person__uid", "exposed_on"
        )
    )
    fresh = {(new.person, new.exposed_on): new for new in exposures if (new.person, new.exposed_on) not in known}
    rows = [
        Exposure(
            uid=new.uid,
            person=people[new.person],
            area_path=people[new.person].area_path,
            exposed_on=new.exposed_on,
            setting=new.setting[:120],
            source=new.source[:200],
            registered_at=at,
        )
        for new in fresh.values()
    ]
    Exposure.objects.bulk_create(rows, batch_size=_BATCH)
    enrol_contacts(at=at, exposures=Exposure.objects.filter(pk__in=[row.pk for row in rows]))
    return len(rows)


@transaction.atomic
def enrol_contacts(*, at: datetime, exposures: Iterable[Exposure]) -> int:
    """Match exposures against the plans in force; who is enrolled already is left alone, unless it now lasts longer."""
    found = Exposure.objects.filter(pk__in=[one.pk for one in exposures], withdrawn_at__isnull=True)
    by_activation: dict[int, tuple[Activation, list[NewEnrolment]]] = {}
    plans: dict[str, Activation | None] = {}
    for exposure in found.select_related("person").order_by("exposed_on", "pk"):
        path = exposure.area_path
        if path not in plans:
            plans[path] = in_force(path, local_day(at))
        if activation := plans[path]:
            joining = by_activation.setdefault(activation.pk, (activation, []))[1]
            joining.extend(enrolments_of(exposure, activation))
    return sum(
        len(duties.enrol(activation=activation, at=at, joining=joining))
        for activation, joining in by_activation.values()
    )


def enrolments_of(exposure: Exposure, activation: Activation) -> list[NewEnrolment]:
    return [
        NewEnrolment(
            subject_kind="person",
            subject=exposure.person.uid,
            pathway=code,
            area_path=exposure.area_path,
            anchor_on=exposure.exposed_on,
        )
        for code in opened_by(activation.plan_version.plan, exposure)
    ]


def opened_by(plan: Plan, exposure: Exposure) -> list[str]:
    """The pathways that the exposure itself opens; what is open to everybody is not opened by it."""
    facts = Facts(exposed_on=exposure.exposed_on, told_on=local_day(exposure.registered_at))
    return [
        code
        for code, pathway in plan.pathways.items()
        if pathway.subject == "person"
        and admits(pathway.admit, facts, plan)
        and not admits(pathway.admit, Facts(), plan)
    ]


@transaction.atomic
def withdraw_exposure(*, uid: UUID, at: datetime) -> None:
    """The exposure was not this person's: what it opened ends with it, and what the others say holds again."""
    exposure = Exposure.objects.filter(uid=uid, withdrawn_at__isnull=True).select_related("person").first()
    if exposure is None:
        return
    exposure.withdrawn_at = at
    exposure.save(update_fields=["withdrawn_at"])
    activation = in_force(exposure.area_path, local_day(at))
    if activation is None:
        return
    duties.void(activation=activation, opened=enrolments_of(exposure, activation), at=at)
    left = Exposure.objects.filter(person=exposure.person, withdrawn_at__isnull=True)
    enrol_contacts(at=at, exposures=left)
