"""The village's list on paper, for the day on which the network is gone."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from lianfang.field.observation.models import PaperList
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor


@transaction.atomic
def make_paper_list(*, by: Actor, at: datetime, area_path: str, day: date, people: Sequence[UUID]) -> PaperList:
    """Number a list and keep whose rows are on it: the row codes lead back to these people and nobody else."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE observation_paperlist IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SELECT coalesce(max(number), 0) + 1 FROM observation_paperlist")
        number = cursor.fetchone()[0]
    made = PaperList.objects.create(
        number=number, area_path=area_path, day=day, people=list(people), made_at=at, by=by.name
    )
    audit.record(by=by, action="paper_list.made", at=at, area_path=area_path, data={"people": len(made.people)})
    return made
