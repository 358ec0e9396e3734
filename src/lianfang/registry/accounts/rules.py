"""Roles as data that a reader from outside can check: who may do what, each within the area of the appointment."""

from dataclasses import dataclass, field
from enum import StrEnum


class Permission(StrEnum):
    SEE_PEOPLE = "see_people"  # persons of the area, documents and phones masked
    IDENTIFY = "identify"  # documents and phones in full, with a purpose that is logged
    RECORD = "record"  # temperatures, calls, visits, notices, needs
    IMPORT = "import"  # lists in, decisions on possible duplicates
    EXPORT = "export"  # lists out
    ASSIGN = "assign"  # team places, excuses
    SEE_FIGURES = "see_figures"  # counts only
    ADMINISTER = "administer"  # accounts and appointments; no persons


_FIELD = frozenset({Permission.SEE_PEOPLE, Permission.RECORD, Permission.SEE_FIGURES})
_VILLAGE = _FIELD | {Permission.ASSIGN, Permission.EXPORT}
_OFFICE = _VILLAGE | {Permission.IMPORT, Permission.IDENTIFY}

ROLES: dict[str, frozenset[Permission]] = {
    "county_officer": _OFFICE,
    "epidemiologist": frozenset(
        {Permission.SEE_PEOPLE, Permission.IDENTIFY, Permission.SEE_FIGURES, Permission.EXPORT}
    ),
    "township_officer": _OFFICE,
    "village_head": _VILLAGE,
    "health_centre": _FIELD,
    "grid_worker": _FIELD,
    "administrator": frozenset({Permission.ADMINISTER}),
}
RESPONSIBLE_ROLES = {"village": "village_head", "township": "township_officer", "county": "county_officer"}


@dataclass(frozen=True)
class Scope:
    """Where an account may do what: permission → area paths (a path covers everything below it)."""

    paths: dict[Permission, tuple[str, ...]] = field(default_factory=dict)

    def allows(self, permission: Permission, area_path: str) -> bool:
        return any(area_path.startswith(path) for path in self.paths.get(permission, ()))

    def has(self, permission: Permission) -> bool:
        return bool(self.paths.get(permission))

    @property
    def home(self) -> str:
        """The widest area in which the account works; empty for an account without appointment."""
        everything = {path for paths in self.paths.values() for path in paths}
        return min(everything, key=lambda path: (len(path), path), default="")


def scope_of(appointments: list[tuple[str, str]]) -> Scope:
    """The scope that follows from (role, area path) pairs in force."""
    paths: dict[Permission, set[str]] = {}
    for role, area_path in appointments:
        for permission in ROLES.get(role, frozenset()):
            paths.setdefault(permission, set()).add(area_path)
    return Scope({permission: tuple(sorted(where)) for permission, where in paths.items()})
