"""逾期与催办: counts are the lists, reminders reach the owner's page, and an excuse by two waits for the second."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lianfang.insight.situation.exports import Wanted, rows
from lianfang.mandate.duties.actions import (
    CannotConfirm,
    CannotRemind,
    NeedsSecondPerson,
    NewReminder,
    decide_excuse,
    escalate,
    excuse,
    propose_excuse,
    remind,
)
from lianfang.mandate.duties.models import Excuse, ExcuseProposal, Obligation, Reminder, ReminderLine
from lianfang.mandate.duties.overdue import Narrowed, overdue_counts, overdue_items, said_of
from lianfang.mandate.duties.queries import items, summaries
from lianfang.mandate.response.queries import plan_of
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.science.plan.schema import Excusing

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
NOW = parse_datetime("2020-02-09T17:30:00+08:00")  # the morning's slot ended at noon
ONE, TWO = Actor("one"), Actor("two")
PAGE = "duties:overdue"


@pytest.fixture
def people(arrivals, monkeypatch):
    """Two in 东沟村 and one in 西坪村; their morning's temperatures are overdue in the afternoon."""
    arrivals(
        [
            {"name": "张玉兰", "door": "12号", "origin": "湖北武汉"},
            {"name": "李建国", "door": "27号", "origin": "湖北孝感"},
            {"name": "孙桂花", "door": "5号", "origin": "湖北武汉", "village": "西坪村"},
        ]
    )
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    escalate(at=NOW)


@pytest.fixture
def signed_in(client, account):
    def enter(role, path):
        client.force_login(account(role, path))
        return client

    return enter


def missing(area=VILLAGE):
    return overdue_items(area_path=area, as_of=NOW, narrowed=Narrowed("temperature"))


def address(name=PAGE, **query):
    return f"{reverse(name)}?{urlencode(query)}"


def test_counts_are_those_of_the_list_and_of_the_summaries(people, signed_in):
    counts = overdue_counts(area_path=TOWN, as_of=NOW)
    now = [one for one in counts if not one.earlier]
    assert sum(one.count for one in now) == sum(one.overdue for one in summaries(area_path=TOWN, as_of=NOW)) > 0
    client = signed_in("township_officer", TOWN)
    page = client.get(address())
    assert len(page.context["rows"]) == page.context["page"].paginator.count == sum(one.count for one in now)
    assert sum(level["count"] for level in page.context["levels"]) == len(page.context["rows"])
    for level in page.context["levels"]:
        assert client.get(level["url"]).context["page"].paginator.count == level["count"]


def test_a_filter_narrows_page_and_export_alike(people, signed_in):
    client = signed_in("township_officer", TOWN)
    for told in (
        {"duty": "temperature"},
        {"hours": "4"},
        {"level": "township"},
        {"duty": "temperature", "hours": "24"},
    ):
        page = client.get(address(**told))
        listed = [row["row"].item for row in page.context["rows"]]
        _headers, exported = rows(Wanted("overdue", TOWN, NOW, narrowed=told))
        assert [line[2] for line in exported] == [item.name for item in listed]
    assert {item.name for item in missing(TOWN)} == {"张玉兰", "李建国", "孙桂花"}
    assert client.get(address(duty="temperature", hours="24")).context["page"].paginator.count == 0
    assert client.get(address(level="moon")).status_code == 404


def test_a_page_of_one_level_finds_its_rows_behind_older_ones(people, arrivals):
    new = [{"name": name, "door": "1号", "origin": "湖北武汉"} for name in ("钱大", "钱多多")]
    arrivals(new, at="2020-02-09T20:00:00+08:00")
    later = parse_datetime("2020-02-10T21:30:00+08:00")
    for one in overdue_counts(area_path=TOWN, as_of=later):
        where = {"area_path": TOWN, "as_of": later, "narrowed": Narrowed(one.code, one.level, earlier=one.earlier)}
        for limit in (1, 4, 50):
            found = overdue_items(**where, limit=limit)
            assert {(item.code, item.level) for item in found} == {(one.code, one.level)}
            assert len(found) == min(limit, one.count)
    levels = {(one.code, one.level) for one in overdue_counts(area_path=TOWN, as_of=later) if not one.earlier}
    assert len(levels) > len({code for code, _level in levels}), "one duty stands at two levels"


def test_rows_show_the_steps_of_the_ladder_that_are_logged(people, signed_in):
    page = signed_in("township_officer", TOWN).get(address(duty="temperature"))
    row = page.context["rows"][0]
    reached = [at for _level, at in row["steps"]]
    assert reached == sorted(reached)
    assert reached
    assert all(row["row"].item.due_at < at <= NOW for at in reached)


def test_a_reminder_is_kept_once_with_its_lines_and_its_log(people):
    new = NewReminder(uuid4(), TOWN, Narrowed("temperature"), note="下午有人去帮忙")
    made = remind(by=ONE, at=NOW, new=new)
    assert remind(by=ONE, at=NOW + timedelta(minutes=1), new=new) == made
    assert Reminder.objects.count() == 1
    assert made.covered == ReminderLine.objects.count() == 3
    assert Event.objects.filter(action="obligation.reminded").count() == 1
    with pytest.raises(CannotRemind, match="id_taken"):
        remind(by=TWO, at=NOW, new=new)
    said = said_of([item.id for item in missing()], NOW)
    assert {one.last.note for one in said.values()} == {"下午有人去帮忙"}


def test_one_owner_is_reminded_of_what_is_his(people):
    item = missing()[0]
    owner = f"{item.owner} {item.owner_phone}".strip()
    made = remind(by=ONE, at=NOW, new=NewReminder(uuid4(), TOWN, owner=owner))
    about = Obligation.objects.filter(reminders__reminder=made)
    assert set(about.values_list("area_path", flat=True)) == {VILLAGE}


def test_nothing_overdue_reminds_nobody(people):
    with pytest.raises(CannotRemind, match="nothing_overdue"):
        remind(by=ONE, at=NOW, new=NewReminder(uuid4(), TOWN, Narrowed(hours=72)))
    assert not Reminder.objects.exists()


def test_the_owner_reads_it_on_the_page_of_today(people, signed_in, monkeypatch):
    later = NOW + timedelta(days=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    client = signed_in("township_officer", TOWN)
    owed = items(area_path=VILLAGE, as_of=later, states=["overdue"])
    late = next(one for one in owed if one.code != "temperature" and one.subject_kind == "person" and not one.earlier)
    told = {"batch": str(uuid4()), "note": "请今天补上"}
    answer = client.post(address("duties:remind", area=VILLAGE, obligation=late.id), told)
    assert answer.status_code == 302
    worker = signed_in("grid_worker", VILLAGE)
    page = worker.get("/today/").content.decode()
    assert Reminder.objects.get().reminded_by in page
    assert "请今天补上" in page
    part = worker.get(reverse("duties:reminded")).content.decode()
    assert "请今天补上" in part
    assert "请今天补上" not in signed_in("grid_worker", OTHER).get(reverse("duties:reminded")).content.decode()


@pytest.mark.parametrize(
    ("role", "area", "status"),
    [("grid_worker", VILLAGE, 403), ("village_head", VILLAGE, 200), ("village_head", OTHER, 404),
     ("epidemiologist", COUNTY, 200)],
)  # fmt: skip
def test_who_assigns_or_reviews_above_may_remind(people, signed_in, role, area, status):
    assert signed_in(role, area).get(address("duties:remind", area=VILLAGE)).status_code == status


def test_nobody_reminds_their_own_post(people, signed_in):
    """A village's own duties are its head's: the township reminds of them."""
    of_head = [one for one in overdue_items(area_path=TOWN, as_of=NOW, narrowed=Narrowed()) if
               one.owner_rule == "village_head"]  # fmt: skip
    assert of_head
    head = signed_in("village_head", VILLAGE).get(address())
    assert {row["may_remind"] for row in head.context["rows"] if row["row"].item.owner_rule == "village_head"} == {
        False
    }
    town = signed_in("township_officer", TOWN).get(address())
    assert {row["may_remind"] for row in town.context["rows"]} == {True}


def test_an_empty_list_says_what_belongs_there(arrivals, signed_in):
    arrivals([])
    page = signed_in("county_officer", COUNTY).get(address(as_of="2020-02-08T08:00:00+08:00")).content.decode()
    assert "没有逾期事项" in page or "Nothing is overdue here" in page


def test_the_page_asks_a_fixed_number_of_questions(arrivals, people, signed_in, django_assert_max_num_queries):
    client = signed_in("county_officer", COUNTY)
    client.get(address())
    with django_assert_max_num_queries(12) as few:
        client.get(address())
    monday = [{"name": f"钱{chr(0x4E00 + n)}", "door": f"{n}号", "origin": "湖北武汉"} for n in range(30)]
    arrivals(monday, at="2020-02-09T08:00:00+08:00")
    with django_assert_max_num_queries(12) as many:
        client.get(address())
    assert len(many) == len(few)


# --- an excuse by two --------------------------------------------------------------------------------------


@pytest.fixture
def two(people, monkeypatch):
    """The plan lets temperatures be excused by two persons only."""
    owed = Obligation.objects.get(pk=missing()[0].id)
    plan = plan_of(owed.duty.plan_version_id)
    by_two = {"excuse": Excusing.model_construct(second_person=True)}
    monkeypatch.setitem(plan.duties, "temperature", plan.duties["temperature"].model_copy(update=by_two))
    return owed


def state(owed):
    found = items(area_path=owed.area_path, as_of=NOW, states=["overdue", "excused"], subjects=[owed.subject])
    return next(item.state for item in found if item.id == owed.pk)


def test_until_another_confirms_the_obligation_stays_outstanding(two):
    with pytest.raises(NeedsSecondPerson):
        excuse(by=ONE, at=NOW, obligation=two, reason="住院")
    proposal = propose_excuse(by=ONE, at=NOW, obligation=two, reason="住院")
    assert state(two) == "overdue"
    with pytest.raises(CannotConfirm, match="waiting"):
        propose_excuse(by=TWO, at=NOW, obligation=two, reason="住院")
    with pytest.raises(CannotConfirm, match="own"):
        decide_excuse(by=ONE, at=NOW, proposal=proposal, accept=True)
    made = decide_excuse(by=TWO, at=NOW, proposal=proposal, accept=True)
    assert (made.excused_by, made.confirmed_by, made.reason) == ("one", "two", "住院")
    assert state(two) == "excused"
    with pytest.raises(CannotConfirm, match="decided"):
        decide_excuse(by=TWO, at=NOW, proposal=proposal, accept=False)


def test_a_reason_that_is_not_accepted_excuses_nothing(two):
    proposal = propose_excuse(by=ONE, at=NOW, obligation=two, reason="忘了")
    assert decide_excuse(by=TWO, at=NOW, proposal=proposal, accept=False) is None
    assert state(two) == "overdue"
    assert propose_excuse(by=ONE, at=NOW, obligation=two, reason="住院").pk != proposal.pk


def test_the_database_knows_no_second_person_who_is_the_first(two):
    with pytest.raises(IntegrityError, match="duties_excuse_confirmed_by_another"), transaction.atomic():
        Excuse.objects.create(obligation=two, reason="x", excused_by="a", confirmed_by="a", excused_at=NOW)


def test_pages_say_that_an_explanation_waits_and_take_the_second_word(two, signed_in):
    head = signed_in("village_head", VILLAGE)
    form = head.get(reverse("duties:excuse", args=[two.pk])).content.decode()
    assert "two" in form or "两人" in form
    assert head.post(reverse("duties:excuse", args=[two.pk]), {"reason": "住院"}).status_code == 302
    assert state(two) == "overdue"
    proposal = ExcuseProposal.objects.get()
    listed = address("duties:gaps", duty="temperature", state="overdue")
    row = next(row for row in head.get(listed).context["rows"] if row.item.id == two.pk)
    assert (row.waiting, row.may_excuse, row.may_decide) == (proposal, False, False)
    decide = reverse("duties:decide_excuse", args=[proposal.pk])
    assert head.post(decide, {"accept": "yes"}).status_code == 404
    town = signed_in("township_officer", TOWN)
    assert "住院" in town.get(listed).content.decode()
    assert town.post(decide, {"accept": "yes"}).status_code == 302
    assert state(two) == "excused"
