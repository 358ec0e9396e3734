"""Rows put right on the page, by several people at once; columns named; an import taken back."""

from unittest.mock import Mock

import pytest
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from lianfang.mandate.intake import actions
from lianfang.mandate.intake.actions import working
from lianfang.mandate.intake.models import Batch
from lianfang.mandate.intake.queries import counts, layouts_of
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

AT = parse_datetime("2020-02-08T18:00:00+08:00")
BY = Actor("test")


def bring(*rows, headings="姓名,村,返乡日期"):
    content = "\n".join([headings, *rows]).encode()
    file = actions.NewFile("arrivals", "140931101", "a.csv", content)
    return actions.check(batch=actions.receive(by=BY, at=AT, file=file))


@pytest.fixture
def officer(county, account, client):
    client.force_login(account("township_officer", "140931101"))
    return client


def page(client, batch, **query):
    return client.get(reverse("intake:batch", args=[batch.uid]), query).content.decode()


def test_a_row_is_put_right_where_it_stands(officer):
    batch = bring("张三,东沟屯,2020-02-07", "李四,东沟屯,2020-02-07")
    shown = page(officer, batch, tab="rejected")
    row = batch.rows.first()
    assert 'name="cell-village" value="东沟屯"' in shown
    assert "东沟村" in shown  # the nearest name is offered
    url = reverse("intake:mend", args=[batch.uid, row.pk])
    answer = officer.post(url, {"version": 1, "cell-village": "西坪"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    row.refresh_from_db()
    assert (row.outcome, row.version) == ("accepted", 2)
    assert 'hx-target="#counters"' in answer.content.decode()
    late = officer.post(url, {"version": 1, "cell-village": "东沟村"}, headers={"HX-Request": "true"})
    assert late.status_code == 409
    assert counts(batch)["accepted"] == 1


def test_one_value_is_put_right_in_all_rows(officer):
    batch = bring("张三,东沟屯,2020-02-07", "李四,东沟屯,2020-02-07", "王五,别处,2020-02-07")
    assert reverse("intake:replace", args=[batch.uid]) in page(officer, batch, tab="rejected")
    told = {"field": "village", "wrong": "东沟屯", "right": "东沟村"}
    officer.post(reverse("intake:replace", args=[batch.uid]), told)
    assert (counts(batch)["accepted"], counts(batch)["rejected"]) == (2, 1)


def test_columns_are_named_on_their_page(officer):
    batch = bring("张三,东沟村,2020-02-07", headings="甲,乙,丙")
    url = reverse("intake:columns", args=[batch.uid])
    assert url in page(officer, batch)
    shown = officer.get(url).content.decode()
    assert "东沟村" in shown
    assert officer.post(url, {"column-0-0": "name"}).status_code == 422
    answer = officer.post(url, {"column-0-0": "name", "column-0-1": "village", "column-0-2": "arrived_on"})
    assert answer.status_code == 302
    batch = actions.check(batch=Batch.objects.get(pk=batch.pk))
    assert layouts_of(batch)[0]["remembered"]
    assert "按上次的对应" in page(officer, batch)


def test_an_import_is_taken_back_from_its_page(officer):
    batch = actions.commit(by=BY, batch=bring("张三,东沟村,2020-02-07"), now=AT)
    assert reverse("intake:undo_import", args=[batch.uid]) in page(officer, batch)
    officer.post(reverse("intake:undo_import", args=[batch.uid]))
    assert Person.objects.filter(withdrawn_at__isnull=True).count() == 1
    assert "正在撤销这次导入" in page(officer, batch)
    actions.work_off(now=AT)
    assert Person.objects.filter(withdrawn_at__isnull=True).count() == 0
    assert "导入已撤销" in page(officer, batch)


def test_what_cannot_be_taken_back_stays_imported(officer, monkeypatch):
    batch = actions.commit(by=BY, batch=bring("张三,东沟村,2020-02-07"), now=AT)
    officer.post(reverse("intake:undo_import", args=[batch.uid]))
    monkeypatch.setattr(working, "undo_import", Mock(side_effect=RuntimeError))
    actions.work_off(now=AT)
    batch.refresh_from_db()
    assert (batch.state, batch.undone_by, batch.undone_at) == ("committed", "", None)
    assert reverse("intake:undo_import", args=[batch.uid]) in page(officer, batch)


def test_queries_of_the_pages_are_few(officer, django_assert_max_num_queries):
    batch = bring(*(f"张{n},没有的村{n % 3},2020-02-07" for n in range(60)))
    page(officer, batch)
    with django_assert_max_num_queries(12):
        page(officer, batch, tab="rejected")
    with django_assert_max_num_queries(12):
        officer.get(reverse("intake:columns", args=[batch.uid]))


def test_a_wrong_number_stands_in_its_field_and_is_not_said_again(officer):
    batch = bring("张三,东沟村,2020-02-07,990000199001011230", headings="姓名,村,返乡日期,身份证号码")
    shown = page(officer, batch, tab="rejected")
    assert shown.count("990000199001011230") == 1
    assert 'value="990000199001011230"' in shown
    assert "9900**********1230" in shown
