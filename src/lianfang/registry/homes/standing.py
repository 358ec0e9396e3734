"""What keeps an area from closing: households belong to its grids, groups work there."""

from datetime import datetime

from lianfang.registry.homes.models import Belonging, Compound, Group


def _households(area_path: str, at: datetime) -> int:
    here = Belonging.objects.at(at)
    if len(area_path) > 12:
        return here.filter(sort="grid", grid_path__startswith=area_path).count()
    return here.filter(household__area_path__startswith=area_path).values("household").distinct().count()


def _groups(area_path: str, at: datetime) -> int:
    return Group.objects.filter(area_path__startswith=area_path, formed_at__lte=at, dissolved_at=None).count()


def _compounds(area_path: str, at: datetime) -> int:
    name = "grid_path" if len(area_path) > 12 else "area_path"
    return Compound.objects.filter(**{f"{name}__startswith": area_path}, closed_at=None).count()


OPEN = {"households": _households, "groups": _groups, "compounds": _compounds}
