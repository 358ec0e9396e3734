"""Writing the household ledger."""

from lianfang.registry.homes.actions.belongings import (
    Unfit,
    Wanted,
    assign_compound,
    assign_grid,
    assign_group,
    place,
    release,
)
from lianfang.registry.homes.actions.groups import (
    Formed,
    activate_group,
    dissolve_group,
    form_group,
    form_groups,
    give_compound_grid,
    register_compound,
)
from lianfang.registry.homes.actions.moves import move_household
from lianfang.registry.homes.actions.residents import NewCheck, Told, set_freshness, tell_residents, verify

__all__ = [
    "Formed",
    "NewCheck",
    "Told",
    "Unfit",
    "Wanted",
    "activate_group",
    "assign_compound",
    "assign_grid",
    "assign_group",
    "dissolve_group",
    "form_group",
    "form_groups",
    "give_compound_grid",
    "move_household",
    "place",
    "register_compound",
    "release",
    "set_freshness",
    "tell_residents",
    "verify",
]
