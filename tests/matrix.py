"""The data set and the actors of the permission matrix: one village with an object of every kind."""

import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from allauth.account.internal.flows.login import record_authentication
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from lianfang import vault
from lianfang.field.declarations import actions as declarations
from lianfang.field.declarations.models import Declaration
from lianfang.field.observation.actions.paper import make_paper_list
from lianfang.field.observation.models import Alert, Callback, Draw, Need, Reading
from lianfang.field.screening import handover
from lianfang.field.screening.models import Referral
from lianfang.mandate.duties.models import Enrolment, Obligation, TeamMember
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.records import record_batch
from lianfang.mandate.orders.models import Notice, PersonOrder, Release
from lianfang.mandate.response.models import PlanOrder
from lianfang.registry.accounts import actions as accounts
from lianfang.registry.accounts.models import Account, Emergency
from lianfang.registry.accounts.rules import ROLES
from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes.models import Compound, Group
from lianfang.registry.organisation import actions as organisation
from lianfang.registry.organisation.models import Body, Term
from lianfang.registry.people.actions import merge, register
from lianfang.registry.people.models import Household, Person
from lianfang.registry.people.rules import NewPerson

VILLAGE, TOWN, COUNTY = "140931101202", "140931101", "140931"  # where the objects are
NEIGHBOUR = "140931101203"  # where somebody is handed over to
NEXT_VILLAGE, NEXT_TOWN, NEXT_COUNTY = "140931101201", "140931102", "140932"
# What is sent where an empty form asks for nothing that the permission decides on; {} is the object's area.
SENT = {
    "screening:offer": {"decision": "withdraw"},
    "screening:handover": {"decision": "withdraw"},
    "observation:course": {"act": "difficulty"},
    "homes:assign": {"village": VILLAGE},
}
WORKS_IN = {"village_head": 0, "grid_worker": 0, "township_officer": 1, "health_centre": 1}  # others for the county
HERE, ELSEWHERE = (VILLAGE, TOWN, COUNTY), (NEXT_VILLAGE, NEXT_TOWN, NEXT_COUNTY)
BY = Actor("matrix")


@dataclass(frozen=True)
class Visitor:
    role: str
    path: str

    def may(self, permission: str, area: str) -> bool:
        return permission in ROLES[self.role] and area.startswith(self.path)


@dataclass(frozen=True)
class Target:
    """An address of the site: its name, what stands in it, and the area of the object; empty where there is none."""

    name: str
    kwargs: dict
    area: str = ""


VISITORS = [
    Visitor(role, places[WORKS_IN.get(role, 2)]) for role in ROLES for places in (HERE, ELSEWHERE)
]  # own area, an area above, a sibling, a stranger


def routes(resolver=None, space="", given=()):
    """(name, its parameters) of every address of the site, each name once."""
    for entry in (resolver or get_resolver()).url_patterns:
        wanted = [*given, *entry.pattern.converters]
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{space}{entry.namespace}:" if entry.namespace else space, wanted)
        else:
            yield f"{space}{entry.name}", wanted


def enter(client, account: Account):
    """Logged in a moment ago, so that no act asks for a fresh log-in first."""
    client.force_login(account)
    session = client.session
    request = RequestFactory().get("/")
    request.session = session
    record_authentication(request, account, "password", reauthenticated=True)
    session.save()
    return client


def open_visitor(visitor: Visitor) -> Account:
    at, name = timezone.now(), f"{visitor.role}-{visitor.path}"
    made = accounts.open_account(by=BY, at=at, username=name, display_name=name, password=None)
    accounts.appoint(by=BY, at=at, account=made, role=visitor.role, area_path=visitor.path)
    return made


def fill_village(arrivals, rows: list[dict]) -> dict[str, tuple[dict, str]]:
    """Bring the rows in, work with the first of them; returns what each kind of parameter stands for."""
    now = timezone.now()
    came = (timezone.localdate(now) - timedelta(days=1)).isoformat()
    arrivals([row | {"arrived_on": came} for row in rows], at=(now - timedelta(minutes=5)).isoformat())
    return work_with(Person.objects.get(name=rows[0]["name"]), now, phone=rows[0]["phone"], member=rows[1]["name"])


def work_with(person: Person, now, *, phone: str, member: str) -> dict[str, tuple[dict, str]]:
    """A notice, a fever, a need, a team and all that the pages have parameters for, of a person of the village."""
    told = {"person": str(person.uid), "at": now.isoformat()}
    health = {"given_by": "self", "channel": "phone"}
    lines = [
        {"id": str(uuid4()), "kind": "notice_issued", **told},
        {"id": str(uuid4()), "kind": "temperature", "value": 38.4, **health, **told},
        {"id": str(uuid4()), "kind": "need", "value": "food", "note": phone, **told},
        {"id": str(uuid4()), "kind": "team_member", "slot": "grid_worker", "name": member, **told},
    ]
    faults = record_batch(by=BY, at=now, lines=lines).faults
    assert faults == [], faults
    return _objects(person, now)


def _more(person: Person, now) -> dict[str, tuple[dict, str]]:
    """What cards, the organisation, a list sent down, paper and decisions have of their own."""
    register(at=now, people=[NewPerson(uuid4(), name, VILLAGE, door="3号") for name in ("甲", "乙", "丙")])
    one, two, three = Person.objects.filter(name__in="甲乙丙").order_by("pk")
    merged = merge(by=BY, at=now, kept=one, merged=two, reason="one person")
    watched = Enrolment.objects.filter(subject=person.uid, observed=True).earliest("pk")
    day = timezone.localdate(now)
    version = watched.activation.plan_version
    term = Term.objects.create(
        uid=uuid4(),
        area_path=VILLAGE,
        post="first_responsible",
        name="王某",
        since=now,
        proposed_at=now,
        proposed_by="one",
    )
    body = Body.objects.create(uid=uuid4(), area_path=VILLAGE, kind="office", name="办公室", valid_from=now)
    compound = Compound.objects.create(uid=uuid4(), area_path=VILLAGE, name="一号院", kind="managed", registered_at=now)
    group = Group.objects.create(uid=uuid4(), area_path=VILLAGE, name="第1组", kind="ten_households", formed_at=now)
    referral = Referral.objects.create(
        uid=uuid4(),
        batch=uuid4(),
        sheet="S",
        row=1,
        area_path=VILLAGE,
        name="丁",
        registered_at=now,
        told_sealed=vault.seal(json.dumps({"name": "丁"})),
    )
    offer = handover.send(by=BY, at=now, uid=uuid4(), person=person, to_path=NEIGHBOUR, reason="moved")
    reading = Reading.objects.filter(person=person).earliest("pk")
    draw = Draw.objects.create(
        activation=watched.activation, day=day, seed="1", share_percent=5, population=10, drawn_at=now
    )
    callback = Callback.objects.create(draw=draw, reading=reading, area_path=VILLAGE)
    paper = make_paper_list(by=BY, at=now, area_path=VILLAGE, day=day, people=[person.uid])
    course = {"person": person, "plan_version": version, "enrolment": watched, "first_day": day, "last_day": day}
    order = PersonOrder.objects.create(
        uid=uuid4(),
        kind="extension",
        basis="order 1",
        reason="fever",
        proposed_by="one",
        proposed_at=now,
        registered_at=now,
        **course,
    )
    release = Release.objects.create(
        uid=uuid4(), number=1, kind="completed", ends_at=now, decided_by="one", registered_at=now, **course
    )
    plans = PlanOrder.objects.create(
        uid=uuid4(),
        kind="activation",
        area_path=COUNTY,
        plan_version=version,
        starts_on=day,
        basis="令第1号",
        proposed_by="one",
        proposed_at=now,
        preview={
            "at": now.isoformat(),
            "day": day.isoformat(),
            "matched": [str(person.uid)],
            "released": [],
            "moved": [],
            "before": {},
            "after": {},
        },
    )
    return {
        "pair": ({"uid": one.uid, "other": three.uid}, VILLAGE),
        "merge": ({"uid": one.uid, "merge_uid": merged.uid}, VILLAGE),
        "term": ({"uid": term.uid}, VILLAGE),
        "body": ({"uid": body.uid}, VILLAGE),
        "compound": ({"uid": compound.uid}, VILLAGE),
        "group": ({"uid": group.uid}, VILLAGE),
        "referral": ({"uid": referral.uid}, VILLAGE),
        "offer": ({"uid": offer.uid}, VILLAGE),
        "callback": ({"callback": callback.pk}, VILLAGE),
        "paper": ({"number": paper.number}, VILLAGE),
        "order": ({"uid": order.uid}, VILLAGE),
        "release": ({"uid": release.uid}, VILLAGE),
        "plan": ({"code": version.code}, ""),
        "plan_order": ({"uid": plans.uid, "decision": "reject", "who": "matched"}, COUNTY),
        "proposal": ({"kind": "activation"}, ""),
        "village": ({}, VILLAGE),
    }


def _declared(now) -> Declaration:
    """One member of the staff of a unit of the village, asked for a declaration."""
    unit = organisation.establish(by=BY, at=now, area_path=VILLAGE, kind="member_unit", name="unit")
    staff = declarations.NewStaff(uuid4(), unit, "x")
    declarations.ask(by=BY, at=now, staff=[(staff, declarations.Listed(uuid4()))])
    return Declaration.objects.select_related("unit").get()


def _objects(person: Person, now) -> dict[str, tuple[dict, str]]:
    batch, held = Batch.objects.get(), StagedRow.objects.filter(outcome="review").earliest("pk")
    post = accounts.open_account(by=BY, at=now, username="post", display_name="post", password=None)
    held_post = accounts.appoint(by=BY, at=now, account=post, role="grid_worker", area_path=VILLAGE)
    later = _more(person, now)
    emergency = Emergency.objects.create(
        uid=uuid4(), account=post, subject=person.uid, area_path=VILLAGE, reason="x", opened_at=now,
        expires_at=now + timedelta(minutes=60), review_by=now + timedelta(hours=72),
    )  # fmt: skip
    reset = accounts.ask_factor_reset(by=post, at=now, account=post, reason="x")
    return {
        "person": ({"uid": person.uid}, VILLAGE),
        "arrival": ({"arrival": person.arrivals.earliest("pk").uid}, VILLAGE),
        "unit": ({"unit": _declared(now).unit.uid}, VILLAGE),
        "declaration": ({"uid": Declaration.objects.get().uid}, VILLAGE),
        "household": ({"uid": Household.objects.get(pk=person.household_id).uid}, VILLAGE),
        "batch": ({"uid": batch.uid}, batch.area_path),
        "row": ({"uid": batch.uid, "row": held.pk}, batch.area_path),
        "notice": ({"uid": Notice.objects.filter(person=person).earliest("pk").uid}, VILLAGE),
        "obligation": ({"obligation": Obligation.objects.filter(subject=person.uid).earliest("pk").pk}, VILLAGE),
        "alert": ({"uid": Alert.objects.get(person=person).uid}, VILLAGE),
        "need": ({"uid": Need.objects.get(person=person).uid}, VILLAGE),
        "member": ({"record": TeamMember.objects.earliest("pk").record}, VILLAGE),
        "worker": ({"number": post.pk}, VILLAGE),
        "post": ({"number": held_post.pk}, VILLAGE),
        "reset": ({"number": reset.pk}, VILLAGE),
        "emergency": ({"uid": emergency.uid}, VILLAGE),
        "list": ({"kind": "arrivals"}, ""),
        **later,
        "own": ({"number": 1, "uid": UUID(int=7)}, ""),
        "nothing": ({"uid": UUID(int=7), "other": UUID(int=8), "merge_uid": UUID(int=9), "row": 1, "number": 1,
                     "callback": 1, "record": UUID(int=7), "code": "aaaa-bbbb", "obligation": 1, "kind": "arrivals",
                     "batch": UUID(int=7)}, ""),
    }  # fmt: skip
