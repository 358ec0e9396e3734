"""What a proposal asks for: which plan, where, from when, on what legal basis; which departures it answers for."""

from datetime import date

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from lianfang.mandate.response.models import Activation, PlanVersion
from lianfang.registry.places.queries import division_index
from lianfang.science.plan import Departure

MAX_BYTES = 512 * 1024
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OrderForm(forms.Form):
    """What every order has. `area` may be any that the account may order for."""

    area = forms.ChoiceField(label=_("Area"))
    starts_on = forms.DateField(label=_("In force from"), widget=_DAY)
    basis = forms.CharField(
        label=_("Legal basis"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The law and the decision on which the order rests, with number and date."),
    )
    reason = forms.CharField(
        label=_("Why now"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, areas: list[tuple[str, str]], earliest: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._earliest = earliest
        self.fields["area"].choices = areas
        self.fields["starts_on"].widget.attrs["min"] = earliest.isoformat()

    def clean_starts_on(self) -> date:
        told = self.cleaned_data["starts_on"]
        if told < self._earliest:
            limit = self._earliest.isoformat()
            raise forms.ValidationError(
                gettext("A plan comes into force on %(limit)s at the earliest.") % {"limit": limit}
            )
        return told


class ActivationForm(OrderForm):
    plan = forms.ChoiceField(label=_("Plan"))
    departures = forms.MultipleChoiceField(
        label=_("Departures from the higher plan that this order answers for"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("plan", "area", "starts_on", "departures", "basis", "reason")

    def __init__(self, *args, plans: list[tuple[str, str]], departures: list[Departure], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].choices = plans
        language = get_language() or "zh-hans"
        self.fields["departures"].choices = [(one.code, one.message(language)) for one in departures]
        if not departures:
            del self.fields["departures"]


class KeyAreaForm(OrderForm):
    place = forms.CharField(
        label=_("Key area to be added"),
        max_length=60,
        help_text=_("For example: Shanxi Jinzhong Pingyao, as it is written on lists"),
    )
    field_order = ("place", "area", "starts_on", "basis", "reason")

    def clean_place(self) -> tuple[str, str]:
        """Path and name of a division that exists."""
        told = self.cleaned_data["place"].strip()
        found = division_index().resolve(told)
        if found is None:
            raise forms.ValidationError(
                gettext("No division is called “%(told)s”. Give province, city and county.") % {"told": told}
            )
        return found.path, told


class EndForm(OrderForm):
    field_order = ("area", "starts_on", "basis", "reason")


class DecisionForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Plan file (YAML)"), widget=forms.FileInput(attrs={"accept": ".yaml,.yml,text/yaml"})
    )

    def clean_file(self) -> str:
        """The text of the file; its faults are the plan's to tell."""
        told = self.cleaned_data["file"]
        if told.size > MAX_BYTES:
            raise forms.ValidationError(gettext("A plan file is at most %(limit)d KB.") % {"limit": MAX_BYTES // 1024})
        try:
            return told.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(gettext("The file is not text in UTF-8. Save it as UTF-8.")) from None


def plan_key(version: PlanVersion | None, code: str, digest: str) -> str:
    return f"{code}@{version.version if version else digest}"


def running_choice(activations: list[Activation], names: dict[str, str]) -> list[tuple[str, str]]:
    """Areas in which a plan of their own is in force, with its title."""
    language = get_language() or "zh-hans"
    return [
        (one.area_path, f"{names.get(one.area_path, one.area_path)} · {one.plan_version.plan.title.of(language)}")
        for one in activations
    ]
