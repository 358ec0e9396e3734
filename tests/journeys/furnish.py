"""Something of everything that pages show, in a county of two villages; run by the installation's own interpreter.

What the commands cannot do alone (grids and groups, offers and proposals that wait for somebody) is done by the same
actions as on the pages.
"""

from datetime import timedelta
from uuid import uuid4

import django

django.setup()

from django.utils import timezone  # noqa: E402

from lianfang.command.oversight.actions import open_emergency  # noqa: E402
from lianfang.command.planning.actions import preview  # noqa: E402
from lianfang.field.observation.actions.callbacks import draw_callbacks  # noqa: E402
from lianfang.field.observation.actions.paper import make_paper_list  # noqa: E402
from lianfang.field.screening.handover import send  # noqa: E402
from lianfang.mandate.duties.models import Enrolment  # noqa: E402
from lianfang.mandate.orders.actions.rulings import NewOrder, propose  # noqa: E402
from lianfang.mandate.response import actions as response  # noqa: E402
from lianfang.mandate.response.models import PlanVersion  # noqa: E402
from lianfang.operations import demo_order  # noqa: E402
from lianfang.registry.accounts.models import Account  # noqa: E402
from lianfang.registry.audit.rules import Actor  # noqa: E402
from lianfang.registry.homes.actions.groups import form_groups  # noqa: E402
from lianfang.registry.people.models import Person  # noqa: E402
from lianfang.registry.places.models import Area  # noqa: E402
from lianfang.science.population.people import make_households  # noqa: E402
from lianfang.science.population.places import VillageRow  # noqa: E402

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
    asked = NewOrder(uuid4(), "extension", "再次接触", today, watched[0].last_day + timedelta(days=7))
    propose(by=BY, at=now, enrolment=watched[0], new=asked)
    make_paper_list(by=BY, at=now, area_path=VILLAGE, day=today, people=[one.subject for one in watched])
    cards = list(Person.objects.filter(withdrawn_at__isnull=True, area_path=VILLAGE).order_by("pk"))
    send(by=BY, at=now, uid=uuid4(), person=cards[-1], to_path=f"{VILLAGE[:-1]}2", reason="住在西坪村女儿家")
    open_emergency(by=Account.objects.get(username="head"), at=now, person=cards[0], reason="夜间高烧，家人联系不上")
    draw_callbacks(at=now)
    propose_key_area(now, today)


def propose_key_area(now, today) -> None:
    version = PlanVersion.objects.latest("pk")
    listed = response.add_key_area(
        at=now, version=version, path="4401", name="广东省广州市", since=today, basis="保疫组发〔2020〕2号"
    )
    order = response.NewOrder("key_area", COUNTY, listed, today, "保疫组发〔2020〕2号", "输入病例增多")
    preview(by=BY, at=now, order=response.propose(by=BY, at=now, order=order))


if __name__ == "__main__":
    furnish(timezone.now())
