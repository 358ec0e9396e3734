"""Forms of arrivals and first verifications."""

from collections.abc import Sequence
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from lianfang.registry.people.forms import ActForm, PeopleFilter
from lianfang.registry.places.queries import division_index

CHANNELS = [("phone", _("by phone")), ("visit", _("at the door")), ("message", _("by message"))]


class ArrivalsFilter(PeopleFilter):
    """What the list of arrivals can be narrowed to."""

    key_area = forms.BooleanField(label=_("From a key area"), required=False)
    incomplete = forms.BooleanField(label=_("Card incomplete"), required=False)
    as_of = forms.CharField(widget=forms.HiddenInput, required=False)
    hour_unknown = forms.BooleanField(label=_("Hour of reaching home unknown"), required=False)


class VerificationForm(ActForm):
    """Somebody found out how a person who arrived is, or tried to."""

    outcome = forms.ChoiceField(
        choices=[("reached", _("reached")), ("not_reached", _("not reached"))], widget=forms.HiddenInput
    )
    channel = forms.ChoiceField(label=_("How"), choices=CHANNELS)

    field_order = ["channel", "at"]


class CorrectionForm(forms.Form):
    """Where a person really came from, and on which day; `record` makes sending it twice the same as once."""

    record = forms.UUIDField(widget=forms.HiddenInput)
    origin = forms.CharField(
        label=_("Came from"),
        max_length=120,
        required=False,
        help_text=_("Province, city or county, for example Wuhan, Hubei. Leave empty what nobody knows."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    arrived_on = forms.DateField(
        label=_("Day of arrival"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(
        label=_("How you know"),
        max_length=300,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": _("For example: seen on the train ticket")}
        ),
        error_messages={"required": _("Say how you know. It stays on the card beside the correction.")},
    )

    def __init__(self, *args, before: tuple[str, date], today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.before, self.today, self.path = before, today, ""
        self.fields["origin"].initial, self.fields["arrived_on"].initial = before

    def clean_origin(self) -> str:
        """A place that nobody can find would silently count as no key area."""
        text = self.cleaned_data["origin"].strip()
        found = division_index().resolve(text)
        if text and found is None:
            raise forms.ValidationError(
                _("“%(place)s” names no place that is known. Write it with its province, for example Datong, Shanxi."),
                params={"place": text},
            )
        self.path = found.path if found else ""
        return text

    def clean_arrived_on(self) -> date:
        day = self.cleaned_data["arrived_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day lies in the future. Enter the day on which the person came back."))
        return day

    def clean(self) -> dict:
        told = super().clean()
        if not self.errors and (told["origin"], told["arrived_on"]) == self.before:
            raise forms.ValidationError(_("Nothing differs from what is registered. Change the origin or the day."))
        return told


class AreaSearch(forms.Form):
    """The village, township or county that takes the person over."""

    q = forms.CharField(
        label=_("Village, township or county that takes over"),
        max_length=40,
        widget=forms.TextInput(attrs={"data-search": "", "autocomplete": "off"}),
    )


class SendForm(forms.Form):
    """To whom a person is handed over, and why; `record` makes sending it twice the same as once."""

    record = forms.UUIDField(widget=forms.HiddenInput)
    to = forms.ChoiceField(label=_("Goes to"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": _("For example: lives with her daughter there from today")}
        ),
    )

    def __init__(self, *args, areas: Sequence[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = areas


class AcceptForm(forms.Form):
    """In which village the person is taken in, behind which door."""

    village = forms.ChoiceField(label=_("Village"))
    door = forms.CharField(
        label=_("Door"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args, villages: Sequence[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].choices = villages


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say why, so that the sender knows where the person belongs.")},
    )
