"""Lists of areas as files: tables and GeoJSON, whole and broken."""

import json

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.mandate.intake.areas import import_area_file
from lianfang.mandate.intake.rules.problems import FileFault
from lianfang.mandate.intake.wording import area_message
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.models import Area

BY, AT = Actor("test"), parse_datetime("2020-02-08T09:00:00+08:00")
VILLAGE = "140931101201"
SQUARE = {"type": "Polygon", "coordinates": [[[111.1, 39.0], [111.2, 39.0], [111.2, 39.1], [111.1, 39.0]]]}
GOOD = {"code": VILLAGE, "name": "东沟村", "parent": "140931101", "kind": "village"}

pytestmark = pytest.mark.django_db


def bring(content: str | bytes, name="villages.csv"):
    raw = content if isinstance(content, bytes) else content.encode()
    return import_area_file(by=BY, at=AT, name=name, content=raw)


def geojson(*features: dict) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def feature(geometry=SQUARE, **told) -> dict:
    return {"type": "Feature", "properties": GOOD | told, "geometry": geometry}


def rules(outcome) -> list[tuple[int, str]]:
    for fault in outcome.faults:
        assert area_message(fault.rule, field=fault.field, value=fault.value)
    return [(fault.row, fault.rule) for fault in outcome.faults]


@pytest.mark.parametrize(
    "text",
    [
        f"code,name,parent,kind\n{VILLAGE},东沟村,140931101,village\n",
        f"\ufeffcode,name,parent,kind\r\n{VILLAGE},东沟村,140931101,village\r\n",
        f"编码,名称,上级,类别\n{VILLAGE},东沟村,140931101,村\n",
        f"kind;name;code\nvillage;东沟村;{VILLAGE}\n",
        f"code\tname\tkind\n {VILLAGE} \t 东沟村 \t village \n",
    ],
)
def test_tables_of_many_hands_say_the_same(text):
    outcome = bring(text)
    assert (outcome.rows, outcome.added, rules(outcome)) == (1, 1, [])
    assert Area.objects.get(path=VILLAGE).name == "东沟村"


def test_a_table_in_gb18030_is_read():
    assert bring(f"code,name,kind\n{VILLAGE},东沟村,village\n".encode("gb18030")).added == 1
    assert Area.objects.get(path=VILLAGE).name == "东沟村"


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "a,b\n1,2\n", "code,name,parent,kind\n", "\x00\x01\x02", "<html><table></table></html>"],
)
def test_what_is_no_list_of_areas_is_refused_whole(text):
    with pytest.raises(FileFault):
        bring(text)


def test_the_good_rows_of_a_table_come_in_beside_the_broken_ones():
    rows = [f"{VILLAGE},东沟村,140931101,village", "x,坏村,,village", "140931101202,,,village", ",,,"]
    outcome = bring("\n".join(["code,name,parent,kind", *rows]))
    assert (outcome.added, rules(outcome)) == (1, [(3, "bad_area_code"), (4, "no_name")])


def test_geojson_brings_boundaries():
    outcome = bring(geojson(feature()), "villages.geojson")
    assert (outcome.rows, outcome.added) == (1, 1)
    assert Area.objects.get(path=VILLAGE).boundary == SQUARE


def test_geojson_may_begin_with_a_mark_and_give_codes_as_numbers():
    content = "\ufeff" + geojson(feature(code=int(VILLAGE), parent=140931101))
    assert bring(content, "villages.geojson").added == 1


@pytest.mark.parametrize("geometry", [None, {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"]]}])
def test_an_area_without_boundary_or_with_several_parts_is_one(geometry):
    assert bring(geojson(feature(geometry)), "v.geojson").added == 1


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "{}",
        '{"type": "FeatureCollection"}',
        '{"features": null}',
        '{"features": 5}',
        '{"features": [null]}',
        '{"features": ["x"]}',
        '{"features": []}',
        '{"features": [{"properties": "x", "geometry": null}]}',
        '{"features": [{"geometry": null}]}',
        '{"features": ' + "[" * 100_000,
        geojson(feature()).replace("39.1", "NaN"),
        geojson(feature()).replace("39.1", "Infinity"),
        geojson(feature()).encode("utf-16"),
        b"{\xff\xfe",
    ],
    ids=lambda content: content[:40] if isinstance(content, str) else "bytes",
)
def test_geojson_that_holds_no_areas_is_refused_whole(content):
    before = Area.objects.count()
    with pytest.raises(FileFault):
        bring(content, "villages.geojson")
    assert Area.objects.count() == before


@pytest.mark.parametrize("geometry", ["abc", 5, [], {"type": "Point", "coordinates": [111, 39]}, {"type": "Polygon"}])
def test_what_is_no_boundary_is_refused_with_its_area(geometry):
    outcome = bring(geojson(feature(geometry), feature(code="140931101202")), "v.geojson")
    assert (outcome.added, [row for row, _rule in rules(outcome)]) == (1, [1])


@pytest.mark.parametrize(
    "told",
    [
        {"code": None},
        {"code": {}},
        {"code": [VILLAGE]},
        {"code": 1.5},
        {"name": None},
        {"name": "长" * 300},
        {"kind": None},
        {"kind": ["village"]},
        {"code": VILLAGE + "0" * 30},
        {"parent": {"code": "140931101"}},
    ],
    ids=str,
)
def test_a_feature_at_fault_is_refused_and_the_others_come_in(told):
    outcome = bring(geojson(feature(**told), feature(code="140931101202")), "v.geojson")
    assert (outcome.added, [row for row, _rule in rules(outcome)]) == (1, [1])


@pytest.mark.parametrize("properties", [None, {}, []])
def test_a_feature_without_properties_is_refused_alone(properties):
    outcome = bring(geojson(feature() | {"properties": properties}, feature()), "v.geojson")
    assert (outcome.added, [row for row, _rule in rules(outcome)]) == (1, [1])


@pytest.mark.parametrize("sign", ["\x00", "\ud800", "\x1b"])
def test_signs_that_cannot_be_kept_leave_the_name(sign):
    assert bring(geojson(feature(name=f"东沟{sign}村")), "v.geojson").added == 1
    assert Area.objects.get(path=VILLAGE).name in ("东沟村", "东沟 村")
