"""Call-backs: who is still to be asked, and how far the records agree with what people say."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from lianfang.field.observation.models import Callback, Loss
from lianfang.field.observation.rules import wilson
from lianfang.mandate.duties.rules import Share
from lianfang.mandate.duties.states import local_day


@dataclass(frozen=True)
class Agreement:
    """`answered` are those of the sample who were reached; who was not stands beside it, never in the share."""

    confirmed: int
    differs: int
    not_reached: int
    waiting: int

    @property
    def answered(self) -> int:
        return self.confirmed + self.differs

    @property
    def share(self) -> Share:
        return Share(self.confirmed, self.answered)

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.confirmed, self.answered)

    @property
    def interval_words(self) -> str:
        found = self.interval
        return f"{100 * found[0]:.1f}–{100 * found[1]:.1f}%" if found else ""


def agreement(area_path: str, as_of: datetime, days: int = 30) -> Agreement:
    """Of the samples drawn in the last days."""
    counts = _drawn(area_path, as_of, days).aggregate(
        confirmed=Count("pk", filter=Q(outcome="confirmed", at__lte=as_of)),
        differs=Count("pk", filter=Q(outcome="differs", at__lte=as_of)),
        not_reached=Count("pk", filter=Q(outcome="not_reached", at__lte=as_of)),
        waiting=Count("pk", filter=Q(outcome="") | Q(at__gt=as_of)),
    )
    return Agreement(**counts)


def callbacks_in(area_path: str, as_of: datetime, days: int = 30) -> QuerySet[Callback]:
    """The sample, those still to be asked first."""
    rows = _drawn(area_path, as_of, days).select_related("reading__person__household", "draw")
    return rows.order_by("outcome", "-draw__day", "area_path", "pk")


def _drawn(area_path: str, as_of: datetime, days: int) -> QuerySet[Callback]:
    return Callback.objects.filter(
        area_path__startswith=area_path,
        draw__drawn_at__lte=as_of,
        draw__day__gte=local_day(as_of) - timedelta(days=days),
        reading__withdrawn_at__isnull=True,
        reading__person__withdrawn_at__isnull=True,
    )


def verified() -> Exists:
    """Annotation of readings: whether the person confirmed it when asked again."""
    return Exists(Callback.objects.filter(reading=OuterRef("pk"), outcome="confirmed"))


def lost(area_path: str, as_of: datetime) -> QuerySet[Loss]:
    """Who is lost to follow-up at the moment; the target is nobody."""
    return (
        Loss.objects.filter(
            Q(found_at__isnull=True) | Q(found_at__gt=as_of),
            marked_at__lte=as_of,
            person__withdrawn_at__isnull=True,
            person__area_path__startswith=area_path,
        )
        .select_related("person__household", "enrolment")
        .order_by("since", "person__area_path", "pk")
    )
