"""Logging in, in one step or two, and out. What succeeds and what fails leaves a row in the log."""

from typing import Any

from allauth.account import views as engine
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.contrib.auth import views
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator

from lianfang.registry.accounts import actions
from lianfang.registry.accounts.forms import LoginForm
from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import must_set_second_factor

# Before an act that would do harm in the hands of who finds a screen open: log in again, by code or password.
fresh_login = reauthentication_required(app="allauth.mfa")


class LoginView(engine.LoginView):
    form_class = LoginForm
    template_name = "accounts/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"next": self.request.GET.get("next", "")}


class LogoutView(views.LogoutView):
    @transaction.atomic
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            actions.log_logout(by=request.user.actor, at=timezone.now())
        return super().post(request, *args, **kwargs)


class CodeView(factor.AuthenticateView):
    """The second step of the log-in."""

    template_name = "accounts/code.html"


class PasswordAgainView(engine.ReauthenticateView):
    template_name = "accounts/again.html"


class CodeAgainView(factor.ReauthenticateView):
    template_name = "accounts/again.html"


class SetFactorView(totp.ActivateTOTPView):
    template_name = "accounts/factor_set.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        must = must_set_second_factor(self.request.user)
        return super().get_context_data(**kwargs) | {"must": must}

    def get_success_url(self) -> str:
        return reverse("mfa_view_recovery_codes") if self.did_generate_recovery_codes else reverse("accounts:own")

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        request = self.request
        record_authentication(request, request.user, "mfa", type="totp", reauthenticated=True)
        actions.log_factor(by=request.user.actor, at=timezone.now(), what="set")
        return answer


class RemoveFactorView(totp.DeactivateTOTPView):
    """Only for those of whom no second factor is asked."""

    template_name = "accounts/factor_remove.html"
    success_url = reverse_lazy("accounts:own")

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        if must_set_second_factor(Account.objects.get(pk=self.request.user.pk)):
            raise PermissionDenied
        actions.log_factor(by=self.request.user.actor, at=timezone.now(), what="removed")
        return answer


class RecoveryCodesView(recovery.ViewRecoveryCodesView):
    template_name = "accounts/recovery_codes.html"


@method_decorator(transaction.atomic, name="post")
class NewRecoveryCodesView(recovery.GenerateRecoveryCodesView):
    template_name = "accounts/recovery_codes_new.html"

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        actions.log_factor(by=self.request.user.actor, at=timezone.now(), what="codes_made")
        return answer
