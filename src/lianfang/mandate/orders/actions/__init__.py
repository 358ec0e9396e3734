"""Writing notices, orders about a person, and how an observation ends."""

from lianfang.mandate.orders.actions.notices import NewDelivery, NoPlanInForce, deliver, issue
from lianfang.mandate.orders.actions.releases import NotVoluntary, convert, release, withdraw_from_monitoring
from lianfang.mandate.orders.actions.rulings import CannotOrder, NewOrder, decide, propose

__all__ = [
    "CannotOrder",
    "NewDelivery",
    "NewOrder",
    "NoPlanInForce",
    "NotVoluntary",
    "convert",
    "decide",
    "deliver",
    "issue",
    "propose",
    "release",
    "withdraw_from_monitoring",
]
