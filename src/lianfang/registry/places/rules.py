"""Area codes: `path` is the code cut to its level's length, so that a subtree is a prefix."""

from uuid import UUID, uuid5

LEVELS = {
    "province": 2,
    "city": 4,
    "county": 6,
    "township": 9,
    "village": 12,
    "community": 12,
    "grid": 15,
    "group": 18,
}
LENGTHS = tuple(sorted(set(LEVELS.values())))
LONGEST_NAME = 80  # as the column of the table
_NAMESPACE = UUID("6d1f7f0a-5a34-5c0b-9a5e-3a1f0c4f2b10")


class BadCode(ValueError):
    """A code that fits no level; `code` and `kind` say which."""

    def __init__(self, code: str, kind: str) -> None:
        super().__init__(f"{code!r} is no code of a {kind}")
        self.code, self.kind = code, kind


def path_of(code: str, kind: str) -> str:
    """The code cut to its level's length; never by trailing zeros (140931100 is a township)."""
    length = LEVELS.get(kind)
    if length is None or not code.isdigit() or not code.isascii() or len(code) < length:
        raise BadCode(code, kind)
    if code[length:].strip("0") or len(code) > LENGTHS[-1]:
        raise BadCode(code, kind)
    return code[:length]


def parent_of(path: str) -> str:
    """The path of the level above; empty for a province."""
    lengths = [length for length in LENGTHS if length < len(path)]
    return path[: lengths[-1]] if lengths else ""


def ancestors_of(path: str) -> list[str]:
    """The paths of all levels above, highest first."""
    return [path[:length] for length in LENGTHS if length < len(path)]


def uid_of(path: str) -> UUID:
    """The stable identifier of an area as the subject of duties and records."""
    return uuid5(_NAMESPACE, path)
