"""What a list is exported for, and in which form."""

from django import forms
from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from lianfang.field.declarations.forms import UnitFilter
from lianfang.field.observation.forms import ListFilter
from lianfang.field.screening.forms import ArrivalsFilter
from lianfang.insight.situation.exports import FORMATS
from lianfang.mandate.duties.forms import GapFilter, OverdueFilter

_FILTERS = {
    "arrivals": (ArrivalsFilter, ("q", "key_area", "incomplete", "hour_unknown")),
    "observations": (ListFilter, ("q", "show")),
    "declarations": (UnitFilter, ("unit", "show")),
}


class ExportForm(forms.Form):
    """With a purpose the numbers are in full; without one they are masked."""

    format = forms.ChoiceField(
        label=_("Form"),
        choices=[("xlsx", _("Workbook (.xlsx)")), ("csv", _("Text (.csv)"))],
        initial="xlsx",
        widget=forms.RadioSelect,
    )
    identify = forms.BooleanField(
        label=_("ID numbers and phones in full"),
        required=False,
        help_text=_("Only where the work needs it. Purpose, list and number of rows go into the audit log."),
    )
    purpose = forms.CharField(label=_("Purpose"), max_length=300, required=False)

    def __init__(self, *args, may_identify: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not may_identify:
            del self.fields["identify"], self.fields["purpose"]

    def clean(self) -> dict:
        told = super().clean()
        if told.get("identify") and not told.get("purpose"):
            self.add_error("purpose", _("Say what the full numbers are needed for."))
        return told


def narrowed(kind: str, asked: QueryDict) -> dict:
    """The filter of the list's own page, read from its own address, so that the file holds what it shows."""
    if kind == "gaps":
        told = GapFilter(asked).told()
        return {name: told[name] for name in ("duty", "state", "owner") if name in told}
    if kind == "overdue":
        return OverdueFilter(asked).told()
    if kind not in _FILTERS:
        return {}
    made, names = _FILTERS[kind]
    form = made(asked)
    if not form.is_valid():  # never a longer list than the one asked for
        raise BadRequest
    return {name: value for name in names if (value := form.cleaned_data.get(name))}


def is_format(text: str) -> bool:
    return text in FORMATS
