"""The form that records how a notice reached somebody."""

from django import forms
from django.utils.translation import gettext_lazy as _

from lianfang.mandate.orders.models import Notice
from lianfang.registry.people.forms import ActForm

RECEIVERS = [("self", _("the person")), ("guardian", _("guardian")), ("family", _("family member"))]
_OUTCOMES = [("served", _("served")), ("refused", _("refused"))]


class DeliveryForm(ActForm):
    """Served or refused, by whom, when. For a minor a guardian or a member of the family receives."""

    outcome = forms.ChoiceField(choices=_OUTCOMES, widget=forms.HiddenInput)
    received_by = forms.ChoiceField(label=_("Recipient"), choices=RECEIVERS)

    field_order = ["received_by", "at"]

    def __init__(self, *args, minor: bool, notice: Notice | None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.notice = notice
        receiver = self.fields["received_by"]
        if minor:
            receiver.choices = RECEIVERS[1:]
            receiver.initial = "guardian"
            receiver.error_messages["invalid_choice"] = _("For a minor a guardian or the family receives.")

    def clean_at(self):
        at = super().clean_at()
        if self.notice is None:
            return at
        issued = self.notice.issued_at
        if at < issued.replace(second=0, microsecond=0):
            raise forms.ValidationError(_("This lies before the notice was issued."))
        return max(at, issued)
