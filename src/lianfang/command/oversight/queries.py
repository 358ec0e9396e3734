"""Reads of the log: newest first, by page, within what the reader may see; who read how many persons lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from lianfang.command.oversight.wording import codes_of
from lianfang.registry.accounts.models import Account, Emergency
from lianfang.registry.accounts.queries import first_responsible, scope_for, staff_of
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.audit.models import Event
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import within
from lianfang.registry.people.searching import is_number, search
from lianfang.registry.places.rules import ancestors_of

PER_PAGE = 50
BULK_PERSONS, BULK_MINUTES = 100, 10  # so many different persons within so many minutes raise an alarm
_SILENT = timedelta(hours=1)  # an alarm about one account is not raised again so soon


@dataclass(frozen=True)
class Asked:
    """What the reader of the log asks for; empty is everything."""

    person: UUID | None = None
    actor: str = ""
    action: str = ""
    kind: str = ""
    area: str = ""
    day: datetime | None = None
    before: tuple[datetime, int] | None = None

    def told(self) -> dict[str, Any]:
        """For the row that the reading itself leaves."""
        found = {"actor": self.actor, "action": self.action, "kind": self.kind}
        told = {name: value for name, value in found.items() if value}
        return told | ({"day": self.day.date().isoformat()} if self.day else {})


def log_page(reader: Account, asked: Asked) -> tuple[list[Event], tuple[datetime, int] | None]:
    """One page of the log and the place where the next begins; no count is made, whatever the size of the log."""
    found = _seen_by(reader)
    if asked.area:
        found = found.filter(area_path__startswith=asked.area)
    exact = {"subject": asked.person, "actor": asked.actor, "action": asked.action}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if asked.kind and not asked.action:
        found = found.filter(action__in=codes_of(asked.kind))
    if asked.day:
        found = found.filter(arrived_at__gte=asked.day, arrived_at__lt=asked.day + timedelta(days=1))
    if asked.before:
        at, pk = asked.before
        found = found.filter(Q(arrived_at__lt=at) | Q(arrived_at=at, pk__lt=pk), arrived_at__lte=at)
    rows = list(found.order_by("-arrived_at", "-pk")[: PER_PAGE + 1])
    more = len(rows) > PER_PAGE
    rows = rows[:PER_PAGE]
    return rows, (rows[-1].arrived_at, rows[-1].pk) if more else None


def _seen_by(reader: Account) -> QuerySet[Event]:
    """Acts in the areas of the reader; acts of no area by their people or by the system."""
    paths = scope_for(reader).paths.get(Permission.AUDIT, ())
    there = Q(pk__in=[])
    for path in paths:
        there |= Q(area_path__startswith=path)
    people = list(staff_of(paths).values_list("pk", flat=True))
    return Event.objects.filter(there | Q(Q(actor_id__in=people) | Q(actor_id__isnull=True), area_path=""))


_BULK = """
    SELECT actor_id, count(DISTINCT subject) FROM audit_event
    WHERE arrived_at > %(since)s AND arrived_at <= %(at)s AND subject_kind = 'person' AND actor_id IS NOT NULL
    AND action = ANY(%(reads)s)
    AND NOT EXISTS (
        SELECT 1 FROM audit_event told WHERE told.action = 'alarm.bulk_reading' AND told.arrived_at > %(silent)s
        AND (told.data ->> 'account')::bigint = audit_event.actor_id)
    GROUP BY actor_id HAVING count(DISTINCT subject) >= %(persons)s ORDER BY actor_id
"""


def bulk_readers(at: datetime) -> list[tuple[int, int]]:
    """(account, persons) of those who just read many persons and about whom no alarm is out yet."""
    values = {
        "since": at - timedelta(minutes=BULK_MINUTES),
        "at": at,
        "silent": at - _SILENT,
        "persons": BULK_PERSONS,
        "reads": [*codes_of("read"), *codes_of("in_full")],
    }
    with connection.cursor() as cursor:
        cursor.execute(_BULK, values)
        return cursor.fetchall()


# --- emergency access ----------------------------------------------------------------------------------------


def found_by_number(number: str) -> Person | None:
    """The one live card with the document or the phone, wherever it is; a name or part of a number finds nobody."""
    if not is_number(number):
        return None
    cards = list(search(within([""]).filter(withdrawn_at__isnull=True), number)[:2])
    return cards[0] if len(cards) == 1 else None


def open_emergencies(account: Account, at: datetime) -> QuerySet[Emergency]:
    """Those that still open; with the last post in force they are over, whatever is left of the hour."""
    if not scope_for(account).has(Permission.SEE_PEOPLE):
        return Emergency.objects.none()
    return Emergency.objects.filter(account=account, opened_at__lte=at, expires_at__gt=at).order_by("-opened_at")


def to_be_told(account: Account, area_path: str, at: datetime) -> list[Account]:
    """The responsible persons of the area, from the village up, and the superior of who looks; never who looks."""
    home = scope_for(account).home
    steps = [*ancestors_of(area_path), area_path, *ancestors_of(home), home]
    names = {holder.username for holder in first_responsible(steps, at).values()}
    return list(Account.objects.filter(username__in=names).exclude(pk=account.pk).order_by("pk"))


def emergencies_seen_by(account: Account) -> QuerySet[Emergency]:
    """Those of the areas where the account reviews or is responsible for persons, and its own."""
    scope = scope_for(account)
    there = Q(account=account)
    for path in {*scope.paths.get(Permission.REVIEW, ()), *scope.paths.get(Permission.ASSIGN, ())}:
        there |= Q(area_path__startswith=path)
    return Emergency.objects.filter(there).select_related("account", "reviewed_by").order_by("-opened_at")


def overdue_reviews(at: datetime) -> list[Emergency]:
    """Not reviewed in time, and no alarm raised yet."""
    told = Event.objects.filter(action="alarm.review_overdue").values_list("data__emergency", flat=True)
    late = Emergency.objects.filter(reviewed_at__isnull=True, review_by__lte=at)
    return list(late.exclude(uid__in=[UUID(uid) for uid in told]) if late.exists() else [])
