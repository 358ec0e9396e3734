"""Forms of the pages of people, and what forms about a person in upper contexts have in common."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

_MINUTE = timedelta(minutes=1)


class PeopleFilter(forms.Form):
    """Search words and an area; `options` are the (path, name) pairs that the account may choose."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "data-search": "",
                "autocomplete": "off",
                "placeholder": _("Name, pinyin, number"),
            }
        ),
    )
    area = forms.ChoiceField(label=_("Area"), required=False, widget=forms.Select(attrs={"data-autosubmit": ""}))

    def __init__(self, *args, options: Sequence[tuple[str, str]] = (), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if len(options) > 1:
            self.fields["area"].choices = [("", _("All my areas")), *options]
        else:
            self.fields.pop("area")


class IdentifyForm(forms.Form):
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=300,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": _("For example: to arrange a visit to the doctor")}
        ),
        error_messages={"required": _("Say what the numbers are needed for. It is written into the audit log.")},
    )


class ActForm(forms.Form):
    """Something done for a person at a moment; `record` makes sending it twice the same as once."""

    record = forms.UUIDField(widget=forms.HiddenInput)
    at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Enter day and time, for example 2020-02-08 15:50.")},
    )

    def __init__(self, *args, now: datetime, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["at"].initial = timezone.localtime(now)

    def clean_at(self) -> datetime:
        """The control knows whole minutes: what was left at 'now' is now, to the second."""
        at = self.cleaned_data["at"]
        if at > self.now:
            raise forms.ValidationError(_("This lies in the future. Enter when it was done."))
        return self.now if self.now - at < _MINUTE else at
