"""What a page of figures or gaps is asked for: area, moment, filter; and why a duty need not be done."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lianfang.mandate.duties.overdue import Narrowed
from lianfang.mandate.duties.queries import GAP_STATES, DutySummary, Item
from lianfang.mandate.duties.wording import LEVEL_WORDS
from lianfang.registry.accounts.asking import Place as Place
from lianfang.registry.accounts.asking import moment_of as moment_of
from lianfang.registry.accounts.asking import place_of as place_of


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


AGES = {1: _("1 hour or more"), 4: _("4 hours or more"), 12: _("12 hours or more"), 24: _("a day or more"),
        72: _("3 days or more")}  # fmt: skip


class OverdueFilter(forms.Form):
    """The address of the list of what is overdue; what it does not know is refused, as on the outstanding list."""

    duty = forms.ChoiceField(label=_("Duty"), required=False)
    level = forms.ChoiceField(label=_("Reached level"), choices=[("", _("all")), *LEVEL_WORDS.items()], required=False)
    hours = forms.TypedChoiceField(
        label=_("Overdue for"),
        choices=[("", _("all")), *AGES.items()],
        coerce=int,
        empty_value=0,
        required=False,
    )
    earlier = forms.BooleanField(label=_("Of earlier days"), required=False)
    area = forms.CharField(widget=forms.HiddenInput, required=False)
    as_of = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, duties: dict[str, str] | None = None, **kwargs) -> None:
        """`duties`: code → title of those that may be chosen; None takes any."""
        super().__init__(*args, **kwargs)
        asked = str(self.data.get("duty") or "")[:60]
        known = {asked: asked, **(duties or {})} if asked else duties or {}
        self.fields["duty"].choices = [("", _("all")), *known.items()]

    def narrowed(self) -> Narrowed:
        if not self.is_valid():
            raise Http404
        told = self.cleaned_data
        return Narrowed(told["duty"], told["level"], told["hours"], told["earlier"])

    def told(self) -> dict[str, str]:
        """Only what was asked for, as the address says it."""
        narrowed = self.narrowed()
        told = {"duty": narrowed.duty, "level": narrowed.level, "hours": str(narrowed.hours or "")}
        return {name: value for name, value in {**told, "earlier": "on" * narrowed.earlier}.items() if value}


class ReminderForm(forms.Form):
    """`batch` names the reminder, so that a form sent twice reminds once."""

    batch = forms.UUIDField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "autofocus": True}),
        help_text=_("For example what help there is. The owner reads it with your name and the time."),
    )


class ExcuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=_("For example: in hospital since yesterday. It is kept and logged with your name."),
    )
