"""A lower plan may add and specify; what loosens or exceeds the higher one is told, place by place."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lianfang.science.plan import DEPARTURES, Facts, Stay, admits, compare, from_json, load_plan, load_shipped, to_json
from lianfang.science.plan.tests.test_additions import ADDED

UPPER = load_plan(
    ADDED.replace(
        "plan: small",
        "plan: small\nmeasures: {road_closure: {title: {zh: 封路, en: roads}, rule: forbidden, clause: A-1}}",
    )
)
SECOND_AREA = '  - {path: "42", name: {zh: 湖北省, en: Hubei}, since: 2020-01-24, clause: A-1}\n'
TEXT = ADDED.replace(
    "plan: small", "plan: small\nmeasures: {road_closure: {title: {zh: 封路, en: roads}, rule: forbidden, clause: A-1}}"
)

# What of the higher plan's text is replaced, by what, and the departures that follow.
CHANGES = [
    ("value: 37.3", "value: 38.0", ["threshold:thresholds.fever_c"]),
    (SECOND_AREA, SECOND_AREA.replace('"42"', '"4201"'), ["key_area_removed:key_areas.42"]),
    (SECOND_AREA, SECOND_AREA + SECOND_AREA.replace('"42"', '"33"'), ["key_area_added:key_areas.33"]),
    (SECOND_AREA, SECOND_AREA + SECOND_AREA.replace('"42"', '"4201"'), []),
    ("since: 2020-01-24,", "since: 2020-01-24, until: 2020-03-01,", ["key_area_removed:key_areas.42"]),
    ("since: 2020-01-24,", "since: 2020-01-20,", ["key_area_added:key_areas.42"]),
    ("within_days: {value: 14,", "within_days: {value: 7,", ["admission_other:pathways.observed.admit"]),
    ("- {raised: fever}", "- {everybody: true}", ["admission_other:pathways.observed.admit"]),
    (
        "days: {value: 14, clause: A-1}, clause",
        "days: {value: 7, clause: A-1}, clause",
        ["period_shorter:pathways.observed.period.days"],
    ),
    (
        "days: {value: 14, clause: A-1}, clause",
        "days: {value: 21, clause: A-1}, clause",
        ["period_longer:pathways.observed.period.days"],
    ),
    ("day_one: next_day", "day_one: anchor_day", ["period_counted:pathways.observed.period"]),
    ("requires: [own_room]", "requires: [own_room, water]", ["home:pathways.observed.home"]),
    (
        "    home: {requires: [own_room], otherwise: centralised, clause: A-1}\n",
        "    compulsion: voluntary\n",
        ["compulsion:pathways.observed.compulsion", "home:pathways.observed.home"],
    ),
    ("    subject: person", "    place: home\n    subject: person", ["place:pathways.observed.place"]),
    ("    subject: person", "    observed: true\n    subject: person", ["observed:pathways.observed.observed"]),
    ("    subject: person", "    subject: area", ["subject:pathways.observed.subject"]),
    ("- {code: cadre,", "- {code: cadre2, title: {zh: 干部, en: c}}\n      - {code: cadre, optional: true,", []),
    ("report, places]", "places]", ["duty_removed:pathways.observed.duties.report"]),
    (
        '      - {code: evening, name: {zh: 下午, en: evening}, from: "14:00", to: "20:00", clause: A-1}\n',
        "",
        ["slots_fewer:duties.temperature.slots"],
    ),
    (
        'to: "12:00", clause: A-1}\n',
        'to: "12:00", clause: A-1}\n'
        '      - {code: noon, name: {zh: 中, en: noon}, from: "12:00", to: "14:00", clause: A-1}\n',
        ["slots_more:duties.temperature.slots"],
    ),
    ('from: "06:00"', 'from: "05:00"', ["slot_hours:duties.temperature.slots.morning"]),
    ('from: "06:00"', 'from: "07:00"', []),
    ("value: 1d", "value: 2d", ["deadline_longer:duties.places.within", "deadline_longer:duties.review.within"]),
    ("value: 1d", "value: 12h", []),
    ("    from: registration", "    from: anchor", ["deadline_start:duties.places.from"]),
    ("evidence: [temperature]", "evidence: [temperature, call]", ["evidence:duties.temperature.evidence"]),
    ("    per_role: true\n", "", ["per_role:duties.places.per_role"]),
    ("{after: 4h, to: county}", "{after: 5h, to: county}", ["escalation:duties.temperature.escalate"]),
    (", {after: 4h, to: county}", "", ["escalation:duties.temperature.escalate"]),
    ("second_person: true", "second_person: false", ["second_person:duties.temperature.excuse"]),
    ("symptoms: [dry_cough]", "symptoms: []", ["alert:alerts.fever"]),
    ("requires: [door]", "requires: [door, phone]", ["card:card.requires"]),
    ("originals_days: {value: 30", "originals_days: {value: 60", ["retention:retention.originals_days"]),
    ("originals_days: {value: 30", "originals_days: {value: 10", []),
    ("missed_days: {value: 3", "missed_days: {value: 4", ["lost:lost.missed_days"]),
    ("share_percent: {value: 5", "share_percent: {value: 4", ["callbacks:callbacks.share_percent"]),
    ("rule: forbidden", "rule: required", ["measure:measures.road_closure"]),
    ("    completes: temperature", "    evidence: [report]", ["shape:duties.report"]),
    ("status: historic", "status: historic\nunder: higher", []),
    ("plan: small", "plan: smaller", []),
]


@pytest.mark.parametrize(("old", "new", "codes"), CHANGES)
def test_a_departure_is_named_where_it_stands(old, new, codes):
    assert old in TEXT
    assert [departure.code for departure in compare(load_plan(TEXT.replace(old, new)), UPPER)] == codes


def test_a_shorter_and_a_longer_look_back_say_by_how_much():
    upper = load_shipped("baode-2020")
    text = to_json(upper)
    for days, rule in ((7, "admission_narrower"), (21, "admission_wider")):
        text["pathways"]["key-area-arrival"]["admit"]["within_days"]["value"] = days
        (found,) = compare(from_json(text), upper)
        assert (found.rule, found.values["lower"], found.values["upper"]) == (rule, days, 14)
        assert str(days) in found.message("zh")


def test_what_is_gone_altogether_is_a_departure():
    upper = load_shipped("baode-2020")
    data = to_json(upper)
    del data["pathways"]["needs"]
    data["pathways"]["key-area-arrival"].pop("period")
    data["pathways"]["key-area-arrival"]["duties"].remove("release-review")
    data["pathways"]["key-area-arrival"]["duties"].remove("team")
    data["pathways"]["key-area-arrival"].pop("team")
    assert [departure.rule for departure in compare(from_json(data), upper)] == (
        ["period_removed", "team_smaller", "duty_removed", "duty_removed", "pathway_removed"]
    )
    assert [departure.rule for departure in compare(upper, from_json(data))] == ["period_added"]
    data = to_json(upper)
    data["alerts"] = {}
    data["pathways"]["fever"]["admit"] = {"everybody": True}
    assert [departure.rule for departure in compare(from_json(data), upper)] == ["admission_other", "alert_removed"]


def test_every_departure_has_a_row():
    here = {code.partition(":")[0] for _old, _new, codes in CHANGES for code in codes}
    elsewhere = {"pathway_removed", "admission_narrower", "admission_wider", "period_removed", "period_added"}
    assert here | elsewhere | {"team_smaller", "alert_removed"} == set(DEPARTURES)


def test_departures_speak_both_languages():
    for old, new, _codes in CHANGES:
        for departure in compare(load_plan(TEXT.replace(old, new)), UPPER):
            assert re.search(r"[\u4e00-\u9fff]", departure.message("zh-hans"))
            assert "{" not in departure.message("zh-hans") + departure.message("en")


@pytest.mark.parametrize("code", ["baode-2020", "bailin-2020", "changde-2022", "measles-contacts", "shaoyang-2020"])
def test_a_plan_does_not_depart_from_itself(code):
    assert compare(load_shipped(code), load_shipped(code)) == []


def test_bailin_adds_to_shiyan_and_departs_in_nothing():
    bailin, shiyan = load_shipped("bailin-2020"), load_shipped("shiyan-2020")
    assert bailin.under == shiyan.plan
    assert compare(bailin, shiyan) == []
    assert "wuhan-returnee" in {departure.path.partition(".")[2] for departure in compare(shiyan, bailin)}


# --- the property ------------------------------------------------------------------------------------------

PATHS = st.sampled_from(["42", "4201", "420103", "33", "3301"])
DAYS = st.integers(1, 30)
NUMBER = DAYS.map(lambda days: {"value": days, "clauses": ["A-1"]})
LEAF = st.one_of(
    st.just({"everybody": True}),
    st.just({"need": True}),
    st.lists(st.sampled_from(["food", "care"]), min_size=1).map(lambda found: {"need": True, "categories": found}),
    st.just({"raised": "fever"}),
    NUMBER.map(lambda days: {"stayed_in": "key_areas", "within_days": days}),
    NUMBER.map(lambda days: {"exposed": True, "within_days": days}),
)
CRITERIA = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=4,
)
AREAS = st.lists(
    st.tuples(PATHS, st.integers(0, 3), st.none() | st.integers(10, 12)),
    min_size=1,
    max_size=3,
    unique_by=lambda area: area[0],
)
START = date(2020, 1, 1)


def plan_with(criterion, areas):
    data = to_json(UPPER)
    data["pathways"]["observed"]["admit"] = criterion
    data["key_areas"] = [
        {
            "path": path,
            "name": {"zh": "某地", "en": "somewhere"},
            "since": (START + timedelta(days=since)).isoformat(),
            "clauses": ["A-1"],
            **({"until": (START + timedelta(days=until)).isoformat()} if until is not None else {}),
        }
        for path, since, until in areas
    ]
    return from_json(data)


@st.composite
def pairs(draw):
    """A higher plan and a lower one that keeps a part of it: most are near each other, so that many are free."""
    criterion, areas = draw(CRITERIA), draw(AREAS)
    lower = draw(st.one_of(st.just(criterion), CRITERIA))
    return plan_with(lower, draw(st.one_of(st.just(areas), AREAS))), plan_with(criterion, areas)


FACTS = st.builds(
    Facts,
    stays=st.lists(st.builds(Stay, PATHS, st.integers(0, 40).map(lambda days: START + timedelta(days=days)))).map(
        tuple
    ),
    arrived_on=st.none() | st.integers(0, 60).map(lambda days: START + timedelta(days=days)),
    raised=st.none() | st.just("fever"),
    need=st.booleans(),
    need_category=st.none() | st.sampled_from(["food", "care", "other"]),
    exposed_on=st.none() | st.integers(0, 40).map(lambda days: START + timedelta(days=days)),
    told_on=st.none() | st.integers(0, 60).map(lambda days: START + timedelta(days=days)),
    on=st.none() | st.integers(0, 15).map(lambda days: START + timedelta(days=days)),
)


@settings(max_examples=120, deadline=None)
@given(pairs(), st.lists(FACTS, min_size=1, max_size=8))
def test_a_plan_free_of_departures_admits_everybody_whom_the_higher_plan_admits(plans, people):
    lower, upper = plans
    if compare(lower, upper):
        return
    for facts in people:
        for code, pathway in upper.pathways.items():
            if admits(pathway.admit, facts, upper):
                assert admits(lower.pathways[code].admit, facts, lower)
