"""Recording what is measured, said and needed, and what follows from it."""

from lianfang.field.observation.actions.alerts import arrange_care, close_alert, receive_alert
from lianfang.field.observation.actions.homes import NewAssessment, assess_home
from lianfang.field.observation.actions.needs import (
    NewDifficulty,
    NewNeed,
    ask_for,
    meet_need,
    record_difficulty,
)
from lianfang.field.observation.actions.readings import (
    POSSIBLE_CELSIUS,
    NewReading,
    record_readings,
    withdraw_readings,
)

__all__ = [
    "POSSIBLE_CELSIUS",
    "NewAssessment",
    "NewDifficulty",
    "NewNeed",
    "NewReading",
    "arrange_care",
    "ask_for",
    "assess_home",
    "close_alert",
    "meet_need",
    "receive_alert",
    "record_difficulty",
    "record_readings",
    "withdraw_readings",
]
