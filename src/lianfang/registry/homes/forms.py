"""What the pages of the household ledger ask for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lianfang.registry.homes import wording
from lianfang.registry.homes.models import Compound, Group
from lianfang.registry.people.forms import ActForm
from lianfang.registry.places.models import Area

_AT_ONCE = {"data-autosubmit": ""}


class LedgerFilter(forms.Form):
    """Which households the list shows; `options` are the areas that the account may choose."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"data-search": "", "autocomplete": "off", "placeholder": _("Door or name")}),
    )
    area = forms.ChoiceField(label=_("Area"), required=False, widget=forms.Select(attrs=_AT_ONCE))
    show = forms.ChoiceField(
        label=_("Show"), required=False, choices=list(wording.SHOWS.items()), widget=forms.Select(attrs=_AT_ONCE)
    )

    def __init__(self, *args, options: Sequence[tuple[str, str]] = (), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if len(options) > 1:
            self.fields["area"].choices = [("", _("All my areas")), *options]
        else:
            self.fields.pop("area")


class AssignForm(forms.Form):
    """Where the chosen households of one village belong from now on."""

    to = forms.ChoiceField(
        label=_("Ticked households belong to"),
        error_messages={
            "required": _("No grid, group or compound is chosen. Choose where the households belong."),
            "invalid_choice": _("This is not in the village. Choose one of the list."),
        },
    )

    def __init__(
        self, *args, grids: Sequence[Area], groups: Sequence[Group], compounds: Sequence[Compound], **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [
            ("", "—"),
            (str(wording.SORTS["grid"]), [(f"grid:{one.path}", one.name) for one in grids]),
            (str(wording.SORTS["group"]), [(f"group:{one.uid}", one.name) for one in groups]),
            (str(wording.SORTS["compound"]), [(f"compound:{one.uid}", one.name) for one in compounds]),
            (
                str(_("Take out")),
                [(f"leave:{sort}", _("out of the %(sort)s") % {"sort": word}) for sort, word in wording.SORTS.items()],
            ),
        ]

    @property
    def target(self) -> tuple[str, str]:
        kind, _colon, which = self.cleaned_data["to"].partition(":")
        return kind, which


class FormGroupsForm(forms.Form):
    kind = forms.ChoiceField(
        label=pgettext_lazy("sort of group", "Kind"), choices=list(wording.GROUPS.items()), initial="ten_households"
    )
    size = forms.IntegerField(
        label=_("Households in a group"),
        min_value=2,
        max_value=200,
        initial=10,
        help_text=_(
            "Neighbours in the order of doors, within each grid. Who fills no whole group stays outside and is named."
        ),
        error_messages={
            "min_value": _("A group has at least two households."),
            "max_value": _("A group has at most 200 households."),
            "invalid": _("Enter a whole number, for example 10."),
        },
    )


class GroupForm(forms.Form):
    name = forms.CharField(label=_("Name of the group"), max_length=80)
    kind = forms.ChoiceField(label=pgettext_lazy("sort of group", "Kind"), choices=list(wording.GROUPS.items()))


class CoordinatorForm(forms.Form):
    coordinator = forms.CharField(
        label=_("Coordinator"),
        max_length=60,
        error_messages={"required": _("Enter the name of the person who looks after the group.")},
    )
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)


class CompoundForm(forms.Form):
    name = forms.CharField(label=_("Name of the compound"), max_length=80)
    kind = forms.ChoiceField(label=_("Type"), choices=list(wording.COMPOUNDS.items()))
    grid = forms.ChoiceField(label=_("Grid"), required=False)
    manager = forms.CharField(label=_("Property manager or contact"), max_length=60, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)

    def __init__(self, *args, grids: Sequence[Area], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grid"].choices = [("", _("none yet")), *((one.path, one.name) for one in grids)]


class CheckForm(ActForm):
    """The ledger was compared at the door at a moment; `record` makes sending it twice the same as once."""

    note = forms.CharField(label=_("What was found"), max_length=200, required=False)

    def __init__(self, *args, now: datetime, **kwargs) -> None:
        super().__init__(*args, now=now, **kwargs)
        self.fields["record"].initial = uuid4()


class ResidentForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Lives here as"), required=False, choices=[("", _("not established")), *wording.RESIDENTS.items()]
    )
    flags = forms.MultipleChoiceField(
        label=_("Needs particular care"),
        required=False,
        choices=list(wording.VULNERABILITIES.items()),
        widget=forms.CheckboxSelectMultiple,
    )


class MoveForm(forms.Form):
    record = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    door = forms.CharField(
        label=_("New door number"),
        max_length=60,
        help_text=_("Within the village. To another village people go by hand-over."),
        error_messages={"required": _("Enter the new door number, for example 12.")},
    )
