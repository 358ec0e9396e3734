"""What a token is made from: a post that is held, a purpose, a last day."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lianfang.registry.accounts.models import Appointment
from lianfang.registry.tokens.rules import LONGEST_DAYS

_USUAL_DAYS = 90


class TokenForm(forms.Form):
    """`posts` are the posts for which the account may make a token: (key, words)."""

    title = forms.CharField(label=_("What is it for"), max_length=60)
    post = forms.ChoiceField(label=_("Post"), help_text=_("The token may do what this post may, and no more."))
    last_day = forms.DateField(
        label=_("Valid until the end of"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, posts: dict[str, str], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].choices = list(posts.items())
        last = today + timedelta(days=LONGEST_DAYS - 1)
        self.fields["last_day"].initial = today + timedelta(days=_USUAL_DAYS)
        self.fields["last_day"].widget.attrs |= {"min": today.isoformat(), "max": last.isoformat()}
        self._today, self._last = today, last

    def clean_last_day(self) -> date:
        told = self.cleaned_data["last_day"]
        if not self._today <= told <= self._last:
            raise forms.ValidationError(
                _("A token ends within %(days)d days. Choose a day from tomorrow to then.") % {"days": LONGEST_DAYS}
            )
        return told

    def expires_at(self) -> datetime:
        """Midnight after the last day."""
        after = self.cleaned_data["last_day"] + timedelta(days=1)
        return timezone.make_aware(datetime.combine(after, datetime.min.time()), timezone.get_default_timezone())

    def appointment(self) -> Appointment:
        return Appointment.objects.select_related("account").get(pk=self.cleaned_data["post"])
