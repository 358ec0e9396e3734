"""The one mark for many: no symptoms, for people ticked as reached."""

from uuid import uuid4

import pytest
from django.utils import timezone

from lianfang.field.observation.models import Reading
from lianfang.mandate.duties.queries import summaries

REACHED = "/today/reached/"
VILLAGE = "140931101201"


def data(*people, giver="self", **more):
    return {"batch": uuid4(), "given_by": giver, "people": [str(person.uid) for person in people], **more}


def test_nobody_is_ticked_and_no_giver_chosen_beforehand(worker, people):
    page = worker.get(REACHED).content.decode()
    assert "checked" not in page
    assert "李小宝" in page
    assert "张玉兰" not in page  # not under observation


def test_only_those_ticked_are_marked(worker, people):
    assert worker.post(REACHED, data(people["李建国"], giver="family")).status_code == 302
    told = set(Reading.objects.values_list("person__name", "kind", "channel", "given_by"))
    assert told == {("李建国", "symptoms", "phone", "family"), ("李建国", "call", "phone", "worker")}
    assert Reading.objects.get(kind="symptoms").symptoms == []
    (call,) = summaries(area_path=VILLAGE, as_of=timezone.now(), duty="call")
    assert (call.due, call.done) == (2, 1)


def test_mark_sets_no_temperature(worker, people):
    worker.post(REACHED, data(people["李建国"], people["李小宝"], temperature="36.5"))
    assert not Reading.objects.filter(kind="temperature").exists()


def test_sent_twice_it_is_stored_once(worker, people, clock):
    told = data(people["李建国"])
    worker.post(REACHED, told)
    clock("2020-02-09T09:45:00+08:00")
    assert worker.post(REACHED, told).status_code == 302
    assert Reading.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"people": []}, {"given_by": ""}])
def test_nobody_ticked_or_no_giver_is_said(worker, people, wrong):
    assert worker.post(REACHED, data(people["李建国"]) | wrong).status_code == 422
    assert not Reading.objects.exists()


def test_person_of_another_village_cannot_be_marked(worker, people):
    assert worker.post(REACHED, data(people["赵春梅"])).status_code == 422
    assert not Reading.objects.exists()


def test_those_called_today_are_folded_below_the_others(worker, people):
    worker.post(REACHED, data(people["李建国"]))
    waiting, folded = worker.get(REACHED).content.decode().split('<details class="mb-3"', 1)
    assert "李小宝" in waiting
    assert "李建国" not in waiting
    assert "李建国" in folded
    assert folded.index("<summary") < folded.index("李建国")


def test_when_everybody_was_called_nothing_is_offered_to_send(worker, people):
    worker.post(REACHED, data(people["李建国"], people["李小宝"]))
    page = worker.get(REACHED).content.decode()
    assert "2 名在管人员今天均已联系" in page
    assert "李小宝" in page
    assert "checkbox" not in page
    assert 'name="given_by"' not in page
