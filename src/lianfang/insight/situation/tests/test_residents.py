"""The residents' ledger of a village: in, out, and in again unchanged."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.dateparse import parse_datetime
from openpyxl import Workbook, load_workbook

from lianfang.field.ledger.imports import FIELDS
from lianfang.insight.situation.exports import Wanted, table, write
from lianfang.mandate.intake import actions as intake
from lianfang.mandate.intake.queries import counts
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes import queries as homes
from lianfang.registry.homes.models import Belonging, Group, Residence, Vulnerability
from lianfang.registry.organisation import actions as organisation
from lianfang.registry.people.models import Document, Household, Person, Phone
from lianfang.registry.places.actions import AreaRow, import_areas
from lianfang.science.identity.documents import check_character

TOWN, VILLAGE, OTHER, GRID = "140931101", "140931101201", "140931101202", "140931101201001"
AT, BY = parse_datetime("2020-02-08T18:00:00+08:00"), Actor("test")


def number(body):
    return body + check_character(body)


FIRST, SECOND = number("99000019900101001"), number("99000019550305002")


@pytest.fixture
def bring(county):
    """bring(rows) → counts of the import of a residents' ledger; a village left out is 东沟村."""
    import_areas(by=BY, at=AT, rows=[AreaRow(1, GRID, "第一网格", VILLAGE, "grid")])

    def take(rows, area=TOWN):
        book = Workbook()
        book.active.append([spec.titles[0] for spec in FIELDS])
        for row in rows:
            told = {"village": "东沟村"} | row
            book.active.append([told.get(spec.code) for spec in FIELDS])
        content = io.BytesIO()
        book.save(content)
        return send(content.getvalue(), "list.xlsx", area)

    return take


def send(content, name, area=TOWN, at=AT):
    file = intake.NewFile("residents", area, name, content)
    batch = intake.check(batch=intake.receive(by=BY, at=at, file=file))
    assert batch.fault is None
    batch = intake.commit(by=BY, batch=batch, now=at)
    return {outcome: n for outcome, n in counts(batch).items() if n}


@pytest.fixture
def ledger(bring):
    told = [
        {"name": "张玉兰", "document": FIRST, "phone": "13800000001", "door": "12号", "residence": "常住"},
        {"name": "张老汉", "document": SECOND, "door": "12号", "care": "独居老人、残疾人", "grid": "第一网格"},
        {"name": "=cmd|' /C calc'!A1某", "door": "13号", "group": "第3组", "residence": "流动"},
        {"name": "孙桂花", "phone": "13900139002"},
        {"name": "李四", "village": "西坪村", "door": "1号"},
    ]
    told[2]["name"] = "王小二"
    assert bring(told) == {"rows": 5, "accepted": 5}
    return told


def everything():
    """Every row that an import of a ledger could write."""
    models = (Person, Household, Document, Phone, Residence, Vulnerability, Group, Belonging)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def exported(extension="xlsx", *, area=VILLAGE, in_full=False):
    out = io.BytesIO()
    write(table(Wanted("residents", area, AT + timedelta(hours=1), in_full=in_full)), extension, out)
    return out.getvalue()


def test_a_ledger_brings_people_doors_kinds_care_grids_and_groups(ledger):
    rows = {row.household.door: row for row in homes.rows(homes.lived_in(VILLAGE, AT), AT)}
    assert sorted(rows) == ["12号", "13号"]
    assert (rows["12号"].grid, rows["12号"].all_flags) == ("第一网格", ["disabled", "elderly_alone"])
    assert (rows["13号"].group.name, rows["13号"].kind) == ("第3组", "mobile")
    assert homes.coverage(VILLAGE, AT, 12)[VILLAGE].doorless == 1


def test_words_that_say_nothing_known_are_told_and_the_person_comes_in(bring):
    told = bring([{"name": "赵大", "door": "1号", "care": "爱唱歌", "residence": "外星", "grid": "第九网格"}])
    assert told == {"rows": 1, "accepted": 1}
    assert not Vulnerability.objects.exists()


@pytest.mark.parametrize("in_full", [False, True])
@pytest.mark.parametrize("extension", ["xlsx", "csv"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_export_opens_again_as_an_import_and_changes_nothing(ledger, extension, in_full, language):
    before = everything()
    with translation.override(language):
        content = exported(extension, in_full=in_full)
        told = send(content, f"export.{extension}", at=AT + timedelta(days=1))
    assert told["rows"] == 4
    assert told.get("rejected", 0) == 0
    assert everything() == before


def test_c05_4_the_export_of_a_village_has_nobody_of_another_and_is_logged(ledger, client, account):
    client.force_login(account("village_head", VILLAGE))
    url = reverse("situation:export", args=["residents"])
    answer = client.get(url, {"format": "xlsx", "area": VILLAGE})
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    names = {row[0] for row in sheet.iter_rows(min_row=3, values_only=True)}
    assert names == {"张玉兰", "张老汉", "王小二", "孙桂花"}
    villages = {row[5] for row in sheet.iter_rows(min_row=3, values_only=True)}
    assert villages == {"东沟村"}
    event = Event.objects.get(action="list.exported")
    assert (event.area_path, event.data) == (VILLAGE, {"kind": "residents", "rows": 4})
    assert client.get(url, {"format": "xlsx", "area": OTHER}).status_code == 404


def test_numbers_are_masked_text_and_no_cell_is_a_formula(ledger):
    Person.objects.filter(name="王小二").update(name="=HYPERLINK(1)")
    sheet = load_workbook(io.BytesIO(exported())).active
    cells = [cell for row in sheet.iter_rows(min_row=3) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "d"}
    assert {cell.number_format for cell in cells if cell.column == 3} == {"@"}
    assert FIRST not in {cell.value for cell in cells}
    assert any(str(cell.value).startswith("'=") for cell in cells)


def test_a_person_known_by_document_keeps_the_card_and_gets_what_the_ledger_says(ledger, bring):
    told = bring([{"name": "张玉兰", "document": FIRST, "residence": "特殊", "care": "孕妇", "grid": GRID}])
    assert told == {"rows": 1, "duplicate": 1}
    person = Person.objects.get(name="张玉兰")
    assert person.household.door == "12号"
    assert Residence.objects.get(person=person, until=None).kind == "special"
    assert Vulnerability.objects.get(person=person).kind == "pregnant"


def test_a_known_person_without_a_door_gets_the_one_of_the_ledger(ledger, bring):
    bring([{"name": "孙桂花", "phone": "13900139002", "document": number("99000019800101003"), "door": "20号"}])
    held = Person.objects.filter(name="孙桂花")
    assert held.count() == 1
    card = held.get()
    assert bring([{"card": str(card.uid), "name": "孙桂花", "door": "20号"}]) == {"rows": 1, "accepted": 1}
    card.refresh_from_db()
    assert (card.household.door, held.count()) == ("20号", 1)


@pytest.mark.parametrize("kind", ["directory", "responsibility", "vacancies"])
def test_the_organisation_goes_out_and_is_logged(county, client, account, kind):
    client.force_login(account("township_officer", TOWN))
    new = organisation.NewTerm(TOWN, "first_responsible", "甲某", AT, phone="13800000001")
    organisation.appoint(by=BY, at=AT, new=new)
    answer = client.get(reverse("situation:export", args=[kind]), {"format": "xlsx", "area": TOWN})
    told = list(load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values)
    text = str(told)
    assert ("甲某" in text, "未成立领导小组" in text) == (kind != "vacancies", kind == "vacancies")
    assert Event.objects.get(action="list.exported").data == {"kind": kind, "rows": len(told) - 2}
