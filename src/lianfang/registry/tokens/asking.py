"""What a call is asked for: its area, within the token's, and its moment."""

from datetime import datetime
from typing import Annotated

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Schema
from pydantic import AwareDatetime, Field

from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.places.queries import names_of
from lianfang.registry.tokens.access import Problem, fault
from lianfang.registry.tokens.wording import validation_words

AreaPath = Annotated[str, Field(max_length=18, pattern=r"^[0-9]*$")]
Text = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")]
Words = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x08\x0b-\x1f]*\S[^\x00-\x08\x0b-\x1f]*$")]
Key = Annotated[int, Path(ge=0, le=2**63 - 1)]  # of a row, as the database counts
_YEARS = (1900, 2200)  # beyond these neither zones nor the database's arithmetic can be trusted


class InArea(Schema):
    """`area` narrows to one area and all below it; without it, everything that the token reaches."""

    area: AreaPath = ""


class AsOf(InArea):
    """`as_of` shows a moment gone by; without it, now."""

    as_of: AwareDatetime | None = None


def areas_asked(request: HttpRequest, permission: Permission, area: str) -> tuple[str, ...]:
    """The area asked for, else all in which the token has the permission; any other is not there (404)."""
    scope = scope_for(request.user)
    if not area:
        return scope.paths.get(permission, ())
    if not scope.allows(permission, area) or area not in names_of({area}):
        raise Problem("not_found")
    return (area,)


def area_asked(request: HttpRequest, permission: Permission, area: str) -> str:
    """One area: the one asked for, else the widest of the token's."""
    return min(areas_asked(request, permission, area), key=lambda path: (len(path), path))


def under(paths: tuple[str, ...], name: str) -> Q:
    """Condition on rows whose field `name` lies in one of the areas."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{name}__startswith": path})
    return condition


def moment_asked(told: datetime | None) -> datetime:
    """A moment gone by; now where none is asked for."""
    now = timezone.now()
    if told is None:
        return now
    if not _YEARS[0] <= told.year <= _YEARS[1] or told > now:
        raise Problem("invalid", [fault("as_of", told, "not_gone_by", validation_words("not_gone_by", "as_of", told))])
    return told
