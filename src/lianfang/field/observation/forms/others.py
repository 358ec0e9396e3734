"""The mark for people reached, a need, and how the list is filtered."""

from datetime import datetime
from uuid import UUID, uuid4, uuid5

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from lianfang.field.observation.forms.sending import moment_words, refuse_form
from lianfang.field.observation.wording import (
    GIVERS,
    NEEDS,
)
from lianfang.mandate.intake.records import RecordFault
from lianfang.registry.people.models import Person


class ReachedForm(forms.Form):
    """No symptoms, for those ticked as reached by phone; nobody is ticked beforehand."""

    batch = forms.UUIDField(widget=forms.HiddenInput)
    given_by = forms.ChoiceField(label=gettext_lazy("Given by"), choices=GIVERS.items(), widget=forms.RadioSelect)
    people = forms.MultipleChoiceField(
        label=gettext_lazy("Reached"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Nobody is ticked. Tick the people whom you reached.")},
    )

    def __init__(self, data=None, *, people: list[Person]) -> None:
        super().__init__(data, initial={"batch": uuid4()})
        self.fields["people"].choices = [(str(person.uid), person.name) for person in people]

    @property
    def ticked(self) -> set[str]:
        return set(self["people"].value() or [])

    def refuse(self, faults: list[RecordFault]) -> None:
        refuse_form(self, faults)

    def lines(self, at: datetime, unverified: set[UUID]) -> list[dict]:
        """For each a record of no symptoms and the call in which it was said.

        Who was not verified yet is verified by that call: nothing is asked twice.
        """
        told = self.cleaned_data
        lines = []
        for uid in told["people"]:
            base = {"person": uid, "at": moment_words(at), "channel": "phone"}
            kinds = {
                "symptoms": {"value": [], "given_by": told["given_by"]},
                "call": {"reached": True, "given_by": "worker"},
            } | ({"first_verification": {}} if UUID(uid) in unverified else {})
            lines += [
                {"id": str(uuid5(told["batch"], f"{uid}:{kind}")), "kind": kind, **base, **values}
                for kind, values in kinds.items()
            ]
        return lines


class NeedForm(forms.Form):
    """Food, medicine, care or something else that somebody asked for."""

    batch = forms.UUIDField(widget=forms.HiddenInput)
    person = forms.ChoiceField(label=gettext_lazy("Who"))
    category = forms.ChoiceField(label=gettext_lazy("Need"), choices=NEEDS.items(), widget=forms.RadioSelect)
    note = forms.CharField(
        label=gettext_lazy("What exactly"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data=None, *, people: list[tuple[str, str]], person: str = "") -> None:
        super().__init__(data, initial={"batch": uuid4(), "person": person})
        self.fields["person"].choices = people if len(people) == 1 else [("", "—"), *people]
        if len(people) == 1:
            self.fields["person"].widget = forms.HiddenInput()
            self.initial["person"] = people[0][0]

    def refuse(self, faults: list[RecordFault]) -> None:
        refuse_form(self, faults)

    def line(self, at: datetime) -> dict:
        told = self.cleaned_data
        return {
            "id": str(uuid5(told["batch"], "need")),
            "kind": "need",
            "person": told["person"],
            "at": moment_words(at),
            "value": told["category"],
            "note": told["note"],
        }


class ListFilter(forms.Form):
    """The address of the list of people under observation."""

    area = forms.CharField(required=False, max_length=18, widget=forms.HiddenInput)
    as_of = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "data-search": "",
                "placeholder": gettext_lazy("Name, pinyin, door, document or phone"),
            }
        ),
    )
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[
            ("", pgettext_lazy("filter", "everybody")),
            ("overdue", gettext_lazy("with something overdue")),
            ("fever", gettext_lazy("with fever")),
            ("ending", gettext_lazy("whose last day is today")),
            ("new", gettext_lazy("new today")),
            ("released", gettext_lazy("released today")),
        ],
        widget=forms.Select(attrs={"data-autosubmit": ""}),
    )
