"""Before anything else opens: the second factor, for those of whom it is asked. Pages that only read may remember."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lianfang.registry.accounts.queries import must_set_second_factor
from lianfang.registry.places.remembered import reading_a_page

_OPEN = {
    *("mfa_activate_totp", "mfa_view_recovery_codes", "account_reauthenticate", "mfa_reauthenticate"),
    *("login", "account_login", "logout", "set_language", "help"),
}


class SecondFactorFirst:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        if request.resolver_match.url_name in _OPEN or not must_set_second_factor(request.user):
            return None
        return redirect("mfa_activate_totp")


class ReadFromMemory:
    """A page that only reads may use what the process remembers under the stamp it begins with."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with reading_a_page():
            return self.get_response(request)
