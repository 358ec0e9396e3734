"""Areas in: what a list of areas may say, and what it may not."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.core.management.base import CommandError
from django.db import ProgrammingError
from django.utils.dateparse import parse_datetime

from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places import commands
from lianfang.registry.places.actions import AlreadyInstalled, AreaRow, import_areas, install
from lianfang.registry.places.models import Area, Installation
from lianfang.registry.places.queries import area_at, children_of, full_name

pytestmark = pytest.mark.django_db
AT, BY = parse_datetime("2020-02-08T09:00:00+08:00"), Actor("test")
TOWN = "140931101"


def bring(*rows: AreaRow):
    return import_areas(by=BY, at=AT, rows=rows)


def row(number=2, code="140931101201", name="东沟村", parent=TOWN, kind="village", boundary=None) -> AreaRow:
    return AreaRow(number, code, name, parent, kind, boundary)


def test_villages_and_their_grids_come_in_one_file_in_any_order():
    grid = row(2, "140931101201001", "第一网格", "140931101201", "grid")
    assert bring(grid, row(3)) == (2, 0, [])
    assert [area.name for area in children_of("140931101201")] == ["第一网格"]
    assert full_name("140931101201001").endswith("东沟村 · 第一网格")


def test_importing_again_renames_and_adds_nothing():
    bring(row())
    before = area_at("140931101201")
    assert bring(row(name="东沟新村")) == (0, 1, [])
    after = area_at("140931101201")
    assert (after.name, after.pinyin, after.uid) == ("东沟新村", "dong gou xin cun", before.uid)


def test_a_village_that_became_a_community_is_one():
    bring(row())
    bring(row(name="东沟社区", kind="community"))
    assert area_at("140931101201").kind == "community"


def test_a_list_without_boundaries_keeps_those_that_are_known():
    shape = {"type": "Polygon", "coordinates": [[[111, 39], [112, 39], [112, 40], [111, 39]]]}
    bring(row(boundary=shape))
    bring(row())
    assert area_at("140931101201").boundary == shape


@pytest.mark.parametrize(
    ("told", "field", "rule"),
    [
        ({"code": ""}, "code", "bad_area_code"),
        ({"code": "14093110120"}, "code", "bad_area_code"),
        ({"code": "１４０９３１１０１２０１"}, "code", "bad_area_code"),
        ({"code": "140931101201007"}, "code", "bad_area_code"),
        ({"code": "-40931101201"}, "code", "bad_area_code"),
        ({"code": "140931101201" + "0" * 12}, "code", "bad_area_code"),
        ({"kind": "hamlet"}, "kind", "bad_area_code"),
        ({"kind": ""}, "kind", "bad_area_code"),
        ({"name": ""}, "name", "no_name"),
        ({"name": "长" * 81}, "name", "name_too_long"),
        ({"parent": "140931102"}, "parent", "parent_not_of_code"),
        ({"parent": "140931100"}, "parent", "parent_not_of_code"),
        ({"parent": "1409311012"}, "parent", "parent_not_of_code"),
        ({"code": "140931199201", "parent": ""}, "parent", "unknown_parent"),
    ],
)
def test_a_row_that_does_not_hold_together_is_refused_by_its_number(told, field, rule):
    added, changed, faults = bring(row(number=7, **told), row(8, "140931101202", "西沟村"))
    assert (added, changed) == (1, 0)
    assert [(fault.row, fault.field, fault.rule) for fault in faults] == [(7, field, rule)]


@pytest.mark.parametrize("parent", ["", TOWN, "140931101000", "140931", "140931000000", "14"])
def test_the_area_above_may_be_named_short_or_in_full(parent):
    assert bring(row(parent=parent)) == (1, 0, [])


def test_an_unknown_kind_is_named_as_it_was_written():
    (_added, _changed, (fault,)) = bring(row(kind="hamlet"))
    assert (fault.field, fault.value) == ("kind", "hamlet")


def test_the_second_of_two_rows_with_one_code_is_refused():
    (added, _changed, (fault,)) = bring(row(2), row(3, name="西沟村"))
    assert (added, fault.row, fault.rule) == (1, 3, "code_twice")


def test_whatever_stands_below_a_refused_area_is_refused_too():
    village = row(2, "140931199201", "无名村", "")
    grid = row(3, "140931199201001", "第一网格", "", "grid")
    for given in ([village, grid], [grid, village]):
        added, _changed, faults = bring(*given)
        assert (added, sorted(fault.row for fault in faults)) == (0, [2, 3])


def test_an_empty_list_changes_nothing():
    before = Area.objects.count()
    assert bring() == (0, 0, [])
    assert Area.objects.count() == before


def test_an_import_writes_one_line_of_the_log_with_its_counts():
    bring(row(), row(3, code="x"))
    logged = Event.objects.get(action="areas.imported")
    assert (logged.data, logged.at, logged.actor) == ({"added": 1, "changed": 0, "faults": 1}, AT, "test")


def test_installing_twice_changes_nothing_and_the_other_sort_is_refused():
    before = Event.objects.count(), Area.objects.count()
    again = install(by=BY, at=AT + timedelta(days=9), exercise=True)
    assert again.made_at < AT
    assert (Event.objects.count(), Area.objects.count()) == before
    with pytest.raises(AlreadyInstalled):
        install(by=BY, at=AT, exercise=False)


def test_the_divisions_reach_down_to_the_townships():
    kinds = set(Area.objects.values_list("kind", flat=True))
    assert kinds == {"province", "city", "county", "township"}
    assert area_at(TOWN).name == "义门镇"
    assert Area.objects.filter(path__startswith="140931", kind="township").count() > 10


def test_data_of_an_older_version_are_told_from_no_installation(monkeypatch):
    """A table that lacks a column is no empty folder: the remedy is another command."""
    there = Mock()
    monkeypatch.setattr(commands, "installation", Mock(side_effect=ProgrammingError))
    monkeypatch.setattr(commands, "connection", there)
    for tables, remedy in (([Installation._meta.db_table], "lianfang migrate"), ([], "lianfang init")):
        there.introspection.table_names.return_value = tables
        with pytest.raises(CommandError, match=remedy):
            commands.LianfangCommand()._check_installation()
