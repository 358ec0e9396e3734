"""Which entries of a ledger are shown, and what somebody declares."""

from datetime import date
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from lianfang.field.declarations.actions import Answer
from lianfang.registry.places.queries import division_index

SHOWS = [
    ("", _("everybody")),
    ("missing", _("not answered")),
    ("submitted", _("answered, no card yet")),
    ("matched", _("matched, no plan in force")),
    ("cleared", _("nothing to observe")),
    ("to_observe", _("to observe")),
]


class LedgerFilter(forms.Form):
    show = forms.ChoiceField(
        label=_("Show"), choices=SHOWS, required=False, widget=forms.Select(attrs={"data-autosubmit": ""})
    )


class UnitFilter(LedgerFilter):
    """The same for an export, which may be of one unit."""

    unit = forms.UUIDField(required=False)


class DeclarationForm(forms.Form):
    """One person's answer; `record` makes sending it twice the same as once."""

    record = forms.UUIDField(widget=forms.HiddenInput)
    travelled = forms.TypedChoiceField(
        label=_("Away from here lately"),
        choices=[("no", _("no")), ("yes", _("yes"))],
        coerce=lambda told: told == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no. An answer left out is no answer.")},
    )
    origin = forms.CharField(
        label=_("Where"),
        max_length=120,
        required=False,
        help_text=_("Province, city or county, for example Wuhan, Hubei."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    returned_on = forms.DateField(
        label=_("Back since"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    cohabitants = forms.IntegerField(
        label=_("People living with this person"), required=False, min_value=0, max_value=99
    )

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.path = today, ""

    def answer(self, declaration: UUID) -> Answer:
        """Of a form that is valid."""
        told = self.cleaned_data
        return Answer(
            uid=told["record"],
            declaration=declaration,
            travelled=told["travelled"],
            origin_text=told["origin"],
            origin_path=self.path,
            returned_on=told["returned_on"],
            cohabitants=told["cohabitants"],
        )

    def clean_origin(self) -> str:
        text = self.cleaned_data["origin"].strip()
        found = division_index().resolve(text)
        if text and found is None:
            raise forms.ValidationError(
                _("“%(place)s” names no place that is known. Write it with its province, for example Datong, Shanxi."),
                params={"place": text},
            )
        self.path = found.path if found else ""
        return text

    def clean_returned_on(self) -> date | None:
        day = self.cleaned_data["returned_on"]
        if day and day > self.today:
            raise forms.ValidationError(_("This day lies in the future. Enter the day on which the person came back."))
        return day

    def clean(self) -> dict:
        told = super().clean()
        if told.get("travelled") and not self.errors:
            for name in ("origin", "returned_on"):
                if not told.get(name):
                    self.add_error(name, _("Who was away says where, and since when back."))
        elif told.get("travelled") is False:
            told["origin"], told["returned_on"], self.path = "", None, ""
        return told


class PlaceForm(forms.Form):
    """In which village somebody lives who has answered and has no card yet."""

    village = forms.ChoiceField(label=_("Lives in"))

    def __init__(self, *args, villages: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].choices = villages
