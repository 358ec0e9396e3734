"""The daily report of villages: a value, an explicit zero and silence are three things."""

from datetime import date
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lianfang.command.reporting.models import ZeroReport
from lianfang.command.reporting.queries import zero_reports
from lianfang.mandate.duties.actions import generate_due
from lianfang.mandate.intake.records import record_batch
from lianfang.registry.audit.rules import Actor

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
LIST, PAGE, SUBMIT = "/reports/", f"/reports/today/?area={VILLAGE}", f"/reports/submit/?area={VILLAGE}"


def at(text):
    return parse_datetime(f"2020-02-09T{text}:00+08:00")


@pytest.fixture
def clock(monkeypatch, county):
    """clock("16:00") sets the hour of 9 February 2020; it begins at ten."""

    def set_to(hour):
        moment = at(hour)
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_to("10:00")
    generate_due(at=at("10:00"))
    return set_to


@pytest.fixture
def enter(client, account, clock):
    def sign_in(role, area=VILLAGE):
        client.force_login(account(role, area))
        return client

    return sign_in


@pytest.fixture
def head(enter):
    return enter("village_head")


def report(value, hour="10:00", area=VILLAGE):
    told = {
        "id": str(uuid4()),
        "kind": "zero_report",
        "area": area,
        "at": at(hour).isoformat(),
        "value": value,
    }
    assert record_batch(by=Actor("test"), at=at(hour), lines=[told]).stored == 1


def of_village(hour, path=VILLAGE):
    (found,) = zero_reports(path, at(hour))
    return found


def test_silence_is_no_report(clock):
    found = of_village("10:00")
    assert (found.kind, found.state, found.report) == ("silent", "open", None)
    assert of_village("17:01").state == "overdue"


@pytest.mark.parametrize(("value", "kind"), [(0, "zero"), (3, "value")])
def test_value_and_explicit_zero_are_told_apart(clock, value, kind):
    report(value)
    found = of_village("10:00")
    assert (found.kind, found.state, found.report.value) == (kind, "done", value)


def test_late_report_is_late(clock):
    report(0, "18:00")
    assert (of_village("17:30").state, of_village("18:00").state) == ("overdue", "late")


def test_correction_leaves_the_past_as_it_was_known(clock):
    report(0, "10:00")
    report(2, "11:00")
    assert [of_village(hour).report.value for hour in ("10:30", "11:00")] == [0, 2]
    assert ZeroReport.objects.count() == 2


def test_days_of_silence_before_are_counted(clock):
    assert of_village("10:00").silent_before == 1  # the plan is in force from the day before


def test_every_village_of_the_area_stands_there_once(clock):
    report(0)
    found = zero_reports(TOWN, at("12:00"))
    assert len(found) == 12
    assert [one.path for one in found if one.report] == [VILLAGE]


def test_village_without_a_plan_is_not_asked(installation):
    from lianfang.registry.places.actions import AreaRow, import_areas

    row = AreaRow(1, "140932100201", "某村", "140932100", "village")
    import_areas(by=Actor("test"), at=at("10:00"), rows=[row])
    assert of_village("12:00", "140932100201").kind == "not_asked"


@pytest.mark.parametrize(("data", "value"), [({"value": "2"}, 2), ({"zero": "on"}, 0), ({"value": "0"}, 0)])
def test_village_reports_on_the_page(head, data, value):
    response = head.post(SUBMIT, {"batch": uuid4(), **data}, headers=PART)
    assert response.status_code == 200
    told = ZeroReport.objects.get()
    assert (told.value, told.day, told.by) == (value, date(2020, 2, 9), f"village_head-{VILLAGE}")


@pytest.mark.parametrize("value", ["", "-1", "two", "1.5", "²"])
def test_what_is_no_count_is_refused(head, value):
    response = head.post(SUBMIT, {"batch": uuid4(), "value": value}, headers=PART)
    assert response.status_code == 422
    assert not ZeroReport.objects.exists()


def test_report_sent_twice_is_one_report(head, clock):
    data = {"batch": uuid4(), "zero": "on"}
    head.post(SUBMIT, data, headers=PART)
    clock("10:05")
    assert head.post(SUBMIT, data, headers=PART).status_code == 200
    assert ZeroReport.objects.count() == 1


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("address", [LIST, PAGE])
def test_page_is_there_in_both_languages(head, language, address):
    head.cookies["django_language"] = language
    response = head.get(address)
    assert response.status_code == 200
    assert "东沟村" in response.content.decode()


def test_list_counts_values_zeros_and_silence(enter):
    report(0)
    report(4, area=OTHER)
    context = enter("township_officer", TOWN).get(LIST).context
    assert (context["due"], context["reported"], context["zero"], context["silent"]) == (12, 2, 1, 10)


@pytest.mark.parametrize(("show", "rows"), [("", 12), ("silent", 10), ("value", 1), ("zero", 1)])
def test_list_is_filtered(enter, show, rows):
    report(0)
    report(4, area=OTHER)
    assert len(enter("township_officer", TOWN).get(f"{LIST}?show={show}").context["rows"]) == rows


def test_village_sees_its_own_report_only(head):
    assert [row.path for row in head.get(LIST).context["rows"]] == [VILLAGE]


@pytest.mark.parametrize("area", [OTHER, TOWN, COUNTY, "x"])
@pytest.mark.parametrize("address", [LIST, "/reports/today/"])
def test_other_area_is_not_there(head, address, area):
    assert head.get(f"{address}?area={area}").status_code == 404


def test_nobody_reports_for_another_village(head):
    response = head.post(f"/reports/submit/?area={OTHER}", {"batch": uuid4(), "zero": "on"})
    assert response.status_code == 404
    assert not ZeroReport.objects.exists()


@pytest.mark.parametrize("address", [LIST, PAGE])
def test_visitor_is_sent_to_log_in(client, clock, address):
    assert client.get(address).headers["Location"].startswith("/login/")


def test_account_that_only_looks_cannot_report(enter):
    client = enter("epidemiologist", COUNTY)
    assert '<form method="post"' not in client.get(PAGE).content.decode().split("today-report")[1]
    assert client.post(SUBMIT, {"batch": uuid4(), "zero": "on"}).status_code == 403


def test_queries_do_not_grow_with_the_villages(enter, django_assert_max_num_queries):
    officer = enter("county_officer", COUNTY)
    officer.get(LIST)
    with django_assert_max_num_queries(12) as few:
        officer.get(f"{LIST}?area={VILLAGE}")
    with django_assert_max_num_queries(12) as many:
        officer.get(f"{LIST}?area={TOWN}")
    assert len(few) == len(many)
