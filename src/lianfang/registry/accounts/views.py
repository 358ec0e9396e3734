"""Logging in and out. Both leave a row in the log, and so does every attempt that failed."""

from typing import Any

from django.contrib.auth import views
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lianfang.registry.accounts import actions
from lianfang.registry.accounts.forms import LoginForm


class LoginView(views.LoginView):
    authentication_form = LoginForm
    redirect_authenticated_user = True

    @transaction.atomic
    def form_valid(self, form: LoginForm) -> HttpResponse:
        answer = super().form_valid(form)
        actions.log_login(by=form.get_user().actor, at=timezone.now())
        return answer

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        """Only what was tried is an attempt: a field left empty asked for nobody's account."""
        told = form.cleaned_data
        if told.get("username") and told.get("password"):
            actions.log_failed_login(at=timezone.now(), username=told["username"])
        return super().form_invalid(form)


class LogoutView(views.LogoutView):
    @transaction.atomic
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            actions.log_logout(by=request.user.actor, at=timezone.now())
        return super().post(request, *args, **kwargs)
