"""Forms of arrivals and first verifications."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from lianfang.registry.people.forms import ActForm, PeopleFilter

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
