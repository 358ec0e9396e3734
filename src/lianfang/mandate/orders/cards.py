"""Notices, orders and releases follow their person from card to card."""

from collections.abc import Sequence

from lianfang.mandate.orders.models import Notice, PersonOrder, Release
from lianfang.registry.people.rules import FORGOTTEN

FOLLOW = [(Notice, "person"), (PersonOrder, "person"), (Release, "person")]


def forget(*, people: Sequence[int]) -> None:
    """The words go. That there was an order, on what basis, by whom and for which days has to be answered for."""
    PersonOrder.objects.filter(person__in=people).update(reason=FORGOTTEN)
    PersonOrder.objects.filter(person__in=people).exclude(decision_note="").update(decision_note="")
    Release.objects.filter(person__in=people).exclude(reason="").update(reason=FORGOTTEN)
