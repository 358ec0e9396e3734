"""C06.5: a unit's return rate with the non-responders by name; declarations are matched as arrivals are."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from openpyxl import Workbook, load_workbook

from lianfang.field.declarations import queries
from lianfang.field.declarations.imports import FIELDS
from lianfang.field.declarations.models import Declaration
from lianfang.field.screening.models import Arrival
from lianfang.mandate.intake import actions as intake
from lianfang.mandate.intake.queries import counts
from lianfang.registry.accounts.models import Account
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.organisation import actions as organisation
from lianfang.registry.people.actions import merge
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import sources_of
from lianfang.science.identity.documents import check_character
from lianfang.web.wording import share_words

BY, COUNTY, TOWN, VILLAGE = Actor("test"), "140931", "140931101", "140931101201"
AT = parse_datetime("2020-02-08T18:00:00+08:00")
LATER, LAST = AT + timedelta(hours=1), AT + timedelta(hours=2)
_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")


def called(n):
    return f"职工{n:03}".translate(_DIGITS)  # a name has no figures in it


SILENT = {called(n) for n in (7, 21, 40, 66, 90, 120)}


def number(n):
    stem = f"99000019850101{n:03}"
    return stem + check_character(stem)


def staff(n, **told):
    return {"unit": "交通运输局", "name": called(n), "document": number(n), "village": "东沟村"} | told


def bring(rows, at=AT, name="staff.xlsx"):
    book = Workbook()
    book.active.append([spec.titles[0] for spec in FIELDS])
    for row in rows:
        book.active.append([row.get(spec.code) for spec in FIELDS])
    content = io.BytesIO()
    book.save(content)
    return take_in(content.getvalue(), at, name)


def take_in(content, at, name):
    file = intake.NewFile("declarations", TOWN, name, content)
    batch = intake.check(batch=intake.receive(by=BY, at=at, file=file))
    return intake.commit(by=BY, batch=batch, now=at)


@pytest.fixture
def bureau(county):
    return organisation.establish(
        by=BY, at=AT - timedelta(days=1), area_path=TOWN, kind="member_unit", name="交通运输局"
    )


def rate(unit, as_of=LAST):
    one = queries.rate_of(unit, as_of)
    return one.answered, one.asked, share_words(one.answered, one.asked)


def states(as_of=LAST):
    found = queries.declarations(area_path=COUNTY, as_of=as_of)
    return dict(found.values_list("name", "state"))


def test_c06_5_of_120_staff_114_declared_is_95_0_percent_and_six_are_named(bureau):
    bring([staff(n) for n in range(1, 121)])
    assert rate(bureau) == (0, 120, "0.0%")
    answered = [staff(n, travelled="无") for n in range(1, 121) if called(n) not in SILENT]
    batch = bring(answered, at=LATER, name="answers.xlsx")
    assert counts(batch)["duplicate"] == 114  # asked once, whatever list says it again
    assert rate(bureau) == (114, 120, "95.0%")
    missing = queries.declarations(area_path=COUNTY, as_of=LAST, unit=bureau, show="missing")
    assert {one.name for one in missing} == SILENT
    assert rate(bureau, as_of=AT) == (0, 120, "0.0%")
    told = set(Event.objects.values_list("action", flat=True))
    assert {"declarations.asked", "declarations.submitted"} <= told


def test_a_declaration_goes_from_asked_to_cleared_or_to_observe_by_the_plan(bureau):
    bring(
        [
            staff(1),
            staff(2, village="", travelled="无"),
            staff(3, travelled="无", cohabitants="3"),
            staff(4, origin="湖北武汉", returned_on="2020-02-07"),
            staff(5, origin="山西大同", returned_on="2020-02-07"),
        ]
    )
    found = states()
    assert [found[called(n)] for n in range(1, 6)] == ["requested", "submitted", "cleared", "to_observe", "cleared"]
    assert Arrival.objects.filter(withdrawn_at=None).count() == 2
    assert Declaration.objects.get(name=called(3)).cohabitants == 3
    (source,) = sources_of(Person.objects.get(name=called(4)))
    assert (source.kind, source.label) == ("declaration", "staff.xlsx")


def test_who_is_known_from_another_list_is_found_by_the_document_and_told_apart_by_what_that_list_says(
    bureau, arrivals
):
    arrivals([{"name": called(1), "document": number(1), "origin": "湖北武汉"}])
    bring([staff(1, travelled="无")], at=LATER)
    assert states() == {called(1): "to_observe"}  # says no, but a list placed the person in Wuhan
    assert len(sources_of(Person.objects.get())) == 2


@pytest.mark.parametrize(
    ("told", "field", "rule"),
    [
        ({"unit": "没有的局"}, "unit", "unknown_unit"),
        ({"unit": ""}, "unit", "unknown_unit"),
        ({"travelled": "有"}, "returned_on", "no_date"),
        ({"origin": "湖北武汉", "returned_on": "2020-03-09"}, "returned_on", "future_date"),
        ({"name": ""}, "name", "no_name"),
    ],
)
def test_a_row_that_cannot_be_used_says_field_value_and_rule(bureau, told, field, rule):
    from lianfang.mandate.intake.queries import content_of

    batch = bring([staff(1, **told)])
    assert counts(batch)["rejected"] == 1
    problems = content_of(batch.rows.get()).problems
    assert (field, rule) in {(one.field, one.rule) for one in problems}


def test_an_import_taken_back_leaves_nobody_asked_and_no_card(bureau, arrivals):
    arrivals([{"name": called(1), "document": number(1)}])
    first = bring([staff(n) for n in (1, 2, 3)], at=LATER)
    answers = bring(
        [staff(1, travelled="无"), staff(2, origin="湖北武汉", returned_on="2020-02-07")], at=LATER, name="b.xlsx"
    )
    assert rate(bureau)[:2] == (2, 3)
    assert intake.undo_import(by=BY, at=LAST, batch=answers).still_used == []
    assert rate(bureau)[:2] == (0, 3)
    assert list(Person.objects.filter(withdrawn_at=None).values_list("name", flat=True)) == [called(1)]
    assert Arrival.objects.filter(withdrawn_at=None).count() == 1
    intake.undo_import(by=BY, at=LAST, batch=first)
    assert queries.rate_of(bureau, LAST) is None


def test_a_declaration_follows_its_person_into_the_card_that_goes_on(bureau, arrivals):
    arrivals([{"name": "职工一", "door": "12号"}])
    bring([staff(1, travelled="无")], at=LATER)
    kept, merged = Person.objects.get(name="职工一"), Person.objects.get(name=called(1))
    merge(by=BY, at=LAST, kept=kept, merged=merged, reason="asked by phone")
    assert Declaration.objects.get().person == kept


# --- pages -------------------------------------------------------------------------------------------------


@pytest.fixture
def officer(client, account):
    client.force_login(account("township_officer", TOWN))
    return client


def text(answer):
    return answer.content.decode()


def test_the_pages_show_the_rate_and_name_who_is_missing(officer, bureau):
    bring([staff(n, travelled="无" if n % 4 else None) for n in range(1, 9)])
    listed = text(officer.get(reverse("declarations:units")))
    assert "交通运输局" in listed
    assert "75.0%" in listed
    missing = text(officer.get(reverse("declarations:ledger", args=[bureau.uid]), {"show": "missing"}))
    assert called(4) in missing
    assert called(8) in missing
    assert called(1) not in missing
    assert number(4) not in missing
    assert Event.objects.filter(action="declarations.read").exists()


def test_one_answer_is_recorded_on_the_page_once(officer, bureau):
    bring([staff(1), staff(2, village="")])
    page = reverse("declarations:entry", args=[Declaration.objects.get(name=called(1)).uid])
    told = {"record": str(uuid4()), "travelled": "yes", "origin": "湖北武汉", "returned_on": "2020-02-07"}
    assert officer.post(page, {"record": str(uuid4())}).status_code == 422
    assert officer.post(page, told | {"origin": ""}).status_code == 422
    assert officer.post(page, told | {"origin": "不知何处"}).status_code == 422
    for _click in range(2):
        assert officer.post(page, told).status_code == 302
    assert (Arrival.objects.count(), Event.objects.filter(action="declarations.submitted").count()) == (1, 1)


def test_an_answer_without_a_card_gets_one_in_its_village(officer, bureau):
    bring([staff(2, village="", travelled="无")])
    one = Declaration.objects.get()
    assert "东沟村" in text(officer.get(reverse("declarations:entry", args=[one.uid])))
    officer.post(reverse("declarations:place", args=[one.uid]), {"village": VILLAGE})
    one.refresh_from_db()
    assert (one.person.area_path, one.made_card) == (VILLAGE, True)


def test_the_export_equals_the_list_and_opens_again_as_an_import_that_changes_nothing(officer, bureau, fresh):
    bring([staff(1), staff(2, travelled="无", cohabitants="2"), staff(3, origin="湖北武汉", returned_on="2020-02-07")])
    page = reverse("situation:export", args=["declarations"])
    address = f"{page}?area={TOWN}&unit={bureau.uid}"
    account = Account.objects.get(pk=officer.session["_auth_user_id"])
    answer = fresh(account).post(address, {"format": "xlsx", "identify": "on", "purpose": "to the bureau"})
    content = b"".join(answer.streaming_content)
    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    listed = queries.declarations(area_path=TOWN, as_of=timezone.now(), unit=bureau)
    assert [row[1] for row in rows if row[0] == "交通运输局"] == [one.name for one in listed]
    assert {one.name for one in listed} == {called(1), called(2), called(3)}
    before = states()
    batch = take_in(content, LATER, "again.xlsx")
    assert {name: n for name, n in counts(batch).items() if n} == {"rows": 3, "duplicate": 3}
    assert states() == before
    shown = officer.get(f"{address}&show=missing&format=csv")
    assert b"".join(shown.streaming_content).decode("utf-8-sig").count("交通运输局") == 1


def test_the_pages_ask_few_queries(officer, bureau):
    bring([staff(n, travelled="无" if n % 2 else None) for n in range(1, 30)])
    for page in (reverse("declarations:units"), reverse("declarations:ledger", args=[bureau.uid])):
        officer.get(page)
        with CaptureQueriesContext(connection) as asked:
            officer.get(page)
        assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) <= 12
