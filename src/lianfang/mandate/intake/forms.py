"""What the user says with a list: the file, where it is from, when it was true."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lianfang.mandate.intake.rules.limits import Limits
from lianfang.mandate.intake.wording import fault_message
from lianfang.registry.places.models import Area

_MINUTES = "%Y-%m-%dT%H:%M"
_MEGABYTE = 2**20


KINDS = {
    "arrivals": gettext_lazy("People who came back: they become cards"),
    "contacts": gettext_lazy("Contacts of a case: exposed on a known day"),
    "checks": gettext_lazy("People to look for: villages tell what they find out"),
    "residents": gettext_lazy("Residents' ledger of a village"),
    "declarations": gettext_lazy("Staff of units: who is asked for a travel declaration"),
}
# What becomes of the rows of each kind.
FOLLOWS = {
    "arrivals": gettext_lazy(
        "Each person gets one card. Whoever the plan in force admits is put under observation, with team, notice and "
        "daily temperatures."
    ),
    "contacts": gettext_lazy(
        "Each contact gets a card and the day of the last exposure; observation is counted from that day as the plan "
        "says. Nothing about the case is kept on the card."
    ),
    "checks": gettext_lazy(
        "The list is split by village. Villages answer each row: found, not to be reached, not here; it goes back to "
        "you with the answers in your own columns."
    ),
    "residents": gettext_lazy(
        "Households and who lives in them, with grid and group. An exported ledger that was filled in comes back here; "
        "nobody gets a second card."
    ),
    "declarations": gettext_lazy(
        "Each person of the staff is asked once. Answers are matched to cards, and whoever has not answered stands by "
        "name on the unit's page."
    ),
}


class ListForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of list"), choices=list(KINDS.items()), initial="arrivals", required=False
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "xlsx, xls or csv, as the office keeps it. Title rows, totals and several sheets are understood."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        allow_empty_file=True,
        max_length=200,
        error_messages={"required": gettext_lazy("No file is chosen. Choose the list that is to be imported.")},
    )
    area = forms.ChoiceField(
        label=gettext_lazy("Area of the list"),
        help_text=gettext_lazy("Townships and villages named in the list are looked up within this area."),
        error_messages={
            "required": gettext_lazy("No area is chosen. Choose the area whose people the list names."),
            "invalid_choice": gettext_lazy("This is not one of your areas. Choose one of the list."),
        },
    )
    at = forms.DateTimeField(
        label=gettext_lazy("Moment of the list"),
        help_text=gettext_lazy("Temperatures and symptoms in the list count as of this moment."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MINUTES),
        required=False,
        error_messages={
            "invalid": gettext_lazy("This is not a moment. Enter day and hour, for example 2020-02-08 18:00.")
        },
    )

    def __init__(self, *args: Any, areas: Sequence[Area], now: datetime, area: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self._now = now
        self.fields["area"].choices = _choices(areas)
        self.fields["area"].initial = area or (areas[0].path if areas else "")
        self.fields["at"].initial = timezone.localtime(now).strftime(_MINUTES)

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or "arrivals"

    def clean_file(self) -> UploadedFile:
        """Told here what can be told without reading: the rest the check says."""
        file = self.cleaned_data["file"]
        limit = Limits().file_bytes
        if file.size == 0:
            raise forms.ValidationError(fault_message("file_empty", {}))
        if file.size > limit:
            sizes = {"size": -(-file.size // _MEGABYTE), "limit": limit // _MEGABYTE}
            raise forms.ValidationError(fault_message("file_too_large", sizes))
        return file

    def clean_at(self) -> datetime:
        """Left empty: now. The field counts whole minutes, so the minute that has begun is not the future."""
        at = self.cleaned_data["at"] or self._now
        if at > self._now:
            shown = timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
            raise forms.ValidationError(
                _("%(value)s has not come yet. Enter the moment at which the list was true.") % {"value": shown}
            )
        return at


def _choices(areas: Sequence[Area]) -> list[tuple[str, str]]:
    """The areas below another of the list stand under it, set in."""
    paths = [area.path for area in areas]
    return [
        (
            area.path,
            ("\u3000" if any(area.path != p and area.path.startswith(p) for p in paths) else "") + area.name,
        )
        for area in areas
    ]
