"""The file of roles is checked before anything starts."""

from pathlib import Path

import pytest
from django.utils import translation

from lianfang.registry.accounts import rules
from lianfang.registry.accounts.models import Role
from lianfang.registry.accounts.rules import ROLES, Permission, read_roles

TEXT = (Path(rules.__file__).parent / "data" / "roles.yaml").read_text(encoding="utf-8")


def test_each_role_speaks_both_languages():
    for code, data in rules.FILE.roles.items():
        for language, words in (("zh-hans", data.title.zh), ("en", data.title.en)):
            with translation.override(language):
                assert str(Role(code).label) == words


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("may: [administer, audit]", "may: [audit]", "no role has administer"),
        ("may: [administer, audit]", "may: [administer, audit, rule]", "rule"),
        ("  audit: {zh: 查阅操作日志, en: read the audit log}\n", "", "no words for audit"),
        ("village: village_head", "village: king", "responsible, but no role: king"),
        ("{zh: 网格员, en: Grid worker}", "{zh: 网格员}", "en"),
    ],
)
def test_a_fault_in_the_file_is_named(old, new, said):
    assert old in TEXT
    with pytest.raises(ValueError, match=said):
        read_roles(TEXT.replace(old, new))


def test_who_proposes_orders_is_not_alone_in_approving_them():
    """A second person must exist at the county: the office and the epidemiologist both review."""
    assert {role for role, may in ROLES.items() if Permission.ORDER in may} == {"county_officer"}
    assert {"county_officer", "epidemiologist"} <= {role for role, may in ROLES.items() if Permission.REVIEW in may}
