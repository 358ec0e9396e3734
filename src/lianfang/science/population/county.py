"""The whole of a made county under one seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from lianfang.science.population.clerk import ListRow, Shares
from lianfang.science.population.lists import arrivals_list
from lianfang.science.population.places import VillageRow, make_villages
from lianfang.science.population.trips import Place


@dataclass(slots=True)
class County:
    """Keeps the numbers given out, so that no two lists of one county name two people alike."""

    seed: int
    taken: set[str] = field(default_factory=set)

    def villages(self, townships: Sequence[tuple[str, str]], per_township: int) -> list[VillageRow]:
        return make_villages(townships, per_township, self.seed)

    def arrivals(
        self,
        rows: Sequence[VillageRow],
        n: int,
        *,
        as_of: date,
        key_places: Sequence[Place],
        other_places: Sequence[Place],
        shares: Shares | None = None,
    ) -> list[ListRow]:
        """The list of one township. Lists are made in the same order to be the same again."""
        return arrivals_list(
            rows,
            n,
            as_of=as_of,
            seed=self.seed,
            key_places=key_places,
            other_places=other_places,
            shares=shares,
            taken=self.taken,
        )
