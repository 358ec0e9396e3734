"""Readings, alerts and needs follow their person from card to card."""

from lianfang.field.observation.models import Alert, Need, Reading

FOLLOW = [(Reading, "person"), (Alert, "person"), (Need, "person")]
