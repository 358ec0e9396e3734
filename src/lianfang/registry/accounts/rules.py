"""Roles as data (data/roles.yaml) that a reader from outside can check: who may do what, where appointed."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator


class Permission(StrEnum):
    SEE_PEOPLE = "see_people"  # persons of the area, documents and phones masked
    IDENTIFY = "identify"  # documents and phones in full, with a purpose that is logged
    RECORD = "record"  # temperatures, calls, visits, notices, needs
    IMPORT = "import"  # lists in, decisions on possible duplicates
    EXPORT = "export"  # lists out
    ASSIGN = "assign"  # team places, excuses
    SEE_FIGURES = "see_figures"  # counts only
    ORDER = "order"  # propose orders: plans in force, measures
    REVIEW = "review"  # approve as second person: release, excuses, orders of others
    ADMINISTER = "administer"  # accounts and appointments; no persons
    AUDIT = "audit"  # read the log of acts


class Words(BaseModel):
    """A text of the file in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def of(self, language: str) -> str:
        return self.zh if language.lower().startswith("zh") else self.en


class RoleData(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Words
    may: Annotated[tuple[Permission, ...], Field(min_length=1)]


class RolesFile(BaseModel):
    """The whole file: every permission has words and a role, every responsible role is one of the roles."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    permissions: dict[Permission, Words]
    roles: dict[Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,19}$")], RoleData]
    responsible: dict[str, str]

    @model_validator(mode="after")
    def _holds_together(self) -> "RolesFile":
        used = {permission for role in self.roles.values() for permission in role.may}
        if lost := sorted(set(Permission) - used):
            raise ValueError(f"no role has {', '.join(lost)}")
        if bare := sorted(set(Permission) - set(self.permissions)):
            raise ValueError(f"no words for {', '.join(bare)}")
        if strange := sorted(set(self.responsible.values()) - set(self.roles)):
            raise ValueError(f"responsible, but no role: {', '.join(strange)}")
        return self


def read_roles(text: str) -> RolesFile:
    return RolesFile.model_validate(yaml.safe_load(text))


FILE = read_roles((Path(__file__).parent / "data" / "roles.yaml").read_text(encoding="utf-8"))
ROLES: dict[str, frozenset[Permission]] = {code: frozenset(role.may) for code, role in FILE.roles.items()}
RESPONSIBLE_ROLES: dict[str, str] = FILE.responsible
_COUNTY = 6  # length of a county's path


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


def needs_second_factor(scope: Scope) -> bool:
    """Who keeps accounts, reads the log, or works for a whole county or more."""
    everything = [path for paths in scope.paths.values() for path in paths]
    wide = any(len(path) <= _COUNTY for path in everything)
    return wide or scope.has(Permission.ADMINISTER) or scope.has(Permission.AUDIT)


def scope_of(appointments: list[tuple[str, str]]) -> Scope:
    """The scope that follows from (role, area path) pairs in force."""
    paths: dict[Permission, set[str]] = {}
    for role, area_path in appointments:
        for permission in ROLES.get(role, frozenset()):
            paths.setdefault(permission, set()).add(area_path)
    return Scope({permission: tuple(sorted(where)) for permission, where in paths.items()})
