"""Reads of the organisation: who was responsible when, what is vacant, the chart of a day."""

from lianfang.registry.organisation.queries.chart import (
    Member,
    Node,
    all_terms,
    chart,
    directory,
    members,
    proposals,
    register,
    state_of,
    venues,
)
from lianfang.registry.organisation.queries.responsible import (
    Decision,
    Responsible,
    decisions,
    first_responsible,
    grid_workers,
    responsible_of,
    responsible_on,
)
from lianfang.registry.organisation.queries.vacancies import (
    Filled,
    Vacancy,
    filled,
    grids_without_worker,
    look,
    vacancies,
)

__all__ = [
    "Decision",
    "Filled",
    "Member",
    "Node",
    "Responsible",
    "Vacancy",
    "all_terms",
    "chart",
    "decisions",
    "directory",
    "filled",
    "first_responsible",
    "grid_workers",
    "grids_without_worker",
    "look",
    "members",
    "proposals",
    "register",
    "responsible_of",
    "responsible_on",
    "state_of",
    "vacancies",
    "venues",
]
