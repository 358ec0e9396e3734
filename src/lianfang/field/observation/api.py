"""Observation over HTTP: who is under it, what was measured and needed, what is to do today, door by door."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from lianfang.field.observation.actions import arrange_care, meet_need
from lianfang.field.observation.models import Alert, Need, Reading
from lianfang.field.observation.queries.card import stretches
from lianfang.field.observation.queries.counts import fever_alerts, under_observation
from lianfang.field.observation.queries.course import observations_of_person
from lianfang.field.observation.queries.today import Row, Task, village_day
from lianfang.mandate.duties.models import Enrolment
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.api import person_asked
from lianfang.registry.tokens.access import Problem, needs
from lianfang.registry.tokens.asking import AreaPath, AsOf, Text, area_asked, areas_asked, moment_asked, under
from lianfang.registry.tokens.paging import Page, Paging, paged

router = Router(tags=["observation"])
_VILLAGE = 12


class ObservationOut(Schema):
    """`last_day` is null where the plan sets no days."""

    person: UUID
    pathway: str
    area: str
    first_day: date
    last_day: date | None
    registered_at: datetime
    closed_at: datetime | None
    closed_reason: str


class PlaceOut(Schema):
    """A place of the responsibility team; without a name it is vacant."""

    title: str
    name: str
    since: datetime | None


class StretchOut(Schema):
    """One observation of a person in the words of its plan, with the responsibility team."""

    plan: str
    pathway: str
    anchor_on: date
    first_day: date
    last_day: date | None
    is_over: bool
    team: list[PlaceOut]


class ReadingOut(Schema):
    uid: UUID
    person: UUID
    kind: str
    at: datetime
    celsius: float | None
    symptoms: list[str] | None
    reached: bool | None
    note: str
    given_by: str
    channel: str
    by: str


class NeedOut(Schema):
    uid: UUID
    person: UUID
    category: str
    note: str
    at: datetime
    met_at: datetime | None
    met_note: str


class AlertOut(Schema):
    """`cared_for` once care is arranged."""

    uid: UUID
    person: UUID
    code: str
    raised_at: datetime
    celsius: float | None
    cared_for: bool


class TaskOut(Schema):
    subject: UUID
    name: str
    duty: str
    title: str
    kinds: list[str]
    place: str
    due_at: datetime | None


class DoorOut(Schema):
    """A household with what is asked there; `place` is overdue, todo or done."""

    household: UUID
    door: str
    area: str
    place: str
    tasks: list[TaskOut]


class TodayOut(Schema):
    """One village now: its doors, most pressing first; what was missed today and what earlier days left."""

    area: str
    as_of: datetime
    missed: int
    carried: int
    doors: list[DoorOut]


class ObservationQuery(Paging, AsOf):
    pass


class ReadingQuery(Paging):
    area: AreaPath = ""
    person: UUID | None = None
    kind: Text = ""


class OpenQuery(Paging, AsOf):
    """`open` leaves out what is met or cared for."""

    open: bool = True


class Note(Schema):
    note: Text = ""


class CareIn(Note):
    """`id` is made by the sender: the same id again stores nothing new."""

    id: UUID


@router.get(
    "/observations",
    auth=needs(Permission.SEE_PEOPLE),
    response=Page[ObservationOut],
    summary=_("Persons under observation"),
)
def observations(request: HttpRequest, query: Query[ObservationQuery]):
    as_of = moment_asked(query.as_of)
    found = Enrolment.objects.none()
    for path in areas_asked(request, Permission.SEE_PEOPLE, query.area):
        found = found | under_observation(path, as_of)
    return paged(found, query, key="pk", shown_all=lambda page: [_observation(row) for row in page])


@router.get(
    "/persons/{uuid:uid}/observations",
    auth=needs(Permission.SEE_PEOPLE),
    response=list[StretchOut],
    summary=_("A person’s observations and responsibility teams"),
)
def observations_of_one(request: HttpRequest, uid: UUID):
    person, now = person_asked(request, uid), timezone.now()
    return [
        StretchOut(
            plan=one.plan,
            pathway=one.pathway,
            anchor_on=one.anchor_on,
            first_day=one.period.first_day,
            last_day=one.period.last_day,
            is_over=one.is_over,
            team=[
                PlaceOut(
                    title=place.title,
                    name=place.member.name if place.member else "",
                    since=place.member.since if place.member else None,
                )
                for place in one.team
            ],
        )
        for one in stretches(observations_of_person(person, now), now)
    ]


@router.get(
    "/readings",
    auth=needs(Permission.SEE_PEOPLE),
    response=Page[ReadingOut],
    summary=_("Temperatures, symptoms, calls and visits"),
)
def readings(request: HttpRequest, query: Query[ReadingQuery]):
    found = _of_people(Reading, areas_asked(request, Permission.SEE_PEOPLE, query.area), query.person)
    found = found.filter(withdrawn_at__isnull=True)
    if query.kind:
        found = found.filter(kind=query.kind)
    return paged(found, query, key="pk", shown_all=lambda page: [_reading(row) for row in page])


@router.get("/needs", auth=needs(Permission.SEE_PEOPLE), response=Page[NeedOut], summary=_("What people asked for"))
def needs_of_people(request: HttpRequest, query: Query[OpenQuery]):
    as_of = moment_asked(query.as_of)
    found = _of_people(Need, areas_asked(request, Permission.SEE_PEOPLE, query.area))
    found = found.filter(registered_at__lte=as_of)
    if query.open:
        found = found.filter(Q(met_at__isnull=True) | Q(met_at__gt=as_of))
    return paged(found, query, key="pk", shown_all=lambda page: [_need(row) for row in page])


@router.post("/needs/{uuid:uid}/met", auth=needs(Permission.RECORD), response=NeedOut, summary=_("A need was met"))
def need_met(request: HttpRequest, uid: UUID, body: Note):
    need = _reachable(request, Need, uid)
    return _need(meet_need(by=request.user.actor, at=timezone.now(), need=need, note=body.note))


@router.get("/alerts", auth=needs(Permission.SEE_PEOPLE), response=Page[AlertOut], summary=_("Alerts"))
def alerts(request: HttpRequest, query: Query[OpenQuery]):
    as_of = moment_asked(query.as_of)
    found = Alert.objects.none()
    for path in areas_asked(request, Permission.SEE_PEOPLE, query.area):
        found = found | fever_alerts(path, as_of)
    if query.open:
        found = found.exclude(referrals__registered_at__lte=as_of)
    rows = found.select_related("person", "reading").prefetch_related("referrals")
    return paged(rows, query, key="pk", shown_all=lambda page: [_alert(row, as_of) for row in page])


@router.post(
    "/alerts/{uuid:uid}/care",
    auth=needs(Permission.RECORD),
    response=AlertOut,
    summary=_("Care was arranged for an alert"),
)
def care_arranged(request: HttpRequest, uid: UUID, body: CareIn):
    alert, now = _reachable(request, Alert, uid), timezone.now()
    made = arrange_care(by=request.user.actor, at=now, alert=alert, note=body.note, uid=body.id)
    if made.alert_id != alert.pk:
        raise Problem("conflict")
    return _alert(alert, now)


@router.get(
    "/today", auth=needs(Permission.RECORD), response=TodayOut, summary=_("What is to do today in a village, by door")
)
def today(request: HttpRequest, query: Query[AsOf]):
    path, as_of = area_asked(request, Permission.RECORD, query.area), moment_asked(query.as_of)
    if len(path) < _VILLAGE:
        raise Problem("not_found")
    may_assign = scope_for(request.user).allows(Permission.ASSIGN, path)
    day = village_day(area_path=path, as_of=as_of, may_assign=may_assign)
    doors = [_door(row) for row in sorted(day.rows, key=Row.rank)]
    return TodayOut(area=path, as_of=as_of, missed=day.missed, carried=day.carried, doors=doors)


def _of_people(model, paths: tuple[str, ...], person: UUID | None = None) -> QuerySet:
    """Rows of live cards in the areas."""
    found = model.objects.filter(under(paths, "person__area_path"), person__withdrawn_at__isnull=True)
    return (found.filter(person__uid=person) if person else found).select_related("person")


def _reachable(request: HttpRequest, model, uid: UUID):
    paths = areas_asked(request, Permission.RECORD, "")
    found = _of_people(model, paths).filter(uid=uid).first()
    if found is None:
        raise Problem("not_found")
    return found


def _observation(row: Enrolment) -> ObservationOut:
    return ObservationOut(
        person=row.subject,
        pathway=row.pathway,
        area=row.area_path,
        first_day=row.first_day,
        last_day=row.last_day,
        registered_at=row.registered_at,
        closed_at=row.closed_at,
        closed_reason=row.closed_reason,
    )


def _reading(row: Reading) -> ReadingOut:
    return ReadingOut(
        uid=row.uid,
        person=row.person.uid,
        kind=row.kind,
        at=row.at,
        celsius=None if row.celsius is None else float(row.celsius),
        symptoms=row.symptoms,
        reached=row.reached,
        note=row.note,
        given_by=row.given_by,
        channel=row.channel,
        by=row.by,
    )


def _need(row: Need) -> NeedOut:
    return NeedOut(
        uid=row.uid,
        person=row.person.uid,
        category=row.category,
        note=row.note,
        at=row.at,
        met_at=row.met_at,
        met_note=row.met_note,
    )


def _alert(row: Alert, as_of: datetime) -> AlertOut:
    degrees = row.reading.celsius
    return AlertOut(
        uid=row.uid,
        person=row.person.uid,
        code=row.code,
        raised_at=row.raised_at,
        celsius=None if degrees is None else float(degrees),
        cared_for=any(one.registered_at <= as_of for one in row.referrals.all()),
    )


def _door(row: Row) -> DoorOut:
    tasks = [_task(task) for task in row.tasks]
    return DoorOut(household=row.uid, door=row.door, area=row.area_path, place=row.place, tasks=tasks)


def _task(task: Task) -> TaskOut:
    return TaskOut(
        subject=task.item.subject,
        name=task.item.name or "",
        duty=task.item.code,
        title=task.title,
        kinds=list(task.kinds),
        place=task.place,
        due_at=task.item.due_at,
    )
