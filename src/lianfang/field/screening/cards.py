"""Arrivals and first verifications follow their person from card to card."""

from lianfang.field.screening.models import Arrival, Verification

FOLLOW = [(Arrival, "person"), (Verification, "person")]
