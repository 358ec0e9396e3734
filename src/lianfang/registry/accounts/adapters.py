"""What the engine of the log-in (django-allauth) asks of us: words, what is logged, how secrets are kept."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lianfang import vault
from lianfang.registry.accounts import actions
from lianfang.registry.accounts.models import Account

_WRONG = _(
    "User name or password is wrong. Check upper and lower case and try again; "
    "if you have forgotten the password, ask the administrator of your office."
)
_OFTEN = _(
    "Too many attempts for this account. Wait ten seconds, after several attempts fifteen minutes; then try again."
)
_CODE = _("This code is not right any more. Wait for the next one on your phone, or use a recovery code.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _WRONG,
        "invalid_login": _WRONG,
        "incorrect_password": _("The password is wrong."),
        "incorrect_code": _CODE,
        "too_many_login_attempts": _OFTEN,
        "rate_limited": _OFTEN,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The engine's messages are not shown: our pages say what happened."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt by account and address before it is counted by account: neighbours are not shut out."""
        name = str(credentials.get("username", "")).lower()
        here = f"{name}@{self.get_client_ip(request)}"
        self._here = ratelimit.consume(request, app="allauth.account", action="login_failed_here", key=here)
        if not self._here:
            self._stopped(name)
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            self._here.rollback()
            self._stopped(name)

    def _stopped(self, name: str) -> None:
        actions.log_failed_login(at=timezone.now(), username=name, stopped=True)
        raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Account | None:
        """A closed account is answered like a wrong password: nobody learns that there is one."""
        found = super().authenticate(request, **credentials)
        if found is None:
            return None
        if not found.is_active:
            self.authentication_failed(request, **credentials)
            return None
        self._here.rollback()
        return found

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        actions.log_failed_login(at=timezone.now(), username=str(credentials.get("username", "")))

    @transaction.atomic
    def login(self, request: HttpRequest, user: Account) -> None:
        super().login(request, user)
        actions.log_login(by=user.actor, at=timezone.now())

    def get_reauthentication_methods(self, user: Account) -> list[dict[str, Any]]:
        """The code of the phone before the password, where there is one."""
        return list(reversed(super().get_reauthentication_methods(user)))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A log-in of the last minutes is as good as a log-in again."""
        request = context.request
        records = get_authentication_records(request, request.user)
        fresh = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
        return not any(one["at"] > fresh for one in records)


class FactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are sealed like document numbers: a copy of the database opens no account."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": _CODE}

    def encrypt(self, text: str) -> str:
        return vault.seal(text).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return vault.unseal(bytes.fromhex(encrypted_text))
