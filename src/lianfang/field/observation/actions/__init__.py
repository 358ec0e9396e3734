"""Recording what is measured, said and needed, and what follows from it."""

from lianfang.field.observation.actions.alerts import arrange_care, close_alert, receive_alert
from lianfang.field.observation.actions.callbacks import CannotCall, answer_callback, draw_callbacks
from lianfang.field.observation.actions.homes import NewAssessment, assess_home
from lianfang.field.observation.actions.losses import mark_lost
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
from lianfang.field.observation.actions.releasing import release_ready
from lianfang.field.observation.actions.retention import erase_identities
from lianfang.field.observation.actions.teams import Assigned, assign_many, give_up, hand_over

__all__ = [
    "POSSIBLE_CELSIUS",
    "Assigned",
    "CannotCall",
    "NewAssessment",
    "NewDifficulty",
    "NewNeed",
    "NewReading",
    "answer_callback",
    "arrange_care",
    "ask_for",
    "assess_home",
    "assign_many",
    "close_alert",
    "draw_callbacks",
    "erase_identities",
    "give_up",
    "hand_over",
    "mark_lost",
    "meet_need",
    "receive_alert",
    "record_difficulty",
    "record_readings",
    "release_ready",
    "withdraw_readings",
]
