"""`lianfang link`: the rows of a file with the cards that they may be. Nothing is merged, the act is logged."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone
from openpyxl import load_workbook

from lianfang.registry.audit.models import Event
from lianfang.registry.people import actions
from lianfang.registry.people.models import Merge, Person
from lianfang.registry.people.rules import NewPerson
from lianfang.science.identity.documents import read_document
from lianfang.science.population.duplicated import make_duplicated

TOWN, VILLAGE = "140931101", "140931101201"
_SEX = {"male": "男", "female": "女"}


@pytest.fixture
def made(county):
    """A register of 300 and a list of 60 of them with mistakes, and whom each row truly is."""
    rows, truth = make_duplicated(300, 60, seed=7, as_of=date(2020, 2, 8))
    cards, copies = rows[:300], rows[300:]
    uids = {row["unique_id"]: uuid4() for row in cards}
    people = [
        NewPerson(
            uids[row["unique_id"]],
            row["name"],
            VILLAGE,
            sex=row["sex"] or "",
            birth_date=date.fromisoformat(row["born"]),
            document=read_document(row["document"]) or None,
            phones=(row["phone"],) if row["phone"] else (),
        )
        for row in cards
    ]
    actions.register(at=timezone.now(), people=people)
    truly = {copy["unique_id"]: {a if b == copy["unique_id"] else b for a, b in truth if copy["unique_id"] in (a, b)}
             for copy in copies}  # fmt: skip
    return copies, {key: {str(uids[one]) for one in same if one in uids} for key, same in truly.items()}


def test_rows_of_a_list_are_found_on_the_register_with_probability_and_reasons(made, tmp_path):
    copies, truly = made
    listed, out = tmp_path / "list.csv", tmp_path / "out.xlsx"
    lines = [
        ",".join([row["unique_id"], row["name"], _SEX.get(row["sex"], ""), row["document"] or "", row["phone"] or ""])
        for row in copies
    ]
    strangers = ["x1,欧阳无此人,男,,13700000000", "x2,司马查无人,女,,13700000001"]
    listed.write_text("\n".join(["编号,姓名,性别,身份证号,联系电话", *lines, *strangers]), encoding="utf-8")
    before = Person.objects.filter(withdrawn_at=None).count()
    call_command("link", str(listed), "--area", TOWN, "-o", str(out))
    rows = list(load_workbook(out).active.iter_rows(values_only=True))
    head = next(place for place, row in enumerate(rows) if row[0] == "编号")
    found = {row[0]: row for row in rows[head + 1 :]}
    assert len(found) == 62
    told = {key: row[5] for key, row in found.items() if row[5]}
    right = [key for key, uid in told.items() if uid in truly.get(key, ())]
    assert len(right) >= 0.8 * len(copies)  # three mistakes in one row may leave too little to say
    assert len(right) >= 0.97 * len(told)
    assert not {"x1", "x2"} & told.keys()
    one = found[right[0]]
    assert one[6].endswith("*")
    assert 0.5 <= one[7] <= 1
    assert one[8]
    assert Person.objects.filter(withdrawn_at=None).count() == before
    assert not Merge.objects.exists()
    event = Event.objects.get(action="register.linked")
    assert (event.area_path, event.data["rows"], event.data["matched"]) == (TOWN, 62, len(told))


def test_a_file_that_is_no_list_says_so(county, tmp_path):
    from django.core.management.base import CommandError

    listed = tmp_path / "list.csv"
    listed.write_text("甲,乙\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("link", str(listed), "--area", TOWN, "-o", str(tmp_path / "out.xlsx"))
