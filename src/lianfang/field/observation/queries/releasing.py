"""Whose days are done, and what is missing before the certificate."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from lianfang.field.observation.models import Alert, AlertStep
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.queries import Item, items
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.models import Release
from lianfang.mandate.response.queries import plan_of
from lianfang.registry.people.models import Person
from lianfang.registry.places.queries import names_of

_BACK = timedelta(days=60)  # a certificate that nobody asked for in two months is made from the card


@dataclass(frozen=True)
class Due:
    """One person for review: slots without a record never hold back a release, an open alert does."""

    enrolment: Enrolment
    person: Person
    village: str
    missed: int
    alerts: int

    @property
    def is_ready(self) -> bool:
        return not self.alerts


def due_for_release(area_path: str, as_of: datetime) -> QuerySet[Enrolment]:
    """Observations whose last day has come and that have no certificate yet."""
    today = local_day(as_of)
    return Enrolment.objects.filter(
        Q(closed_at__isnull=True) | Q(closed_reason="days_done"),
        ~Exists(Release.objects.filter(enrolment=OuterRef("pk"))),
        subject_kind="person",
        observed=True,
        voided_at__isnull=True,
        registered_at__lte=as_of,
        area_path__startswith=area_path,
        last_day__lte=today,
        last_day__gte=today - _BACK,
    )


def without_open_alert(found: QuerySet[Enrolment], as_of: datetime) -> QuerySet[Enrolment]:
    return found.filter(~Exists(_open_alerts(as_of).filter(person__uid=OuterRef("subject"))))


def _open_alerts(as_of: datetime) -> QuerySet[Alert]:
    closed = AlertStep.objects.filter(alert=OuterRef("pk"), step="outcome", registered_at__lte=as_of)
    return Alert.objects.filter(
        ~Exists(closed), withdrawn_at__isnull=True, raised_at__lte=as_of, registered_at__lte=as_of
    )


def review_rows(enrolments: Sequence[Enrolment], as_of: datetime) -> list[Due]:
    """The page's rows: what is missing for each; three queries whatever the number."""
    uids = [enrolment.subject for enrolment in enrolments]
    if not uids:
        return []
    people = {one.uid: one for one in Person.objects.filter(uid__in=uids).select_related("household")}
    path = min((enrolment.area_path for enrolment in enrolments), key=len)[:6]
    late = items(area_path=path, as_of=as_of, states=["overdue"], subjects=uids, owned=False)
    missed = Counter(item.enrolment_id for item in late if _is_reading(item))
    alerts = Counter(_open_alerts(as_of).filter(person__uid__in=uids).values_list("person__uid", flat=True))
    names = names_of({enrolment.area_path for enrolment in enrolments})
    return [
        Due(
            enrolment,
            people[enrolment.subject],
            names.get(enrolment.area_path, enrolment.area_path),
            missed[enrolment.pk],
            alerts[enrolment.subject],
        )
        for enrolment in enrolments
        if enrolment.subject in people
    ]


def _is_reading(item: Item) -> bool:
    """A slot of a day that somebody fills; what follows from others by itself is not counted again."""
    duty = plan_of(item.plan_version_id).duties[item.code]
    return duty.shape == "slot" and bool(duty.evidence)
