"""Names and how they sound: the same toneless reading for every way to write a name."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final, Literal

from pypinyin import Style, pinyin

NameRule = Literal["no_name", "name_digits", "name_too_long"]

LONGEST_NAME: Final = 60
_BLANKS: Final = re.compile(r"[\s\u200b\ufeff]+")
_DOTS: Final = re.compile(r"[•●・‧∙⋅．。•]")
_DIGITS: Final = re.compile(r"\d")
_LATIN: Final = re.compile(r"[^\W\d_]+", re.UNICODE)
_PLACEHOLDERS: Final = frozenset({"", "无", "-", "--", "—", "/", "不详", "未知", "无名", "无姓名", "姓名"})

# Readings of characters when they are a surname, where the first reading of a dictionary differs.
_SURNAMES: Final = {
    "单": "shan", "單": "shan", "曾": "zeng", "解": "xie", "查": "zha", "区": "ou", "區": "ou", "仇": "qiu",
    "覃": "qin", "朴": "piao", "翟": "zhai", "盖": "ge", "蓋": "ge", "缪": "miao", "繆": "miao", "员": "yun",
    "員": "yun", "乐": "yue", "樂": "yue", "种": "chong", "召": "shao", "繁": "po", "洗": "xian",
    "折": "she", "黑": "he", "秘": "bi", "祭": "zhai", "卜": "bu", "薄": "bo", "隗": "wei", "郗": "chi",
    "都": "du", "句": "gou", "能": "nai", "乜": "nie", "炅": "gui", "佴": "nai", "阚": "kan", "闞": "kan",
    "牟": "mu", "干": "gan", "哈": "ha", "盛": "sheng", "宿": "su", "晟": "cheng", "莘": "shen", "俞": "yu",
    "任": "ren", "华": "hua", "華": "hua", "宁": "ning", "甯": "ning", "尉": "wei", "褚": "chu", "葛": "ge",
    "角": "jue", "弗": "fei", "重": "chong", "长": "zhang", "長": "zhang", "藏": "zang", "撒": "sa", "车": "che",
    "車": "che", "柏": "bai", "那": "na", "应": "ying", "應": "ying", "相": "xiang", "过": "guo", "過": "guo",
    "殷": "yin", "令": "ling", "要": "yao", "占": "zhan", "暴": "bao", "贾": "jia", "賈": "jia",
}  # fmt: skip

_COMPOUND_SURNAMES: Final = {
    "尉迟": ("yu", "chi"), "尉遲": ("yu", "chi"), "万俟": ("mo", "qi"), "長孫": ("zhang", "sun"),
    "长孙": ("zhang", "sun"), "澹台": ("tan", "tai"), "澹臺": ("tan", "tai"), "鲜于": ("xian", "yu"),
    "宰父": ("zai", "fu"), "令狐": ("ling", "hu"), "乐正": ("yue", "zheng"), "拓跋": ("tuo", "ba"),
    "亓官": ("qi", "guan"), "皇甫": ("huang", "fu"), "长沮": ("chang", "ju"), "呼延": ("hu", "yan"),
}  # fmt: skip

# Readings inside given names, where the first reading of a dictionary is another word's.
_IN_NAMES: Final = {
    "卜": "bu", "翟": "zhai", "曾": "zeng", "缪": "miao", "长": "chang", "長": "chang", "晟": "sheng",
    "莘": "xin", "茜": "qian", "娜": "na", "盛": "sheng", "行": "xing", "仔": "zai", "重": "zhong",
    "覃": "qin", "阚": "kan",
}  # fmt: skip


def normalise_name(text: str) -> str:
    """Half-width, one kind of middle dot, no blanks inside Chinese names, single blanks inside others."""
    return _normalised(text) if len(text) <= LONGEST_NAME else _normalise(text)


def _normalise(text: str) -> str:
    clean = _DOTS.sub("·", unicodedata.normalize("NFKC", text))
    if clean.isascii():
        return " ".join(clean.split())
    parts = _BLANKS.split(clean.strip())
    joined = parts[0] if parts else ""
    for part in parts[1:]:
        both_latin = joined[-1:].isascii() and part[:1].isascii()
        joined += f" {part}" if both_latin else part
    return joined.strip("·")


# A name is asked for several times while its row is read, and once more when it is written.
_normalised = lru_cache(maxsize=1 << 14)(_normalise)


def pinyin_key(name: str) -> str:
    """Toneless syllables, one a character, `ü` as `v`: 吕解 → `lv jie`, 解磊 → `xie lei`.

    Letters of other scripts stay, in lower case, one word each.
    """
    return " ".join(_syllables(normalise_name(name)))


def initials(name: str) -> str:
    """First letters of the syllables, for quick search: 欧阳明 → `oym`."""
    return "".join(syllable[0] for syllable in _syllables(normalise_name(name)))


def name_problem(text: object) -> NameRule | None:
    clean = "" if text is None else normalise_name(str(text))
    if clean in _PLACEHOLDERS or not any(character.isalpha() for character in clean):
        return "name_digits" if _DIGITS.search(clean) else "no_name"
    if _DIGITS.search(clean):
        return "name_digits"
    if len(clean) > LONGEST_NAME:
        return "name_too_long"
    return None


@lru_cache(maxsize=1 << 16)
def _syllables(name: str) -> tuple[str, ...]:
    compound = _COMPOUND_SURNAMES.get(name[:2]) if len(name) > 2 else None
    if compound:
        return compound + _plain_syllables(name[2:])
    surname = _SURNAMES.get(name[:1]) if len(name) > 1 and "·" not in name else None
    if surname:
        return (surname, *_plain_syllables(name[1:]))
    return _plain_syllables(name)


def _plain_syllables(text: str) -> tuple[str, ...]:
    syllables: list[str] = []
    word = ""
    for character in text:
        reading = _reading(character)
        if reading is None:
            word += character.lower() if _LATIN.match(character) else " "
            continue
        syllables.extend(word.split())
        word = ""
        syllables.append(reading)
    syllables.extend(word.split())
    return tuple(syllables)


@cache
def _reading(character: str) -> str | None:
    """The commonest reading; None for what is not a Chinese character."""
    if ord(character) < 0x2E80:
        return None
    if character in _IN_NAMES:
        return _IN_NAMES[character]
    found = pinyin(character, style=Style.NORMAL, errors="ignore", v_to_u=False)
    return found[0][0].replace("ü", "v") if found else None
