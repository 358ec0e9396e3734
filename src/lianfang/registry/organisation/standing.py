"""What is still open where a node is to close. Contexts name theirs in `standing.py`:

OPEN = {"persons": count(area_path, at) -> int}      what has to be handed over first
def closing(area_path, at) -> None                   what the context ends itself with the area
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps
from django.utils import timezone

from lianfang.registry.accounts.models import Appointment
from lianfang.registry.organisation.models import Body, Term, Venue
from lianfang.registry.places.models import Area


@dataclass(frozen=True)
class Open:
    """So many of a kind that have to be handed over or ended."""

    kind: str
    count: int


@lru_cache(maxsize=1)
def _modules() -> list[ModuleType]:
    names = [f"{config.name}.standing" for config in apps.get_app_configs()]
    return [import_module(name) for name in names if name.startswith("lianfang.") and find_spec(name) is not None]


def still_open(area_path: str, at: datetime) -> list[Open]:
    """Everything that is open in the area and below it, by kind."""
    counters: dict[str, Callable[[str, datetime], int]] = {}
    for module in _modules():
        counters |= getattr(module, "OPEN", {})
    counted = [Open(kind, count(area_path, at)) for kind, count in counters.items()]
    return [one for one in counted if one.count]


def close_with(area_path: str, at: datetime) -> None:
    for module in _modules():
        if hasattr(module, "closing"):
            module.closing(area_path, at)


def still_open_in_body(body: Body, at: datetime) -> list[Open]:
    counted = [
        Open("posts", Term.objects.at(at).filter(body=body).count()),
        Open("bodies_below", Body.objects.at(at).filter(parent=body).count()),
        Open("groups_led", Body.objects.at(at).filter(lead_unit=body).count()),
    ]
    return [one for one in counted if one.count]


def _posts(area_path: str, at: datetime) -> int:
    return Term.objects.at(at).filter(area_path__startswith=area_path).count()


def _appointments(area_path: str, at: datetime) -> int:
    return Appointment.objects.in_force(at).filter(area_path__startswith=area_path).count()


def _bodies(area_path: str, at: datetime) -> int:
    return Body.objects.at(at).filter(area_path__startswith=area_path).count()


def _venues(area_path: str, at: datetime) -> int:
    return Venue.objects.filter(area_path__startswith=area_path, closed_at=None).count()


def _areas_below(area_path: str, at: datetime) -> int:
    below = Area.objects.under(area_path).exclude(path=area_path)
    return below.valid_on(timezone.localdate(at)).count()


OPEN = {
    "posts": _posts,
    "appointments": _appointments,
    "bodies": _bodies,
    "venues": _venues,
    "areas_below": _areas_below,
}
