"""Area codes: `path` is the code cut to its level's length, so that a subtree is a prefix."""

from typing import Any, TypeGuard
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


def is_boundary(geometry: Any) -> bool:
    """Whether it is a GeoJSON Polygon or MultiPolygon in degrees (metres of a projection are not)."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return False
    parts = geometry.get("coordinates")
    polygons = [parts] if geometry["type"] == "Polygon" else parts
    return _is_filled(polygons) and all(
        _is_filled(polygon) and all(_is_ring(ring) for ring in polygon) for polygon in polygons
    )


def _is_filled(found: Any) -> TypeGuard[list[Any]]:
    return isinstance(found, list) and len(found) > 0


def _is_ring(ring: Any) -> bool:
    return isinstance(ring, list) and len(ring) >= 4 and all(_is_position(place) for place in ring)


def _is_position(place: Any) -> bool:
    return (
        isinstance(place, list)
        and len(place) >= 2
        and all(isinstance(degrees, int | float) for degrees in place[:2])
        and abs(place[0]) <= 180
        and abs(place[1]) <= 90
    )
