"""A village of households, made as rows: the ledger stands on doors that lists have brought."""

from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Household, Person
from lianfang.registry.places.actions import AreaRow, import_areas

VILLAGE, OTHER = "140931101201", "140931101202"
AT = parse_datetime("2020-02-08T09:00:00+08:00")
BY = Actor("test")


@pytest.fixture
def village(county):
    """东沟村 with three grids and 西坪村 with one, below 义门镇."""
    rows = [AreaRow(n, f"{VILLAGE}{n:03d}", f"第{'零一二三'[n]}网格", VILLAGE, "grid") for n in (1, 2, 3)]
    rows.append(AreaRow(4, f"{OTHER}001", "第一网格", OTHER, "grid"))
    assert import_areas(by=BY, at=AT, rows=rows)[2] == []
    return VILLAGE


@pytest.fixture
def households(village):
    """households(count, village=…) → doors 1号 … with one person behind each, in the order of doors."""

    def make(count, path=VILLAGE, first=1):
        homes = Household.objects.bulk_create(
            Household(uid=uuid4(), area_path=path, door=f"{n}号", door_key=str(n)) for n in range(first, first + count)
        )
        Person.objects.bulk_create(
            Person(
                uid=uuid4(),
                name=f"{'赵钱孙李周吴郑王'[n % 8]}某{n}",
                pinyin=f"mou {n}",
                initials="m",
                area_path=path,
                household=home,
                registered_at=AT,
            )
            for n, home in enumerate(homes, start=1)
        )
        return homes

    return make
