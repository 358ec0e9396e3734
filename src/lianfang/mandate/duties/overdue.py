"""What is overdue, up to which level it has climbed, and who was reminded of it: the reads of 逾期与催办.

The counts, the list and what a reminder is about come from the statement that every list reads.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count

from lianfang.mandate.duties.models import EscalationStep, ExcuseProposal, Reminder, ReminderLine
from lianfang.mandate.duties.owners import LENGTH_OF_ROLE
from lianfang.mandate.duties.queries import Item, items, midnights
from lianfang.mandate.duties.states import AT_PRESENT, LEVEL, UNDONE_OF_DUTY, UNDONE_STATES, parameters
from lianfang.registry.accounts.rules import Permission, Scope
from lianfang.registry.people.queries import name_of

_TOLD = 10  # reminders shown above a village's list

_WANTED = """
  FROM states s
 WHERE s.state = 'overdue' AND (%(duty)s::text IS NULL OR s.code = %(duty)s)
   AND (%(before)s::timestamptz IS NULL OR s.due_at <= %(before)s)
"""
_COUNTS = f"""
{UNDONE_STATES}
SELECT s.level, s.code, s.earlier, min(s.duty_id), min(s.plan_version_id), count(*)::int, min(s.due_at) {_WANTED}
 GROUP BY s.level, s.code, s.earlier, s.position ORDER BY s.position, s.code
"""  # noqa: S608 - put together from constants; every value is a parameter
# The same at the present: what is due at one time stands at one level.
_COUNTS_NOW = f"""
WITH told AS (
SELECT d.*, o.due_at, o.count
  FROM response_duty d
 CROSS JOIN LATERAL (
       SELECT o.due_at, count(*) AS count FROM duties_obligation o
        WHERE {UNDONE_OF_DUTY} AND (%(before)s::timestamptz IS NULL OR o.due_at <= %(before)s)
        GROUP BY 1) o
 WHERE {AT_PRESENT}
), levels AS (
SELECT *, {LEVEL} AS level, shape = 'slot' AND due_at <= %(midnight)s AS earlier FROM told
)
SELECT level, code, earlier, min(id), min(plan_version_id), sum(count)::int, min(due_at)
  FROM levels GROUP BY level, code, earlier, position ORDER BY position, code
"""  # noqa: S608 - put together from constants; every value is a parameter
_IDS = f"""
{UNDONE_STATES}
SELECT s.id {_WANTED} AND (%(level)s::text IS NULL OR s.level = %(level)s) AND s.earlier = %(earlier)s
   AND s.owner <> ALL(%(above)s) AND (%(obligation)s::bigint IS NULL OR s.id = %(obligation)s) ORDER BY s.id
"""  # noqa: S608 - put together from constants; every value is a parameter


@dataclass(frozen=True)
class Narrowed:
    """How a list of what is overdue is narrowed. `hours`: overdue for at least so long.

    `earlier`: not the day's own but the slots that earlier days left.
    """

    duty: str = ""
    level: str = ""
    hours: int = 0
    earlier: bool = False

    def before(self, as_of: datetime) -> datetime | None:
        return as_of - timedelta(hours=self.hours) if self.hours else None


@dataclass(frozen=True)
class OverdueCount:
    """So many of one duty stand at one level of its ladder."""

    level: str
    code: str
    earlier: bool
    duty_id: int
    plan_version_id: int
    count: int
    oldest: datetime


@dataclass
class Said:
    """The reminders about one obligation: the last one and how many there were."""

    last: Reminder
    times: int = 1
    name: str = ""  # of who reminded last


@dataclass
class Beside:
    """What stands beside an overdue obligation: its steps up the ladder, reminders, an explanation that waits."""

    steps: list[EscalationStep] = field(default_factory=list)
    said: Said | None = None
    proposal: ExcuseProposal | None = None


def overdue_counts(*, area_path: str, as_of: datetime, hours: int = 0) -> list[OverdueCount]:
    """By level of the ladder and duty, in the plan's order: one statement for every number of the page."""
    values = parameters(area_path, as_of) | {"duty": None, "before": Narrowed(hours=hours).before(as_of)}
    now = values | midnights(values) | {"states": ["overdue"], "earlier": None}
    return [OverdueCount(*row) for row in _rows(_COUNTS_NOW, now) or _rows(_COUNTS, values)]


def _rows(sql: str, values: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def overdue_items(*, area_path: str, as_of: datetime, narrowed: Narrowed, **part) -> list[Item]:
    """The rows behind these numbers, a page of them or all."""
    return items(
        area_path=area_path,
        as_of=as_of,
        duty=narrowed.duty or None,
        states=["overdue"],
        earlier=narrowed.earlier,
        level=narrowed.level or None,
        before=narrowed.before(as_of),
        **part,
    )


def overdue_ids(
    *, area_path: str, as_of: datetime, narrowed: Narrowed, above: Collection[str], obligation: int | None = None
) -> list[int]:
    """The keys of the same rows; not those whose owner holds one of the posts `above` the one who reminds."""
    values = parameters(area_path, as_of) | {
        "duty": narrowed.duty or None,
        "level": narrowed.level or None,
        "before": narrowed.before(as_of),
        "earlier": narrowed.earlier,
        "above": list(above),
        "obligation": obligation,
    }
    return [key for (key,) in _rows(_IDS, values)]


def posts_above(scope: Scope, area_path: str) -> list[str] | None:
    """The owners whom the account cannot remind there, since they stand as high as it does; None: it reminds nobody."""
    widths = [
        len(path)
        for permission in (Permission.ASSIGN, Permission.REVIEW)
        for path in scope.paths.get(permission, ())
        if area_path.startswith(path)
    ]
    return [role for role, length in LENGTH_OF_ROLE.items() if length <= min(widths)] if widths else None


def beside(obligations: Sequence[int], as_of: datetime) -> dict[int, Beside]:
    """For the rows of a page, in three queries."""
    found: dict[int, Beside] = defaultdict(Beside)
    for step in EscalationStep.objects.filter(obligation__in=obligations, reached_at__lte=as_of).order_by("reached_at"):
        found[step.obligation_id].steps.append(step)
    for number, said in said_of(obligations, as_of).items():
        found[number].said = said
    for proposal in waiting(obligations, as_of):
        found[proposal.obligation_id].proposal = proposal
    return found


def said_of(obligations: Collection[int], as_of: datetime) -> dict[int, Said]:
    """Obligation → the reminders about it up to the moment; one query."""
    found: dict[int, Said] = {}
    lines = ReminderLine.objects.filter(obligation__in=obligations, reminder__reminded_at__lte=as_of)
    lines = lines.annotate(name=name_of("reminder__reminded_by"))
    for line in lines.select_related("reminder").order_by("reminder__reminded_at", "pk"):
        before = found.get(line.obligation_id)
        found[line.obligation_id] = Said(line.reminder, before.times + 1 if before else 1, line.name)
    return found


def waiting(obligations: Collection[int], as_of: datetime) -> list[ExcuseProposal]:
    """Explanations that wait for a second person."""
    found = ExcuseProposal.objects.filter(obligation__in=obligations, proposed_at__lte=as_of, decided_at__isnull=True)
    return list(found.order_by("pk"))


def reminders_here(area_path: str) -> list[tuple[Reminder, str, int]]:
    """The latest reminders about what is still not done in the area, who sent them, how much is left there."""
    left = {
        "lines__obligation__area_path__startswith": area_path,
        "lines__obligation__done_at__isnull": True,
        "lines__obligation__excused": False,
        "lines__obligation__ended_at__isnull": True,
    }
    found = Reminder.objects.filter(**left).annotate(left=Count("lines"), name=name_of("reminded_by"))
    return [(reminder, reminder.name, reminder.left) for reminder in found.order_by("-reminded_at")[:_TOLD]]
