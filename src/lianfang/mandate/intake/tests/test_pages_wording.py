import ast
import re
from pathlib import Path
from typing import get_args

import pytest
from django.utils import translation

import lianfang
from lianfang.field.screening.imports import FIELDS
from lianfang.mandate.intake import areas, wording
from lianfang.mandate.intake.rules.problems import RULES, Problem
from lianfang.science.identity.documents import DocumentRule
from lianfang.science.identity.names import NameRule

PACKAGE = Path(lianfang.__file__).parent
# Which argument of each names the rule.
RULE_AT = {
    "Problem": 2, "Refused": 2, "RecordFault": 4, "AreaFault": 3, "ValueFault": 0, "FileFault": 0,
}  # fmt: skip
# Plan documents have sentences of their own; commands only pass rules on.
SAID_ELSEWHERE = {"tests", "plan", "management"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def rules_in(source):
    """Every text that stands where a rule is named; names of variables say nothing here."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        place = RULE_AT.get(getattr(node.func, "id", ""))
        if place is not None and len(node.args) > place:
            texts = (getattr(part, "value", None) for part in ast.walk(node.args[place]))
            yield from (text for text in texts if isinstance(text, str) and re.fullmatch("[a-z_]+", text))


def rules_of_the_code():
    """Of everything that refuses a row, a record or an area."""
    paths = [path for path in PACKAGE.rglob("*.py") if not SAID_ELSEWHERE & set(path.parts)]
    found = {rule for path in paths for rule in rules_in(path.read_text(encoding="utf-8"))}
    assert len(found) > 30
    return found | set(RULES) | set(get_args(NameRule)) | set(get_args(DocumentRule))


def test_every_rule_of_the_code_has_a_sentence():
    assert rules_of_the_code() - set(wording.SENTENCES) == set()


def said(language):
    with translation.override(language):
        return {rule: wording.fault_message(rule, {}, field="name", value="x") for rule in wording.SENTENCES}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_sentence_is_whole_whatever_is_known(language):
    assert [rule for rule, text in said(language).items() if "%" in text or text[-1] not in ".。"] == []


def test_sentence_is_in_the_language_of_the_reader():
    assert [rule for rule, text in said("zh-hans").items() if not CHINESE.search(text)] == []
    # These two show what to write in the list, in the list's language.
    assert {rule for rule, text in said("en").items() if CHINESE.search(text)} == {
        "bad_sex",
        "origin_unknown",
    }


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "返乡日期“30号”"), ("en", "“30号” under day of arrival")])
def test_sentence_names_field_and_value(language, words):
    with translation.override(language):
        assert words in wording.fault_message("bad_date", {}, field="arrived_on", value="30号")


def test_sentence_may_begin_with_a_field():
    with translation.override("en"):
        message = wording.fault_message("no_date", {}, field="arrived_on")
    assert message.startswith("Day of arrival is missing")


def test_unknown_village_without_near_names_proposes_none():
    with translation.override("en"):
        alone, near = (
            wording.fault_message("unknown_village", {"nearest": names, "area": "义门镇"}, value="东勾")
            for names in ("", "东沟村、南庄村")
        )
    assert "Nearest" not in alone
    assert "东沟村, 南庄村" in near


def test_row_without_a_village_is_told_so_and_no_empty_quotes():
    with translation.override("zh-hans"):
        message = wording.fault_message("place_unclear", {}, field="village", value="")
    assert message == "此行未填村（社区），已转入归属待定，等待指定。"


def test_record_without_document_is_told_that_it_is_missing():
    with translation.override("en"):
        message = wording.fault_message("not_a_document", {}, field="document")
    assert message == "Document number is missing. Add it."


def test_sex_in_a_sentence_is_a_word():
    with translation.override("zh-hans"):
        message = wording.fault_message("sex_contradicts_id", {"expected": "male"}, field="sex", value="女")
    assert "“男”" in message


def test_area_without_name_is_no_person():
    with translation.override("en"):
        assert "person" not in wording.area_message("no_name", field="name", value="")


def test_every_field_of_a_list_has_a_name():
    codes = {spec.code for spec in (*FIELDS, *areas.FIELDS)}
    assert codes - set(wording.FIELD_LABELS) == set()


def test_problem_as_json_names_row_field_value_rule_and_message():
    class Row:
        sheet, number = "返乡人员", 115

    told = wording.problem_json(Problem("document", "99000", "id_format"), Row(), "en")
    assert told["message"].startswith("“99000” is not an identity number")
    assert {key: told[key] for key in ("sheet", "row", "field", "value", "rule")} == {
        "sheet": "返乡人员", "row": 115, "field": "document", "value": "99000", "rule": "id_format",
    }  # fmt: skip


def test_problem_of_a_sheet_as_json_has_no_row():
    problem = Problem("", "说明", "sheet_skipped", {"sheet": "说明", "rows": 3})
    told = wording.problem_json(problem, None, "zh-hans")
    assert (told["sheet"], told["row"]) == ("说明", None)
    assert "工作表“说明”" in told["message"]
