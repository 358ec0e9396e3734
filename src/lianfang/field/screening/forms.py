"""Forms of arrivals and first verifications."""

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
