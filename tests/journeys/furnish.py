"""Something of everything that pages show, in a county of two villages; run in the installation's own folder.

What the commands cannot do alone (grids and groups, offers and proposals that wait for somebody) is done by the same
actions as on the pages.
"""

from datetime import date, timedelta
from uuid import uuid4

from django.utils import timezone

from lianfang.command.oversight.actions import open_emergency
from lianfang.command.planning.actions import preview
from lianfang.field.observation.actions.callbacks import draw_callbacks
from lianfang.field.observation.actions.paper import make_paper_list
from lianfang.field.observation.actions.releasing import release_ready
from lianfang.field.screening.handover import send
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.orders.actions.rulings import NewOrder, propose
from lianfang.mandate.response import actions as response
from lianfang.mandate.response.models import PlanVersion
from lianfang.operations import demo_order
from lianfang.registry.accounts.models import Account
from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes.actions.groups import form_groups
from lianfang.registry.people.actions import register
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import NewPerson
from lianfang.registry.places.models import Area
from lianfang.science.population.people import make_households
from lianfang.science.population.places import VillageRow

COUNTY, VILLAGE, BY = "140931", "140931101201", Actor("furnish")


def made_people():
    rows = [
        VillageRow(area.code, area.name, area.path[:9], area.kind)
        for area in Area.objects.under(COUNTY).filter(kind="village").order_by("path")
    ]
    for home in make_households(rows, 300, as_of=timezone.localdate(), seed=7):
        yield from home.members


def furnish(now) -> None:
    today, people = timezone.localdate(now), made_people()
    demo_order.command(by=BY, at=now - timedelta(days=2), county=COUNTY, people=people)
    demo_order.settle(by=BY, at=now - timedelta(hours=5), county=COUNTY, people=people)
    form_groups(by=BY, at=now, area_path=VILLAGE, kind="ten_households", size=3)
    watched = list(Enrolment.objects.filter(observed=True, area_path=VILLAGE).order_by("pk"))
    over = [one.pk for one in watched if one.last_day < today]
    release_ready(by=BY, at=now, area_path=VILLAGE, only=over)
    asked = NewOrder(uuid4(), "extension", "再次接触", today, watched[0].last_day + timedelta(days=7))
    propose(by=BY, at=now, enrolment=watched[0], new=asked)
    make_paper_list(by=BY, at=now, area_path=VILLAGE, day=today, people=[one.subject for one in watched])
    cards = list(Person.objects.filter(withdrawn_at__isnull=True, area_path=VILLAGE).order_by("pk"))
    send(by=BY, at=now, uid=uuid4(), person=cards[-1], to_path=f"{VILLAGE[:-1]}2", reason="住在西坪村女儿家")
    open_emergency(by=Account.objects.get(username="head"), at=now, person=cards[0], reason="夜间高烧，家人联系不上")
    perhaps_one(now)
    draw_callbacks(at=now)
    propose_key_area(now, today)


def perhaps_one(now) -> None:
    """Two cards of one sound, birthday and phone; the tick puts them side by side."""
    told = {"area_path": VILLAGE, "birth_date": date(1988, 3, 4), "door": "9号", "phones": ("13700009009",)}
    register(at=now, people=[NewPerson(uuid4(), name, **told) for name in ("李文静", "李文婧")])


def propose_key_area(now, today) -> None:
    version = PlanVersion.objects.latest("pk")
    listed = response.add_key_area(
        at=now, version=version, path="4401", name="广东省广州市", since=today, basis="保疫组发〔2020〕2号"
    )
    order = response.NewOrder("key_area", COUNTY, listed, today, "保疫组发〔2020〕2号", "输入病例增多")
    preview(by=BY, at=now, order=response.propose(by=BY, at=now, order=order))
