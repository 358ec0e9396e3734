from django import forms
from django.utils.translation import gettext_lazy as _

from lianfang.command.oversight.wording import ACTS, KINDS


class LogFilter(forms.Form):
    """Filters of the log. A person is looked up by a form of its own: numbers never stand in an address."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=lambda: [("", _("all")), *KINDS.items()])
    action = forms.ChoiceField(
        label=_("Act"),
        required=False,
        choices=lambda: [("", _("all")), *((code, act.words) for code, act in ACTS.items())],
    )
    actor = forms.CharField(label=_("User name of who acted"), max_length=150, required=False)
    area = forms.RegexField(label=_("Area code"), regex=r"^\d{2,18}$", required=False)
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    person = forms.UUIDField(required=False, widget=forms.HiddenInput)


class NumberForm(forms.Form):
    number = forms.CharField(
        label=_("ID number or phone, in full"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class EmergencyForm(NumberForm):
    reason = forms.CharField(
        label=_("Why this is an emergency"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What happened, and why you need this person's record now. Those responsible read it at once."),
    )


class ReviewForm(forms.Form):
    justified = forms.ChoiceField(
        label=_("Finding"),
        widget=forms.RadioSelect,
        choices=[("yes", _("justified")), ("no", _("not justified"))],
    )
    finding = forms.CharField(label=_("In words"), max_length=300)
