"""The organisation list that is to be read."""

from collections.abc import Sequence

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from lianfang.mandate.intake.rules.limits import Limits
from lianfang.mandate.intake.wording import fault_message
from lianfang.registry.places.models import Area


class OrganisationFile(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        allow_empty_file=True,
        max_length=200,
        error_messages={"required": _("No file is chosen. Choose the organisation list.")},
    )
    area = forms.ChoiceField(
        label=_("Area of the list"),
        help_text=_("Rows without an area of their own are of this one."),
        error_messages={"invalid_choice": _("This is not one of your areas. Choose one of the list.")},
    )

    def __init__(self, *args, areas: Sequence[Area], area: str = "", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [(one.path, one.name) for one in areas]
        self.fields["area"].initial = area

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size == 0:
            raise forms.ValidationError(fault_message("file_empty", {}))
        limit = Limits().file_bytes
        if file.size > limit:
            sizes = {"size": -(-file.size // 2**20), "limit": limit // 2**20}
            raise forms.ValidationError(fault_message("file_too_large", sizes))
        return file
