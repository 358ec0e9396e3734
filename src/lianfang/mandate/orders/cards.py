"""Notices follow their person from card to card."""

from lianfang.mandate.orders.models import Notice

FOLLOW = [(Notice, "person")]
