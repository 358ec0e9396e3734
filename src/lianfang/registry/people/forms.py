"""Forms of the pages of people, and what forms about a person in upper contexts have in common."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lianfang import vault
from lianfang.registry.people.models import Document, Person
from lianfang.registry.people.queries import WHOSE_WORDS
from lianfang.science.identity.documents import Document as ReadDocument
from lianfang.science.identity.documents import mask, read_document
from lianfang.science.identity.phones import mask_phone, normalise_phone

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


# --- one person, one card ----------------------------------------------------------------------------------


class PairsFilter(PeopleFilter):
    """Proposals are narrowed by area only."""

    q = None


class OtherCardFilter(forms.Form):
    q = forms.CharField(
        label=_("Name, pinyin, document, phone or address of the other card"),
        max_length=60,
        widget=forms.TextInput(attrs={"data-search": "", "autocomplete": "off"}),
    )


class DecisionForm(forms.Form):
    """Whether two cards are one person; merging needs to know which card goes on, and why they are one."""

    decision = forms.ChoiceField(choices=[("merge", _("Merge")), ("apart", _("Not the same person"))])
    kept = forms.ChoiceField(label=_("Which card goes on"), required=False, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("How you know that it is one person"),
        max_length=300,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": _("For example: asked by phone, she came with two lists")}
        ),
    )

    def __init__(self, *args, cards: Sequence[Person], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kept"].choices = [(str(card.uid), card.name) for card in cards]
        self.fields["kept"].initial = str(min(cards, key=lambda card: (card.registered_at, card.pk)).uid)

    def clean(self) -> dict:
        told = super().clean()
        if told.get("decision") == "merge":
            if not told.get("kept"):
                self.add_error("kept", _("Choose the card that goes on."))
            if not told.get("reason"):
                self.add_error("reason", _("Say how you know. It stays with the merge and is shown on the card."))
        return told


class NumberForm(forms.Form):
    """What a document and a phone on a card have in common: one may take the place of a wrong one."""

    instead = forms.ModelChoiceField(
        queryset=Document.objects.none(),
        required=False,
        label=_("In the place of"),
        empty_label=_("none: a further one"),
    )
    reason = forms.CharField(
        label=_("What was wrong"), max_length=300, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean(self) -> dict:
        told = super().clean()
        if told.get("instead") and not told.get("reason"):
            self.add_error("reason", _("Say what was wrong with the number that is replaced."))
        return told


class MaskedChoice(forms.ModelChoiceField):
    """Numbers of a card to choose from, masked."""

    def __init__(self, *args, show, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.show = show

    def label_from_instance(self, row) -> str:
        return self.show(vault.unseal(row.number_sealed))


class DocumentForm(NumberForm):
    document = forms.CharField(
        label=_("Document number"),
        max_length=40,
        required=False,
        help_text=_("Resident identity number of 18 or 15 digits, passport, travel or residence permit."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    none = forms.BooleanField(label=_("The person has no document"), required=False)

    field_order = ["document", "none", "instead", "reason"]

    def __init__(self, *args, person: Person, **kwargs) -> None:
        super().__init__(*args, **kwargs, auto_id="document-%s")
        _choose(self, person.documents.live(), mask)
        if person.documents.live().exists():
            del self.fields["none"]

    def clean(self) -> dict:
        told = super().clean()
        told.setdefault("none", False)
        if not told["none"] and "document" in told:
            told["document"] = self._read(told["document"])
        return told

    def _read(self, text: str) -> ReadDocument | None:
        found = read_document(text)
        if isinstance(found, ReadDocument):
            return found
        self.add_error("document", _FAULTS[found.rule if found else "id_empty"])
        return None

    def held_by(self, holder: Person | None, *, reachable: bool) -> None:
        """The document stands on another live card; who may decide there is told where."""
        self.add_error("document", _("This document stands on another card: the two may be one person."))
        self.holder = holder if reachable else None


class PhoneForm(NumberForm):
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    whose = forms.ChoiceField(label=_("Whose phone"), choices=list(WHOSE_WORDS.items()))

    field_order = ["phone", "whose", "instead", "reason"]

    def __init__(self, *args, person: Person, **kwargs) -> None:
        super().__init__(*args, **kwargs, auto_id="phone-%s")
        _choose(self, person.phones.live(), mask_phone)

    def clean_phone(self) -> str:
        number = normalise_phone(self.cleaned_data["phone"])
        if number is None:
            raise forms.ValidationError(_("This is no phone number. Mobile: 11 digits; a line with its area code."))
        return number


class WithdrawForm(forms.Form):
    kind = forms.ChoiceField(choices=[("document", ""), ("phone", "")])
    number = forms.IntegerField()
    reason = forms.CharField(max_length=300, error_messages={"required": _("Say why the number is not this person's.")})


def _choose(form: NumberForm, rows, show) -> None:
    if rows.exists():
        field = form.fields["instead"]
        form.fields["instead"] = MaskedChoice(
            rows, show=show, required=False, label=field.label, empty_label=field.empty_label
        )
    else:
        form.fields["instead"].widget = forms.HiddenInput()
        form.fields["reason"].widget = forms.HiddenInput()


_FAULTS = {
    "id_empty": _("Enter the number, or say that the person has none."),
    "id_damaged": _("The last digits are lost: a spreadsheet kept it as a number. Read it from the document."),
    "id_check": _("The check character does not fit the other digits. Compare each digit with the document."),
    "id_date": _("The date of birth in the number does not exist. Compare each digit with the document."),
    "id_format": _("No document has a number of this form. Compare it with the document."),
}
