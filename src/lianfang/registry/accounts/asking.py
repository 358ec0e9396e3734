"""What a page is asked for: its area, within the account's, and its moment."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.places.queries import names_of
from lianfang.registry.places.rules import ancestors_of
from lianfang.web.moments import BadMoment, read_moment


@dataclass(frozen=True)
class Place:
    """The area that a page is about and the names above it."""

    path: str
    names: dict[str, str]
    within: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[self.path]

    def crumbs(self, url: str, query: dict[str, str]) -> list[dict[str, str]]:
        """County and below; only areas of the account have a link."""
        paths = [p for p in [*ancestors_of(self.path), self.path] if len(p) >= min(6, len(self.path))]
        return [
            {
                "name": self.names[path],
                "url": f"{url}?{urlencode(query | {'area': path})}" if path.startswith(self.within) else "",
            }
            for path in paths
            if path in self.names
        ]


def place_of(request: HttpRequest, *permissions: Permission) -> Place:
    """`?area=` within the areas where the account may do one of these, by default the widest; any other is a 404."""
    paths = scope_for(request.user).paths
    within = tuple(dict.fromkeys(path for one in permissions for path in paths.get(one, ())))
    if not within:
        raise PermissionDenied
    path = request.GET.get("area") or min(within, key=lambda found: (len(found), found))
    names = names_of({*ancestors_of(path), path}) if path.startswith(within) and path.isdigit() else {}
    if path not in names:
        raise Http404
    return Place(path, names, within)


def moment_of(request: HttpRequest) -> datetime:
    """`?as_of=`, a moment gone by; now by default."""
    now = timezone.now()
    if not (told := request.GET.get("as_of")):
        return now
    try:
        moment = read_moment(told)
    except BadMoment as error:
        raise BadRequest(str(error)) from error
    if moment > now:
        raise BadRequest(_("as_of lies in the future"))
    return moment
