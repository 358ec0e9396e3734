"""What a worker has to do today, household by household. What is due comes from the duties alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lianfang.mandate.duties.queries import Item, items
from lianfang.mandate.duties.rules import LEVELS
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.duties.wording import slot_words
from lianfang.mandate.response.queries import plan_of
from lianfang.registry.people.models import Person

ANY_STATE = ["done", "late", "overdue", "open", "excused", "untimed", "untimed_done"]
_DONE = ("done", "late", "untimed_done")
_URGENT = ("referral", "need_met", "first_verification")


@dataclass(frozen=True)
class Task:
    """An obligation as the worker meets it.

    `place`: overdue and todo can be done now; later opens later today; missed is a slot that takes no reading
    any more; done was done today; past is anything older.
    """

    item: Item
    duty: str
    slot: str
    shape: str
    kinds: tuple[str, ...]
    place: str

    @property
    def title(self) -> str:
        return _("%(duty)s (%(slot)s)") % {"duty": self.duty, "slot": self.slot} if self.slot else self.duty

    @property
    def is_open(self) -> bool:
        return self.place in ("overdue", "todo")

    @property
    def is_urgent(self) -> bool:
        return self.shape == "slot" or any(kind in _URGENT for kind in self.kinds)


@dataclass
class Row:
    """A household; or a person without one. `uid` is the household's, else the person's."""

    uid: UUID
    area_path: str
    area_name: str
    door: str
    tasks: list[Task] = field(default_factory=list)
    names: dict[UUID, str] = field(default_factory=dict)
    head: str = ""

    @property
    def open_tasks(self) -> list[Task]:
        return [task for task in self.tasks if task.is_open]

    @property
    def place(self) -> str:
        places = {task.place for task in self.tasks}
        return next((place for place in ("overdue", "todo", "done") if place in places), "past")

    @property
    def due_at(self) -> datetime | None:
        """The first deadline of what can be done now."""
        return min((task.item.due_at for task in self.open_tasks if task.item.due_at), default=None)

    @property
    def shown(self) -> list[tuple[str, int]]:
        """What the row is about, and for how many: what is to be done, else what was done today."""
        tasks = self.open_tasks or [task for task in self.tasks if task.place == "done"]
        subjects: dict[str, set[UUID]] = {}
        for task in sorted(tasks, key=lambda task: not task.is_urgent):
            title = task.duty if "team_member" in task.kinds else task.title
            subjects.setdefault(title, set()).add(task.item.subject)
        return [(title, len(people)) for title, people in subjects.items()]

    @property
    def fevers(self) -> list[Task]:
        """Alerts for which care is not arranged yet."""
        return [task for task in self.tasks if "referral" in task.kinds and task.is_open]

    @property
    def reminded(self) -> str:
        """The highest level to which something overdue here was reported."""
        levels = [LEVELS.index(task.item.level) for task in self.open_tasks if task.item.state == "overdue"]
        return LEVELS[max(levels)] if levels and max(levels) else ""

    def rank(self) -> tuple:
        urgent = any(task.is_urgent for task in self.open_tasks or self.tasks)
        due = self.due_at
        return (
            not self.fevers,
            not urgent,
            due is None,
            due.timestamp() if due else 0,
            self.area_path,
            self.door,
        )


@dataclass
class Progress:
    """Counts of one duty, slot by slot where it has slots: due = done + overdue + open + excused.

    `follows`: nobody enters it, it is done when the duty that it completes is done.
    """

    code: str
    title: str
    follows: bool = False
    opens_at: datetime | None = None
    due_at: datetime | None = None
    states: dict[str, int] = field(default_factory=dict)

    def count(self, *states: str) -> int:
        return sum(self.states.get(state, 0) for state in states)

    @property
    def due(self) -> int:
        return self.count("done", "late", "overdue", "open", "excused")

    @property
    def done(self) -> int:
        return self.count("done", "late")

    @property
    def late(self) -> int:
        return self.count("late")

    @property
    def overdue(self) -> int:
        return self.count("overdue")

    @property
    def excused(self) -> int:
        return self.count("excused")

    @property
    def left(self) -> int:
        return self.count("overdue", "open")

    @property
    def waiting(self) -> int:
        """What is left, and what has no deadline that could be counted."""
        return self.count("overdue", "open", "untimed")


@dataclass
class Day:
    """One village. `progress`: slots begun; `once`: duties without slots; `later`: slots not open yet."""

    rows: list[Row]
    progress: list[Progress]
    once: list[Progress]
    later: list[Progress]
    missed: int
    carried: int

    def at(self, place: str, duty: str = "") -> list[Row]:
        """The households of a section, most pressing first; with a duty, those where it can be done now."""
        found = [
            row
            for row in self.rows
            if row.place == place and (not duty or any(task.item.code == duty for task in row.open_tasks))
        ]
        return sorted(found, key=Row.rank)

    def row(self, uid: UUID) -> Row | None:
        return next((row for row in self.rows if row.uid == uid), None)


def tasks_of(
    *, area_path: str, as_of: datetime, subjects: list[UUID] | None = None, states: list[str] | None = None
) -> list[Task]:
    """The obligations of people, in the plan's order; what follows from others by itself is left out."""
    found = items(area_path=area_path, as_of=as_of, states=states or ANY_STATE, subjects=subjects)
    return [_task(item, _place(item, as_of)) for item in found if item.subject_kind == "person"]


def _task(item: Item, place: str) -> Task:
    plan = plan_of(item.plan_version_id)
    duty = plan.duties[item.code]
    language = get_language() or "zh-hans"
    slot = slot_words(plan, duty, item.slot, language)
    return Task(item, duty.title.of(language), slot, duty.shape, tuple(duty.evidence), place)


def _place(item: Item, as_of: datetime) -> str:
    if item.state in _DONE:
        return "done" if item.done_at and local_day(item.done_at) == local_day(as_of) else "past"
    if item.state == "excused":
        return "past"
    if item.state in ("overdue", "open") and item.accepts_until is not None and item.accepts_until <= as_of:
        return "missed"
    if item.opens_at > as_of:
        return "later"
    return "overdue" if item.state == "overdue" else "todo"


def village_day(*, area_path: str, as_of: datetime, may_assign: bool) -> Day:
    """One statement for the whole village; team places stand in the rows of those who may fill them."""
    tasks = tasks_of(area_path=area_path, as_of=as_of)
    mine = [task for task in tasks if task.kinds and (may_assign or "team_member" not in task.kinds)]
    missed = [task for task in tasks if task.place == "missed" and task.kinds]
    counts = _progress([task for task in tasks if may_assign or "team_member" not in task.kinds], local_day(as_of))
    return Day(
        rows=_rows(mine),
        progress=[one for one in counts if one.opens_at and one.opens_at <= as_of],
        once=[one for one in counts if not one.opens_at and one.waiting],
        later=[one for one in counts if one.opens_at and one.opens_at > as_of],
        missed=sum(not task.item.earlier for task in missed),
        carried=sum(task.item.earlier for task in missed),
    )


def _rows(tasks: Iterable[Task]) -> list[Row]:
    rows: dict[UUID, Row] = {}
    for task in tasks:
        item = task.item
        uid = item.household or item.subject
        row = rows.setdefault(uid, Row(uid, item.area_path, item.area_name, item.door or ""))
        row.tasks.append(task)
        row.names[item.subject] = item.name
    return list(rows.values())


def _progress(tasks: Iterable[Task], today: date) -> list[Progress]:
    """Counts by duty, and by slot of the day where it has slots."""
    found: dict[tuple[str, str], Progress] = {}
    for task in tasks:
        item = task.item
        slotted = task.shape == "slot"
        if item.earlier or (slotted and item.day != today):
            continue
        key = (item.code, item.slot if slotted else "")
        if key not in found:
            title = task.title if slotted else task.duty
            found[key] = Progress(item.code, title, follows=not task.kinds)
            if slotted:
                found[key].opens_at, found[key].due_at = item.opens_at, item.due_at
        states = found[key].states
        states[item.state] = states.get(item.state, 0) + 1
    return list(found.values())


def name_heads(rows: Iterable[Row]) -> None:
    """Each household goes by its eldest; those without a birth date come last. One query for all rows."""
    rows = list(rows)
    born = dict(
        Person.objects.filter(uid__in=[uid for row in rows for uid in row.names]).values_list("uid", "birth_date")
    )
    for row in rows:
        eldest = min(row.names, key=lambda uid: (born.get(uid) or date.max, row.names[uid]))
        row.head = row.names[eldest]
