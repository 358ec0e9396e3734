"""The data set and the actors of the permission matrix: one village with an object of every kind."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from allauth.account.internal.flows.login import record_authentication
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from lianfang.field.observation.models import Alert, Need
from lianfang.mandate.duties.models import Obligation, TeamMember
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.records import record_batch
from lianfang.mandate.orders.models import Notice
from lianfang.registry.accounts import actions as accounts
from lianfang.registry.accounts.models import Account, Emergency
from lianfang.registry.accounts.rules import ROLES
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Household, Person

VILLAGE, TOWN, COUNTY = "140931101202", "140931101", "140931"  # where the objects are
NEXT_VILLAGE, NEXT_TOWN, NEXT_COUNTY = "140931101201", "140931102", "140932"
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
    person = Person.objects.get(name=rows[0]["name"])
    told = {"person": str(person.uid), "at": now.isoformat()}
    health = {"given_by": "self", "channel": "phone"}
    lines = [
        {"id": str(uuid4()), "kind": "notice_issued", **told},
        {"id": str(uuid4()), "kind": "temperature", "value": 38.4, **health, **told},
        {"id": str(uuid4()), "kind": "need", "value": "food", "note": rows[0]["phone"], **told},
        {"id": str(uuid4()), "kind": "team_member", "slot": "grid_worker", "name": rows[1]["name"], **told},
    ]
    faults = record_batch(by=BY, at=now, lines=lines).faults
    assert faults == [], faults
    return _objects(person, now)


def _objects(person: Person, now) -> dict[str, tuple[dict, str]]:
    batch, held = Batch.objects.get(), StagedRow.objects.filter(outcome="review").earliest("pk")
    post = accounts.open_account(by=BY, at=now, username="post", display_name="post", password=None)
    held_post = accounts.appoint(by=BY, at=now, account=post, role="grid_worker", area_path=VILLAGE)
    emergency = Emergency.objects.create(
        uid=uuid4(), account=post, subject=person.uid, area_path=VILLAGE, reason="x", opened_at=now,
        expires_at=now + timedelta(minutes=60), review_by=now + timedelta(hours=72),
    )  # fmt: skip
    reset = accounts.ask_factor_reset(by=post, at=now, account=post, reason="x")
    return {
        "person": ({"uid": person.uid}, VILLAGE),
        "arrival": ({"arrival": person.arrivals.earliest("pk").uid}, VILLAGE),
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
        "nothing": ({"uid": UUID(int=7), "other": UUID(int=8), "merge_uid": UUID(int=9), "row": 1, "number": 1,
                     "callback": 1, "record": UUID(int=7), "code": "aaaa-bbbb", "obligation": 1, "kind": "arrivals",
                     "batch": UUID(int=7)}, ""),
    }  # fmt: skip
