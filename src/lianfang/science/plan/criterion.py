"""Who a pathway admits, as data: each criterion is a mapping with one key. Evaluation is in criteria.py."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from lianfang.science.plan.values import Code, Days, Model, Sourced, TextList


class Everybody(Model):
    everybody: Literal[True]


class Need(Model):
    """A need of any kind, or of one of the categories."""

    need: Literal[True]
    categories: TextList = []


class Exposed(Model):
    """A dated contact with a case, not longer ago than the days when it was told."""

    exposed: Literal[True]
    within_days: Sourced[Days]


class StayedIn(Model):
    stayed_in: Literal["key_areas"]
    within_days: Sourced[Days]


class AreaKind(Model):
    area_kind: Annotated[list[Code], Field(min_length=1)]


class Raised(Model):
    raised: Code


class AnyOf(Model):
    any_of: Annotated[list["Criterion"], Field(alias="any", min_length=1)]


class AllOf(Model):
    all_of: Annotated[list["Criterion"], Field(alias="all", min_length=1)]


class Negation(Model):
    negated: Annotated["Criterion", Field(alias="not")]


_KEYS = {
    "everybody": Everybody,
    "need": Need,
    "exposed": Exposed,
    "stayed_in": StayedIn,
    "area_kind": AreaKind,
    "raised": Raised,
    "any": AnyOf,
    "all": AllOf,
    "not": Negation,
}
CRITERION_KEYS = tuple(_KEYS)


def _tag(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((f"<{key}>" for key in _KEYS if key in value), None)
    return next((f"<{key}>" for key, model in _KEYS.items() if type(value) is model), None)


# The tags carry angle brackets so that the loader can tell them from keys in the place of an error.
Criterion = Annotated[
    Annotated[Everybody, Tag("<everybody>")]
    | Annotated[Need, Tag("<need>")]
    | Annotated[Exposed, Tag("<exposed>")]
    | Annotated[StayedIn, Tag("<stayed_in>")]
    | Annotated[AreaKind, Tag("<area_kind>")]
    | Annotated[Raised, Tag("<raised>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[AllOf, Tag("<all>")]
    | Annotated[Negation, Tag("<not>")],
    Discriminator(_tag),
]

AnyOf.model_rebuild()
AllOf.model_rebuild()
Negation.model_rebuild()
