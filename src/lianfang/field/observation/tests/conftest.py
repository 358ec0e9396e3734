"""The village of 东沟村 on the morning after its list came in, and the pages as its workers use them."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lianfang.mandate.duties.actions import enrol_areas
from lianfang.mandate.response.actions import Order, activate
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.science.plan import from_json, load_shipped, to_json

TOWN, VILLAGE, OTHER = "140931101", "140931101201", "140931101202"
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
MORNING = "2020-02-09T09:40:00+08:00"
HOUSE = [
    {"name": "李建国", "document": "990000198003121015", "door": "27号", "origin": "湖北武汉"},
    {"name": "李小宝", "document": "990000201507011033", "door": "27号", "origin": "湖北武汉"},
]
NEIGHBOURS = [
    {"name": "张玉兰", "document": "990000195501011042", "door": "12号", "origin": "山西大同"},
    {
        "name": "赵春梅",
        "document": "99000019900202105X",
        "door": "3号",
        "origin": "湖北孝感",
        "village": "西坪村",
    },
]


@pytest.fixture
def clock(monkeypatch):
    """clock("2020-02-09T14:00:00+08:00") sets the time; it begins on the morning of 9 February 2020."""

    def set_to(moment):
        at = parse_datetime(moment)
        monkeypatch.setattr(timezone, "now", lambda: at)
        return at

    set_to(MORNING)
    return set_to


@pytest.fixture
def people(arrivals, clock):
    """李建国 and his child, both observed, behind one door; 张玉兰 from elsewhere; 赵春梅 of 西坪村."""
    arrivals(HOUSE + NEIGHBOURS)
    return {person.name: person for person in Person.objects.select_related("household")}


@pytest.fixture
def enter(client, account):
    """enter(role, area) → a client signed in as one who works there."""

    def sign_in(role, area=VILLAGE):
        client.force_login(account(role, area))
        return client

    return sign_in


@pytest.fixture
def worker(enter, people):
    return enter("grid_worker")


class House:
    """A household as its form shows it; fields go by person and name."""

    def __init__(self, client, person):
        self.client, self.person = client, person
        self.url = reverse("observation:household", args=[person.household.uid])
        self.page = client.get(self.url, headers=PART).content.decode()
        self.hidden = {name: self.value(name) for name in ("batch", "opened")}

    def value(self, name):
        found = re.search(rf'name="{name}"[^>]*?value="([^"]*)"', self.page)
        return found[1] if found else ""

    def data(self, channel="phone", clock="", **told):
        """told: 李建国__temperature="36.5" and the like."""
        fields = {**self.hidden, "channel": channel, "clock": clock}
        for key, value in told.items():
            name, _, field = key.partition("__")
            fields[self.field(name, field) if field else key] = value
        return fields

    def field(self, name, field):
        return f"p{Person.objects.get(name=name).uid.hex}-{field}"

    def save(self, **told):
        return self.client.post(self.url, self.data(**told), headers=PART)


@pytest.fixture
def house(worker, people):
    return House(worker, people["李建国"])


@pytest.fixture
def open_house():
    return House


ASSUMED = {"zh": "试验用", "en": "for the test"}


def amended(**changes):
    """The county's plan with other values: `pathway` changes that of key-area arrivals, the rest the plan itself."""
    document = to_json(load_shipped("county-report-2020"))
    document["pathways"]["key-area-arrival"] |= changes.pop("pathway", {})
    document["duties"] |= changes.pop("duties", {})
    document["pathways"] |= changes.pop("pathways", {})
    if "teams" in changes:  # the usual owners have no place in it
        for duty in document["duties"].values():
            duty["owner"] = duty["owner"] if not duty["owner"].startswith("team.") else "township_officer"
    return from_json(document | changes)


def _clock_duty(evidence, within="1d", start="anchor", **told):
    usual = {"title": ASSUMED, "unit": ASSUMED, "shape": "clock", "evidence": [evidence], "owner": "township_officer"}
    usual |= {"within": {"value": within, "assumed": ASSUMED}, "from": start, "clauses": ["XX-1.1.4.2"]}
    steps = [{"after": "1h", "to": "township"}, {"after": "4h", "to": "county"}]
    return usual | {"escalate": {"steps": steps, "assumed": ASSUMED}} | told


@pytest.fixture
def plan_in_town(county):
    """plan_in_town(pathway={…}) puts an amended plan of its own in force in the township."""

    def put(day="2020-02-08", **changes):
        order = Order(TOWN, date.fromisoformat(day))
        at, by = parse_datetime(f"{day}T08:00:00+08:00"), Actor("test")
        made = activate(by=by, at=at, plan=amended(**changes), order=order)
        enrol_areas(activation=made)
        return made

    return put


@pytest.fixture
def clock_duty():
    """clock_duty(evidence, within="30m") → a duty of a plan with an assumed clock."""
    return _clock_duty
