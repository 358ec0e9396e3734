"""Notices, orders and releases follow their person from card to card."""

from lianfang.mandate.orders.models import Notice, PersonOrder, Release

FOLLOW = [(Notice, "person"), (PersonOrder, "person"), (Release, "person")]
