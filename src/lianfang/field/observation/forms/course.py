"""What is asked where the course of an observation is decided."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from lianfang.field.observation.wording import (
    ALERT_OUTCOMES,
    CALLBACK_OUTCOMES,
    CONVERSIONS,
    DIFFICULTIES,
    NEEDS,
)

_NOTE = {"max_length": 300, "required": False}


class AlertForm(forms.Form):
    """A note to any stage, and at the end what came of the alert."""

    outcome = forms.ChoiceField(
        label=_("What came of it"), required=False, choices=[("", "—"), *ALERT_OUTCOMES.items()]
    )
    note = forms.CharField(label=_("Note"), **_NOTE)


class Proposal(forms.Form):
    """An order to be decided by somebody else: reason and last day."""

    record = forms.UUIDField(widget=forms.HiddenInput)
    last_day = forms.DateField(
        label=_("New last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        error_messages={"required": _("Say why: whoever decides reads it, and the person as well.")},
    )

    def __init__(self, data=None, *, prefix: str) -> None:
        super().__init__(data, prefix=prefix, initial={"record": uuid4()})


class EarlyRelease(Proposal):
    """The last day is the day of the decision: only the medical reason is asked."""

    def __init__(self, data=None, *, prefix: str) -> None:
        super().__init__(data, prefix=prefix)
        del self.fields["last_day"]
        self.fields["reason"].label = _("Medical reason")


class ConversionForm(forms.Form):
    record = forms.UUIDField(widget=forms.HiddenInput)
    into = forms.ChoiceField(label=_("The person is"), choices=CONVERSIONS.items(), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("On what finding"), max_length=300)

    def __init__(self, data=None) -> None:
        super().__init__(data, prefix="convert", initial={"record": uuid4()})


class DifficultyForm(forms.Form):
    """Why somebody could not stay at home, and what would help."""

    record = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("What made it difficult"), choices=DIFFICULTIES.items())
    helps = forms.MultipleChoiceField(
        label=_("What would help"),
        choices=NEEDS.items(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label=_("Note"), **_NOTE)

    def __init__(self, data=None) -> None:
        super().__init__(data, prefix="difficulty", initial={"record": uuid4()})


class AnswerForm(forms.Form):
    """What the person said when asked again."""

    outcome = forms.ChoiceField(choices=CALLBACK_OUTCOMES.items())
    note = forms.CharField(**_NOTE)


class TeamForm(forms.Form):
    """Who takes which place, for everybody ticked; `titles` are the places (code → words, optional)."""

    people = forms.MultipleChoiceField(
        label=_("For whom"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Nobody is ticked. Tick the people whose team it is.")},
    )

    def __init__(self, data=None, *, titles: dict[str, tuple[str, bool]], people: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["people"].choices = people
        self.titles = titles
        for code, (title, optional) in titles.items():
            label = _("%(title)s (optional)") % {"title": title} if optional else title
            self.fields[f"{code}_name"] = forms.CharField(label=label, required=False, max_length=60)
            self.fields[f"{code}_phone"] = forms.CharField(
                label=_("Phone"), required=False, max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"})
            )

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"{code}_name"], self[f"{code}_phone"]) for code in self.titles]

    @property
    def places(self) -> dict[str, tuple[str, str]]:
        told = self.cleaned_data
        return {
            code: (told[f"{code}_name"].strip(), told[f"{code}_phone"].strip())
            for code in self.titles
            if told[f"{code}_name"].strip()
        }

    def clean(self):
        told = super().clean()
        if not any(told.get(f"{code}_name") for code in self.titles):
            self.add_error(None, _("No name is entered. Enter who takes at least one place."))
        return told


class HandOverForm(forms.Form):
    """Who takes the place over; without a name it is given up and is a gap again."""

    record = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("New member"), required=False, max_length=60)
    phone = forms.CharField(
        label=_("Phone"), required=False, max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )

    def __init__(self, data=None) -> None:
        super().__init__(data, initial={"record": uuid4()})
