"""`lianfang figures` and `lianfang export` as their caller sees them."""

import json
import stat
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from openpyxl import load_workbook

from lianfang.registry.audit.models import Event

TOWN = "140931101"
AS_OF = "2020-02-09T14:30:00+08:00"


@pytest.fixture
def people(arrivals):
    arrivals([{"name": "张玉兰", "door": "12号", "origin": "湖北武汉"}, {"name": "李建国", "origin": "湖北孝感"}])


def told(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_figures_are_one_document_with_value_and_base(people):
    document = json.loads(told("figures", "--area", TOWN, "--as-of", AS_OF, "--json"))
    assert document["as_of"] == AS_OF
    assert document["exercise"] is True
    found = document["figures"]
    assert found["registered_arrivals"]["value"] == 2
    assert found["key_area_arrivals"]["value"] == 2
    assert found["incomplete_cards"]["value"] == 1
    assert found["fever_alerts"] == {
        "value": 0,
        "numerator": None,
        "denominator": None,
        "label": found["fever_alerts"]["label"],
    }
    assert (found["done_temperature"]["numerator"], found["done_temperature"]["denominator"]) == (0, 4)


def test_figures_of_everything_need_no_area(people):
    document = json.loads(told("figures", "--as-of", AS_OF, "--json"))
    assert document["figures"]["registered_arrivals"]["value"] == 2


def test_figures_of_a_day_that_no_tick_reached_are_due_all_the_same(people):
    document = json.loads(told("figures", "--area", TOWN, "--as-of", "2020-02-12T12:00:00+08:00", "--json"))
    assert document["figures"]["done_temperature"]["denominator"] == 4


def test_figures_for_people_are_lines(people):
    assert "[registered_arrivals]" in told("figures", "--area", TOWN, "--as-of", AS_OF, "--lang", "en")


@pytest.mark.parametrize(
    "arguments",
    [
        ("figures", "--as-of", "tomorrow"),
        ("figures", "--area", "999999"),
        ("export", "persons", "-o", "list.xlsx"),
        ("export", "persons", "--area", TOWN),
        ("export", "persons", "--area", TOWN, "-o", "list.pdf"),
        ("export", "persons", "--area", TOWN, "-o", "nowhere/list.xlsx"),
        ("export", "persons", "--area", TOWN, "-o", "list.xlsx", "--identify"),
        ("export", "secrets", "--area", TOWN, "-o", "list.xlsx"),
    ],
)
def test_wrong_call_says_why_and_writes_nothing(people, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError):
        told(*arguments)
    assert list(tmp_path.iterdir()) == []


def test_export_is_private_whole_and_logged(people, tmp_path):
    target = tmp_path / "list.xlsx"
    result = json.loads(told("export", "arrivals", "--area", TOWN, "--as-of", AS_OF, "-o", str(target), "--json"))
    assert (result["rows"], result["exercise"]) == (2, True)
    assert load_workbook(target).active.max_row == 4
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["list.xlsx"]
    assert Event.objects.get(action="list.exported").data == {"kind": "arrivals", "rows": 2}


def test_export_in_full_logs_its_purpose(people, tmp_path):
    target = str(tmp_path / "list.csv")
    told("export", "persons", "--area", TOWN, "-o", target, "--identify", "--purpose", "转运登记")
    assert Event.objects.get(action="list.exported_in_full").purpose == "转运登记"


def test_export_that_cannot_be_put_in_its_place_leaves_no_rest(people, tmp_path):
    (tmp_path / "list.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        told("export", "persons", "--area", TOWN, "-o", str(tmp_path / "list.csv"))
    assert [file.name for file in tmp_path.iterdir()] == ["list.csv"]
    assert Event.objects.filter(action="list.exported").count() == 0
