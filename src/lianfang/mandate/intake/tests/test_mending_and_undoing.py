"""Rejected rows put right in place; columns said by a person; a whole import taken back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.observation.actions import NewReading, record_readings
from lianfang.field.screening.models import Arrival
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.queries import summaries
from lianfang.mandate.intake import actions
from lianfang.mandate.intake.models import ColumnMapping, StagedRow
from lianfang.mandate.intake.queries import content_of, counts, layouts_of
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person, Source

AT = parse_datetime("2020-02-08T18:00:00+08:00")
LATER = AT + timedelta(hours=2)
BY, ELSE = Actor("test"), Actor("else")
HEADINGS = "姓名,身份证号,村,返乡日期,从何地返乡"


def bring(*rows, headings=HEADINGS, area="140931101", at=AT):
    content = "\n".join([headings, *rows]).encode()
    return actions.check(
        batch=actions.receive(by=BY, at=at, file=actions.NewFile("arrivals", area, f"{len(rows)}.csv", content))
    )


def live() -> int:
    return Person.objects.filter(withdrawn_at__isnull=True).count()


@pytest.fixture
def wrong(county):
    return bring("张三,,东沟屯,2020-02-07,", "李四,,东沟屯,2020-02-07,", "王五,,东沟村,2020-02-07,", ",,没有,昨天,")


def rejected(batch):
    return list(batch.rows.filter(outcome="rejected").order_by("pk"))


def test_a_mended_row_is_judged_again_and_counters_follow(wrong):
    row = rejected(wrong)[0]
    mended = actions.mend(by=BY, at=AT, row=row, version=row.version, cells={"village": "东沟村"})
    assert (mended.outcome, mended.version, mended.mended_by) == ("accepted", 2, "test")
    assert counts(wrong) == {"rows": 4, "accepted": 2, "duplicate": 0, "review": 0, "rejected": 2}


def test_two_people_who_mend_one_row_do_not_overwrite_each_other(wrong):
    row = rejected(wrong)[-1]
    actions.mend(by=BY, at=AT, row=row, version=1, cells={"name": "赵六"})
    with pytest.raises(actions.ChangedMeanwhile):
        actions.mend(by=ELSE, at=AT, row=row, version=1, cells={"name": "钱七"})
    assert content_of(StagedRow.objects.get(pk=row.pk)).raw["name"] == "赵六"


def test_one_replacement_mends_all_rows_with_the_same_wrong_value(wrong):
    done = actions.replace_everywhere(by=BY, at=AT, batch=wrong, field="village", wrong="东沟屯", right="东沟村")
    assert (done.rows, done.left) == (2, 0)
    actions.commit(by=BY, batch=wrong, now=AT)
    assert live() == 3


def test_a_row_mended_after_the_import_is_imported_at_once(wrong):
    batch = actions.commit(by=BY, batch=wrong, now=AT)
    row = rejected(batch)[0]
    mended = actions.mend(by=BY, at=LATER, row=row, version=1, cells={"village": "东沟村"})
    assert live() == 2
    assert Arrival.objects.filter(person__uid=mended.person).count() == 1
    with pytest.raises(actions.NotMendable):
        actions.mend(by=BY, at=LATER, row=mended, version=2, cells={"village": "西坪村"})


def test_columns_that_a_person_named_are_read_so_and_remembered(county):
    batch = bring("张三,东沟村,2020-02-07,甲厂", headings="甲,乙,丙,丁")
    assert (batch.state, batch.fault["rule"]) == ("failed", "no_list_found")
    (layout,) = layouts_of(batch)
    assert (layout["headings"], layout["samples"][1]) == (["甲", "乙", "丙", "丁"], ["东沟村"])
    said = {layout["fingerprint"]: {"name": 0, "village": 1, "arrived_on": 2}}
    read = actions.check(batch=actions.map_columns(by=BY, at=AT, batch=batch, said=said))
    assert counts(read)["accepted"] == 1
    assert content_of(read.rows.get()).extra == {"丁": "甲厂"}
    again = bring("李四,西坪村,2020-02-07,乙厂", headings="甲,乙,丙,丁", area="140931101201")
    assert (again.state, layouts_of(again)[0]["remembered"]) == ("checked", True)
    elsewhere = bring("李四,西坪村,2020-02-07,乙厂", headings="甲,乙,丙,丁", area="140931102")
    assert elsewhere.state == "failed"


def test_columns_said_anew_replace_what_was_said(county):
    batch = bring("张三,东沟村,2020-02-07", headings="甲,乙,丙")
    mark = layouts_of(batch)[0]["fingerprint"]
    batch = actions.check(batch=actions.map_columns(by=BY, at=AT, batch=batch, said={mark: {"name": 1}}))
    actions.map_columns(by=BY, at=AT, batch=batch, said={mark: {"name": 0, "village": 1, "arrived_on": 2}})
    assert ColumnMapping.objects.get().version == 2


def figures(at):
    told = summaries(area_path="140931", as_of=at)
    return [(one.code, one.due, one.done, one.overdue, one.open, one.excused) for one in told]


def test_an_import_undone_leaves_the_figures_as_they_were(county):
    """On the town's list: what was made and nothing else uses is withdrawn, and the figures return."""
    from conftest import LISTS

    before = figures(LATER)
    content = (LISTS / "town-returnees.xlsx").read_bytes()
    file = actions.NewFile("arrivals", "140931101", "town.xlsx", content)
    batch = actions.check(batch=actions.receive(by=BY, at=AT, file=file))
    batch = actions.commit(by=BY, batch=batch, now=AT)
    assert live() == 2053
    assert figures(LATER) != before
    undone = actions.undo_import(by=BY, at=LATER, batch=batch)
    assert (undone.state, undone.still_used) == ("undone", [])
    assert (live(), Arrival.objects.filter(withdrawn_at__isnull=True).count()) == (0, 0)
    assert Source.objects.filter(withdrawn_at__isnull=True).count() == 0
    assert Enrolment.objects.filter(subject_kind="person", voided_at__isnull=True).count() == 0
    assert figures(LATER) == before
    with pytest.raises(actions.NotUndoable):
        actions.undo_import(by=BY, at=LATER, batch=batch)


def test_what_others_build_on_is_kept_and_named(county):
    first = bring("张三,990000199303133223,东沟村,2020-02-07,湖北武汉", "李四,,西坪村,2020-02-07,")
    first = actions.commit(by=BY, batch=first, now=AT)
    second = bring("张三,990000199303133223,东沟村,2020-02-07,湖北省", "李四,,西坪村,2020-02-06,")
    second = actions.commit(by=BY, batch=second, now=AT)
    measured = Person.objects.get(name="李四", arrivals__arrived_on="2020-02-07")
    told = {"celsius": 36, "given_by": "self", "channel": "phone"}
    reading = NewReading(uuid4(), measured, "temperature", LATER, **told)
    record_readings(by=ELSE, at=LATER, readings=[reading])
    undone = actions.undo_import(by=BY, at=LATER, batch=first)
    assert [(kept["row"], kept["why"]) for kept in undone.still_used] == [(2, ["other_list"]), (3, ["records"])]
    assert Person.objects.filter(name="张三", withdrawn_at__isnull=True).exists()
    assert actions.undo_import(by=BY, at=LATER, batch=second).still_used == []
    assert not Person.objects.filter(name="李四", arrivals__arrived_on="2020-02-06", withdrawn_at__isnull=True).exists()
