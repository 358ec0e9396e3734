"""The trace of every shipped plan: its clauses are all there, under titles of our own, carried by what the plan has."""

import re

import pytest

from lianfang.science.plan import PlanFaults, clauses_of, load_shipped, read_clauses, shipped

# How many clauses each document has; the Shiyan document holds the city's and, apart from them, the town's.
COUNTS = {
    "bailin-2020": 30,
    "baode-2020": 93,
    "changde-2022": 50,
    "county-report-2020": 75,
    "measles-contacts": 6,
    "shaoyang-2020": 61,
    "shiyan-2020": 88,
}


def test_every_shipped_plan_has_a_trace_with_every_clause_of_its_document():
    assert {code: len(clauses_of(code)) for code in shipped()} == COUNTS
    assert sum(COUNTS.values()) - COUNTS["measles-contacts"] == 397


@pytest.mark.parametrize("code", COUNTS)
def test_titles_are_short_and_in_both_languages(code):
    for clause in clauses_of(code).values():
        assert re.search(r"[\u4e00-\u9fff]", clause.title.zh), clause.id
        assert not re.search(r"[\u4e00-\u9fff]", clause.title.en), clause.id
        assert len(clause.title.zh) <= 24, clause.id
        assert len(clause.title.en) <= 60, clause.id


@pytest.mark.parametrize("code", COUNTS)
def test_a_clause_names_duties_that_the_plan_has_and_each_duty_is_traced(code):
    plan, traced = load_shipped(code), clauses_of(code)
    assert [(clause.id, duty) for clause in traced.values() for duty in clause.duties if duty not in plan.duties] == []
    for duty in plan.duties.values():
        for clause in duty.clauses:
            assert clause in traced or clauses_of(plan.under or "")[clause], (duty.code, clause)


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("", "syntax", 1),
        ("A-1: {zh: 一, en: one}\nA-2: {zh: 二}", "missing", 2),
        ("A-1: {zh: 一, en: one, by: [dutty:x]}", "choice", 1),
        ("A-1: {zh: 一, en: one, by: duty}", "wrong_type", 1),
        ("A-1: {zh: 一, en: one}\nA-2: {zh: 二, en: two, colour: red}", "unknown_key", 2),
        ("A-1: {zh: 一, en: one}\nA-1: {zh: 一, en: one}", "duplicate_key", 2),
    ],
)
def test_a_fault_of_a_trace_names_its_line(text, rule, line):
    with pytest.raises(PlanFaults) as caught:
        read_clauses(text)
    assert (caught.value.faults[0].rule, caught.value.faults[0].line) == (rule, line)


def test_a_clause_that_nothing_carries_says_so():
    clauses = read_clauses('A-1: {zh: 一, en: one, by: ["duty:x", "page:duties:gaps"]}\nA-2: {zh: 二, en: two}')
    assert [clause.carried for clause in clauses.values()] == [True, False]
    assert [str(carrier) for carrier in clauses["A-1"].carried_by] == ["duty:x", "page:duties:gaps"]
    assert clauses["A-1"].duties == ("x",)
