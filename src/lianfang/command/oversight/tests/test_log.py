"""操作日志: who sees which rows, filters, pages that stay fast, words of every act, alarms."""

import ast
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

import lianfang
from lianfang.command.oversight import actions, queries
from lianfang.command.oversight.wording import ACTS, act_words, details_words
from lianfang.registry.audit.actions import record
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person

COUNTY, TOWN, VILLAGE, OTHER_COUNTY = "140931", "140931101", "140931101201", "140932"
NAMES_OF_FILES = {"m", "data", "content", "postmaster", "server", "sheet", "start", "styles", "users"}
NAMES_OF_FILES |= {"lianfang", "django", "allauth", "waitress"}
LOG = "oversight:log"


def codes_in_the_code():
    """Constants `word.words`, and the fixed part of those that are put together (`duplicate.decided_`)."""
    for path in Path(lianfang.__file__).parent.rglob("*.py"):
        if not {"tests", "migrations", "science", "web"} & set(path.parts):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                told = getattr(node, "value", None) if isinstance(node, ast.Constant) else None
                if isinstance(told, str) and re.fullmatch(r"[a-z]+\.(?!yaml|json|csv|xlsx)[a-z_]+", told):
                    yield from [(told, path.name)] if told.split(".")[0] not in NAMES_OF_FILES else []


def test_every_act_that_the_code_records_has_words():
    missing = {
        (code, file)
        for code, file in codes_in_the_code()
        if code not in ACTS and not (code.endswith("_") and any(known.startswith(code) for known in ACTS))
    }
    assert missing == set()
    assert len({code for code, _file in codes_in_the_code()}) > 60


def test_words_are_there_in_both_languages():
    for code, act in ACTS.items():
        for language, words in (("zh-hans", act.zh), ("en", act.en)):
            with translation.override(language):
                assert act_words(code) == words != ""
    assert act_words("gone.act") == "gone.act"


def test_details_are_told_in_words_and_without_keys_of_rows():
    data = {"role": "village_head", "account": 3, "from": "140931101201", "people": ["a", "b"], "gone": 1200,
            "last_day": "2026-12-10", "optional": True, "term": "9f", "note": None}  # fmt: skip
    with translation.override("zh-hans"):
        told = details_words(data, {"140931101201": "东沟村"})
    assert told == "角色 村级负责人 · 自 东沟村 · 人数 2 · gone 1,200 · 期满日 2026年12月10日（周四） · 可不设 是"


@pytest.fixture
def enter(client, account):
    def enter(role, path):
        client.force_login(account(role, path))
        return client

    return enter


@pytest.fixture
def rows(county):
    """Readings in two counties, an act without an area by the system."""
    at = timezone.now()
    for n in range(60):
        record(by=Actor(f"w{n % 3}", 1), action="person.opened", at=at, subject_kind="person", subject=uuid4(),
               area_path=VILLAGE)  # fmt: skip
    record(by=Actor("far", 2), action="person.opened", at=at, subject_kind="person", subject=uuid4(),
           area_path="140932101201", purpose="elsewhere")  # fmt: skip
    return at


@pytest.mark.parametrize("role", ["county_officer", "township_officer", "village_head", "grid_worker"])
def test_only_who_may_audit_reads_the_log(enter, rows, role):
    path = {"county_officer": COUNTY, "township_officer": TOWN}.get(role, VILLAGE)
    assert enter(role, path).get(reverse(LOG)).status_code == 403


def test_reader_sees_the_acts_of_the_own_areas_newest_first_and_leaves_a_row(enter, rows):
    client = enter("auditor", COUNTY)
    page = client.get(reverse(LOG)).content.decode()
    assert "查看人员卡片" in page
    assert "elsewhere" not in page
    assert Event.objects.filter(action="log.opened", actor=f"auditor-{COUNTY}").count() == 1
    assert "查阅操作日志" in client.get(reverse(LOG)).content.decode()


def test_pages_follow_each_other_without_gap_or_repeat(account, rows):
    reader = account("auditor", COUNTY)
    first, place = queries.log_page(reader, queries.Asked(kind="read"))
    second, end = queries.log_page(reader, queries.Asked(kind="read", before=place))
    found = [row.pk for row in first + second]
    assert (len(first), len(found), len(set(found)), end) == (50, 60, 60, None)
    assert found == sorted(found, reverse=True)


def test_filters_by_person_actor_act_area_and_day(account, rows):
    reader = account("auditor", COUNTY)
    someone = Event.objects.filter(action="person.opened", area_path=VILLAGE).first()

    def count(**told):
        return len(queries.log_page(reader, queries.Asked(**told))[0])

    assert count(person=someone.subject) == 1
    assert count(actor="w1") == 20
    assert count(action="person.opened", area=VILLAGE) == 50
    assert count(area=OTHER_COUNTY) == 0
    midnight = timezone.localtime(rows).replace(hour=0, minute=0, second=0, microsecond=0)
    assert count(day=midnight, actor="w1") == 20
    assert count(day=midnight - timedelta(days=3)) == 0


def test_a_person_is_looked_up_by_number_in_the_body_and_by_pseudonym_in_the_address(enter, arrivals):
    arrivals([{"name": "张玉兰", "phone": "13800138001"}])
    person = Person.objects.get()
    client = enter("auditor", COUNTY)
    answer = client.post(reverse("oversight:about_person"), {"number": "13800138001"})
    assert answer["Location"] == f"{reverse(LOG)}?person={person.uid}"
    page = client.get(answer["Location"]).content.decode()
    assert "张玉兰" not in page  # an auditor sees no persons
    nobody = client.post(reverse("oversight:about_person"), {"number": "13800138002"})
    assert (nobody.status_code, "没有这个号码的人员" in nobody.content.decode()) == (422, True)


def test_the_page_takes_few_queries_whatever_its_length(enter, rows):
    client = enter("auditor", COUNTY)
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse(LOG))
    assert len(asked) <= 12 + 4, [query["sql"][:90] for query in asked]  # four open and close two savepoints


@pytest.mark.parametrize("told", [{"actor": "w1"}, {"action": "person.opened"}, {"person": uuid4()}, {}])
def test_each_filter_reads_an_index_in_the_order_of_the_page(account, rows, told):
    reader = account("auditor", COUNTY)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    with CaptureQueriesContext(connection) as asked:
        queries.log_page(reader, queries.Asked(**told))
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + asked[-1]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using audit_event_" in plan
    assert "Sort" not in plan


def read_many(account, count):
    for _ in range(count):
        record(by=account.actor, action="person.opened", at=timezone.now(), subject_kind="person", subject=uuid4(),
               area_path=VILLAGE)  # fmt: skip


def test_who_reads_many_persons_within_minutes_raises_one_alarm(account):
    """T-SEC-6: told within the minute of the next tick, once an hour, on the page of the log."""
    curious, diligent = account("county_officer", COUNTY), account("grid_worker", VILLAGE)
    read_many(curious, queries.BULK_PERSONS)
    read_many(diligent, queries.BULK_PERSONS - 1)
    now = timezone.now()
    assert actions.raise_alarms(at=now) == 1
    assert actions.raise_alarms(at=now) == 0
    alarm = Event.objects.get(action="alarm.bulk_reading")
    assert (alarm.data["account"], alarm.data["persons"]) == (curious.pk, queries.BULK_PERSONS)


def test_the_same_person_read_often_is_no_alarm(account):
    one, same = account("grid_worker", VILLAGE), uuid4()
    for _ in range(queries.BULK_PERSONS + 5):
        record(by=one.actor, action="person.opened", at=timezone.now(), subject_kind="person", subject=same)
    assert actions.raise_alarms(at=timezone.now()) == 0


def test_the_page_takes_names_of_workers_and_areas(enter, account, rows, county):
    worker = account("grid_worker", VILLAGE)
    record(by=worker.actor, action="person.opened", at=rows, subject_kind="person", subject=uuid4(), area_path=VILLAGE)
    client = enter("auditor", COUNTY)

    def acts(**told):
        answer = client.get(reverse(LOG), {"kind": "read", **told})
        return answer.status_code, len(answer.context["rows"])

    offered = client.get(reverse(LOG)).content.decode()
    assert f'<option value="{worker.display_name} {worker.username}">东沟村</option>' in offered
    for named in (f"{worker.display_name} {worker.username}", worker.display_name, worker.username):
        assert acts(actor=named) == (200, 1)
    assert acts(area="东沟村", actor="w1") == (200, 20)
    assert acts(area=f"西坪村 {VILLAGE[:-1]}2") == (200, 0)
    assert acts(area="五台县") == (422, 0)
