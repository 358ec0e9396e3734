"""The people of one household as the worker opens it: what each is asked today, and what is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery

from lianfang.field.observation.models import Alert, HomeAssessment, Need, Reading
from lianfang.field.observation.queries.counts import start_of
from lianfang.field.observation.queries.today import Task, tasks_of
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.queries import items
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.queries import observations_of
from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import in_force, plan_of
from lianfang.registry.accounts.queries import Holder, holders
from lianfang.registry.accounts.rules import RESPONSIBLE_ROLES
from lianfang.registry.people.models import Household, Person, PersonQuerySet
from lianfang.registry.people.queries import name_of, phones_to_call, programme_words
from lianfang.registry.people.rules import is_minor
from lianfang.science.plan import Plan

_CONTACTS = ("call", "visit")


@dataclass(frozen=True)
class Period:
    """Where a person stands in the observation: day 0 is before the first counted day."""

    first_day: date
    last_day: date | None
    today: date

    @property
    def number(self) -> int:
        return max((self.today - self.first_day).days + 1, 0)

    @property
    def days(self) -> int | None:
        return (self.last_day - self.first_day).days + 1 if self.last_day else None


@dataclass
class PersonDay:
    """One person today. `fever_at` is the lowest threshold of the plan in force where the person is."""

    person: Person
    is_minor: bool
    fever_at: Decimal | None
    period: Period | None = None
    tasks: list[Task] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    phones: tuple[str, ...] = ()
    needs: list[Need] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    home: tuple[str, ...] = ()

    def open_of(self, *kinds: str) -> list[Task]:
        """What can be done now and is closed by a record of one of the kinds."""
        return [task for task in self.tasks if task.is_open and set(kinds) & set(task.kinds)]

    @property
    def contact_tasks(self) -> list[Task]:
        """What a call or a visit would close. Who was reached today is not called again for what symptoms close."""
        tasks = self.open_of("call", "visit", "first_verification")
        told = any(one.kind in ("call", "visit") and one.reached is not False for one in self.readings)
        return [task for task in tasks if not (told and "symptoms" in task.kinds)]

    @property
    def is_observed(self) -> bool:
        return self.period is not None

    @property
    def temperatures(self) -> list[Reading]:
        return [reading for reading in self.readings if reading.kind == "temperature"]

    @property
    def team_places(self) -> list[Task]:
        return self.open_of("team_member")

    @property
    def waiting(self) -> list[Task]:
        """Later today, and the slots of today that take no reading any more."""
        return [
            task for task in self.tasks if task.kinds and task.place in ("later", "missed") and not task.item.earlier
        ]


def members(people: PersonQuerySet, uid: UUID) -> list[Person]:
    """The people of the household with the uid, else the person with it; eldest first; among `people`."""
    home = Household.objects.filter(uid=uid).values("pk")
    found = people.filter(Q(uid=uid) | Q(household=Subquery(home)))
    return sorted(found.select_related("household"), key=lambda one: (one.birth_date or date.max, one.name))


def household_day(people: Sequence[Person], as_of: datetime) -> list[PersonDay]:
    """What each is asked at the moment; a fixed number of queries whatever the size of the household."""
    if not people:
        return []
    today = local_day(as_of)
    activation = in_force(people[0].area_path, today)
    threshold = fever_threshold(activation)
    days = {person.uid: PersonDay(person, is_minor(person.birth_date, today), threshold) for person in people}
    for task in tasks_of(area_path=people[0].area_path, as_of=as_of, subjects=list(days)):
        days[task.item.subject].tasks.append(task)
    for uid, enrolment in observations_of(days, as_of).items():
        if enrolment.last_day is None or enrolment.last_day >= today:
            days[uid].period = period_of(enrolment, today)
            days[uid].home = _home_of(enrolment)
    _leave_out_assessed(days)
    for uid, phones in phones_to_call(days).items():
        days[uid].phones = tuple(phones)
    _add_readings(days, as_of)
    _add_causes(days)
    return list(days.values())


def _home_of(enrolment: Enrolment) -> tuple[str, ...]:
    """What the plan asks of the home of whoever is observed there."""
    rule = enrolment.activation.plan_version.plan.pathways[enrolment.pathway].home
    return tuple(rule.requires) if rule else ()


def _leave_out_assessed(days: dict[UUID, PersonDay]) -> None:
    """A home is looked at once: what was found stands on the person's page."""
    asked = [uid for uid, day in days.items() if day.home]
    if asked:
        for uid in HomeAssessment.objects.filter(person__uid__in=asked).values_list("person__uid", flat=True):
            days[uid].home = ()


@dataclass(frozen=True)
class Contact:
    """Somebody of the household was reached today: when, by whom, who answered."""

    at: datetime
    by: str
    name: str


def contacts_today(people: Iterable[UUID], as_of: datetime) -> dict[UUID, Contact]:
    """Household (or person without one) → the first contact of the day: one call serves all roles."""
    rows = _readings_today(as_of).filter(person__uid__in=list(people), kind__in=_CONTACTS).exclude(reached=False)
    found: dict[UUID, Contact] = {}
    for reading in rows.select_related("person__household"):
        home = reading.person.household
        found.setdefault(home.uid if home else reading.person.uid, _contact(reading))
    return found


def first_contact(days: Iterable[PersonDay]) -> Contact | None:
    """The first contact of the day with people whose readings are at hand."""
    told = [one for day in days for one in day.readings if one.kind in _CONTACTS and one.reached is not False]
    return _contact(min(told, key=lambda one: (one.at, one.pk))) if told else None


def _contact(reading: Reading) -> Contact:
    return Contact(reading.at, programme_words(reading.by) or reading.name, reading.person.name)


def _readings_today(as_of: datetime) -> QuerySet[Reading]:
    """Oldest first, with the name of who recorded each."""
    rows = Reading.objects.filter(withdrawn_at__isnull=True, at__gte=start_of(local_day(as_of)), at__lte=as_of)
    return rows.annotate(name=name_of("by")).order_by("at", "pk")


def period_of(enrolment: Enrolment, today: date) -> Period:
    return Period(enrolment.first_day, enrolment.last_day, today)


def fever_threshold(activation: Activation | None) -> Decimal | None:
    """The lowest temperature at which the plan raises an alert; none without a plan."""
    if activation is None:
        return None
    plan: Plan = activation.plan_version.plan
    limits = [plan.thresholds[alert.when.temperature_at_least].value for alert in plan.alerts.values()]
    return Decimal(str(min(limits))) if limits else None


def _add_readings(days: dict[UUID, PersonDay], as_of: datetime) -> None:
    for reading in _readings_today(as_of).filter(person__uid__in=list(days)).select_related("person"):
        days[reading.person.uid].readings.append(reading)


def _add_causes(days: dict[UUID, PersonDay]) -> None:
    """The needs and alerts that the open duties are about."""
    needs = {task.item.cause for day in days.values() for task in day.open_of("need_met")}
    alerts = {task.item.cause for day in days.values() for task in day.open_of("referral")}
    if needs:
        for need in Need.objects.filter(uid__in=needs).select_related("person").order_by("at"):
            days[need.person.uid].needs.append(need)
    if alerts:
        rows = Alert.objects.filter(uid__in=alerts, withdrawn_at__isnull=True)
        for alert in rows.select_related("person", "reading").order_by("raised_at"):
            days[alert.person.uid].alerts.append(alert)


def heads_of(villages: Iterable[str], as_of: datetime) -> dict[str, Holder]:
    """Who answers for each village: the number to call besides the team's doctor."""
    return holders(RESPONSIBLE_ROLES["village"], set(villages), as_of)


def called_today(people: Iterable[int], as_of: datetime) -> set[int]:
    """Those of the people (primary keys) who were reached today by call or visit."""
    rows = _readings_today(as_of).filter(person__in=list(people), kind__in=_CONTACTS).exclude(reached=False)
    return set(rows.values_list("person_id", flat=True))


def to_verify(area_path: str, as_of: datetime) -> set[UUID]:
    """Whose situation nobody is shown to have found out yet."""
    found = items(area_path=area_path, as_of=as_of, states=["overdue", "open", "untimed"], owned=False)
    return {
        item.subject
        for item in found
        if "first_verification" in plan_of(item.plan_version_id).duties[item.code].evidence
    }


def with_fever(people: Sequence[Person], as_of: datetime) -> dict[int, Decimal]:
    """Person → the highest reading of today that raised an alert."""
    found = Alert.objects.filter(
        person__in=people, withdrawn_at__isnull=True, raised_at__lte=as_of, reading__celsius__isnull=False
    )
    today = [alert for alert in found.select_related("reading") if local_day(alert.raised_at) == local_day(as_of)]
    highest: dict[int, Decimal] = {}
    for alert in today:
        highest[alert.person_id] = max(alert.reading.celsius, highest.get(alert.person_id, Decimal(0)))
    return highest
