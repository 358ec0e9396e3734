"""Forms of the log-in and of the settings, in words that a worker of a village knows."""

from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.account import forms as engine
from allauth.mfa.base import forms as factor
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lianfang.registry.accounts import actions
from lianfang.registry.accounts.actions import Post
from lianfang.registry.accounts.models import Account, Role
from lianfang.registry.accounts.queries import areas_named

_CODE_FIELD = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}


class LoginForm(engine.LoginForm):
    """The engine's form with our words; its field `login` is called by what it takes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "username": forms.CharField(
                label=_("User name"),
                max_length=60,
                widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "username", "autocapitalize": "none"}),
            ),
            "password": forms.CharField(
                label=_("Password"),
                strip=False,
                max_length=200,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            ),
        }

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["login"] = self.cleaned_data.get("username", "")
        return super().clean()


def _code_field() -> forms.CharField:
    return forms.CharField(label=_("Code"), max_length=20, widget=forms.TextInput(attrs=_CODE_FIELD))


class CodeForm(factor.AuthenticateForm):
    """The six digits of the phone, or one recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field()

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        actions.log_factor(by=self.user.actor, at=timezone.now(), what="failed")


class CodeAgainForm(factor.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field()

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        actions.log_factor(by=self.user.actor, at=timezone.now(), what="failed")


class FirstCodeForm(ActivateTOTPForm):
    """The first code shows that the phone has taken up the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field()


# --- settings ------------------------------------------------------------------------------------------------

_NEW = {"autocomplete": "new-password"}


class ProfileForm(forms.Form):
    display_name = forms.CharField(label=_("Name that others read"), max_length=60)
    phone = forms.CharField(label=_("Phone on duty"), max_length=20, required=False)


class PasswordForm(forms.Form):
    """A new password, twice; the rules for passwords stand in the settings of the server."""

    new = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs=_NEW),
        help_text=_("Twelve characters at least. Four words that do not belong together are easy to keep in mind."),
    )
    again = forms.CharField(
        label=_("The same once more"), strip=False, max_length=200, widget=forms.PasswordInput(attrs=_NEW)
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def clean_new(self) -> str:
        password = self.cleaned_data["new"]
        validate_password(password, self.account)
        return password

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("new") and told.get("again") and told["new"] != told["again"]:
            self.add_error("again", _("The two passwords are not the same. Type the same one twice."))
        return told


class CodeOfInvitationForm(forms.Form):
    code = forms.CharField(
        label=_("Code of the invitation"), max_length=60, widget=forms.TextInput(attrs={"autofocus": True})
    )


class PostForm(forms.Form):
    """A role in an area with its days. Areas are named by code or by name, within the administrator's own."""

    role = forms.ChoiceField(label=_("Role"), choices=lambda: Role.choices)
    area = forms.CharField(
        label=_("Area"),
        max_length=120,
        help_text=_("Name or code, for instance 140931101. Choose from the list or type."),
        widget=forms.TextInput(attrs={"list": "areas", "autocomplete": "off"}),
    )
    since = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=False
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: until it is ended."),
    )

    def __init__(self, *args: Any, within: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.within = within

    def clean_area(self) -> str:
        found = areas_named(self.cleaned_data["area"], self.within)
        if not found:
            raise forms.ValidationError(_("There is no area of this name or code among those that you administer."))
        if len(found) > 1:
            codes = "、".join(area.path for area in found[:5])
            raise forms.ValidationError(
                _("Several areas have this name: enter the code of the one you mean (%(codes)s).") % {"codes": codes}
            )
        return found[0].path

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("until") and told["until"] < (told.get("since") or timezone.localdate()):
            self.add_error("until", _("The last day lies before the first. Give a later one, or leave it empty."))
        return told

    def post(self, now: datetime) -> Post:
        told = self.cleaned_data
        since = _midnight(told["since"]) if told["since"] and told["since"] > timezone.localdate(now) else now
        until = _midnight(told["until"] + timedelta(days=1)) if told["until"] else None
        return Post(told["role"], told["area"], since, until)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


class InviteForm(PostForm):
    display_name = forms.CharField(label=_("Name"), max_length=60)
    username = forms.RegexField(
        label=_("User name"),
        regex=r"^[a-z0-9][a-z0-9._-]{2,59}$",
        help_text=_("Small letters and digits, three at least, for instance wang.yimen."),
        error_messages={
            "invalid": _("Three or more small letters, digits, dots, dashes; the first a letter or digit.")
        },
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    phone = forms.CharField(label=_("Phone on duty"), max_length=20, required=False)
    field_order = ["display_name", "username", "phone", "role", "area", "since", "until"]

    def clean_username(self) -> str:
        name = self.cleaned_data["username"]
        if Account.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_("This user name is taken. Choose another one."))
        return name


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("How you made sure who is asking, and what happened to the phone."),
    )


class StaffFilter(forms.Form):
    q = forms.CharField(label=_("Name or user name"), max_length=60, required=False)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=lambda: [("", _("all")), *Role.choices])
