"""What is due, done and outstanding, over HTTP: the same counts, lists and filters as the page."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from lianfang.mandate.duties.actions import CannotConfirm, decide_excuse, explain
from lianfang.mandate.duties.forms import SHOWS
from lianfang.mandate.duties.models import ExcuseProposal, Obligation
from lianfang.mandate.duties.queries import DutySummary, Item, items, summaries
from lianfang.mandate.duties.wording import owner_key
from lianfang.mandate.response.queries import plan_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.tokens.access import Problem, needs
from lianfang.registry.tokens.asking import AsOf, Key, Text, Words, area_asked, moment_asked
from lianfang.registry.tokens.paging import Page, Paging, next_offset, offset_of
from lianfang.web.reading import of_one_moment

router = Router(tags=["duties"])
_OPEN_STATES = ["overdue", "open", "untimed"]
Show = Literal[tuple(SHOWS)]  # type: ignore[valid-type]  # the filters of the page, read from there


class DutyOut(Schema):
    """Counts of one duty: due = done + overdue + open + excused; `percent` is null where nothing is due."""

    duty: str
    title: str
    due: int
    done: int
    late: int
    overdue: int
    open: int
    excused: int
    carried: int
    untimed: int
    percent: float | None


class ObligationOut(Schema):
    """One thing to do, for whom, by whom, until when. `due_at` is null where the clock cannot start."""

    id: int
    duty: str
    title: str
    slot: str
    day: date
    subject_kind: str
    subject: UUID
    name: str
    household: UUID | None
    door: str
    area: str
    village: str
    opens_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    state: str
    level: str
    minutes_late: int
    owner: str
    owner_vacant: bool


class ObligationQuery(Paging, AsOf):
    """`show` is the list of the page: outstanding, missing, overdue, open, carried, untimed, due, done, …"""

    duty: Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    show: Show = "outstanding"
    owner: Text = ""


class Reason(Schema):
    reason: Words


class Decision(Schema):
    accept: bool


@router.get(
    "/duties", auth=needs(Permission.SEE_FIGURES), response=list[DutyOut], summary=_("Duties with their counts")
)
@of_one_moment
def duties(request: HttpRequest, query: Query[AsOf]):
    path = area_asked(request, Permission.SEE_FIGURES, query.area)
    return [_duty(found) for found in summaries(area_path=path, as_of=moment_asked(query.as_of))]


@router.get(
    "/obligations",
    auth=needs(Permission.SEE_PEOPLE),
    response=Page[ObligationOut],
    summary=_("Obligations behind a number: what is outstanding, done, excused"),
)
@of_one_moment
def obligations(request: HttpRequest, query: Query[ObligationQuery]):
    path, as_of = area_asked(request, Permission.SEE_PEOPLE, query.area), moment_asked(query.as_of)
    show, start = SHOWS[query.show], offset_of(query)
    where = {"area_path": path, "as_of": as_of, "duty": query.duty or None}
    where |= {"states": list(show.states), "earlier": show.earlier}
    if query.owner:  # an owner is known only after reading
        every = [item for item in items(**where) if query.owner in (item.owner, owner_key(item))]
        count, found = len(every), every[start : start + query.limit]
    else:
        count = sum(show.count(one) for one in summaries(area_path=path, as_of=as_of, duty=query.duty or None))
        found = items(**where, limit=query.limit, offset=start)
    return {"count": count, "next": next_offset(query, len(found), count), "items": [_item(one) for one in found]}


@router.post(
    "/obligations/{obligation}/excuse",
    auth=needs(Permission.ASSIGN),
    response={204: None},
    summary=_("Say why an obligation need not be met; where the plan asks for two, another confirms"),
)
def excuse_obligation(request: HttpRequest, obligation: Key, body: Reason):
    owed = Obligation.objects.filter(pk=obligation).first()
    if owed is None or not scope_for(request.user).allows(Permission.ASSIGN, owed.area_path):
        raise Problem("not_found")
    now = timezone.now()
    open_ones = items(area_path=owed.area_path, as_of=now, subjects=[owed.subject], states=_OPEN_STATES)
    if owed.pk not in {item.id for item in open_ones}:
        raise Problem("conflict")
    try:
        explain(by=request.user.actor, at=now, obligation=owed, reason=body.reason.strip())
    except CannotConfirm as refused:
        raise Problem("conflict") from refused
    return


@router.post(
    "/obligations/{obligation}/excuse/decision",
    auth=needs(Permission.REVIEW),
    response={204: None},
    summary=_("Confirm an explanation as a second person, or do not"),
)
def decide_explanation(request: HttpRequest, obligation: Key, body: Decision):
    waiting = ExcuseProposal.objects.select_related("obligation").filter(obligation=obligation, decided_at=None)
    proposal = waiting.first()
    if proposal is None or not scope_for(request.user).allows(Permission.REVIEW, proposal.obligation.area_path):
        raise Problem("not_found")
    try:
        decide_excuse(by=request.user.actor, at=timezone.now(), proposal=proposal, accept=body.accept)
    except CannotConfirm as refused:
        raise Problem("conflict") from refused
    return


def _duty(found: DutySummary) -> DutyOut:
    return DutyOut(
        duty=found.code,
        title=_title(found.plan_version_id, found.code),
        due=found.due,
        done=found.done,
        late=found.late,
        overdue=found.overdue,
        open=found.open,
        excused=found.excused,
        carried=found.carried,
        untimed=found.untimed,
        percent=found.share.percent,
    )


def _title(plan_version_id: int, code: str) -> str:
    return plan_of(plan_version_id).duties[code].title.of(get_language() or "zh-hans")


def _item(item: Item) -> ObligationOut:
    return ObligationOut(
        id=item.id,
        duty=item.code,
        title=_title(item.plan_version_id, item.code),
        slot=item.slot,
        day=item.day,
        subject_kind=item.subject_kind,
        subject=item.subject,
        name=item.name or "",
        household=item.household,
        door=item.door or "",
        area=item.area_path,
        village=item.area_name or "",
        opens_at=item.opens_at,
        due_at=item.due_at,
        done_at=item.done_at,
        state=item.state,
        level=item.level,
        minutes_late=item.age_minutes,
        owner=item.owner,
        owner_vacant=item.owner_vacant,
    )
