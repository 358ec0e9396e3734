"""What the tables of orders about plans refuse."""

from uuid import uuid4

from rows import DAY, NOW, version

from lianfang.mandate.response.models import PlanOrder


def order(**told):
    usual = {
        "uid": uuid4(),
        "kind": "activation",
        "area_path": "140931",
        "starts_on": DAY,
        "basis": "令第1号",
        "proposed_by": "first",
        "proposed_at": NOW,
    }
    under = {} if "plan_version" in told else {"plan_version": version()}
    return PlanOrder.objects.create(**usual | under | told)


def decided(by, decision="approved"):
    return {"decision": decision, "decided_by": by, "decided_at": NOW}


def two_open_orders():
    first = order()
    order(plan_version=first.plan_version)


REFUSED = [
    ("response_order_kind_known", lambda: order(kind="wish")),
    ("response_order_has_a_legal_basis", lambda: order(basis="")),
    ("response_order_decided_by_somebody", lambda: order(**decided(""))),
    ("response_order_approved_by_a_second_person", lambda: order(**decided("first"))),
    ("response_one_open_order_an_area", two_open_orders),
]
