import re
from datetime import date, timedelta

import pytest
from pydantic import BaseModel

from lianfang.science.plan import (
    ASSUMED_MARK,
    Duty,
    PlanFaults,
    Ruled,
    describe_plan,
    from_json,
    load_plan,
    load_shipped,
    shipped,
    to_json,
)

PREFIX = {
    "bailin-2020": "SH-",
    "baode-2020": "BD-",
    "changde-2022": "CD-",
    "county-report-2020": "XX-",
    "measles-contacts": "IDL-",
    "shaoyang-2020": "SY-",
    "shiyan-2020": "SH-",
}
CODES = list(PREFIX)
HISTORIC = [code for code in CODES if code != "measles-contacts"]


def parts(value):
    """Every model at or below the value."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from parts(getattr(value, name))
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from parts(item)


def texts(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def test_shipped_names_every_plan_and_no_trace():
    assert sorted(shipped()) == CODES


@pytest.mark.parametrize("code", HISTORIC)
def test_shipped_plan_has_no_fault_and_is_historic(code):
    plan = load_shipped(code)
    assert (plan.plan, plan.status, plan.disease) == (code, "historic", "covid-19")


@pytest.mark.parametrize("code", CODES)
def test_every_rule_has_exactly_one_source(code):
    rules = [part for part in parts(load_shipped(code)) if isinstance(part, Ruled)]
    assert len(rules) > 10
    assert all(bool(rule.clauses) != rule.is_assumed for rule in rules)


@pytest.mark.parametrize("code", CODES)
def test_every_clause_is_of_the_plans_document_and_has_a_title(code):
    plan = load_shipped(code)
    cited = {clause for part in parts(plan) if isinstance(part, Ruled | Duty) for clause in part.clauses}
    assert all(clause.startswith(PREFIX[code]) for clause in cited)
    assert [clause for clause in cited if not plan.clause_title(clause, "zh")] == []


@pytest.mark.parametrize("code", CODES)
def test_clauses_named_inside_remarks_are_of_the_plans_document(code):
    named = {id_ for text in texts(to_json(load_shipped(code))) for id_ in re.findall(r"[A-Z]{2,3}-\d[\d.]*", text)}
    assert named
    assert all(id_.startswith(PREFIX[code]) for id_ in named)


@pytest.mark.parametrize("code", CODES)
def test_json_gives_the_same_plan_and_version_back(code):
    plan = load_shipped(code)
    again = from_json(to_json(plan))
    assert again == plan
    assert again.version == plan.version
    assert re.fullmatch(r"[0-9a-f]{12}", plan.version)


def test_version_changes_with_any_value():
    text = shipped()["baode-2020"].read_text(encoding="utf-8")
    changed = load_plan(text.replace("value: 37.3", "value: 37.2"))
    assert changed.version != load_plan(text).version


def test_version_does_not_change_with_comments_and_order():
    text = shipped()["baode-2020"].read_text(encoding="utf-8")
    moved = text.replace("disease: covid-19\n", "") + "\n# a remark\ndisease: covid-19\n"
    assert load_plan(moved).version == load_plan(text).version


def test_from_json_names_what_is_wrong_with_stored_data():
    data = to_json(load_shipped("baode-2020"))
    data["pathways"]["fever"]["duties"] = ["no-such-duty"]
    with pytest.raises(PlanFaults) as caught:
        from_json(data)
    assert [(fault.line, fault.rule) for fault in caught.value.faults] == [(0, "unknown_reference")]


def test_county_report_keeps_the_numbers_of_its_source():
    plan = load_shipped("county-report-2020")
    pathway = plan.pathways["key-area-arrival"]
    assert pathway.observed
    assert [duty.code for duty in plan.duties_of(pathway)] == (
        ["temperature", "report", "call", "health-check", "team", "release-review"]
    )
    assert len(plan.duties["temperature"].slots) == 2
    assert len(plan.team_of(pathway).slots) == 5
    assert plan.duties["known-in-two-hours"].within.value == timedelta(hours=2)
    assert not plan.duties["known-in-two-hours"].within.is_assumed
    assert plan.pathways["village"].subject == "area"


def test_county_report_lists_hubei_open_ended():
    (area,) = load_shipped("county-report-2020").key_areas
    assert (area.path, area.open_ended, area.since) == ("42", True, date(2020, 1, 24))
    assert area.since_assumed is not None


def test_baode_documents_what_the_county_report_assumes():
    baode, county = (load_shipped(code) for code in ("baode-2020", "county-report-2020"))
    days = [plan.pathways["key-area-arrival"].period.days for plan in (baode, county)]
    assert [day.value for day in days] == [14, 14]
    assert [day.is_assumed for day in days] == [False, True]
    assert [plan.card.is_assumed for plan in (baode, county)] == [False, True]


def test_baode_asks_for_nothing_that_its_document_does_not():
    plan = load_shipped("baode-2020")
    assert [area.path for area in plan.key_areas] == (
        ["42", "33", "37", "44", "34", "41", "43", "12", "140728", "140902", "140922"]
    )
    assert {"call", "visit", "zero-report", "known-in-two-hours"}.isdisjoint(plan.duties)
    assert plan.pathways["key-area-arrival"].home.requires == ["single_room"]
    assert plan.alerts["fever"].when.symptoms == ["fever", "shortness_of_breath", "dry_cough"]


def test_assumed_parts_of_a_duty_name_the_part():
    duty = load_shipped("county-report-2020").duties["call"]
    assert [what for what, _ in duty.assumed_parts()] == ["", "slots.day", "escalate"]


def test_assumed_covers_every_assumed_block():
    plan = load_shipped("county-report-2020")
    paths = {found.path for found in plan.assumed()}
    assert len(paths) == len(plan.assumed())
    assert {
        "thresholds.fever_c",
        "key_areas.42.since",
        "card",
        "retention.originals_days",
        "teams.five-persons",
        "pathways.key-area-arrival.period.days",
        "pathways.key-area-arrival.admit.within_days",
        "duties.temperature.slots.morning",
        "duties.zero-report.escalate",
    } <= paths
    assert "duties.known-in-two-hours.within" not in paths


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_described_plan_marks_every_assumption(code, lang):
    plan = load_shipped(code)
    sections = describe_plan(plan, lang)
    listed = sections[-1].lines
    marked = [line for section in sections[:-1] for line in section.lines if ASSUMED_MARK.of(lang) in line]
    assert len(listed) == len(plan.assumed())
    for found in plan.assumed():
        assert any(found.words.of(lang) in line for line in marked) or found.path.endswith("within_days")


def test_described_plan_in_english_has_no_chinese_but_the_authority():
    for code in CODES:
        lines = [line for section in describe_plan(load_shipped(code), "en") for line in section.lines]
        chinese = [line for line in lines if re.search(r"[\u4e00-\u9fff]", line)]
        assert all(line.startswith("authority:") for line in chinese)


def test_bailin_is_a_towns_practice_and_says_so():
    plan = load_shipped("bailin-2020")
    assert plan.under == "shiyan-2020"
    assert "非市级规定" in plan.title.zh
    assert "not the city's rule" in plan.title.en
    assert "not the city's rule" in plan.authority.en
    assert [len(plan.duties[code].slots) for code in ("temperature", "visit")] == [2, 3]
    team = plan.teams["one-three-n"]
    assert [len(team.required), len(team.slots) - len(team.required)] == [4, 2]


def test_measles_contacts_are_asked_and_not_ordered():
    plan = load_shipped("measles-contacts")
    assert (plan.status, plan.legal.managed_as, plan.legal.response_level) == ("in_force", "B", None)
    contact = plan.pathways["contact"]
    assert (contact.compulsion, contact.place, contact.home) == ("voluntary", None, None)
    assert (contact.period.anchor, contact.period.days.value) == ("last_exposure", 21)
    words = " ".join(line for lang in ("zh", "en") for part in describe_plan(plan, lang) for line in part.lines)
    assert not re.search(r"隔离|限制|不得|禁止|isolat|quarantin|restrict|confin|must not", words.lower())


def test_shaoyang_and_shiyan_say_the_opposite_of_roads():
    shaoyang, bailin = load_shipped("shaoyang-2020"), load_shipped("bailin-2020")
    assert shaoyang.measures["road_closure"].rule == "forbidden"
    assert bailin.measures["road_closure"].rule == "required"
    assert load_shipped("shiyan-2020").measures["closed_management"].rule == "required"
