"""A word from above about what is overdue: a reminder. It changes nothing of what is owed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianfang.bulk import copy_in
from lianfang.mandate.duties.models import Reminder, ReminderLine
from lianfang.mandate.duties.overdue import Narrowed, overdue_ids, overdue_items
from lianfang.mandate.duties.wording import owner_key
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor


class CannotRemind(ValueError):
    """Nothing of it is overdue any more, or the id is another one's."""


@dataclass(frozen=True)
class NewReminder:
    """About one obligation, or about all of a list: its area, how it was narrowed, whose it is."""

    uid: UUID
    area_path: str
    narrowed: Narrowed = field(default_factory=Narrowed)
    owner: str = ""
    obligation: int | None = None
    note: str = ""


@transaction.atomic
def remind(*, by: Actor, at: datetime, new: NewReminder, above: Collection[str] = ()) -> Reminder:
    """Remind the owners of what is overdue at the moment; sent again under its id it is the same reminder.

    `above`: posts that stand as high as the one who reminds; what is theirs is left out.
    """
    if (known := Reminder.objects.filter(uid=new.uid).first()) is not None:
        return _same(known, by, new)
    about = _about(at, new, above)
    if not about:
        raise CannotRemind("nothing_overdue")
    made, is_new = Reminder.objects.get_or_create(
        uid=new.uid,
        defaults={
            "area_path": new.area_path,
            "duty": new.narrowed.duty,
            "level": new.narrowed.level,
            "owner": new.owner,
            "note": new.note,
            "reminded_by": by.name,
            "reminded_at": at,
            "covered": len(about),
        },
    )
    if not is_new:  # a second request under the same id was faster
        return _same(made, by, new)
    copy_in(ReminderLine, ("reminder_id", "obligation_id"), [(made.pk, number) for number in about])
    audit.record(
        by=by,
        action="obligation.reminded",
        at=at,
        subject_kind="reminder",
        subject=made.uid,
        area_path=made.area_path,
        data={"obligations": len(about), "duty": made.duty, "obligation": new.obligation},
    )
    return made


def _same(known: Reminder, by: Actor, new: NewReminder) -> Reminder:
    if (known.reminded_by, known.area_path) != (by.name, new.area_path):
        raise CannotRemind("id_taken")
    return known


def _about(at: datetime, new: NewReminder, above: Collection[str]) -> list[int]:
    where = {"area_path": new.area_path, "as_of": at, "narrowed": new.narrowed}
    if new.owner:  # an owner is known only after reading
        found = [item for item in overdue_items(**where) if owner_key(item) == new.owner]
        return sorted(item.id for item in found if item.owner_rule not in above)
    return overdue_ids(**where, above=above, obligation=new.obligation)
