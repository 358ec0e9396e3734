"""Counting people under observation and people with fever. Pages, figures and commands use these alone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, DateTimeField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from lianfang.field.observation.models import Alert
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.rules import GOES_ON
from lianfang.mandate.duties.states import local_day

_NEXT = " + 1)::timestamp AT TIME ZONE ("  # from a day to the midnight after it


def start_of(day: date) -> datetime:
    """Midnight at which the local day begins."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()), timezone.get_default_timezone())


def _observations(area_path: str, as_of: datetime) -> QuerySet[Enrolment]:
    """Observations known at the moment that ever began: a list may bring people whose days were over."""
    known = Q(voided_at__isnull=True) | Q(voided_at__gt=as_of)
    return _of_area(area_path).filter(known, registered_at__lte=as_of)


def _of_area(area_path: str) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(
        Q(last_day__isnull=True) | Q(registered_at__date__lte=F("last_day")),
        subject_kind="person",
        observed=True,
        area_path__startswith=area_path,
    )


def _running(as_of: datetime) -> Q:
    return Q(Q(closed_at__isnull=True) | Q(closed_at__gt=as_of)) & Q(
        Q(last_day__isnull=True) | Q(last_day__gte=local_day(as_of))
    )


def _begun(as_of: datetime) -> Q:
    return Q(origin__isnull=True, registered_at__gte=start_of(local_day(as_of)))


def _ended(as_of: datetime) -> Q:
    today = local_day(as_of)
    closed_today = Q(closed_at__gte=start_of(today), closed_at__lte=as_of)
    days_done = Q(last_day=today - timedelta(days=1)) & (Q(closed_at__isnull=True) | Q(closed_at__gte=start_of(today)))
    return (closed_today | days_done) & ~Q(closed_reason__in=GOES_ON)


def under_observation(area_path: str, as_of: datetime) -> QuerySet[Enrolment]:
    """Registered by the moment, neither voided nor closed, and the last day not over."""
    return _observations(area_path, as_of).filter(_running(as_of))


def newly_observed(area_path: str, as_of: datetime) -> QuerySet[Enrolment]:
    """Observations registered on the local day of the moment; one that goes on from another is not new."""
    return _observations(area_path, as_of).filter(_begun(as_of))


def released(area_path: str, as_of: datetime) -> QuerySet[Enrolment]:
    """Observations that ended on the local day: closed that day, or their last day ended at its midnight.

    The second does not wait for a tick to close them.
    """
    return _observations(area_path, as_of).filter(_ended(as_of))


def fever_alerts(area_path: str, as_of: datetime) -> QuerySet[Alert]:
    """Alerts raised and registered by the moment, not withdrawn by then, of people who counted then."""
    return Alert.objects.filter(
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=as_of),
        Q(person__withdrawn_at__isnull=True) | Q(person__withdrawn_at__gt=as_of),
        person__area_path__startswith=area_path,
        raised_at__lte=as_of,
        registered_at__lte=as_of,
    )


def spells_under_observation(area_path: str) -> QuerySet:
    """(subject, from when, until before when) each observation runs: at any moment, those `under_observation`."""
    midnight = Func(F("last_day"), Value(settings.TIME_ZONE), template="((%(expressions)s))", arg_joiner=_NEXT)
    return _of_area(area_path).values_list(
        "subject", "registered_at", Least("voided_at", "closed_at", midnight, output_field=DateTimeField())
    )


def spells_of_fever(area_path: str) -> QuerySet:
    """(person, from when, until before when) each alert counts: at any moment, those of `fever_alerts`."""
    return Alert.objects.filter(person__area_path__startswith=area_path).values_list(
        "person", Greatest("raised_at", "registered_at"), Least("withdrawn_at", "person__withdrawn_at")
    )


def count_under_observation(*, area_path: str, as_of: datetime) -> int:
    return _people(under_observation(area_path, as_of))


def count_new(*, area_path: str, as_of: datetime) -> int:
    return _people(newly_observed(area_path, as_of))


def count_released(*, area_path: str, as_of: datetime) -> int:
    return _people(released(area_path, as_of))


def count_fever_alerts(*, area_path: str, as_of: datetime) -> int:
    """People, not alerts: somebody with fever morning and evening counts once."""
    return fever_alerts(area_path, as_of).values("person").distinct().count()


def _people(observations: QuerySet[Enrolment]) -> int:
    return observations.values("subject").distinct().count()


@dataclass(frozen=True)
class Counts:
    """The four counts of an area at a moment."""

    under_observation: int
    new: int
    released: int
    fever: int


def counts(*, area_path: str, as_of: datetime) -> Counts:
    """All four, the observations looked at once."""
    which = {"under_observation": _running(as_of), "new": _begun(as_of), "released": _ended(as_of)}
    any_of = _running(as_of) | _begun(as_of) | _ended(as_of)
    people = {name: Count("subject", distinct=True, filter=condition) for name, condition in which.items()}
    told = _observations(area_path, as_of).filter(any_of).aggregate(**people)
    return Counts(**told, fever=count_fever_alerts(area_path=area_path, as_of=as_of))
