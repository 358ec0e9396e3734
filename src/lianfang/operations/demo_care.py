"""What the demonstration county shows of care: homes looked at, a difficulty and its needs, reminders, releases."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from lianfang.field.observation.actions import (
    NewAssessment,
    NewDifficulty,
    assess_home,
    record_difficulty,
    release_ready,
)
from lianfang.field.observation.wording import HOME
from lianfang.mandate.duties.actions import NewReminder, remind
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.overdue import Narrowed, overdue_counts
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.actions import NewOrder, propose
from lianfang.mandate.orders.rules import PLACEMENT
from lianfang.registry.accounts.models import Appointment
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

HOMES = 6  # looked at; the last of them has no room of its own
_ASKED = ("single_room", "own_toilet")
_SPACE = UUID("6f0c1e0a-2a55-4b7e-9c1d-5d3f9a1b7c20")


@dataclass(frozen=True)
class Staff:
    """Who does what is shown: pages tell the names."""

    doctor: Actor
    county: Actor


def care(*, area_path: str, at: datetime, staff: Staff) -> None:
    """Homes and a difficulty in one township, and a reminder of what is overdue there."""
    running = Enrolment.objects.filter(
        observed=True, area_path__startswith=area_path, closed_at__isnull=True, last_day__gt=local_day(at)
    )
    chosen = list(running.select_related("activation__plan_version").order_by("pk")[: HOMES + 1])
    people = {person.uid: person for person in Person.objects.filter(uid__in=[one.subject for one in chosen])}
    for position, enrolment in enumerate(chosen[:HOMES], start=1):
        _look_at(staff.doctor, enrolment, people[enrolment.subject], at, lacks=position == HOMES)
    for enrolment in chosen[HOMES:]:
        uid = uuid5(_SPACE, f"{enrolment.subject}:difficulty")
        helps = ("food", "medicine")
        new = NewDifficulty(uid, people[enrolment.subject], "food", at - timedelta(hours=1), helps)
        record_difficulty(by=staff.doctor, at=at, new=new)
    _remind(staff.county, area_path, at)


def review(*, county: str, at: datetime) -> None:
    """Township officers let go those whose last day has come, but every fourth does not get round to it."""
    posts = Appointment.objects.filter(role="township_officer", area_path__startswith=county)
    for position, post in enumerate(posts.select_related("account").order_by("area_path"), start=1):
        if position % 4:
            release_ready(by=post.account.actor, at=at, area_path=post.area_path)


def _look_at(doctor: Actor, enrolment: Enrolment, person: Person, at: datetime, *, lacks: bool) -> None:
    """The plan of the county asks nothing of a home, so that the doctor proposes the order for another place."""
    lacking = _ASKED[:1] if lacks else ()
    uid = uuid5(_SPACE, f"{person.uid}:home")
    assess_home(by=doctor, at=at, new=NewAssessment(uid, person, _ASKED, lacking, at - timedelta(minutes=30)))
    if lacks:
        reason = _("The home lacks: %(what)s") % {"what": HOME[lacking[0]]}
        new = NewOrder(uuid5(uid, PLACEMENT), PLACEMENT, reason, local_day(at), enrolment.last_day)
        propose(by=doctor, at=at, enrolment=enrolment, new=new)


def _remind(county: Actor, area_path: str, at: datetime) -> None:
    """The duty of which most is overdue; by the county, as a superior does at the day's end."""
    counts = [one for one in overdue_counts(area_path=area_path, as_of=at) if not one.earlier]
    if counts:
        most = max(counts, key=lambda one: (one.count, one.code))
        uid = uuid5(_SPACE, f"{area_path}:{most.code}")
        remind(by=county, at=at, new=NewReminder(uid, area_path, Narrowed(duty=most.code)))
