"""What a page of figures or gaps is asked for: area, moment, filter; and why a duty need not be done."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lianfang.mandate.duties.queries import GAP_STATES, DutySummary, Item
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


def place_of(request: HttpRequest, permission: Permission) -> Place:
    """`?area=` within the account's areas, by default the widest of them; any other is not there (404)."""
    within = scope_for(request.user).paths.get(permission, ())
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


@dataclass(frozen=True)
class Show:
    """One way to look at obligations: the states listed, and the fields of the summary that count them.

    `earlier` tells today's from those carried from earlier days; None takes both.
    """

    label: str
    states: tuple[str, ...]
    fields: tuple[str, ...]
    earlier: bool | None = False

    def count(self, summary: DutySummary) -> int:
        return sum(getattr(summary, name) for name in self.fields)

    def takes(self, item: Item) -> bool:
        return self.earlier is None or item.earlier == self.earlier


_ALL = ("done", "late", "overdue", "open", "excused")
SHOWS = {
    "outstanding": Show(_("All outstanding"), tuple(GAP_STATES), ("outstanding",), earlier=None),
    "missing": Show(_("Not done"), ("overdue", "open"), ("overdue", "open")),
    "overdue": Show(_("Overdue"), ("overdue",), ("overdue",)),
    "open": Show(_("Still time"), ("open",), ("open",)),
    "carried": Show(_("Carried from earlier days"), ("overdue",), ("carried",), earlier=True),
    "untimed": Show(_("Hour of reaching home unknown"), ("untimed",), ("untimed",), earlier=None),
    "due": Show(_("Due"), _ALL, ("due",)),
    "done": Show(_("Done"), ("done", "late"), ("done",)),
    "late": Show(_("Done late"), ("late",), ("late",)),
    "excused": Show(_("Excused with reason"), ("excused",), ("excused",)),
}
TABS = {"duty": _("By duty"), "owner": _("By owner"), "area": _("By area")}


class GapFilter(forms.Form):
    """The address of the gap list; what it does not know is refused, so that no figure opens another list."""

    tab = forms.ChoiceField(choices=TABS.items(), required=False)
    duty = forms.SlugField(max_length=60, required=False)
    state = forms.ChoiceField(choices=[(code, show.label) for code, show in SHOWS.items()], required=False)
    owner = forms.CharField(max_length=100, required=False)

    def told(self) -> dict[str, str]:
        """Only what was asked for, so that addresses stay short."""
        if not self.is_valid():
            raise Http404
        return {name: value for name, value in self.cleaned_data.items() if value}


def export_url(kind: str, query: dict[str, str], told: dict[str, str]) -> str:
    """The file of a list: its area and moment, and every filter of its page but the way to look at it."""
    narrowed = {name: value for name, value in told.items() if name != "tab"}
    return f"{reverse('situation:export', args=[kind])}?{urlencode({**query, **narrowed})}"


class ExcuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=_("For example: in hospital since yesterday. It is kept and logged with your name."),
    )
