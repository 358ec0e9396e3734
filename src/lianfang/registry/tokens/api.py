"""What the token is, and the areas that it reaches."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.places.models import Area
from lianfang.registry.places.rules import parent_of
from lianfang.registry.tokens.access import needs
from lianfang.registry.tokens.asking import AreaPath, areas_asked
from lianfang.registry.tokens.paging import Page, Paging, paged

router = Router(tags=["token"])


class TokenOut(Schema):
    """The token that calls. `may` names for each permission the areas in which it holds, each with all below it."""

    uid: str
    title: str
    account: str
    role: str
    area: str
    expires_at: datetime
    calls_a_minute: int
    may: dict[str, list[str]]


class AreaOut(Schema):
    path: str
    code: str
    name: str
    kind: str
    above: str


class AreaQuery(Paging):
    under: AreaPath = ""


@router.get("/token", auth=needs(None), response=TokenOut, summary=_("The token that calls"))
def own_token(request: HttpRequest):
    """Who the call acts for, until when, and what is permitted where."""
    token = request.auth
    return TokenOut(
        uid=str(token.uid),
        title=token.title,
        account=token.account.username,
        role=token.role,
        area=token.area_path,
        expires_at=token.expires_at,
        calls_a_minute=token.per_minute,
        may={str(permission): list(paths) for permission, paths in scope_for(token.account).paths.items()},
    )


@router.get("/areas", auth=needs(Permission.SEE_FIGURES), response=Page[AreaOut], summary=_("Areas"))
def areas(request: HttpRequest, query: Query[AreaQuery]):
    """The areas of the token and all below them, in the order of their codes; `under` narrows to one and below."""
    reached = areas_asked(request, Permission.SEE_FIGURES, query.under)
    rows = Area.objects.none()
    for path in reached:
        rows = rows | Area.objects.under(path)
    return paged(rows, query, key="path", shown_all=lambda found: [_area(area) for area in found])


def _area(area: Area) -> AreaOut:
    return AreaOut(path=area.path, code=area.code, name=area.name, kind=area.kind, above=parent_of(area.path))
