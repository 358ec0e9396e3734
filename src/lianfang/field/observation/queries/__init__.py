"""Reads: who is under observation, what is due today, how a person is."""

from lianfang.field.observation.queries.counts import (
    count_fever_alerts,
    count_new,
    count_released,
    count_under_observation,
    counts,
    fever_alerts,
    newly_observed,
    released,
    spells_of_fever,
    spells_under_observation,
    under_observation,
)

__all__ = [
    "count_fever_alerts",
    "count_new",
    "count_released",
    "count_under_observation",
    "counts",
    "fever_alerts",
    "newly_observed",
    "released",
    "spells_of_fever",
    "spells_under_observation",
    "under_observation",
]
