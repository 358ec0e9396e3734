"""Later, optional parts of a plan: they rename no version that stands, and say in words what they ask."""

import pytest

from lianfang.science.plan import describe_plan, load_plan
from lianfang.science.plan.tests.test_faults import PLAN

ADDED = (
    PLAN.replace("  - {code: medic,", "  - {code: medic, optional: true,")
    .replace("medic}}\n    clause: A-1", "medic}}\n    max_load: {value: 20, clause: A-1}\n    clause: A-1")
    .replace("    team: pair", "    home: {requires: [own_room], otherwise: centralised, clause: A-1}\n    team: pair")
    .replace("card: {", "lost: {missed_days: {value: 3, clause: A-1}}\ncard: {")
    .replace("card: {", "callbacks: {share_percent: {value: 5, clause: A-1}}\ncard: {", 1)
    .replace(
        "to: county}], clause: A-1}\n", "to: county}], clause: A-1}\n    excuse: {second_person: true, clause: A-1}\n"
    )
    .replace("temperature_at_least: fever_c", "temperature_at_least: fever_c, symptoms: [dry_cough]")
)


def test_what_is_left_out_renames_no_version():
    assert (
        load_plan(PLAN).version
        == load_plan(PLAN.replace("    team: pair", "    compulsion: ordered\n    team: pair")).version
    )
    assert load_plan(ADDED).version != load_plan(PLAN).version


def test_an_optional_place_need_not_be_filled():
    team = load_plan(ADDED).teams["pair"]
    assert [slot.code for slot in team.slots] == ["cadre", "medic"]
    assert [slot.code for slot in team.required] == ["cadre"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "zh",
            [
                "医生（可空）",
                "每名成员最多 20 人",
                "住处须具备：own_room；不具备则集中",
                "连续 3 日未取得联系即列为失访",
                "回访抽查 5%",
                "免办须经第二人同意",
                "症状 干咳",
            ],
        ),
        (
            "en",
            [
                "medic (optional)",
                "at most 20 persons for each member",
                "the home must have: own_room; otherwise centralised",
                "lost to follow-up after 3 days in a row",
                "5% of records are checked",
                "an excuse needs a second person",
                "symptoms dry cough",
            ],
        ),
    ],
)
def test_every_addition_is_told_in_words(lang, said):
    text = "\n".join(line for section in describe_plan(load_plan(ADDED), lang) for line in section.lines)
    assert [part for part in said if part not in text] == []


def test_a_voluntary_pathway_says_so():
    plan = load_plan(PLAN.replace("    team: pair", "    compulsion: voluntary\n    team: pair"))
    assert plan.pathways["observed"].voluntary
    assert any("自愿参加" in line for section in describe_plan(plan, "zh") for line in section.lines)
