"""How a person lives here and why care is needed follow from card to card."""

from lianfang.registry.homes.models import Residence, Vulnerability

FOLLOW = [(Residence, "person"), (Vulnerability, "person")]
