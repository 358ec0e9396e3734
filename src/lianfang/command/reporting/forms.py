"""The report of the day: a number, or the button that says zero."""

from datetime import datetime
from uuid import uuid4, uuid5

from django import forms
from django.utils.translation import gettext_lazy as _

from lianfang.field.observation.forms import moment_words
from lianfang.mandate.intake.records import RecordFault
from lianfang.mandate.intake.wording import fault_message


class ReportForm(forms.Form):
    """`zero` is the explicit zero; an empty number is no report."""

    batch = forms.UUIDField(widget=forms.HiddenInput)
    zero = forms.BooleanField(required=False)
    value = forms.CharField(
        label=_("Cases found today"),
        required=False,
        max_length=9,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "form-control-lg"}),
    )

    def __init__(self, data=None) -> None:
        super().__init__(data, initial={"batch": uuid4()})

    def clean(self):
        told = super().clean()
        typed = (told.get("value") or "").strip()
        if told.get("zero"):
            told["value"] = 0
        elif typed.isdecimal():
            told["value"] = int(typed)
        else:
            self.add_error("value", fault_message("not_a_count", {}, field="value", value=typed))
        return told

    def line(self, area_path: str, at: datetime) -> dict:
        return {
            "id": str(uuid5(self.cleaned_data["batch"], area_path)),
            "kind": "zero_report",
            "area": area_path,
            "at": moment_words(at),
            "value": self.cleaned_data["value"],
        }

    def refuse(self, faults: list[RecordFault]) -> None:
        for fault in faults:
            words = fault_message(fault.rule, fault.values, field=fault.field, value=fault.value)
            self.add_error("value" if fault.field == "value" else None, words)


class ReportFilter(forms.Form):
    """Which villages the table shows."""

    area = forms.CharField(required=False, max_length=18, widget=forms.HiddenInput)
    as_of = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("all villages")),
            ("silent", _("without a report")),
            ("value", _("with a number")),
            ("zero", _("with an explicit zero")),
        ],
        widget=forms.Select(attrs={"data-autosubmit": ""}),
    )
