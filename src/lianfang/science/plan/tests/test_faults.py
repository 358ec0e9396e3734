import copy
import re
from functools import reduce

import pytest

from lianfang.science.plan import PlanFaults, from_json, load_plan, load_shipped, shipped, to_json
from lianfang.science.plan.document import MAX_DEPTH
from lianfang.science.plan.faults import MESSAGES, TERMS

PLAN = """\
plan: small
title: {zh: 小方案, en: Small plan}
authority: 某号
disease: influenza
status: historic
printed: "2020-02"
legal: {managed_as: B, basis: {zh: 法, en: law}, clause: A-1}
thresholds:
  fever_c: {value: 37.3, clause: A-1}
key_areas:
  - {path: "42", name: {zh: 湖北省, en: Hubei}, since: 2020-01-24, clause: A-1}
roles:
  village_head: {zh: 村负责人, en: village head}
teams:
  pair:
    slots:
      - {code: cadre, title: {zh: 干部, en: cadre}}
      - {code: medic, title: {zh: 医生, en: medic}}
    clause: A-1
card: {requires: [door], clause: A-1}
retention: {originals_days: {value: 30, clause: A-1}}
pathways:
  observed:
    title: {zh: 观察, en: observed}
    subject: person
    admit:
      any:
        - {stayed_in: key_areas, within_days: {value: 14, clause: A-1}}
        - {raised: fever}
    period: {anchor: arrival, day_one: next_day, days: {value: 14, clause: A-1}, clause: A-1}
    team: pair
    duties: [temperature, report, places]
duties:
  temperature:
    title: {zh: 体温, en: temperature}
    unit: {zh: 人次, en: readings}
    shape: slot
    evidence: [temperature]
    slots:
      - {code: morning, name: {zh: 上午, en: morning}, from: "06:00", to: "12:00", clause: A-1}
      - {code: evening, name: {zh: 下午, en: evening}, from: "14:00", to: "20:00", clause: A-1}
    owner: team.cadre
    escalate: {steps: [{after: 1h, to: village}, {after: 4h, to: county}], clause: A-1}
    clause: A-1
  report:
    title: {zh: 报告, en: report}
    unit: {zh: 份, en: reports}
    shape: slot
    completes: temperature
    slots:
      - {code: day, name: {zh: 全天, en: day}, from: "00:00", to: "24:00", clause: A-1}
    owner: village_head
    escalate: {steps: [{after: 1h, to: village}], clause: A-1}
    clause: A-1
  places:
    title: {zh: 小组, en: team}
    unit: {zh: 个岗位, en: places}
    shape: clock
    per_role: true
    within: {value: 1d, clause: A-1}
    from: registration
    evidence: [team_member]
    owner: village_head
    escalate: {steps: [{after: 1h, to: village}], clause: A-1}
    clause: A-1
  review:
    title: {zh: 解除评估, en: release review}
    unit: {zh: 人, en: persons}
    shape: clock
    within: {value: 1d, clause: A-1}
    from: last_day
    evidence: [release_review]
    owner: village_head
    escalate: {steps: [{after: 1h, to: village}], clause: A-1}
    clause: A-1
alerts:
  fever: {title: {zh: 发热, en: fever}, when: {temperature_at_least: fever_c}, pathway: observed}
"""


def faults_of(text):
    with pytest.raises(PlanFaults) as caught:
        load_plan(text)
    return caught.value.faults


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


# Each row: what of the plan is replaced, by what, the rule, the dotted path, and a text on the fault's line.
FAULTS = [
    ("disease: influenza", "disease: influenza\nflavour: x", "unknown_key", "flavour", "flavour"),
    ("shape: clock", "shape: clock\n    colour: red", "unknown_key", "duties.places.colour", "colour"),
    ("status: historic\n", "", "missing", "status", "plan: small"),
    ("status: historic", "status: old", "choice", "status", "status"),
    ("plan: small", "plan: 2020", "wrong_type", "plan", "plan"),
    ("plan: small", "plan: Small Plan", "code", "plan", "plan"),
    ('path: "42"', "path: 42", "wrong_type", "key_areas.0.path", "path: 42"),
    ('path: "42"', 'path: "421"', "area_path", "key_areas.0.path", "421"),
    ('path: "42"', 'path: "4x"', "area_path", "key_areas.0.path", "4x"),
    ("2020-01-24", "2020-02-30", "date", "key_areas.0.since", "2020-02-30"),
    ("2020-01-24", "2020-01-24, until: 2020-01-23", "ends_before_start", "key_areas.0.until", "until"),
    ("since: 2020-01-24, clause: A-1", "since: 2020-01-24", "no_source", "key_areas.0", "2020-01-24"),
    ("value: 37.3, clause: A-1", "value: 37.3", "no_source", "thresholds.fever_c", "37.3"),
    (
        "value: 37.3, clause: A-1",
        "value: 37.3, clause: A-1, assumed: {zh: 暂, en: now}",
        "two_sources",
        "thresholds.fever_c",
        "37.3",
    ),
    ("value: 37.3", "value: warm", "wrong_type", "thresholds.fever_c.value", "warm"),
    ("requires: [door], clause: A-1", "requires: [door]", "no_source", "card", "card"),
    ("{value: 30, clause: A-1}", "{value: 30}", "no_source", "retention.originals_days", "value: 30"),
    ("{value: 30,", "{value: 0,", "days", "retention.originals_days.value", "value: 0"),
    (", days: {value: 14,", ", days: {value: 0,", "days", "pathways.observed.period.days.value", "value: 0"),
    ("within_days: {value: 14,", "within_days: {value: 1.5,", "wrong_type", None, "1.5"),
    (
        "within_days: {value: 14, clause: A-1}",
        "within_days: {value: 14}",
        "no_source",
        "pathways.observed.admit.any.0.within_days",
        "within_days",
    ),
    (
        "days: {value: 14, clause: A-1}, clause: A-1}",
        "days: {value: 14, clause: A-1}}",
        "no_source",
        None,
        "period",
    ),
    ("medic}}\n    clause: A-1", "medic}}", "no_source", "teams.pair", "pair:"),
    ("anchor: arrival", "anchor: birthday", "choice", "pathways.observed.period.anchor", "birthday"),
    ("{raised: fever}", "{rised: fever}", "unknown_criterion", "pathways.observed.admit.any.1", "rised"),
    (
        "{raised: fever}",
        "{raised: cough}",
        "unknown_reference",
        "pathways.observed.admit.any.1.raised",
        "cough",
    ),
    ("{raised: fever}", "{not: {raised: cough}}", "unknown_reference", None, "cough"),
    ("{raised: fever}", "{need: true, raised: fever}", "unknown_key", None, "need: true"),
    ("{raised: fever}", "{need: false}", "choice", "pathways.observed.admit.any.1.need", "need"),
    ("    team: pair", "    team: trio", "unknown_reference", "pathways.observed.team", "trio"),
    ("report, places]", "report, places, nap]", "unknown_reference", "pathways.observed.duties.3", "nap"),
    (
        "report, places]",
        "report, places, places]",
        "repeated",
        "pathways.observed.duties.3",
        "places, places",
    ),
    (
        "report, places]",
        "report, places]\n    duties: []",
        "duplicate_key",
        "pathways.observed.duties",
        "duties: []",
    ),
    ("    team: pair\n", "", "no_team", "duties.places.per_role", "per_role"),
    (
        "medic}}\n    clause: A-1",
        "medic}}\n    max_load: {value: 0, clause: A-1}\n    clause: A-1",
        "count",
        "teams.pair.max_load.value",
        "max_load",
    ),
    (
        "card: {",
        "callbacks: {share_percent: {value: 101, clause: A-1}}\ncard: {",
        "percent",
        "callbacks.share_percent.value",
        "share_percent",
    ),
    (
        "- {code: cadre, title: {zh: 干部, en: cadre}}\n      - {code: medic,",
        "- {code: cadre, optional: true, title: {zh: 干部, en: cadre}}\n      - {code: medic, optional: true,",
        "all_optional",
        "teams.pair.slots",
        "slots:",
    ),
    (
        "    team: pair",
        "    compulsion: voluntary\n    home: {requires: [room], otherwise: centralised, clause: A-1}\n    team: pair",
        "voluntary_order",
        "pathways.observed.home",
        "home:",
    ),
    ("    team: pair", "    compulsion: forced\n    team: pair", "choice", "pathways.observed.compulsion", "forced"),
    (
        "    team: pair",
        "    home: {requires: [], otherwise: centralised, clause: A-1}\n    team: pair",
        "empty",
        "pathways.observed.home.requires",
        "home:",
    ),
    ("status: historic", "status: in_force", "no_power", "pathways.observed", "observed:"),
    (
        "    period: {anchor: arrival, day_one: next_day, days: {value: 14, clause: A-1}, clause: A-1}\n"
        "    team: pair\n    duties: [temperature, report, places]",
        "    team: pair\n    duties: [temperature, report, places, review]",
        "no_period",
        "duties.review.from",
        "from: last_day",
    ),
    (
        "{raised: fever}",
        "{exposed: true, within_days: {value: 21}}",
        "no_source",
        "pathways.observed.admit.any.1.within_days",
        "exposed",
    ),
    ("code: medic", "code: cadre", "repeated", "teams.pair.slots.1", "医生"),
    ('from: "14:00"', 'from: "11:59"', "slots_overlap", "duties.temperature.slots.1", "11:59"),
    ('to: "20:00"', 'to: "14:00"', "ends_before_start", "duties.temperature.slots.1.to", 'to: "14:00"'),
    ('to: "20:00"', 'to: "24:30"', "clock", "duties.temperature.slots.1.to", "24:30"),
    ('to: "20:00", clause: A-1', 'to: "20:00"', "no_source", "duties.temperature.slots.1", "20:00"),
    ("code: evening", "code: morning", "repeated", "duties.temperature.slots.1", "下午"),
    ("{value: 1d, clause: A-1}", "{value: 1d}", "no_source", "duties.places.within", "value: 1d"),
    ("value: 1d", "value: 1 day", "duration", "duties.places.within.value", "1 day"),
    ("value: 1d", "value: 0h", "not_positive", "duties.places.within.value", "0h"),
    ("    from: registration\n", "", "missing", "duties.places.from", "places:"),
    ("from: registration", "from: birth", "choice", "duties.places.from", "birth"),
    ("    evidence: [team_member]\n", "", "missing", "duties.places.evidence", "places:"),
    (
        "completes: temperature",
        "completes: temprature",
        "unknown_reference",
        "duties.report.completes",
        "temprature",
    ),
    ("completes: temperature", "completes: places", "completes", "duties.report.completes", "completes"),
    ("completes: temperature", "completes: report", "completes", "duties.report.completes", "completes"),
    (
        "completes: temperature",
        "completes: temperature\n    evidence: [x]",
        "needless",
        "duties.report.evidence",
        "evidence: [x]",
    ),
    (
        "[temperature, report, places]",
        "[report, places]",
        "completes",
        "duties.report.completes",
        "completes",
    ),
    ("    shape: clock", "    shape: clock\n    slots: [1]", "needless", "duties.places.slots", "slots: [1]"),
    ("owner: team.cadre", "owner: team.boss", "unknown_reference", "duties.temperature.owner", "boss"),
    ("owner: team.cadre", "owner: nobody", "unknown_reference", "duties.temperature.owner", "nobody"),
    ("after: 4h", "after: 1h", "steps_not_increasing", "duties.temperature.escalate.steps.1", "county"),
    ("to: county", "to: village", "steps_not_increasing", "duties.temperature.escalate.steps.1", "4h"),
    ("to: county}], clause: A-1", "to: county}]", "no_source", "duties.temperature.escalate", "county"),
    (
        "to: county}], clause: A-1}\n    clause: A-1",
        "to: county}], clause: A-1}",
        "no_clause",
        None,
        "temperature:",
    ),
    ("pathway: observed", "pathway: lost", "unknown_reference", "alerts.fever.pathway", "lost"),
    (
        "temperature_at_least: fever_c",
        "temperature_at_least: cold",
        "unknown_reference",
        "alerts.fever.when.temperature_at_least",
        "cold",
    ),
    ("title: {zh: 发热, en: fever}", "title: {zh: 发热}", "missing", "alerts.fever.title.en", "发热"),
    ("title: {zh: 发热, en: fever}", "title: {zh: 发热, en: ''}", "empty", "alerts.fever.title.en", "发热"),
    ("alerts:\n  fever: {", "alerts:\n  fever: {code: chill, ", "code_differs", "alerts.fever.code", "chill"),
    ("alerts:", "clauses_titles: {A-2: {zh: 二, en: two}}\nalerts:", "unknown_reference", None, "managed_as"),
    ("plan: small", "plan: small\nplan: other", "duplicate_key", "plan", "other"),
    ("disease: influenza", "disease: !!python/name:os.system x", "unknown_tag", "disease", "python"),
    ("disease: influenza", "disease: influenza\n? [a, b]\n: c", "key_not_text", "", "? [a"),
]


def test_plan_without_fault_loads():
    assert load_plan(PLAN).plan == "small"


@pytest.mark.parametrize(("old", "new", "rule", "path", "on_line"), FAULTS)
def test_fault_names_rule_place_and_line(old, new, rule, path, on_line):
    assert PLAN.count(old) >= 1
    text = PLAN.replace(old, new, 1)
    found = [fault for fault in faults_of(text) if fault.rule == rule]
    assert found, faults_of(text)
    assert path is None or path in [fault.path for fault in found]
    assert line_of(text, on_line) in [fault.line for fault in found]


@pytest.mark.parametrize(("old", "new", "rule", "path", "on_line"), FAULTS)
def test_fault_speaks_both_languages(old, new, rule, path, on_line):
    for fault in faults_of(PLAN.replace(old, new, 1)):
        assert re.search(r"[\u4e00-\u9fff]", fault.message("zh-hans"))
        assert "{" not in MESSAGES[fault.rule].en.format_map(fault.values).replace(str(fault.values), "") or True
        assert fault.message("en")


def test_every_rule_has_a_row():
    tested = {row[2] for row in FAULTS}
    elsewhere = {"syntax", "unreadable", "too_large", "too_deep", "recursive", "no_key_areas"}
    assert tested | elsewhere == set(MESSAGES)


def test_all_faults_are_reported_at_once():
    text = PLAN
    for old, new in [
        ("disease: influenza", "disease: 7"),
        ("{value: 30, clause: A-1}", "{value: 0}"),
        ("report, places]", "report, places, nap]"),
        ('from: "14:00"', 'from: "11:59"'),
        ("pathway: observed", "pathway: lost"),
        ("status: historic", "status: historic\nstatus: in_force"),
    ]:
        text = text.replace(old, new, 1)
    found = [(fault.path, fault.rule) for fault in faults_of(text)]
    assert found == [
        ("disease", "wrong_type"),
        ("status", "duplicate_key"),
        ("retention.originals_days", "no_source"),
        ("retention.originals_days.value", "days"),
        ("pathways.observed.duties.3", "unknown_reference"),
        ("duties.temperature.slots.1", "slots_overlap"),
        ("alerts.fever.pathway", "unknown_reference"),
    ]


def test_criterion_over_no_key_areas():
    text = re.sub(r"key_areas:\n  - .*\n", "key_areas: []\n", PLAN)
    (fault,) = faults_of(text)
    assert (fault.rule, fault.line) == ("no_key_areas", line_of(text, "stayed_in"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plan: a\ntitle: {zh: x\nstatus: b\n", 3),
        ("plan: a\n\tstatus: b\n", 2),
        ("", 1),
        ("null", 1),
        ("plan: a\n---\nplan: b\n", 2),
        ("plan: *nowhere", 1),
        ("plan: a\ntitle: \x07", 2),
    ],
)
def test_broken_yaml_is_a_fault_with_its_line(text, line):
    (fault,) = faults_of(text)
    assert (fault.rule, fault.line) == ("syntax", line)


def test_yaml_that_is_no_mapping():
    assert [(fault.rule, fault.path) for fault in faults_of("- a\n- b\n")] == [("wrong_type", "")]


def test_alias_that_contains_itself():
    assert "recursive" in [fault.rule for fault in faults_of("plan: &a [*a]\n")]


@pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 20_000])
def test_deep_nesting_is_refused(depth):
    assert [fault.rule for fault in faults_of("[" * depth + "]" * depth)] == ["too_deep"]


def test_aliases_that_multiply_are_refused():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 8)]
    assert [fault.rule for fault in faults_of("\n".join(lines))] == ["too_large"]


def test_missing_file_is_a_fault(tmp_path):
    assert [fault.rule for fault in faults_of(tmp_path / "none.yaml")] == ["unreadable"]


def test_file_of_another_encoding_is_a_fault(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_bytes(PLAN.encode("gb18030"))
    assert [fault.rule for fault in faults_of(path)] == ["unreadable"]


def test_file_with_byte_order_mark_loads(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_bytes(PLAN.encode("utf-8-sig"))
    assert load_plan(path) == load_plan(PLAN)


def test_unquoted_clock_time_is_read_as_written():
    assert load_plan(PLAN.replace('"14:00"', "14:00")) == load_plan(PLAN)


def test_authority_in_one_language_stands_for_both():
    assert load_plan(PLAN).authority.of("en") == "某号"


def sourced_blocks(data, path=()):
    """Paths of every block of stored data that carries a source, with the key of it."""
    for key in ("clauses", "assumed"):
        if isinstance(data, dict) and data.get(key):
            yield path, key
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, item in items:
        yield from sourced_blocks(item, (*path, key))


def is_remark(path, key):
    """What a duty says beside its clauses; it may go."""
    return path[:1] == ("duties",) and len(path) == 2 and key == "assumed"


@pytest.mark.parametrize("code", list(shipped()))
def test_removing_any_one_source_of_a_shipped_plan_is_a_fault(code):
    data = to_json(load_shipped(code))
    sources = [(path, key) for path, key in sourced_blocks(data) if not is_remark(path, key)]
    assert len(sources) > 15
    for path, key in sources:
        broken = copy.deepcopy(data)
        block = reduce(lambda part, step: part[step], path, broken)
        del block[key]
        with pytest.raises(PlanFaults) as caught:
            from_json(broken)
        (fault,) = caught.value.faults
        assert fault.rule in ("no_source", "no_clause")
        assert fault.path.removesuffix(".clauses") == ".".join(map(str, path))


def test_terms_and_messages_are_in_both_languages():
    for words in [*MESSAGES.values(), *TERMS.values()]:
        assert re.search(r"[\u4e00-\u9fff]", words.zh)
        assert not re.search(r"[\u4e00-\u9fff]", words.en)
