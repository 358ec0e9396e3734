import re
from pathlib import Path

import pytest
from django.utils import translation

import lianfang
from lianfang.command.planning.wording import refused

REFUSED = re.compile(r'CannotActivate\("([a-z_]+)"\)')


def rules_of_orders():
    """Every rule by which the code refuses an order about plans."""
    paths = [path for path in Path(lianfang.__file__).parent.rglob("*.py") if "tests" not in path.parts]
    return sorted({rule for path in paths for rule in REFUSED.findall(path.read_text(encoding="utf-8"))})


@pytest.mark.parametrize(("language", "chinese"), [("zh-hans", True), ("en", False)])
def test_every_rule_that_refuses_an_order_has_a_sentence_in_the_language_of_the_reader(language, chinese):
    rules = rules_of_orders()
    assert "needs_order" in rules
    with translation.override(language):
        told = {rule: refused(rule) for rule in rules}
    assert [rule for rule, words in told.items() if bool(re.search("[\u4e00-\u9fff]", words)) is not chinese] == []
    assert [rule for rule, words in told.items() if words == rule] == []
