"""Symptoms named in free text. In doubt a symptom is there: a list must never lose one."""

from __future__ import annotations

import re

from lianfang.mandate.intake.rules.cells import clean_text, half_width, remembered
from lianfang.mandate.intake.rules.problems import CellError

_WORDS: tuple[tuple[str, str], ...] = (
    ("dry_cough", r"干咳|dry\s*cough"),
    ("fever", r"发热|发烧|低热|低烧|高热|高烧|体温(?:偏高|升高|异常)|fever|febrile"),
    ("fatigue", r"乏力|无力|疲劳|疲乏|疲倦|倦怠|没劲|fatigue|tired|weak"),
    ("cough", r"咳|cough"),
    (
        "shortness_of_breath",
        r"气促|气短|气喘|气急|喘|胸闷|憋气|呼吸(?:困难|急促|不畅)|short(?:ness)?\s*of\s*breath|dyspn",
    ),
    (
        "sore_throat",
        r"咽痛|咽喉痛|咽喉肿?痛|咽部?(?:不适|干痛|肿痛|疼)|喉咙?(?:痛|疼)|嗓子(?:痛|疼)|sore\s*throat",
    ),
    ("diarrhoea", r"腹泻|拉肚子|拉稀|diarrh"),
    ("headache", r"头痛|头疼|headache"),
    ("rash", r"皮疹|红疹|斑丘疹|出疹|起疹|rash"),
    (
        "muscle_pain",
        r"肌痛|肌肉?(?:酸|疼|痛)+|(?:全身|浑身|四肢|周身)(?:酸|疼|痛)+|muscle\s*(?:pain|ache)|myalgia",
    ),
)
_PATTERNS = tuple((code, re.compile(pattern)) for code, pattern in _WORDS)
_ORDER = ("fever", "fatigue", "dry_cough", "cough", "shortness_of_breath", "sore_throat", "diarrhoea")
CODES = (*_ORDER, "headache", "muscle_pain", "rash", "other")
_NOTHING = re.compile(
    r"(?:身体|目前|现|暂|一切|健康|均|都|状况|状态|情况|基本)*(?:正常|良好|健康|无|没有|没|否|好|无碍|平稳)(?:的)?"
    r"|体温(?:均|都)?正常|[-—/\\×x0]+|n|no|none|nil|normal|negative|healthy|未出现|未发现|未见"
)
_NEGATED = re.compile(
    r"^(?:目前|现|暂|均|都|本人|体温正常)*(?:否认|未出现|未发现|未见|未有|未(?![知明])|没有|没|并无|无(?!力|味|嗅|食欲)|不(?=发|咳|乏|头痛|头疼|腹|咽|干|喘)|否"
    r"|no\s|not\s|without|denies)"
)
# "无发热，咳嗽，乏力等症状" denies them all.
_ALL_NEGATED = re.compile(
    r"(?:无|没有|未见|未出现|否认)(?!力|味|嗅|食欲)[^有但;。]*等(?:相关|任何|可疑)?(?:症状|不适|情况|异常|表现)?[。.]?"
)
_CLAUSES = re.compile(r"[,;。!?\n]|但是?|(?<![没未无有])(?=有)")
_ITEMS = re.compile(r"[、/+&和及与]|\s+(?![a-z])")


@remembered
def read_symptoms(text: object) -> tuple[str, ...]:
    """Codes in a fixed order; () for none. "other" where words remain that name no known symptom:
    keep the text beside it. "无发热、咳嗽" denies both, "无发热，咳嗽" only the first.
    """
    if text is None:
        return ()
    if isinstance(text, CellError):
        return ("other",)
    shown = re.sub(r"\s+", " ", half_width(clean_text(text))).lower()
    if _ALL_NEGATED.fullmatch(shown):
        return ()
    found: set[str] = set()
    for clause in _CLAUSES.split(shown):
        found |= _of_clause(clause.strip(" .:有"))
    return tuple(code for code in CODES if code in found) or (("other",) if shown in ("有", "是") else ())


def _of_clause(clause: str) -> set[str]:
    if not clause or _NOTHING.fullmatch(clause) or _NEGATED.match(clause):
        return set()
    found = set()
    for item in _ITEMS.split(clause):
        if item and not _NOTHING.fullmatch(item):
            found |= _of_item(item)
    return found


def _of_item(item: str) -> set[str]:
    found = {code for code, pattern in _PATTERNS if pattern.search(item)}
    if "dry_cough" in found and item.count("咳") + item.count("cough") < 2:
        found.discard("cough")
    return found or {"other"}
