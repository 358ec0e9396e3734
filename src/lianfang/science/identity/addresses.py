"""Addresses as people type them to find somebody: a village, or none, and a door."""

import re
from typing import Final

from lianfang.science.identity.matching import door_key

_DOOR: Final = re.compile(r"(?P<place>\D*?)(?P<door>[\d第零〇一二两三四五六七八九十百].*)")
_ABOVE_A_VILLAGE: Final = re.compile(r".*(?:[省市县区旗镇乡]|街道)(?=.)")


def names_a_door(text: str) -> bool:
    """A number, or a numeral that the sign for one follows: 张三 is a name, 三号 a door."""
    return any(sign.isdigit() for sign in text) or "号" in text


def read_address(text: str) -> tuple[str, str]:
    """(village as it is called, key of the door); empty for what is not said: 义门镇东沟村十二号 → 东沟村, 12."""
    found = _DOOR.fullmatch("".join(text.split()))
    if found is None:
        return "", ""
    return _ABOVE_A_VILLAGE.sub("", found["place"]), door_key(found["door"])
