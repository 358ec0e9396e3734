from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lianfang.command.oversight.wording import ACTS, KINDS
from lianfang.registry.accounts.queries import areas_named, areas_to_choose, staff_to_choose


class LogFilter(forms.Form):
    """Filters of the log. A person is looked up by a form of its own: numbers never stand in an address."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=lambda: [("", _("all")), *KINDS.items()])
    action = forms.ChoiceField(
        label=_("Act"),
        required=False,
        choices=lambda: [("", _("all")), *((code, act.words) for code, act in ACTS.items())],
    )
    actor = forms.CharField(
        label=_("Who acted"), max_length=200, required=False, widget=forms.TextInput(attrs={"list": "log-staff"})
    )
    area = forms.CharField(
        label=_("Area"), max_length=200, required=False, widget=forms.TextInput(attrs={"list": "log-areas"})
    )
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    person = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, within: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.within = within
        self.staff = staff_to_choose(within)
        self.areas = areas_to_choose(within)

    def clean_actor(self) -> str:
        """The user name that a line of the list, a name or a user name means; one who left is found by it too."""
        told = self.cleaned_data["actor"].strip()
        known = {username for username, _name, _area in self.staff}
        if told in known or (last := told.rpartition(" ")[2]) not in known:
            named = [username for username, name, _area in self.staff if name == told]
            if len(named) > 1:
                raise forms.ValidationError(_("Several people have this name: choose one from the list."))
            return named[0] if named and told not in known else told
        return last

    def clean_area(self) -> str:
        told = self.cleaned_data["area"].strip()
        found = areas_named(told, self.within) if told else []
        if told and not found:
            raise forms.ValidationError(_("There is no area of this name or code among yours."))
        if len(found) > 1:
            raise forms.ValidationError(_("Several areas have this name: choose one from the list."))
        return found[0].path if found else ""


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
