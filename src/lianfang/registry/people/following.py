"""What follows a person from card to card. Contexts name theirs in `cards.py`:

FOLLOW = [(Notice, "person"), …]                 rows that point at a card by a foreign key
def merge(*, at, kept, merged) -> dict           what else has to move; the answer is kept as JSON
def undo(*, at, kept, merged, moved) -> None     gives back what `merge` told
def forget(*, people) -> None                    takes what names the person out of its own rows (keys of cards)
def settle(*, at, kept, merged) -> None          after every `undo`: what each card's own records say holds again
"""

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps


@lru_cache(maxsize=1)
def contexts() -> dict[str, ModuleType]:
    """Label of the context → its `cards` module, in the order of the house: lower contexts first."""
    names = {config.label: f"{config.name}.cards" for config in apps.get_app_configs()}
    return {
        label: import_module(name)
        for label, name in names.items()
        if name.startswith("lianfang.") and find_spec(name) is not None
    }


def followed() -> list[tuple[str, type, str]]:
    """(label, model, field) of every foreign key that follows; the label names it in the record of a merge."""
    return [
        (f"{model._meta.label}.{field}", model, field)
        for module in contexts().values()
        for model, field in getattr(module, "FOLLOW", ())
    ]
