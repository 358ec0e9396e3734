from __future__ import annotations

import pytest

from lianfang.mandate.intake.rules.messages import MESSAGES, placeholders
from lianfang.mandate.intake.rules.problems import RULES, FileFault, Problem, ValueFault


def test_every_rule_has_a_sentence_and_every_sentence_a_rule():
    assert set(MESSAGES) == set(RULES)
    assert len(RULES) == len(set(RULES))
    assert len(set(MESSAGES.values())) == len(MESSAGES)


@pytest.mark.parametrize("rule", RULES)
def test_sentence_is_filled_and_has_a_remedy(rule):
    sentence = MESSAGES[rule] % dict.fromkeys(placeholders(rule), "x")
    assert "%" not in sentence
    assert sentence.count(". ") + sentence.count(", ") + sentence.count(": ") + sentence.count("; ") >= 1


def test_problem_survives_json():
    problem = Problem("village", "东沟", "unknown_village", {"area": "义门镇", "nearest": "东沟村"})
    assert Problem.from_json(problem.to_json()) == problem


def test_problem_fills_its_sentence():
    problem = Problem("village", "东沟", "unknown_village", {"area": "义门镇", "nearest": "东沟村"})
    assert (
        "“东沟” is not a village of 义门镇. Nearest names: 东沟村."
        in MESSAGES[problem.rule] % problem.sentence_values()
    )


def test_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="unknown rule"):
        Problem("name", "", "nonsense")


def test_faults_become_problems():
    assert ValueFault("bad_date", "0000").problem("arrival") == Problem("arrival", "0000", "bad_date")
    assert FileFault("file_other_format", {"kind": "PDF"}).problem() == Problem(
        "", "", "file_other_format", {"kind": "PDF"}
    )
